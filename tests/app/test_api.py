"""Pages as workbooks and panels for programs, on the real server: the same numbers, the same doors."""

import io
import json
from datetime import timedelta

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select

from app import write
from app.main import create_server
from app.settings import Settings
from app.view import discover
from auth.grants import GroupRules
from auth.readers import Readers
from auth.tokens import Tokens
from data.scope import Scope
from data.store import Store, audit_event, utc_now
from tests.app.test_routes import BOOKS, sign_in
from tests.ledger import Ledger

KEY = "positions-tree-by-instrument"
TOM = Scope("tom", "Tom", frozenset({"trader"}), frozenset({"Cash"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("api")
    ledger = Ledger(home, BOOKS)
    yield home
    ledger.warehouse.close()


@pytest.fixture(scope="module")
def server(home):
    found = create_server(Settings(home=home, oidc_issuer="http://localhost:1", log_format="text", token_failures=1000))
    yield found
    found.session_interface._engine.dispose()


@pytest.fixture(scope="module")
def store(home):
    found = Store(f"sqlite:///{home / 'store.sqlite'}")
    found.create()
    yield found
    found.close()


@pytest.fixture
def cash(server):
    return sign_in(server.test_client(), "role:trader", "desk:Cash")


@pytest.fixture
def firm(server):
    return sign_in(server.test_client(), "role:risk_manager")


@pytest.fixture
def program(server, store):
    """A client without a session, and a token of Tom's, who reads desk Cash."""
    Readers(store, utc_now, GroupRules(), timedelta(days=30)).seen("tom", "Tom", "", ["role:trader", "desk:Cash"])

    def make(pages=()):
        shown = Tokens(store, utc_now).make(TOM, "excel", 30, pages)
        client = server.test_client()

        def get(path, **headers):
            return client.get(path, headers={"Authorization": f"Bearer {shown}", **headers})

        return get

    yield make
    tokens = Tokens(store, utc_now)
    for token in tokens.of(TOM):
        tokens.revoke(TOM, token.token_id)


def audited(store):
    with store.engine.connect() as connection:
        rows = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
    return [(row["event"], row["reader"], json.loads(row["details"])) for row in rows]


@pytest.mark.parametrize("page", [view.name for view in discover().values() if {"risk_manager"} & view.roles])
def test_every_page_is_a_workbook_that_names_each_of_its_panels(firm, page):
    answer = firm.get(f"/export/page/{page}.xlsx")
    assert answer.status_code == 200
    assert answer.mimetype == write.FORMATS["xlsx"].mimetype
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows = list(book["Contents"].iter_rows(min_row=2, values_only=True))
    panels = discover()[page].panels
    assert len(rows) > len(panels)
    for row in rows[: len(panels)]:
        assert row[0] in book.sheetnames or (row[2] is None and row[3]), row


def test_a_trader_takes_one_desk_away_and_no_more(cash):
    answer = cash.get("/export/page/positions.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "AAA" in cells
    assert not cells & {"EEE", "EQ2", "Europe"}


def test_a_panel_that_waits_for_a_run_is_a_line_with_its_reason(firm):
    book = openpyxl.load_workbook(io.BytesIO(firm.get("/export/page/var.xlsx?window=60").data))
    lines = [row for row in book["Contents"].iter_rows(values_only=True) if row[0] == "Monte Carlo"]
    assert "press Run" in lines[0][3]


def test_all_of_a_page_is_of_one_snapshot_and_says_which_choices_it_had(firm):
    answer = firm.get("/export/page/positions.xlsx?desk=Cash")
    assert 'filename="positions_2022-01-03_000001.xlsx"' in answer.headers["Content-Disposition"]
    told = list(openpyxl.load_workbook(io.BytesIO(answer.data))["Contents"].iter_rows(values_only=True))
    for line in (
        ("Address", "/positions?desk=Cash"),
        ("Snapshot", "000001"),
        ("Reader", "Tom"),
        ("Filter", "desk: Cash"),
    ):
        assert any(row[:2] == line for row in told), line


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/export/page/positions.xlsx?desk=Europe", 403, "not open to you"),
        ("/export/page/nowhere.xlsx", 404, "no page"),
        ("/export/page/positions.xlsx?colour=red", 400, "no such filter"),
        ("/export/page/positions.xlsx?known=000042", 503, "newest is 000001"),
    ],
)
def test_a_page_that_cannot_be_asked_is_no_file(cash, path, status, said):
    answer = cash.get(path)
    assert answer.status_code == status
    assert said in answer.get_json()["error"]


def test_a_page_taken_away_leaves_a_row_in_the_audit_trail(firm, store):
    firm.get("/export/page/positions.xlsx?desk=Cash")
    event, reader, details = audited(store)[-1]
    assert (event, reader, details["page"], details["form"]) == ("export", "tom", "positions", "xlsx")
    assert (details["filters"], details["snapshot"]) == ("desk=Cash", "000001")


@pytest.mark.parametrize("form", write.FORMATS)
def test_a_program_reads_a_panel_in_every_format_with_the_desks_of_its_owner(program, form):
    answer = program()(f"/api/v1/panels/{KEY}.{form}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Parapet-Snapshot"] == "000001"
    frame = {
        "csv": pd.read_csv,
        "xlsx": pd.read_excel,
        "parquet": pd.read_parquet,
        "json": lambda raw: pd.DataFrame(json.load(raw)["rows"]),
    }[form](io.BytesIO(answer.data))
    assert "Cash" in frame.to_string()
    assert "Europe" not in frame.to_string()


def test_a_program_gets_the_same_file_as_the_screen(program, firm):
    query = "?desk=Cash&ccy=USD"
    assert program()(f"/api/v1/panels/{KEY}.csv{query}").data == firm.get(f"/export/{KEY}.csv{query}").data


def test_a_program_is_told_in_one_shape_what_is_wrong(program):
    get = program(["positions"])
    for path, status in (
        (f"/api/v1/panels/{KEY}.csv?desk=Europe", 403),
        ("/api/v1/panels/var-by-book.csv", 403),
        ("/api/v1/panels/no-such.csv", 403),
        (f"/api/v1/panels/{KEY}.csv?colour=red", 400),
        (f"/api/v1/panels/{KEY}.docx", 404),
    ):
        answer = get(path)
        assert (answer.status_code, list(answer.get_json())) == (status, ["error"]), path
    assert program()("/api/v1/panels/no-such.csv").status_code == 404


def test_a_token_opens_neither_the_screens_files_nor_its_callbacks(program):
    get = program()
    for path in (f"/export/{KEY}.csv", "/export/page/positions.xlsx", "/version", "/_dash-layout"):
        assert get(path).status_code == 401, path


def test_a_use_is_audited_with_what_was_taken(program, store):
    program()(f"/api/v1/panels/{KEY}.csv")
    used, taken = audited(store)[-2:]
    assert (used[0], used[1], used[2]["name"]) == ("token_used", "tom", "excel")
    assert (taken[0], taken[1], taken[2]["panel"]) == ("export", "tom", KEY)

"""Pages as workbooks and panels for programs, on the real server: the same numbers, the same doors."""

import io
import json
from datetime import timedelta

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select

from app import api, write
from app.main import create_server
from app.settings import Settings
from app.view import discover
from auth import problem
from auth.grants import GroupRules
from auth.readers import Readers
from auth.tokens import Tokens
from data.scope import Scope
from data.store import Store, audit_event, utc_now
from tests.app.test_routes import BOOKS, sign_in
from tests.ledger import Ledger
from tests.programs import token_of

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
        ("/export/page/positions.xlsx?known=000042", 404, "newest is 000001"),
    ],
)
def test_a_page_that_cannot_be_asked_is_no_file(cash, path, status, said):
    answer = cash.get(path)
    assert answer.status_code == status
    assert said in answer.get_json()["error"]["message"]


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
        (f"/api/v1/panels/{KEY}", 404),
        ("/api/v1/nowhere", 404),
    ):
        answer = get(path)
        error = answer.get_json()["error"]
        assert answer.status_code == status, path
        assert (list(error), error["code"]) == (["code", "details", "message"], problem.CODES[status]), path
        assert error["message"]
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


def listed(answer):
    return {view["name"]: [panel["key"] for panel in view["panels"]] for view in answer.get_json()["views"]}


def test_the_list_of_views_holds_what_is_open_to_the_reader(program, cash, firm):
    for get in (program(), cash.get):
        found = listed(get("/api/v1/views"))
        assert found["positions"] == [KEY]
        assert found.keys() == {view.name for view in discover().values() if "trader" in view.roles}
    assert listed(firm.get("/api/v1/views")).keys() == {
        view.name for view in discover().values() if "risk_manager" in view.roles
    }


def test_a_token_for_some_pages_lists_these_alone(program):
    assert listed(program(["positions", "pnl"])("/api/v1/views")).keys() == {"positions", "pnl"}


def test_a_listed_panel_says_what_its_rows_hold(program):
    (panel,) = next(view for view in program()("/api/v1/views").get_json()["views"] if view["name"] == "positions")[
        "panels"
    ]
    rows = program()(f"/api/v1/panels/{KEY}.json").get_json()
    assert panel["formats"] == list(write.FORMATS)
    assert {column["name"] for column in panel["columns"]} >= {column["name"] for column in rows["columns"]} - {"level"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_asked_by_another_method_is_told_by_which(cash, server, store, method):
    shown = {"Authorization": f"Bearer {token_of(store, 'tom', 'role:trader', 'desk:Cash')}"}
    for client, headers in ((cash, {"Origin": "http://localhost:8050"}), (server.test_client(), shown)):
        refused = client.open(f"/api/v1/panels/{KEY}.csv", method=method, headers=headers)
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (405, "wrong_method")
        assert "use GET" in refused.get_json()["error"]["message"]
        assert "GET" in refused.headers["Allow"]


@pytest.mark.parametrize("path", [f"/export/{KEY}.csv", "/api/v1/views"])
def test_a_failure_of_ours_says_no_more_than_that(firm, path, monkeypatch):
    def fail(*_given):
        raise RuntimeError("secret")

    monkeypatch.setattr(api, "_whole", fail)
    monkeypatch.setattr(api, "_open_views", fail)
    failed = firm.get(path)
    assert (failed.status_code, failed.get_json()["error"]["code"]) == (500, "failed")
    assert "secret" not in failed.text


def test_a_body_that_is_too_large_is_told_how_large_it_may_be(cash):
    body, headers = {"a": "x" * 1_000_001}, {"Origin": "http://localhost:8050"}
    refused = cash.post("/_dash-update-component", json=body, headers=headers, base_url="http://localhost:8050")
    error = refused.get_json()["error"]
    assert (refused.status_code, error["code"], error["details"]) == (413, "too_large", {"most_bytes": 1_000_000})
    assert "1,000,000 bytes; send less" in error["message"]


@pytest.mark.parametrize("name", ["desk", "book"])
def test_what_is_closed_and_what_does_not_exist_are_one_answer(program, name):
    closed, absent = {"desk": ("Europe", "Nowhere"), "book": ("EQ2", "EQ9")}[name]
    get = program()
    for path in (f"/api/v1/panels/{KEY}.json", f"/api/v1/panels/{KEY}.csv", "/api/v1/panels/blotter-trades.json"):
        found, other = get(f"{path}?{name}={closed}"), get(f"{path}?{name}={absent}")
        assert found.status_code == other.status_code == 403
        assert found.text.replace(closed, "…") == other.text.replace(absent, "…")

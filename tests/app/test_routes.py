"""The real server, every address of it: closed to strangers, one desk to a trader, and files from the same answers."""

import io
import json

import openpyxl
import pandas as pd
import pytest

from app import write
from app.filters import Filters
from app.main import create_answers, create_server
from app.settings import Settings
from app.view import discover, panel_of
from tests import callbacks
from tests.ledger import FIRM, Ledger

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency
      AAA    USD
      EEE    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      EEE        2022-01-03 100
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  EEE        -10      100   2022-01-03
"""
OPEN = {"login", "callback", "logout", "signed_out", "backchannel_logout", "health"}
PANELS = [panel.key for view in discover().values() for panel in view.panels]
PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Origin": "http://localhost:8050"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("server")
    ledger = Ledger(home, BOOKS)
    settings = Settings(home=home, oidc_issuer="http://localhost:1", log_format="text")
    found = create_server(settings)
    simulate(settings)
    yield found
    found.session_interface._engine.dispose()
    ledger.warehouse.close()


def simulate(settings):
    """Make the run that a panel's numbers come from."""
    answers = create_answers(settings)
    answers.run("var-simulated-by-book", Filters(), FIRM)
    answers.needs.simulations.jobs.wait()
    answers.warehouse.close()


@pytest.fixture
def client(server):
    return server.test_client()


def sign_in(client, *groups):
    """A session as a login leaves it."""
    with client.session_transaction(base_url="http://localhost:8050") as session:
        session.update(sub="tom", name="Tom", groups=list(groups))
    return client


@pytest.fixture
def cash(server):
    return sign_in(server.test_client(), "role:trader", "desk:Cash")


@pytest.fixture
def firm(server):
    return sign_in(server.test_client(), "role:risk_manager")


def test_every_address_is_closed_to_strangers_but_login_and_health(server, client):
    for rule in server.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", "x").replace(f"<path:{name}>", "x").replace(f"<string:{name}>", "x")
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            response = client.open(path, method=method, headers=PAGE, base_url="http://localhost:8050")
            if rule.endpoint not in OPEN:
                assert response.status_code == 401, (method, path, response.status_code)
                assert b"Cash" not in response.data


def test_a_stranger_who_opens_a_page_is_sent_to_log_in(client):
    response = client.get("/positions?desk=Cash", headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login?next=")


def test_health_says_that_it_lives_and_nothing_of_any_book(client):
    assert client.get("/health").get_json() == {"status": "ok", "snapshot": "000001"}


ALWAYS_FILLED = ("positions-", "pnl-", "exposure-", "blotter-", "overview-summary", "overview-pnl-by-book")


@pytest.mark.parametrize("key", [key for key in PANELS if "trader" in panel_of(key)[0].roles])
def test_a_trader_takes_one_desk_away_and_no_more(cash, key):
    response = cash.get(f"/export/{key}.json")
    assert response.status_code == 200
    assert b"Europe" not in response.data
    assert b"EEE" not in response.data
    assert json.loads(response.data)["rows"] or not key.startswith(ALWAYS_FILLED)


@pytest.mark.parametrize("form", write.FORMATS)
def test_a_panel_is_a_file_in_every_format(firm, form):
    response = firm.get(f"/export/positions-tree-by-instrument.{form}?ccy=USD")
    assert response.status_code == 200
    assert response.mimetype == write.FORMATS[form].mimetype.split(";")[0]
    assert (
        f'filename="positions-tree-by-instrument_2022-01-03_000001.{form}"' in response.headers["Content-Disposition"]
    )
    frame = {
        "csv": pd.read_csv,
        "xlsx": pd.read_excel,
        "parquet": pd.read_parquet,
        "json": lambda raw: pd.DataFrame(json.load(raw)["rows"]),
    }[form](io.BytesIO(response.data))
    assert len(frame) == 7


def test_a_workbook_names_reader_snapshot_and_sources(firm):
    response = firm.get("/export/positions-tree-by-instrument.xlsx?desk=Cash")
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    text = " ".join(str(cell) for row in book["Provenance"].iter_rows(values_only=True) for cell in row)
    for word in ("Tom", "000001", "2022-01-03", "trades-", "desk", "Cash"):
        assert word in text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/export/positions-tree-by-instrument.csv?desk=Europe", 403, "not open to you"),
        ("/export/positions-tree-by-instrument.csv?book=EQ2", 403, "not open to you"),
        ("/export/positions-tree-by-instrument.csv?desk=Nowhere", 403, "not open to you"),
        ("/export/no-such-panel.csv", 404, "no panel"),
        ("/export/positions-tree-by-instrument.docx", 404, "choose one of"),
        ("/export/positions-tree-by-instrument.csv?as_of=yesterday", 400, "write it as 2022-12-28"),
        ("/export/positions-tree-by-instrument.csv?colour=red", 400, "no such filter"),
        ("/export/positions-tree-by-instrument.csv?ccy=XXX1", 400, "ISO 4217"),
        ("/export/var-simulated-by-book.csv?window=60", 409, "open the panel on its page and press Run"),
        ("/export/positions-tree-by-instrument.csv?known=000042", 404, "newest is 000001"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_sentence(cash, path, status, said):
    response = cash.get(path)
    assert response.status_code == status
    assert said in response.get_json()["error"]["message"]


def test_an_export_leaves_a_row_in_the_audit_trail(server, firm):
    firm.get("/export/exposure-coverage.csv?desk=Cash")
    with server.session_interface._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event, reader, details FROM audit_event").fetchall()
    last = rows[-1]
    assert (last.event, last.reader) == ("export", "tom")
    assert json.loads(last.details)["panel"] == "exposure-coverage"


def test_the_version_changes_with_the_snapshot_and_with_what_the_reader_may_see(server):
    def version(*groups):
        return sign_in(server.test_client(), *groups).get("/version").json["version"]

    cash = ("role:trader", "desk:Cash")
    assert version(*cash) == version(*cash)
    assert len({version(*cash), version(*cash, "desk:Europe"), version("role:viewer", "desk:Cash")}) == 3


def test_a_callback_forged_for_another_desk_returns_no_row_of_it(cash):
    layout = cash.get("/_dash-layout", base_url="http://localhost:8050")
    assert layout.status_code == 200
    assert b"Europe" not in layout.data
    denied = 0
    for callback in cash.get("/_dash-dependencies", base_url="http://localhost:8050").get_json():
        if callback["clientside_function"]:
            continue
        body = forged(callback, "?desk=Europe")
        response = cash.post(callbacks.PATH, json=body, headers=PAGE, base_url="http://localhost:8050")
        assert b"EEE" not in response.data
        assert b"EQ2" not in response.data
        denied += b"Not open to you" in response.data
    assert denied >= len(PANELS)


def forged(callback, search):
    """A callback's request with every text that looks like an address asking for another desk."""
    values = {"search": search, "pathname": "/positions"}
    kept = {"theme": "dark", "version": "000001"}

    def given(entries):
        return [{**entry, "value": values.get(entry["property"], stored(entry["id"]))} for entry in entries]

    def stored(name):
        return search.lstrip("?") if name.endswith("-question") else kept.get(name)

    return callbacks.body(callback) | {kind: given(callback[kind]) for kind in ("inputs", "state")}

"""Readers who ask by hand for what no page of theirs offers, at the whole server: nothing is told, and a row is left.

The firm's book: desk Cash has book EQ1 with 100 AAA, desk Europe has book EQ2 with -10 EEE. Ada is a trader of Cash.
"""

import csv
import io
import json

import pytest

from app.main import create_server
from app.settings import Settings
from auth.seals import verify
from data.store import Store
from tests import callbacks
from tests.ledger import Ledger

BOOKS = """
    books:
      book  desk
      EQ1   Cash
      EQ2   Europe
    instruments:
      symbol currency
      AAA    USD
      EEE    USD
      =EEE   USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      EEE        2022-01-03 100
      =EEE       2022-01-03 100
    trades:
      trade_id book instrument quantity price trade_date
      T-1      EQ1  AAA        100      10    2022-01-03
      T-2      EQ2  EEE        -10      100   2022-01-03
      T-3      EQ2  =EEE       -10      100   2022-01-03
"""
URL = "http://localhost:8050"
OURS = {"Origin": URL, "Sec-Fetch-Site": "same-origin"}
CASH = ("role:trader", "desk:Cash")
TREE = "positions-tree-by-instrument"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    found = tmp_path_factory.mktemp("forged")
    Ledger(found, BOOKS).warehouse.close()
    return found


@pytest.fixture
def settings(home, tmp_path):
    store = f"sqlite:///{tmp_path / 'store.sqlite'}"
    return Settings(home=home, oidc_issuer="http://localhost:1", log_format="text", store_url=store)


@pytest.fixture
def server(settings):
    made = create_server(settings)
    yield made
    made.session_interface._engine.dispose()


@pytest.fixture
def store(settings):
    """The store of that server."""
    store = Store(settings.store_url)
    yield store
    store.close()


class Browser:
    """A reader's browser, of which every request can be made by hand."""

    def __init__(self, server):
        self._web = server.test_client()

    def enters(self, *groups):
        with self._web.session_transaction(base_url=URL) as session:
            session.update(sub="ada", name="Ada", groups=list(groups))
        return self

    def get(self, path):
        return self._web.get(path, base_url=URL)

    def asks(self, panel, query=""):
        """Post a panel's callback as Dash's renderer would, with that query."""
        wires = callbacks.filling(self.dependencies(), f"{panel}.made")
        asked = callbacks.body(wires, {f"{panel.split('-')[0]}-question.data": query})
        return self._web.post(callbacks.PATH, json=asked, headers=OURS, base_url=URL)

    def dependencies(self):
        return self.get("/_dash-dependencies").json


@pytest.fixture
def browser(server):
    return Browser(server)


@pytest.fixture
def denied(store):
    """The reasons of the audit rows of refusals, in a trail that is whole."""

    def rows():
        assert verify(store).sound
        with store.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT reader, details FROM audit_event WHERE event = 'denied'").all()
        return [(reader, json.loads(details)["reason"]) for reader, details in found]

    return rows


def operations_panel(browser):
    outputs = {each["output"] for each in browser.dependencies()}
    return next(o for o in outputs if o.startswith("..operations-") and ".made" in o).strip(".").split(".")[0]


@pytest.mark.attack(19)
def test_a_trader_who_posts_an_administrators_callback_is_told_nothing(browser, denied):
    key = operations_panel(browser.enters(*CASH))
    answer = browser.asks(key)
    assert (answer.status_code, "Not open to you" in answer.text) == (403, True)
    (row,) = denied()
    assert row[0] == "ada"


def test_an_administrator_is_answered_there(browser, denied):
    key = operations_panel(browser.enters("role:admin"))
    assert browser.asks(key).status_code == 200
    assert denied() == []


@pytest.mark.attack(20)
@pytest.mark.parametrize("query", ["desk=Europe", "book=EQ2", "desk=Cash&book=EQ2", "desk=Nowhere"])
def test_a_trader_who_edits_the_choices_of_a_callback_learns_nothing_of_other_desks(browser, denied, query):
    answer = browser.enters(*CASH).asks(TREE, query)
    assert "EEE" not in answer.text
    assert (answer.status_code, "Not open to you" in answer.text) == (403, True)
    assert [reader for reader, _ in denied()] == ["ada"]


@pytest.mark.attack(20)
@pytest.mark.parametrize("path", [f"/export/{TREE}.csv", f"/api/v1/panels/{TREE}.csv", "/export/page/positions.xlsx"])
@pytest.mark.parametrize("query", ["desk=Europe", "book=EQ2"])
def test_a_trader_who_edits_the_address_of_a_file_gets_none(browser, denied, path, query):
    refused = browser.enters(*CASH).get(f"{path}?{query}")
    assert refused.status_code == 403
    assert "EEE" not in refused.text
    assert [reader for reader, _ in denied()] == ["ada"]


@pytest.mark.attack(21)
def test_a_desk_taken_away_is_gone_with_all_that_was_kept_of_it(browser, denied):
    wide = browser.enters(*CASH, "desk:Europe").asks(TREE, "desk=Europe")
    assert "EEE" in wide.text
    assert "EEE" in browser.get(f"/export/{TREE}.csv").text
    browser.enters(*CASH)
    assert "EEE" not in browser.asks(TREE, "desk=Europe").text
    assert browser.get(f"/export/{TREE}.csv?desk=Europe").status_code == 403
    assert "EEE" not in browser.get(f"/export/{TREE}.csv").text
    assert [reader for reader, _ in denied()] == ["ada", "ada"]


@pytest.mark.attack(21)
def test_a_role_taken_away_closes_everything(browser, denied):
    browser.enters(*CASH).asks(TREE)
    browser.enters("desk:Cash")
    assert browser.get(f"/export/{TREE}.csv").status_code == 403
    assert "lacks a role" in denied()[0][1]


@pytest.mark.attack(25, row="export")
def test_a_cell_that_would_be_a_formula_is_text_and_a_real_negative_stays_a_number(browser):
    text = browser.enters("role:risk_manager").get(f"/export/{TREE}.csv").data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert {cell for cell in cells if "=EEE" in cell} == {"'=EEE"}
    assert any(cell.startswith("-") and float(cell) < 0 for cell in cells)


@pytest.mark.attack(25)
def test_a_burst_of_logins_is_slowed_down(settings, denied):
    server = create_server(settings.model_copy(update={"login_limit": "3 per hour"}))
    asked = [server.test_client().get("/callback", base_url=URL).status_code for _ in range(5)]
    server.session_interface._engine.dispose()
    assert asked[3:] == [429, 429]
    assert [reason for _, reason in denied() if "too many" in reason]

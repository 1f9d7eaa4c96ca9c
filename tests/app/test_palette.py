"""The palette finds what the reader may open: pages and panels by role, books, instruments and trades by scope."""

from dataclasses import replace

import pytest
from dash import Dash

from app.filters import Filters
from app.main import create_server
from app.question import Choices
from app.screen.page import open_views
from app.screen.palette import OF_BOOK, OF_INSTRUMENT, index
from app.settings import Settings
from app.view import panel_of
from data.scope import NOBODY
from tests.ledger import FIRM, Ledger, trader

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
      T-1      EQ1  AAA        100      10    2022-01-03
      T-2      EQ2  EEE        -10      100   2022-01-03
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    found = tmp_path_factory.mktemp("palette")
    Ledger(found, BOOKS).warehouse.close()
    return found


@pytest.fixture(scope="module")
def server(home):
    made = create_server(Settings(home=home, oidc_issuer="http://localhost:1", log_format="text"))
    yield made
    made.session_interface._engine.dispose()


@pytest.fixture
def ledger(home):
    ledger = Ledger(home)
    yield ledger
    ledger.warehouse.close()


def signed_in(server, *groups):
    client = server.test_client()
    with client.session_transaction(base_url="http://localhost:8050") as session:
        session.update(sub="tom", name="Tom", groups=list(groups))
    return client


def listed(scope, choices=None):
    app = Dash("test", pages_folder="", use_pages=False)
    found = index(app, choices or Choices((("Cash", ("EQ1",)),), (), (), ("EUR", "USD")), scope)
    return found, {(item["kind"], item["name"]): item for item in found["items"]}


def test_every_open_page_is_found_and_every_panel_but_the_tiles():
    _, items = listed(FIRM)
    for view in open_views(FIRM):
        assert items["page", view.title]["path"]
        for panel in view.panels:
            tile = panel.figure == "kpi"
            assert tile or items["panel", panel.title]["kind"] == "panel"
    assert items["panel", "VaR by desk › book"]["path"] == "/var"
    assert items["panel", "VaR by desk › book"]["hash"] == "expand=var-tree-by-book"


def test_a_reader_without_a_role_finds_no_page_and_no_panel():
    found, _ = listed(NOBODY)
    assert not {"page", "panel"} & {item["kind"] for item in found["items"]}


def test_choosing_a_book_leaves_what_else_narrows_the_books_and_nothing_of_the_instruments():
    _, items = listed(FIRM)
    book = items["book", "EQ1"]["set"]
    assert {name: value for name, value in book.items() if value} == {"desk": "Cash", "book": "EQ1"}
    assert set(book) == set(OF_BOOK)
    assert items["desk", "Cash"]["set"]["book"] == ""


def test_each_narrowing_belongs_to_the_books_or_to_the_instruments():
    every = Filters(**dict.fromkeys((*OF_BOOK, *OF_INSTRUMENT), "x")).rows()
    assert set(every) == {*OF_BOOK, *OF_INSTRUMENT}
    assert not {*OF_BOOK} & {*OF_INSTRUMENT}
    assert set(replace(Filters(), desk="x").rows()) == {"desk"}


def test_currencies_and_scales_are_found():
    _, items = listed(FIRM)
    assert items["currency", "EUR"]["set"] == {"ccy": "EUR"}
    assert items["scale", "millions"]["set"] == {"scale": "m"}


def test_the_index_holds_the_books_of_the_scope_alone(ledger):
    _, items = listed(trader("Cash"), ledger.answers.choices(Filters(), trader("Cash")))
    assert {name for kind, name in items if kind == "book"} == {"EQ1"}
    assert {name for kind, name in items if kind == "desk"} == {"Cash"}


def test_the_server_finds_instruments_and_trades_with_what_is_needed_to_go_there(server):
    firm = signed_in(server, "role:risk_manager")
    (found,) = firm.get("/find?q=ee").get_json()["instruments"]
    assert (found["instrument"], found["desks"], found["books"]) == ("EEE", ["Europe"], ["EQ2"])
    (trade,) = firm.get("/find?q=t-2").get_json()["trades"]
    assert trade == {
        "trade_id": "T-2",
        "trade_date": "2022-01-03",
        "desk": "Europe",
        "book": "EQ2",
        "instrument": "EEE",
        "side": "sell",
    }


def test_a_trader_is_never_told_of_another_desk(server):
    cash = signed_in(server, "role:trader", "desk:Cash")
    assert cash.get("/find?q=EEE").get_json() == {"instruments": [], "trades": []}
    assert [one["trade_id"] for one in cash.get("/find?q=T-").get_json()["trades"]] == ["T-1"]


def test_a_stranger_finds_nothing(server):
    assert server.test_client().get("/find?q=AAA").status_code == 401


def test_trades_are_found_by_readers_of_the_blotter_only(ledger):
    closed = replace(FIRM, roles=frozenset({"visitor"}))
    assert not panel_of("blotter-trades")[0].roles & closed.roles
    assert [*ledger.answers.find("T-", Filters(), closed)] == ["instruments"]


@pytest.mark.parametrize("text", ["", "A", " A ", "A" * 61, "A%00B"])
def test_too_short_too_long_or_unprintable_is_refused_in_words(server, text):
    response = signed_in(server, "role:risk_manager").get(f"/find?q={text}")
    assert response.status_code == 400
    assert "write 2 to 60 printable characters" in response.get_json()["error"]["message"]


def test_a_date_that_cannot_be_read_is_refused(server):
    assert signed_in(server, "role:risk_manager").get("/find?q=AAA&as_of=soon").status_code == 400

"""The homes in a real Chromium: each role's own at `/`, its numbers, small lines, links onward and the badge."""

import pytest

from app.view import discover

HOMES = {"risk-manager": "overview", "trader-vol": "book", "trader-rates": "book", "admin": "operations"}
TREE = "overview-risk-by-book"
BOOK = "book-positions-by-instrument"
EMPTY = """
    const page = document.getElementById('page').getBoundingClientRect();
    const panels = [...document.querySelectorAll('.panel')].map((panel) => panel.getBoundingClientRect());
    return page.bottom - Math.max(...panels.map((panel) => panel.bottom));
"""
LEFTS = """
    const tiles = [...document.querySelectorAll('.panel.bare')];
    return tiles.map((tile) => Math.round(tile.getBoundingClientRect().left));
"""
CLIPPED = """
    const view = document.querySelector('#' + arguments[0] + ' .ag-center-cols-viewport');
    return view.scrollWidth - view.clientWidth;
"""


@pytest.mark.parametrize(("reader", "home"), HOMES.items())
def test_the_first_page_is_the_home_of_the_readers_role_with_every_panel_drawn(desk, reader, home):
    desk.sign_in(reader)
    view = discover()[home]
    for size in ((1280, 900), (1600, 1000), (3840, 2160)):
        with desk.at(*size):
            desk.open("/")
            assert desk.run("return [...document.querySelectorAll('.panel')].map((panel) => panel.id)") == [
                panel.key for panel in view.panels
            ]
            assert desk.run("return document.querySelectorAll('.problem').length") == 0
            assert desk.run(EMPTY) < 40
    assert desk.text("#navigation [aria-current=page]") == view.title


def test_the_brand_leads_home_and_other_roles_homes_are_not_in_the_navigation(desk):
    desk.open("/positions")
    desk.click(".brand-name")
    desk.until(lambda: desk.driver.find_elements("id", TREE))
    desk.settle()
    assert not {"My book", "Operations"} & set(desk.text("#navigation").splitlines())
    desk.open("/operations")
    assert "not open to your role" in desk.text(".message")


def test_the_risk_table_shows_every_column_of_every_desk_at_once(desk):
    desk.open("/")
    assert desk.run(CLIPPED, TREE) <= 1
    assert set(desk.texts(f"#{TREE} .level-1 .tree-text")) == {"FX", "Index Arb", "Long/Short", "Rates", "Vol"}
    assert desk.text(f"#{TREE} .ag-floating-bottom").startswith("Total")


def test_a_desk_of_the_risk_table_opens_its_book_page(desk):
    desk.open("/")
    desk.run("arguments[0].click()", desk.find(f"#{TREE} .level-1 .drill"))
    desk.until(lambda: desk.place.startswith("/book?desk="))
    desk.settle()
    assert desk.names(BOOK)


def test_a_title_leads_to_the_page_that_says_more_with_the_readers_choices(desk):
    desk.open("/?desk=Vol")
    desk.click("#overview-limits h2 a")
    desk.until(lambda: desk.place.startswith("/limits"))
    assert desk.place == "/limits?desk=Vol"
    desk.settle()
    desk.driver.back()
    desk.until(lambda: desk.place == "/?desk=Vol")
    desk.settle()


def test_the_navigation_counts_the_breaches_of_the_readers_scope(desk):
    desk.open("/")
    shown = int(desk.text("#limits-breaches").split()[0])
    assert str(shown) == desk.text("#overview-nearest-limit .value").split()[0]
    desk.sign_in("trader-vol")
    desk.open("/blotter")
    desk.until(lambda: desk.text("#limits-breaches"))
    assert int(desk.text("#limits-breaches").split()[0]) < shown


def test_positions_have_a_small_line_that_is_said_in_words(desk):
    desk.sign_in("trader-vol")
    desk.open("/")
    lines = desk.run(
        f"return [...document.querySelectorAll('#{BOOK} svg.trend')].map((line) => line.getAttribute('aria-label'))"
    )
    assert lines
    assert all(line.endswith("in 20 days") for line in lines)


def test_a_trader_goes_from_todays_trades_to_the_blotter(desk):
    desk.sign_in("trader-vol")
    desk.open("/")
    assert desk.names("book-trades")
    desk.click("#book-trades h2 a")
    desk.until(lambda: desk.place == "/blotter")
    desk.settle()


def test_an_administrator_sees_himself_among_the_readers_and_his_login_in_the_trail(desk):
    desk.sign_in("admin")
    desk.open("/")
    assert "Sam Whitlock" in {row[1] for row in desk.rows("operations-readers")}
    assert any(row[1:3] == ["login", "admin"] for row in desk.rows("operations-audit"))
    assert {"prices", "trades"} <= {row[0] for row in desk.rows("operations-freshness")}


def test_a_home_fits_a_phone_with_two_tiles_beside_each_other(desk):
    with desk.at(400):
        desk.open("/")
        assert desk.run("return document.documentElement.scrollWidth") <= 400
        lefts = desk.run(LEFTS)
        assert len(set(lefts)) == 2

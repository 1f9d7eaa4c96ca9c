"""Panels under mouse and keyboard: trees, sorting, drilling, explaining, expanding, downloading, scrolling."""

from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from app.view import discover

TREE = "positions-tree-by-instrument"
LIST = """
    const view = document.querySelector('#blotter-trades .ag-body-viewport');
    const api = window.dash_ag_grid.getApi('blotter-trades-grid');
"""
HEIGHTS = LIST + "return [api.getSizesForCurrentTheme().rowHeight, view.scrollHeight - view.clientHeight]"
WHEEL = f"""
    {LIST}
    if (arguments[0]) api.getDisplayedRowCount = () => arguments[0];
    const before = view.scrollTop;
    const wheel = new WheelEvent('wheel', {{ deltaY: 6000, bubbles: true, cancelable: true }});
    return [view.dispatchEvent(wheel), view.scrollTop - before];
"""
HOLD = """
    const ask = window.fetch;
    const held = new Promise((go) => (window.release = go));
    const ofRows = (options) => String((options || {}).body).includes('getRowsRequest');
    window.fetch = (input, options) => (ofRows(options) ? held : Promise.resolve()).then(() => ask(input, options));
"""
JUMP = LIST + "view.scrollTop = view.scrollHeight / 2"
WAITING = """
    const row = document.querySelector('#blotter-trades .ag-row.waiting');
    return row && [row.getAttribute('row-index'), row.innerText.trim()];
"""
TRADED = (
    LIST
    + """
    const row = api.getDisplayedRowAtIndex(Number(arguments[0]));
    return row && row.data ? row.data.trade_date : null;
"""
)
MONEY = str.maketrans({",": None, "−": "-", "+": None})


def number(text):
    return float(text.translate(MONEY))


def test_a_tree_closes_and_opens_by_mouse(desk):
    desk.open("/positions")
    first, second = desk.names(TREE)[:2]
    desk.click(f"#{TREE} .tree-name.level-1")
    desk.until(lambda: desk.names(TREE)[1] != second)
    desk.click(f"#{TREE} .tree-name.level-1")
    desk.until(lambda: desk.names(TREE)[:2] == [first, second])


def test_a_tree_closes_and_opens_by_keyboard(desk):
    desk.open("/positions")
    first, second = desk.names(TREE)[:2]
    desk.click(f"#{TREE} .tree-name.level-1")
    desk.until(lambda: desk.names(TREE)[1] != second)
    desk.press(Keys.ARROW_RIGHT)
    desk.until(lambda: desk.names(TREE)[:2] == [first, second])
    desk.press(Keys.ARROW_LEFT)
    desk.until(lambda: desk.names(TREE)[1] != second)
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.names(TREE)[:2] == [first, second])


def test_siblings_sort_by_number_and_stay_under_their_parents(desk):
    panel = "overview-risk-by-book"
    desk.open("/")
    books = {}
    for row in desk.rows(panel):
        (
            books.setdefault(row[0], [])
            if row[0] in desk.texts(f"#{panel} .level-1 .tree-text")
            else books[[*books][-1]]
        ).append(row[0])
    desk.click(f"#{panel} .ag-header-cell[col-id=day]")
    desks = desk.texts(f"#{panel} .level-1 .tree-text")
    days = [number(row[1]) for row in desk.rows(panel) if row[0] in desks]
    assert days == sorted(days)


def test_the_total_stays_in_view(desk):
    desk.open("/positions")
    assert desk.text(f"#{TREE} .ag-floating-bottom").startswith("Total")


def test_a_row_leads_to_its_positions_and_a_position_to_its_trades(desk):
    desk.open("/?scale=k")
    name = desk.names("overview-pnl-by-book")[0]
    desk.run("arguments[0].click()", desk.find("#overview-pnl-by-book .level-1 .drill"))
    desk.until(lambda: desk.place.startswith("/positions?"))
    desk.settle()
    assert desk.names(TREE)[0] == name
    desk.run("arguments[0].click()", desk.find(f"#{TREE} .level-3 .drill"))
    desk.until(lambda: desk.place.startswith("/blotter?"))
    desk.settle()
    assert "instrument=" in desk.place
    desk.driver.back()
    desk.until(lambda: desk.place.startswith("/positions?"))


def test_a_panel_explains_itself_and_escape_closes_the_explanation(desk):
    desk.open("/")
    desk.click("#overview-explain-parts .actions > a:last-child")
    desk.until(lambda: "DEFINITION" in desk.text("#drawer"))
    shown = desk.text("#drawer")
    for part in ("P&L explain", "CONVENTIONS", "COVERAGE", "WHERE IT CAME FROM", "snapshot", "sha256"):
        assert part in shown
    desk.press(Keys.ESCAPE)
    desk.until(lambda: not desk.find("#drawer").is_displayed())
    assert desk.place == "/"


def test_an_explanation_is_a_link_of_its_own(desk):
    desk.open("/#explain=overview-summary")
    desk.until(lambda: "DEFINITION" in desk.text("#drawer"))


def test_the_coverage_opens_its_reasons_and_names_what_has_no_price_of_the_day(desk):
    desk.open("/")
    desk.click("#bar-state a.chip")
    desk.until(lambda: "priced by an earlier day\nBUND-2048-08" in desk.text("#drawer"))
    assert "no price\nNGH" in desk.text("#drawer")


def test_a_panel_expands_over_the_page_and_escape_brings_the_page_back(desk):
    desk.open("/")
    width = "return document.querySelector('#overview-pnl-against-var .main-svg').clientWidth"
    small = desk.run(width)
    desk.click("#overview-pnl-against-var .actions > a")
    desk.until(lambda: desk.run(width) > 1.5 * small)
    desk.press(Keys.ESCAPE)
    desk.until(lambda: desk.run(width) == small)


def test_a_download_brings_the_rows_of_the_question_on_screen(desk):
    desk.open("/positions?desk=Vol")
    desk.click(f"#{TREE} .actions summary[title=Download]")
    desk.follow("CSV")
    folder = Path(desk.browser.download_path)
    desk.until(lambda: list(folder.glob("*.csv")))
    text = next(folder.glob("*.csv")).read_text()
    assert "Vol" in text
    assert "Rates" not in text


def test_the_blotter_scrolls_to_its_last_trade(desk):
    desk.open("/blotter")
    desk.until(lambda: desk.rows("blotter-trades")[0][0])
    newest = desk.rows("blotter-trades")[0][0]
    desk.run("const v = document.querySelector('.ag-body-viewport'); v.scrollTop = v.scrollHeight")
    desk.until(lambda: desk.rows("blotter-trades")[-1][0] not in ("", newest))


def test_a_trade_that_is_on_its_way_says_its_day(desk):
    desk.open("/blotter")
    desk.run(HOLD)
    desk.run(JUMP)
    desk.until(lambda: desk.run(WAITING))
    place, day = desk.run(WAITING)
    assert day[:4] in {"2018", "2019", "2020", "2021", "2022"}
    desk.run("window.release()")
    desk.until(lambda: desk.run(TRADED, place))
    assert desk.run(TRADED, place) == day
    desk.until(lambda: not desk.run(WAITING))


def test_the_blotter_stands_in_the_servers_order_and_does_not_look_sortable(desk):
    desk.open("/blotter")
    assert desk.texts("#blotter-trades .ag-header-cell-text")
    assert desk.texts("#blotter-trades .ag-header-cell-sortable") == []


def test_a_run_is_begun_on_the_page_and_its_numbers_come_by_themselves(desk):
    panel = "var-simulated-by-book"
    desk.open("/var")
    assert "10,000 paths" in desk.text(f"#{panel}-body")
    desk.click(f"#{panel}-run")
    desk.until(lambda: desk.names(panel), "the run did not end")
    desk.settle()
    assert "USD k" in desk.text(f"#{panel} header")
    files = desk.driver.find_elements("css selector", f"#{panel}-files a")
    assert [file.get_attribute("textContent") for file in files][:4] == ["XLSX", "CSV", "JSON", "PARQUET"]


def test_no_table_of_a_page_scrolls_sideways_on_a_small_laptop(desk):
    hidden = (
        "return [...document.querySelectorAll('.ag-center-cols-viewport')].map((v) => v.scrollWidth - v.clientWidth)"
    )
    with desk.at(1280, 2400):
        for view in discover().values():
            if view.name != "blotter":
                desk.open(view.path)
                assert max(desk.run(hidden), default=0) <= 0, view.path


def test_the_mouse_reads_the_exact_number_and_its_day(desk):
    desk.open("/pnl")
    ActionChains(desk.driver).move_to_element(desk.find("#pnl-history .nsewdrag")).perform()
    desk.until(lambda: "USD" in " ".join(desk.texts("#pnl-history .hoverlayer text")))


def test_the_wheel_moves_by_rows_in_a_list_longer_than_a_browser_lays_out(desk):
    desk.open("/blotter")
    desk.until(lambda: desk.rows("blotter-trades")[0][0])
    assert desk.run(WHEEL, 0) == [True, 0]  # left to the browser
    taken, scrolled = desk.run(WHEEL, 10_000_000)
    assert not taken
    height, room = desk.run(HEIGHTS)
    assert scrolled == pytest.approx(6_000 * room / (10_000_000 * height), abs=1)

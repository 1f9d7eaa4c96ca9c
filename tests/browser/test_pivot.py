"""The pivot under mouse and keyboard: the bar writes the address, the address makes the numbers."""

from urllib.parse import parse_qs, urlsplit

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PANEL = "pivot-tree"


def asked(desk, name):
    """What the address says of a name."""
    return parse_qs(urlsplit(desk.driver.current_url).query).get(name, [""])[0]


def chips(desk, zone):
    return desk.texts(f"#pivot-fields .zone.{zone} .field > summary")


def chip(desk, zone, place):
    return desk.driver.find_elements(By.CSS_SELECTOR, f"#pivot-fields .zone.{zone} .field > summary")[place]


def choose(desk, opener, text):
    """Open a menu of the bar, type what is sought and take it."""
    desk.click(opener)
    desk.press(text)
    link = f"{opener.rpartition(' >')[0]} .list a:not([hidden])"
    desk.until(lambda: desk.texts(link)[:1] == [text])
    desk.click(link)


def headers(desk):
    return desk.texts(f"#{PANEL} .ag-header-group-text")


def test_a_number_and_a_column_are_added_by_typing_and_stand_in_the_address(desk):
    desk.open("/pivot")
    choose(desk, "#pivot-fields .zone.show .add > summary", "PV01")
    desk.until(lambda: asked(desk, "show").endswith(",sensitivities.pv01"))
    desk.until(lambda: any("PV01" in text for text in desk.texts(f"#{PANEL} .ag-header-cell-text")))
    choose(desk, "#pivot-fields .zone.cols .add > summary", "Asset class")
    desk.until(lambda: asked(desk, "cols") == "asset_class")
    desk.until(lambda: headers(desk)[:2] == ["Total", "equity"])
    assert chips(desk, "cols") == ["Asset class"]
    desk.driver.back()
    desk.until(lambda: chips(desk, "cols") == [] and headers(desk) == [])


def test_a_chip_is_dragged_to_another_place_to_the_columns_and_off(desk):
    desk.open("/pivot?rows=desk,strategy,book")
    ActionChains(desk.driver).drag_and_drop(chip(desk, "rows", 2), chip(desk, "rows", 0)).perform()
    desk.until(lambda: len(set(asked(desk, "rows").split(",")) & {"desk", "strategy", "book"}) == 3)
    desk.until(lambda: chips(desk, "rows")[2] != "Book")
    columns = desk.find("#pivot-fields .zone.cols .add")
    named = chips(desk, "rows")[1]
    ActionChains(desk.driver).drag_and_drop(chip(desk, "rows", 1), columns).perform()
    desk.until(lambda: chips(desk, "cols") == [named])
    off = ActionChains(desk.driver).click_and_hold(chip(desk, "cols", 0)).move_by_offset(0, 400)
    off.release().perform()
    desk.until(lambda: chips(desk, "cols") == [] and asked(desk, "cols") == "")
    assert not desk.driver.find_elements(By.CSS_SELECTOR, "#pivot-fields details[open]")


def test_a_chip_is_moved_and_removed_by_keyboard_and_keeps_the_focus(desk):
    desk.open("/pivot")
    focus = "return document.activeElement.textContent"
    desk.run("document.querySelector('#pivot-fields .zone.rows .field > summary').focus()")
    desk.press(Keys.ENTER, Keys.ARROW_DOWN)
    desk.until(lambda: desk.run(focus) == "Move right")
    desk.press(Keys.ENTER)
    desk.until(lambda: asked(desk, "rows") == "book,desk")
    desk.until(lambda: desk.run(focus) == "Desk")
    desk.press(Keys.DELETE)
    desk.until(lambda: asked(desk, "rows") == "book")
    desk.until(lambda: "Desk removed" in desk.text("#pivot-fields [role=status]"))


def test_what_is_closed_stays_closed_when_rows_are_regrouped(desk):
    desk.open("/pivot?rows=desk,book")
    first, second = desk.names(PANEL)[:2]
    desk.click(f"#{PANEL} .tree-name.level-1")
    desk.until(lambda: desk.names(PANEL)[1] != second)
    choose(desk, "#pivot-fields .zone.rows .add > summary", "Currency")
    desk.until(lambda: asked(desk, "rows") == "desk,book,currency")
    desk.settle()
    assert desk.names(PANEL)[0] == first
    assert desk.names(PANEL)[1] != second


def test_levels_open_and_close_the_whole_tree(desk):
    desk.open("/pivot")
    many = len(desk.names(PANEL))
    desk.click("#pivot-fields [data-level='1']")
    desk.until(lambda: len(desk.names(PANEL)) < many)
    assert desk.texts(f"#{PANEL} .level-2 .tree-text") == []
    desk.click("#pivot-fields [data-level='2']")
    desk.until(lambda: len(desk.names(PANEL)) == many)


def test_heat_shades_the_cells_and_a_comparison_shows_the_change(desk):
    desk.open("/pivot")
    desk.click("#pivot-fields [role=switch]")
    desk.until(lambda: asked(desk, "heat") == "1")
    shades = f"return [...document.querySelectorAll('#{PANEL} .ag-row .ag-cell')].map((c) => c.style.backgroundColor)"
    desk.until(lambda: any("var(--loss)" in shade for shade in desk.run(shades)))
    desk.click("#pivot-fields .compare > summary")
    desk.follow("the vs date")
    desk.until(lambda: asked(desk, "compare") == "vs")
    desk.until(lambda: "Change" in desk.texts(f"#{PANEL} .ag-header-cell-text"))
    assert asked(desk, "heat") == "1"


def test_a_number_has_a_line_of_its_last_days_which_its_chip_takes_off_and_puts_on(desk):
    def lines(column):
        cells = f"#{PANEL} .ag-row [col-id='{column}:trend'] [role=img]"
        return [line.get_attribute("aria-label") for line in desk.driver.find_elements(By.CSS_SELECTOR, cells)]

    desk.open("/pivot?rows=desk&show=exposure.gross,pnl.day")
    desk.until(lambda: len(lines("pnl.day")) == 6)
    assert all(line.startswith("Day P&L, last 20 days: from ") for line in lines("pnl.day"))
    desk.click("#pivot-fields [data-name='pnl.day'] > summary")
    desk.follow("Without its line")
    desk.until(lambda: asked(desk, "trend") == "none" and not lines("pnl.day"))
    desk.click("#pivot-fields [data-name='exposure.gross'] > summary")
    desk.follow("Line of 20 days")
    desk.until(lambda: asked(desk, "trend") == "exposure.gross" and len(lines("exposure.gross")) == 6)


def test_a_trader_compares_with_his_own_books_only(desk):
    desk.sign_in("trader-vol")
    desk.open("/pivot")
    desk.click("#pivot-fields .compare > summary")
    desk.until(lambda: "Vol" in desk.texts("#pivot-fields .compare a"))
    assert "Rates" not in desk.texts("#pivot-fields .compare a")

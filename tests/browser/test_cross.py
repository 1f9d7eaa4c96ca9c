"""A click narrows the rest of the page, a second click takes it away, and back and forward work through it all."""

from urllib.parse import parse_qs, urlsplit

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

TREE = "var-tree-by-book"
TILES = "#var-components-by-book .slice"


def query(desk):
    return {name: values[0] for name, values in parse_qs(urlsplit(desk.place).query).items()}


def click(desk, css, text=""):
    """Move the mouse to a mark of a chart as a hand does, then click."""

    def marks():
        return [mark for mark in desk.driver.find_elements("css selector", css) if text in mark.text]

    desk.until(marks, f"there is no {css} {text}")
    ActionChains(desk.driver).move_to_element(marks()[0]).pause(0.2).click().perform()


def columns(desk):
    return desk.texts(f"#{TREE} .ag-header-cell-text")


def test_a_tile_narrows_the_page_and_a_second_click_goes_one_step_back(desk):
    desk.open("/var")
    click(desk, TILES, "LS-TREND")
    desk.until(lambda: query(desk) == {"desk": "Long/Short", "book": "LS-TREND"})
    desk.settle()
    assert "LS-TREND" in desk.text(".crumb summary")
    click(desk, TILES, "LS-TREND")
    desk.until(lambda: query(desk) == {"desk": "Long/Short"})
    desk.settle()
    assert desk.names(TREE)[0] == "Long/Short"
    desk.driver.back()
    desk.until(lambda: "LS-TREND" in desk.text(".crumb summary"))
    desk.driver.forward()
    desk.until(lambda: "Long/Short" in desk.text(".crumb summary"))
    desk.settle()


def test_a_row_of_the_worst_scenarios_shows_who_lost_in_it_and_its_chip_leaves_it(desk):
    desk.open("/var")
    assert "In scenario" not in columns(desk)
    day = desk.texts("#var-scenarios a.narrow")[1]
    desk.follow(day)
    desk.until(lambda: desk.place == f"/var?scenario={day}")
    desk.until(lambda: "In scenario" in columns(desk))
    desk.settle()
    assert "In scenario" in desk.text("#var-components-by-book")
    assert day in desk.text("#var-distribution")
    assert desk.texts("#var-scenarios .ag-row.chosen a.narrow.on") == [day]
    desk.click(".trail a[title='Leave the scenario']")
    desk.until(lambda: desk.place.rstrip("?") == "/var")
    desk.until(lambda: "In scenario" not in columns(desk))
    desk.driver.back()
    desk.until(lambda: "In scenario" in columns(desk))
    desk.settle()


def test_a_scenario_is_chosen_by_its_tick_in_the_tail(desk):
    desk.open("/var")
    click(desk, "#var-distribution .scatterlayer .point")
    desk.until(lambda: set(query(desk)) == {"scenario"})
    desk.until(lambda: "In scenario" in columns(desk))
    desk.settle()


def test_the_name_of_a_row_narrows_by_mouse_and_is_left_by_keyboard(desk):
    desk.open("/var")
    desk.run("arguments[0].scrollIntoView()", desk.find("#var-by-asset-class"))
    desk.click("#var-by-asset-class a.narrow")
    desk.until(lambda: set(query(desk)) == {"asset_class"})
    desk.settle()
    cell = desk.find("#var-by-asset-class .ag-row.chosen .ag-cell")
    desk.run("arguments[0].focus()", cell)
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.place == "/var")
    desk.settle()


def test_a_bar_goes_to_its_day(desk):
    desk.open("/pnl")
    newest = desk.find("#as-of").get_attribute("value")
    box = desk.find("#pnl-history .nsewdrag")
    desk.browser.click_at_coord_fractions(box, 0.5, 0.9)
    desk.until(lambda: set(query(desk)) == {"as_of"})
    day = query(desk)["as_of"]
    assert day < newest
    desk.until(lambda: desk.find("#as-of").get_attribute("value") == day)
    desk.settle()


def test_a_column_of_a_heat_map_narrows_to_its_desk(desk):
    desk.open("/stress")
    desk.browser.click_at_coord_fractions(desk.find("#stress-map-by-desk .nsewdrag"), 0.1, 0.5)
    desk.until(lambda: set(query(desk)) == {"desk"})
    desk.settle()


def test_the_path_is_left_step_by_step_or_at_once(desk):
    desk.open("/positions?desk=Long%2FShort&book=LS-TREND&instrument=AAPL&scale=m")
    assert desk.texts(".trail .step") == ["Firm", "Long/Short"]
    desk.click(".trail .step:nth-of-type(2)")
    desk.until(lambda: query(desk) == {"desk": "Long/Short", "instrument": "AAPL", "scale": "m"})
    desk.click(".trail .clear")
    desk.until(lambda: desk.place == "/positions?scale=m")
    desk.settle()
    desk.driver.back()
    desk.until(lambda: query(desk) == {"desk": "Long/Short", "instrument": "AAPL", "scale": "m"})
    desk.settle()

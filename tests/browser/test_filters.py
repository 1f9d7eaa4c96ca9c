"""Filters of tables under mouse and keyboard: the form writes the address, the address decides what is left."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

TREE, TRADES, LIMITS = "positions-tree-by-instrument", "blotter-trades", "limits-use"


def fill(desk, panel, **texts):
    """Open the form of a panel, type into columns (`quantity_from`: an end of a range) and press Enter."""
    desk.click(f"#{panel} details.filter > summary")
    for name, text in texts.items():
        column, _, end = name.rpartition("__")
        place = f"[data-column='{column or end}'][data-end='{end if column else ''}']"
        desk.find(f"#{panel} .filter {place}").send_keys(text)
    desk.press(Keys.ENTER)


def left(desk, panel):
    return desk.texts(f"#{panel} .filtered")


def instruments(desk):
    return {row[3] for row in desk.rows(TRADES) if row[3]}


def test_the_blotter_is_filtered_among_all_its_trades_and_back_shows_all(desk):
    desk.open("/blotter")
    fill(desk, TRADES, instrument="aapl", quantity__from="20000")
    desk.until(lambda: left(desk, TRADES) and left(desk, TRADES)[0].endswith("of 20,000 rows ✕"))
    desk.until(lambda: instruments(desk) == {"AAPL"})
    assert "where=blotter-trades.instrument%3Aaapl%3Bblotter-trades.quantity%3A20000.." in desk.place
    desk.driver.back()
    desk.until(lambda: left(desk, TRADES) == [] and len(instruments(desk)) > 5)


def test_what_is_typed_is_in_the_units_on_screen_and_a_link_holds_full_ones(desk):
    desk.open("/positions")
    fill(desk, TREE, market_value__from="20000")
    desk.until(lambda: left(desk, TREE))
    assert f"{TREE}.market_value%3A20000000.." in desk.place
    amounts = [row[5].replace(",", "") for row in desk.rows(TREE) if row[2]]
    assert amounts
    assert all(int(amount) >= 20000 for amount in amounts)
    link = desk.place
    desk.open("/positions")
    desk.open(link)
    desk.click(f"#{TREE} details.filter > summary")
    assert desk.find(f"#{TREE} [data-column='market_value'][data-end='from']").get_attribute("value") == "20000"
    desk.press(Keys.ESCAPE)
    files = desk.driver.find_elements(By.CSS_SELECTOR, f"#{TREE}-files a")
    assert all("where=" in file.get_attribute("href") for file in files)


def test_a_filter_that_leaves_nothing_says_so_and_one_click_shows_all(desk):
    desk.open("/limits")
    fill(desk, LIMITS, limit_id="no such limit")
    desk.until(lambda: "No row passes the filter" in desk.text(f"#{LIMITS}"))
    desk.click(f"#{LIMITS} .blank button")
    desk.until(lambda: len(desk.rows(LIMITS)) > 5)
    assert "where" not in desk.place

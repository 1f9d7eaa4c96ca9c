"""Explaining numbers under mouse and keyboard: from the firm to the line of a file in five clicks, and back."""

from urllib.parse import parse_qs

from selenium.webdriver.common.keys import Keys

TREE = "pnl-tree-by-instrument"
CELL = f"#{TREE} .ag-center-cols-container .ag-cell[col-id=day]"


def told(desk, *parts):
    """Wait until the drawer says all of this."""
    desk.until(lambda: all(part in desk.text("#drawer") for part in parts), f"the drawer does not say {parts}")


def asked(desk):
    """What the address asks the drawer for."""
    return {name: values[0] for name, values in parse_qs(desk.run("return location.hash.slice(1)")).items()}


def down(desk, level):
    """Click the largest part of the number in the drawer."""
    desk.until(lambda: desk.text("#drawer .ledger th") == level)
    name = desk.text("#drawer .ledger tbody a")
    desk.click("#drawer .ledger tbody a")
    desk.until(lambda: name in desk.text("#drawer h2"))
    return name


def test_the_firm_s_number_leads_to_the_line_of_a_file_in_five_clicks(desk):
    desk.open("/pnl")
    clicks = 1
    desk.click(f"#{TREE} .ag-floating-bottom .ag-cell[col-id=day]")
    told(desk, "Day P&L · Firm", "adds exactly")
    for level in ("Desk", "Book", "Instrument", "Trade"):
        name = down(desk, level)
        clicks += 1
    told(desk, f"Trade {name}", "WHERE IT CAME FROM", "line", "batch", "sha256")
    assert clicks <= 5
    assert asked(desk)["trade"] == name
    desk.driver.back()
    told(desk, "THE TRADES BEHIND IT", name)


def test_a_number_of_a_tree_is_explained_by_a_click_and_its_name_still_opens(desk):
    desk.open("/pnl")
    first, second = desk.names(TREE)[:2]
    desk.click(CELL)
    told(desk, f"Day P&L · {first} desk")
    assert asked(desk) == {"explain": TREE, "at": first, "column": "day"}
    desk.press(Keys.ESCAPE)
    desk.until(lambda: not desk.find("#drawer").is_displayed())
    desk.click(f"#{TREE} .tree-name.level-1")
    desk.until(lambda: desk.names(TREE)[1] != second)
    assert asked(desk) == {}


def test_a_focused_number_is_explained_by_enter(desk):
    desk.open("/pnl")
    desk.click(f"#{TREE} .tree-name.level-1")
    desk.press(Keys.ARROW_RIGHT, Keys.TAB)
    column = desk.run("return document.activeElement.getAttribute('col-id')")
    desk.press(Keys.ENTER)
    desk.until(lambda: asked(desk).get("column") == column)
    told(desk, "WHERE IT CAME FROM")


def test_each_number_of_a_tile_is_explained_as_itself(desk):
    desk.open("/var")
    desk.click("#var-summary .tile .value [data-column=var]")
    told(desk, "VaR · Firm", "THE SCENARIOS IT RESTS ON", "weighs up to it", "adds exactly")
    desk.click("#var-summary .tile .value [data-column=es]")
    told(desk, "ES · Firm", "others")


def test_an_explained_number_is_a_link_of_its_own_and_can_be_copied(desk):
    desk.open("/#explain=overview-summary&at=Vol&column=ytd")
    told(desk, "YTD · Vol desk", "adds exactly", "80 of 80")
    desk.run("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }")
    desk.click("#drawer [data-copies]")
    desk.until(lambda: desk.text("#drawer [data-copies]") == "Copied")
    assert desk.run("return window.copied") == desk.driver.current_url


def test_a_row_of_the_blotter_opens_its_trade(desk):
    desk.open("/blotter")
    desk.until(lambda: desk.rows("blotter-trades")[0][0])
    name = desk.rows("blotter-trades")[0][0]
    desk.click("#blotter-trades .ag-center-cols-container .ag-row[row-index='0'] .ag-cell[col-id=book]")
    told(desk, f"Trade {name}", "TERMS", "VERSIONS", "sha256")


def test_a_trader_is_told_of_another_desk_s_trade_what_he_is_told_of_none(desk):
    desk.open("/blotter?desk=Rates")
    desk.until(lambda: desk.rows("blotter-trades")[0][0])
    hidden = desk.rows("blotter-trades")[0][0]
    desk.sign_in("trader-vol")
    told_of = {}
    for name in (hidden, "T-none"):
        desk.open(f"/blotter#trade={name}")
        told(desk, f"Trade {name}", "There is no such trade, or it is not open to you.")
        told_of[name] = desk.text("#drawer").replace(name, "")
    assert len(set(told_of.values())) == 1

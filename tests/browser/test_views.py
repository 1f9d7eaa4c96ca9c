"""Saved views, columns and notes as a reader uses them: saved, opened, shared, made home, arranged, pinned."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

TREE = "positions-tree-by-instrument"
BOOK = "book-positions-by-instrument"
KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('columns:'))"


def press(desk, text):
    """Click the button with that text, when it is there."""
    path = f'//button[normalize-space()="{text}"]'
    desk.until(lambda: desk.run("arguments[0].click()", desk.driver.find_element("xpath", path)) is None)


def said(desk, text):
    desk.until(lambda: desk.run("return document.querySelector('#views-said').textContent") == text, text)


def menu(desk):
    desk.click("#views-switch")
    desk.until(lambda: "Save this view…" in desk.text("#views-list"))
    return desk.texts("#views-list a.view")


def manage(desk):
    menu(desk)
    desk.run("document.querySelector('#views-list a[href=\"#views=mine\"]').click()")
    desk.find("#view-called")


def headers(desk, panel=TREE):
    found = f"#{panel} .ag-header-cell-text"
    return desk.run("return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", found)


def toggle(desk, name, panel=TREE):
    """Show or hide a column by the menu of its panel."""
    desk.click(f"#{panel} .columns summary")
    path = f'//section[@id="{panel}"]//label[normalize-space(translate(., "\u00a0", " "))="{name}"]'
    desk.until(lambda: desk.driver.find_element("xpath", path).click() is None)


def forget(desk):
    desk.run(f"{KEPT}.forEach((name) => localStorage.removeItem(name))")


def test_a_view_is_saved_opened_shared_and_deleted(desk):
    desk.open("/positions?desk=Vol")
    manage(desk)
    desk.find("#view-called").send_keys("Vol today", Keys.ENTER)
    said(desk, "“Vol today” is saved.")
    desk.until(lambda: desk.run("return document.querySelector('.views-mine input')?.value") == "Vol today")
    press(desk, "Everyone")
    said(desk, "“Vol today” is shared.")
    desk.open("/pnl")
    assert menu(desk) == ["Vol today"]
    desk.click("#views-list a.view")
    desk.until(lambda: desk.place == "/positions?desk=Vol")
    desk.until(lambda: desk.names(TREE)[:1] == ["Vol"])
    for reader, listed in (("trader-vol", ["Vol today Helena Osei"]), ("trader-rates", [])):
        desk.sign_in(reader)
        desk.open("/positions")
        assert menu(desk) == listed
    desk.sign_in("risk-manager")
    desk.open("/positions")
    manage(desk)
    press(desk, "Delete")
    said(desk, "“Vol today” is deleted.")
    desk.until(lambda: "No view is saved yet" in desk.text("#views-mine"))


def test_the_home_that_was_set_is_what_slash_opens_and_back_passes_it_by(desk):
    desk.open("/pnl?desk=Vol")
    menu(desk)
    press(desk, "Set as my home")
    said(desk, "This page is your home now.")
    desk.open("/positions")
    desk.click(".brand-name")
    desk.until(lambda: desk.place == "/pnl?desk=Vol")
    desk.settle()
    desk.driver.back()
    desk.until(lambda: desk.place == "/positions")
    desk.settle()
    menu(desk)
    press(desk, "Back to the usual home")
    said(desk, "Your home is the usual one again.")
    desk.open("/")
    assert desk.place == "/"


def test_columns_stay_as_their_reader_arranged_them_and_can_be_reset(desk):
    desk.open("/positions")
    forget(desk)
    whole = headers(desk)
    toggle(desk, "Cost")
    desk.until(lambda: "Cost" not in headers(desk))
    desk.click(f"#{TREE} .ag-header-cell[col-id=day]")
    sort = f"return document.querySelector('#{TREE} .ag-header-cell[col-id=day]').getAttribute('aria-sort')"
    desk.until(lambda: desk.run(sort) == "ascending")
    desk.open("/positions?desk=Vol")
    desk.until(lambda: "Cost" not in headers(desk))
    assert desk.run(sort) == "ascending"
    desk.run("window.parapet.go('/positions?desk=Rates')")
    desk.until(lambda: desk.names(TREE)[:1] == ["Rates"])
    desk.until(lambda: "Cost" not in headers(desk))
    desk.click(f"#{TREE} .columns summary")
    press(desk, "Reset columns")
    desk.until(lambda: headers(desk) == whole)
    assert desk.run(sort) == "none"
    assert desk.run(f"return {KEPT}.length") == 0


def test_greeks_that_a_book_does_not_have_stand_aside_whatever_its_reader_arranged(desk):
    greeks = "Delta", "Gamma", "Vega", "Theta", "PV01", "FX delta"
    held = {"Vol": greeks[:-1], "FX": ("Theta", "FX delta")}

    def shows(*names):
        found = [header.partition(" (")[0] for header in headers(desk, BOOK)]
        return [name for name in (*greeks, "Price") if name in found] == [*names]

    desk.open("/book?desk=Vol")
    forget(desk)
    assert shows(*held["Vol"], "Price")
    toggle(desk, "Price", BOOK)
    desk.until(lambda: shows(*held["Vol"]))
    for place, shown in (("FX", held["FX"]), ("Vol", held["Vol"]), ("FX", held["FX"])):
        desk.run(f"window.parapet.go('/book?desk={place}')")
        desk.until(lambda shown=shown: shows(*shown))
    desk.open("/book?desk=FX")
    toggle(desk, "Vega (per vol pt)", BOOK)
    desk.until(lambda: shows("Vega", *held["FX"]))
    desk.open("/book?desk=FX")
    desk.until(lambda: shows("Vega", *held["FX"]))
    forget(desk)


def test_a_view_brings_its_columns_along(desk):
    desk.open("/positions?desk=Vol")
    forget(desk)
    toggle(desk, "Cost")
    desk.until(lambda: "Cost" not in headers(desk))
    manage(desk)
    desk.find("#view-called").send_keys("No cost", Keys.ENTER)
    said(desk, "“No cost” is saved.")
    forget(desk)
    desk.open("/positions")
    desk.until(lambda: "Cost" in headers(desk))
    menu(desk)
    desk.click("#views-list a.view")
    desk.until(lambda: "Cost" not in headers(desk))
    desk.until(lambda: desk.place == "/positions?desk=Vol")
    manage(desk)
    press(desk, "Delete")
    said(desk, "“No cost” is deleted.")
    forget(desk)


def test_a_note_on_a_tile_is_marked_there_and_told_on_hover(desk):
    desk.open("/overview")
    tile = "#overview-var a.tile"
    ground = f"return getComputedStyle(document.querySelector('{tile}')).getPropertyValue('--noted')"
    assert desk.run(ground) == ""
    desk.run(f"document.querySelector('{tile}').focus()")
    desk.press("n")
    desk.find("#note-text").send_keys("Checked against the run.")
    desk.click("#note-pin")
    desk.until(lambda: desk.run(ground))
    ActionChains(desk.driver).move_to_element(desk.find(tile)).perform()
    assert "Checked against the run." in desk.find(tile).get_attribute("title")
    desk.click("#note-list button")
    desk.until(lambda: desk.run(ground) == "")


def test_a_note_is_pinned_by_keyboard_marked_on_its_cell_and_deleted(desk):
    cell = f"#{TREE} .ag-row[row-index='1'] .ag-cell[col-id=day]"
    desk.open("/positions?desk=Vol")
    desk.click(cell)
    desk.run("window.parapet.open('')")
    desk.run("arguments[0].focus()", desk.find(cell))
    desk.press("n")
    desk.until(lambda: "#note=" in desk.place)
    desk.find("#note-text").send_keys("Bought the hedge a day late.")
    desk.click("#note-pin")
    desk.until(lambda: "Bought the hedge a day late." in desk.text("#note-list"))
    desk.until(lambda: desk.driver.find_elements("css selector", f"{cell}.noted"))
    desk.open(desk.place)
    desk.until(lambda: desk.driver.find_elements("css selector", f"{cell}.noted"))
    desk.until(lambda: "Bought the hedge a day late." in desk.text("#note-list"))
    desk.click("#note-list button")
    desk.until(lambda: "Nobody has pinned a note." in desk.text("#note-list"))
    desk.until(lambda: not desk.driver.find_elements("css selector", ".ag-cell.noted"))

"""⌘K: from a few letters to a page, a book, an instrument, a trade, a panel or a date, by keyboard alone."""

from urllib.parse import parse_qs, urlsplit

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

OPTIONS = "#palette li"


def ask(desk, text):
    """Open the palette by its keys and type."""
    ActionChains(desk.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    desk.until(lambda: desk.run("return document.activeElement.closest('#palette') !== null"))
    desk.press(text)


def first(desk, kind, name):
    desk.until(lambda: desk.texts(f"{OPTIONS}:first-child b") == [name], f"{name} is not the first that is found")
    assert desk.texts(f"{OPTIONS}:first-child .kind")[0].endswith(kind)


def query(desk):
    return {name: values[0] for name, values in parse_qs(urlsplit(desk.place).query).items()}


def test_a_page_is_opened_by_its_name_and_keeps_the_choices(desk):
    desk.open("/positions?desk=Vol")
    ask(desk, "stre")
    first(desk, "page", "Stress")
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.place == "/stress?desk=Vol")
    desk.driver.back()
    desk.until(lambda: desk.place == "/positions?desk=Vol")


def test_a_book_narrows_the_page_that_is_open_and_back_brings_the_whole(desk):
    desk.open("/positions")
    ask(desk, "ls-tr")
    first(desk, "book", "LS-TREND")
    desk.press(Keys.ENTER)
    desk.until(lambda: query(desk) == {"desk": "Long/Short", "book": "LS-TREND"})
    desk.settle()
    assert "LS-TREND" in desk.text(".crumb summary")
    desk.driver.back()
    desk.until(lambda: desk.place == "/positions")
    desk.driver.forward()
    desk.until(lambda: "LS-TREND" in desk.text(".crumb summary"))


def test_an_instrument_leaves_the_desk_that_never_held_it(desk):
    desk.open("/positions?desk=Rates&scale=m")
    ask(desk, "aapl")
    first(desk, "instrument", "AAPL")
    desk.press(Keys.ENTER)
    desk.until(lambda: query(desk) == {"scale": "m", "instrument": "AAPL"})
    desk.settle()


def test_a_trade_opens_the_blotter_at_it(desk):
    desk.open("/")
    ask(desk, "t00001150")
    desk.until(lambda: len(desk.texts(OPTIONS)) > 1)
    trade = desk.texts(f"{OPTIONS} b")[1]
    desk.press(Keys.ARROW_DOWN, Keys.ENTER)
    desk.until(lambda: desk.place.startswith("/blotter?") and desk.place.endswith(f"#trade={trade}"))
    assert set(query(desk)) == {"book", "instrument"}
    desk.settle()


def test_a_panel_is_opened_at_its_full_size(desk):
    desk.open("/")
    ask(desk, "var by desk")
    first(desk, "panel", "VaR by desk › book")
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.place == "/var#expand=var-tree-by-book")
    desk.until(lambda: desk.texts("#var-tree-by-book.expanded h2"))
    desk.settle()


def test_a_date_that_is_typed_is_gone_to(desk):
    desk.open("/?vs=2022-11-01")
    ask(desk, "2020-03-16")
    first(desk, "date", "Go to 2020-03-16")
    desk.press(Keys.ENTER)
    desk.until(lambda: query(desk) == {"as_of": "2020-03-16"})
    desk.settle()
    assert desk.find("#as-of").get_attribute("value") == "2020-03-16"


def test_what_was_chosen_last_comes_first_and_escape_leaves_everything_as_it_was(desk):
    desk.open("/positions")
    ask(desk, "blott")
    first(desk, "page", "Blotter")
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.place == "/blotter")
    desk.settle()
    ask(desk, "")
    assert desk.texts(f"{OPTIONS}:first-child b") == ["Blotter"]
    desk.press(Keys.ESCAPE)
    desk.until(lambda: not desk.run("return document.querySelector('#palette').open"))
    assert desk.place == "/blotter"


def test_the_palette_opens_by_its_chip_and_says_what_is_active_to_those_who_listen(desk):
    desk.open("/")
    desk.click("#palette-open")
    desk.press("vol")
    desk.until(lambda: len(desk.texts(OPTIONS)) > 1)
    active = "return document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent"
    before = desk.run(active)
    desk.press(Keys.ARROW_DOWN)
    assert desk.run(active) != before
    assert desk.run("return document.activeElement.getAttribute('role')") == "combobox"
    assert len(desk.texts("#palette [aria-selected='true']")) == 1
    desk.press(Keys.ESCAPE)


def test_a_trader_finds_nothing_of_another_desk(desk):
    desk.sign_in("trader-rates")
    desk.open("/positions")
    ask(desk, "aapl")
    desk.until(lambda: "Nothing of that name is open to you" in desk.text("#palette"))
    desk.press(Keys.ESCAPE)
    ask(desk, "ls-trend")
    desk.until(lambda: "Nothing of that name is open to you" in desk.text("#palette"))
    desk.press(Keys.ESCAPE)

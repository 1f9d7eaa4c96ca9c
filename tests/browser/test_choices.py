"""The choices of the reader live in the address: whatever is chosen, a link, back and forward reproduce it."""

from selenium.webdriver.common.keys import Keys

TREE = "positions-tree-by-instrument"


def amount(text):
    return float(text.replace(",", ""))


def test_choosing_a_book_changes_the_numbers_the_bar_and_the_address(desk):
    desk.open("/positions")
    desk.click(".crumb summary")
    desk.press(*"vol")
    visible = [name for name in desk.texts(".crumb .list a") if name]
    assert "Vol" in visible
    assert "Rates" not in visible
    desk.follow("Vol")
    desk.until(lambda: desk.place == "/positions?desk=Vol")
    desk.until(lambda: desk.names(TREE)[:1] == ["Vol"])
    assert "Vol" in desk.text(".crumb summary")


def test_back_and_forward_bring_the_numbers_along(desk):
    desk.open("/positions?desk=Vol")
    desk.open("/positions?desk=Rates")
    desk.driver.back()
    desk.until(lambda: desk.names(TREE)[:1] == ["Vol"])
    desk.driver.forward()
    desk.until(lambda: desk.names(TREE)[:1] == ["Rates"])


def test_the_scale_divides_the_money_and_is_said_once_in_the_header(desk):
    desk.open("/")
    assert "USD k" in desk.text("#overview-pnl-by-book header")
    thousands = desk.rows("overview-pnl-by-book")[0][1]
    desk.click(".money summary")
    desk.follow("millions")
    desk.until(lambda: "USD m" in desk.text("#overview-pnl-by-book header"))
    desk.until(lambda: desk.rows("overview-pnl-by-book")[0][1] != thousands)
    assert desk.place == "/?scale=m"


def test_another_currency_converts_every_panel(desk):
    desk.open("/")
    dollars = desk.text("#overview-summary .tile")
    desk.click(".money summary")
    desk.follow("EUR")
    desk.until(lambda: desk.text("#overview-summary .tile") != dollars)
    assert desk.place == "/?ccy=EUR"


def test_choosing_another_confidence_changes_the_var_what_the_page_states_and_the_address(desk):
    desk.open("/var")
    stated = desk.text(".conventions summary")
    assert [part for part in ("VaR 99%", "ES 97.5%", "500 days", "weibull") if part not in stated] == []
    label, usual, note = desk.text("#var-summary .tile").splitlines()
    assert label == "VaR 1d 99%"
    assert note.startswith("scenario of 20")
    assert "500" in desk.texts("#var-summary .tile .notes")[1]
    desk.click(".conventions summary")
    desk.driver.find_element("css selector", ".conventions .confidence").find_element("link text", "97.5%").click()
    desk.until(lambda: desk.text("#var-summary .tile .label") == "VaR 1d 97.5%")
    assert amount(desk.text("#var-summary .tile .value")) < amount(usual)
    assert "VaR 97.5%" in desk.text(".conventions summary")
    assert desk.place == "/var?confidence=0.975"
    desk.driver.back()
    desk.until(lambda: desk.text("#var-summary .tile .value") == usual)


def test_the_conventions_are_no_choice_where_no_number_rests_on_them(desk):
    desk.open("/positions?confidence=0.975")
    assert desk.texts(".conventions") == []
    desk.click("#navigation a[href^='/var']")
    desk.settle()
    assert desk.place == "/var?confidence=0.975"


def test_a_day_that_is_no_business_day_means_the_one_before(desk):
    desk.open("/")
    field = desk.find("#as-of")
    field.click()
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("2022-11-13", Keys.ENTER)
    desk.until(lambda: desk.place == "/?as_of=2022-11-11")
    desk.until(lambda: desk.find("#vs").get_attribute("value") == "2022-11-10")


def test_a_narrowing_can_be_taken_away(desk):
    desk.open("/positions?desk=Vol&asset_class=equity")
    desk.click("a.chip[title='Show every asset class']")
    desk.until(lambda: desk.place == "/positions?desk=Vol")


def test_an_address_that_cannot_be_read_is_explained_and_can_be_left(desk):
    desk.open("/positions?as_of=yesterday")
    assert "write it as 2022-12-28" in desk.text(f"#{TREE}")
    desk.click("#bar-state .warn")
    desk.until(lambda: desk.names(TREE))


def test_the_pages_keep_the_choices(desk):
    desk.open("/?desk=Vol&scale=m")
    desk.click("#navigation a[href^='/pnl']")
    desk.settle()
    assert desk.place == "/pnl?desk=Vol&scale=m"
    assert desk.names("pnl-split-by-instrument")[0] == "Vol"


def test_trades_saved_under_a_name_are_opened_by_it_and_deleted(desk):
    desk.open("/whatif?desk=Long%2FShort")
    assert desk.text("#whatif-branches") == "No branch is saved yet."
    desk.find("#whatif-text").send_keys("close AAPL @ LS-TREND")
    desk.find("#whatif-name").send_keys("Without {a.b}", Keys.ENTER)
    desk.until(lambda: desk.texts("#whatif-branches a") == ["Without {a.b}"])
    desk.click("#whatif-branches a")
    desk.until(lambda: desk.place == "/whatif?desk=Long%2FShort&whatif=close+AAPL+%40+LS-TREND")
    desk.until(lambda: desk.texts("#whatif-branches a.on") == ["Without {a.b}"])
    desk.click("#whatif-branches button")
    desk.until(lambda: desk.text("#whatif-branches") == "No branch is saved yet.")
    assert desk.text("#whatif-kept") == "“Without {a.b}” is deleted.\nShow its trades"

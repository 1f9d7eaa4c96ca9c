"""The reader's settings: worn at once, by the first paint of the next visit, and by nobody else."""

import pytest

ROOT = "return document.documentElement.dataset[arguments[0]] || ''"
PNL = "#overview-pnl-by-book"
DRAWN = "return getComputedStyle(document.querySelector('.tile .loss, .tile .gain')).color"


def choose(desk, title, text):
    """Press a choice of a setting, when it is there, and wait until it is pressed."""
    path = f'//div[@aria-label="{title}"]/button[text()="{text}"]'
    desk.until(lambda: desk.run("arguments[0].click()", desk.driver.find_element("xpath", path)) is None)
    desk.until(lambda: desk.driver.find_element("xpath", path).get_attribute("aria-pressed") == "true")


@pytest.fixture
def settings(desk):
    desk.open("/#settings=you")
    desk.find("#settings-zone")
    yield desk
    desk.sign_in("risk-manager")
    desk.open("/#settings=you")
    usual = ("As this device", "Green and red", "As this browser", "Comfortable")
    for title, text in zip(("Theme", "Gain and loss", "Numbers", "Density"), usual, strict=True):
        choose(desk, title, text)


def test_a_chosen_theme_is_painted_first_whatever_the_device_says_and_the_switch_changes_it(settings):
    choose(settings, "Theme", "Light")
    settings.until(lambda: settings.run(ROOT, "theme") == "light")
    settings.run("localStorage.theme = 'dark'")
    settings.open("/")
    assert settings.run(ROOT, "theme") == "light"
    settings.click("#theme-switch")
    settings.until(lambda: settings.find("#theme-switch").get_attribute("title") == "Dark, wherever you sign in")
    settings.run("localStorage.theme = 'light'")
    settings.open("/")
    assert settings.run(ROOT, "theme") == "dark"


def test_gain_and_loss_change_their_colours_in_pages_and_charts(settings):
    page = settings.run(DRAWN)
    bars = "return document.querySelector('.chart .barlayer path, .chart .bars path').style.fill"
    chart = settings.run(bars)
    choose(settings, "Gain and loss", "Blue and orange")
    settings.until(lambda: settings.run(DRAWN) != page)
    settings.until(lambda: settings.run(bars) != chart)


def test_numbers_change_their_separators_in_grids_tiles_and_charts_and_dates_do_not(settings):
    settings.open("/positions#settings=you")
    cell = "return document.querySelector('.ag-floating-bottom .ag-cell[col-id=market_value]').textContent"
    assert "," in settings.run(cell)
    choose(settings, "Numbers", "1.234,5")
    settings.until(lambda: "." in settings.run(cell) and "," not in settings.run(cell))
    settings.open("/var")
    settings.until(lambda: "." in settings.text("#var-summary .tile .value"))
    assert "," not in settings.text("#var-summary .tile .value")
    assert settings.find("#as-of").get_attribute("value") == "2022-12-28"


def test_compact_rows_are_lower(settings):
    settings.open("/positions#settings=you")
    row = "return document.querySelector('.ag-center-cols-container .ag-row').offsetHeight"
    usual = settings.run(row)
    choose(settings, "Density", "Compact")
    settings.until(lambda: settings.run(row) < usual)


def test_settings_are_their_readers_own(settings):
    choose(settings, "Gain and loss", "Blue and orange")
    settings.sign_in("trader-vol")
    settings.open("/")
    assert settings.run(ROOT, "palette") == ""
    settings.sign_in("risk-manager")
    settings.open("/")
    assert settings.run(ROOT, "palette") == "blue-orange"

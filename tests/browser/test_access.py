"""An administrator at the browser: a grant, another reader's eyes with a banner and a way back, and the trail of it."""

import pytest

GRID = "audit-trail"


@pytest.fixture
def admin(seat):
    """The demo's administrator, after the trader of Rates has signed in once."""
    seat.driver.set_window_size(1600, 1000)
    seat.sign_in("trader-rates")
    seat.sign_in("admin")
    seat.browser.reset_log_timestamp()
    yield seat
    assert seat.browser.get_logs() == []


def fill(desk, field, text):
    box = desk.find(field)
    box.clear()
    box.send_keys(text)


def test_an_administrator_grants_sees_as_the_reader_comes_back_and_finds_it_in_the_trail(admin):
    admin.open("/positions#grants=all")
    fill(admin, "#grant-reader", "trader-rates")
    admin.click("#grant-what")
    fill(admin, ".dash-dropdown-search", "desk FX")
    admin.click(".dash-dropdown-option")
    fill(admin, "#grant-reason", "cover")
    admin.click("#grant-give")
    admin.until(lambda: "it counts from the next request on" in admin.text("#grants-said"))

    admin.open("/positions#see-as=reader")
    fill(admin, "#see-as-reader", "trader-rates")
    admin.click(".drawer form button[type=submit]")
    admin.until(lambda: "You see as Marek Dvorak" in admin.text(".seen-as"))
    admin.open("/positions")
    names = admin.names("positions-tree-by-instrument")
    assert ("Rates" in names, "Vol" in names) == (True, False)
    assert "Audit" not in admin.text("#navigation")
    admin.click(".seen-as button")
    admin.until(lambda: "Audit" in admin.text("#navigation"))

    admin.open("/audit")
    fill(admin, "#audit-event", "see_as_begun")
    admin.click(".audit-search button[type=submit]")
    admin.until(lambda: "event=see_as_begun" in admin.place)
    admin.settle()
    assert any("see_as_begun" in cell for row in admin.rows(GRID) for cell in row)
    assert "pass" in admin.text("#audit-chain")
    assert "cover" in admin.text("#audit-grants")

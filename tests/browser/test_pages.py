"""Every page in a real Chromium: each panel drawn, in both themes, at every width, with nothing on the console."""

import pytest

from app.view import discover

VIEWS = discover().values()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_page_draws_every_panel_in_both_themes(desk, view, theme):
    desk.run("localStorage.theme = arguments[0]", theme)
    desk.open(view.path)
    assert desk.run("return document.documentElement.dataset.theme") == theme
    for panel in view.panels:
        box = desk.run(
            "return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", f"#{panel.key}-body"
        )
        assert min(box["width"], box["height"]) > 60, panel.key
        assert desk.run("return !!document.querySelector(arguments[0])", f"#{panel.key} .figure:not(.problem)"), (
            panel.key
        )


@pytest.mark.parametrize("width", [400, 820, 1280, 1920, 3840])
def test_no_page_is_wider_than_its_window(desk, width):
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    desk.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for view in VIEWS:
            desk.open(view.path)
            assert desk.run("return document.documentElement.scrollWidth") <= width, view.name
    finally:
        desk.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_panels_fill_the_height_they_are_given(desk):
    for view in VIEWS:
        desk.open(view.path)
        bottom = desk.run(
            "return Math.max(...[...document.querySelectorAll('.panel')].map(p => p.getBoundingClientRect().bottom))"
        )
        assert bottom >= desk.run("return window.innerHeight") - 20, view.name


def test_nothing_moves_when_the_numbers_arrive(desk):
    desk.open("/")
    assert (
        desk.run(
            """return new Promise((done) => new PerformanceObserver((list) => done(
             list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
           .observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 300))"""
        )
        < 0.05
    )


def test_the_theme_switch_changes_page_and_charts_and_is_remembered(desk):
    desk.open("/")
    ink = "return document.querySelector('#overview-pnl-history .js-line').style.stroke"
    dark = desk.run(ink)
    desk.click("#theme-switch")
    desk.until(lambda: desk.run(ink) != dark)
    desk.settle()
    desk.open("/")
    assert desk.run("return document.documentElement.dataset.theme") == "light"
    assert desk.run(ink) != dark


def test_no_chart_offers_to_share_or_edit(desk):
    desk.open("/")
    assert desk.texts(".modebar-btn, .plotlyjsicon") == []


def test_the_navigation_opens_on_a_narrow_screen_and_closes_after_use(desk):
    size = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    desk.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        desk.open("/")
        assert not desk.find("#navigation").is_displayed()
        desk.click("#nav-switch")
        desk.until(lambda: desk.find("#navigation").is_displayed())
        desk.click("#navigation a[href='/pnl']")
        desk.until(lambda: desk.place == "/pnl")
        desk.until(lambda: not desk.find("#navigation").is_displayed())
    finally:
        desk.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_an_unknown_address_says_so_and_leaves_the_navigation(desk):
    desk.open("/nowhere")
    assert "no such page" in desk.text(".message")
    assert "Positions" in desk.text("#navigation")

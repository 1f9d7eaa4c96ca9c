"""Every page in a real Chromium: each panel drawn, in both themes, at every width, with nothing on the console."""

import pytest

from app.view import discover

VIEWS = discover().values()
READERS = {"risk_manager": "risk-manager", "trader": "trader-vol", "admin": "admin"}
WIDTHS = (400, 820, 1280, 1920, 3840)
DRAWN = """
    const figure = document.querySelector('#' + arguments[0] + ' .figure:not(.problem)');
    return figure && figure.clientWidth > 60 && figure.clientHeight > 60;
"""
BOTTOM = "return Math.max(...[...document.querySelectorAll('.panel')].map((p) => p.getBoundingClientRect().bottom))"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("role", ["risk_manager", "trader"])
def test_a_page_draws_every_panel_in_both_themes_for_whoever_reads_it(desk, view, role):
    desk.sign_in(READERS[role] if role in view.roles else READERS["admin"])
    desk.open(view.path)
    for theme in ("dark", "light"):
        assert desk.run("return document.documentElement.dataset.theme") == theme
        for panel in view.panels:
            assert desk.run(DRAWN, panel.key), (theme, panel.key)
        desk.click("#theme-switch")
        desk.settle()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_page_fits_every_width(desk, view):
    desk.sign_in(READERS["risk_manager" if "risk_manager" in view.roles else "admin"])
    desk.open(view.path)
    for width in WIDTHS:
        with desk.at(width):
            assert desk.run("return document.documentElement.scrollWidth") <= width
            if width > 820:
                assert desk.run(BOTTOM) >= desk.run("return window.innerHeight") - 20


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
    ink = "return document.querySelector('#overview-pnl-against-var .js-line').style.stroke"
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
    desk.open("/")
    with desk.at(400):
        assert not desk.find("#navigation").is_displayed()
        desk.click("#nav-switch")
        desk.until(lambda: desk.find("#navigation").is_displayed())
        desk.click("#navigation a[href='/pnl']")
        desk.until(lambda: desk.place == "/pnl")
        desk.until(lambda: not desk.find("#navigation").is_displayed())
        desk.settle()


def test_an_unknown_address_says_so_and_leaves_the_navigation(desk):
    desk.open("/nowhere")
    assert "no such page" in desk.text(".message")
    assert "Positions" in desk.text("#navigation")

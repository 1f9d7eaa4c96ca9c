"""The drawer beside the page: what a panel means, what a coverage hides, and that it is shut unless asked."""

import json
from dataclasses import replace

import pytest

from app.filters import Filters
from app.screen.drawer import coverage_page
from app.table import Coverage
from data.store import Store
from tests.app.test_screen import BOOKS, TREE, Browser
from tests.ledger import FIRM, Ledger


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    yield Browser(ledger.answers, store)
    store.close()
    ledger.warehouse.close()


def test_the_drawer_states_the_conventions_that_a_number_rests_on(browser):
    def said(key, search):
        return json.dumps(browser.ask("drawer.children", url__hash=f"#explain={key}", url__search=search))

    shown = said("var-summary", "?confidence=0.975")
    for part in ("VaR 97.5%", "ES 97.5%", "500 days", "weibull"):
        assert shown.count(f'"{part}"') == 1
    assert "confidence 0.975" not in shown
    assert "weibull" not in said(TREE, "")


def test_the_drawer_explains_a_panel_in_full(browser):
    found = browser.ask("drawer.children", url__hash=f"#explain={TREE}", url__search="?desk=Cash")
    shown = json.dumps(found)
    about = browser.answers.table(TREE, Filters(desk="Cash"), FIRM).about
    for part in ("Positions", "desk Cash", "2022-01-04", f"snapshot {about.snapshot}", "sha256", "1 of 1"):
        assert part in shown
    for name, convention in about.conventions:
        assert json.dumps(name)[1:-1] in shown
        assert json.dumps(convention)[1:-1] in shown


def test_the_drawer_gives_the_reasons_of_the_coverage(browser):
    shown = json.dumps(browser.ask("drawer.children", url__hash="#coverage=reasons", url__search=""))
    assert "2 of 2" in shown
    assert "priced by an earlier day" in shown


def test_the_drawer_names_what_has_no_price_of_its_day():
    holes = {"priced by an earlier day": ("BUND",), "no price": tuple(f"N{number:02}" for number in range(14))}
    shown = "".join(map(str, coverage_page(Coverage(16, 2, 1, (("no price", 14),)), "2022-01-04", 0, holes)))
    assert "'BUND'" in shown
    assert "N10, N11, and 2 more" in shown
    assert "N12" not in shown


@pytest.mark.parametrize("fragment", ["", "#expand=pnl-history"])
def test_the_drawer_is_shut_unless_asked(browser, fragment):
    assert browser.ask("drawer.children", url__hash=fragment, url__search="")["drawer"]["children"] == []


def test_the_drawer_of_a_panel_that_is_not_there_says_so(browser):
    shown = json.dumps(browser.ask("drawer.children", url__hash="#explain=nothing", url__search=""))
    assert "There is no such panel" in shown


@pytest.mark.parametrize(
    ("fragment", "again"), [(f"#explain={TREE}", True), ("#coverage=reasons", True), ("#views=mine", False)]
)
def test_numbers_are_explained_anew_after_a_load_and_what_is_typed_into_a_form_stays(browser, fragment, again):
    asked = {"url__hash": fragment, "url__search": "?desk=Cash", "version__data": "1"}
    first = browser.ask("drawer.children", **asked)["drawer"]
    assert first["children"]
    asked["drawer__data-drawn"] = first["data-drawn"]
    assert browser.ask("drawer.children", **asked) == {}
    assert bool(browser.ask("drawer.children", **{**asked, "version__data": "2"})) is again
    assert browser.ask("drawer.children", **{**asked, "url__search": ""})


def test_a_form_is_drawn_anew_for_other_rights_and_cleared_of_what_they_do_not_open(browser):
    browser.reader = replace(FIRM, roles=frozenset({"admin"}))
    asked = {"url__hash": "#grants=all", "url__search": "", "version__data": "1"}
    first = browser.ask("drawer.children", **asked)["drawer"]
    assert "Grants" in json.dumps(first["children"])
    browser.reader = FIRM
    left = browser.ask("drawer.children", **{**asked, "drawer__data-drawn": first["data-drawn"]})["drawer"]
    assert "may not grant access" in json.dumps(left["children"])

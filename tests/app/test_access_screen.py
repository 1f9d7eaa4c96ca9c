"""Grants and seeing-as on screen: the drawer's pages for administrators, the banner, the search of the trail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import g, session

from app.figures.plain import plain
from app.screen import audit, grants, seeing
from app.screen.seeing import banner, links
from auth.access import Wish
from auth.stepup import StepUp
from auth.stepup import install as install_stepup
from data.scope import ROLES, Scope
from data.store import Store, utc_now
from tests.app.test_screen import BOOKS, Browser
from tests.drawings import components, only
from tests.ledger import FIRM, Ledger

ADA = Scope("ada", "Ada", frozenset({"admin"}), firm=True)
TOM = Scope("tom", "Tom", frozenset({"trader"}), frozenset({"Cash"}))
FORM = {
    "grant-reader__value": "tom",
    "grant-effect__value": "allow",
    "grant-what__value": "desk Europe",
    "grant-until__value": "",
    "grant-reason__value": "cover",
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    browser = Browser(ledger.answers, store)
    server = browser.app.server
    server.secret_key = "of a test"  # noqa: S105 a test's
    install_stepup(server, StepUp(utc_now, timedelta(minutes=15)))
    browser.signed_in = utc_now()

    def fresh():
        session.update({"sub": "ada", "auth_time": browser.signed_in.timestamp()})
        g.reader = browser.reader

    server.before_request(fresh)
    yield browser
    store.close()
    ledger.warehouse.close()


@pytest.fixture(autouse=True)
def as_admin(browser):
    browser.reader, browser.signed_in = ADA, utc_now()


def drawer(browser, fragment):
    return str(browser.ask("drawer.children", url__hash=fragment, url__search=""))


def give(browser, **other):
    return browser.ask("grants-list.children", **{"grant-give__n_clicks": 1, **FORM, **other})


def test_an_administrator_finds_readers_roles_desks_books_and_entities(browser):
    shown = drawer(browser, "#grants=all")
    for name in ("role auditor", "desk Europe", "book EQ1", "legal_entity Parapet Ltd", "Nothing is granted"):
        assert name in shown


def test_a_grant_is_made_with_a_reason_and_stands_in_the_list(browser):
    done = give(browser)
    assert done["grants-said"]["children"] == "Done; it counts from the next request on."
    assert "allow desk Europe" in str(done["grants-list"])
    assert browser.own.access.given("tom")
    assert give(browser)["grants-said"]["children"] == "This stands already."


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"grant-reason__value": ""}, "Reason has 1 to 200"),
        ({"grant-what__value": None}, "'' is no kind"),
        ({"grant-until__value": "soon"}, "The last day is no date"),
        ({"grant-reader__value": "ada"}, "another administrator"),
        ({"grant-reader__value": ""}, "Reader has 1 to 200"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_beside_the_form(browser, other, said):
    assert said.lower() in give(browser, **other)["grants-problem"]["children"].lower()


def test_whoever_signed_in_long_ago_signs_in_again_first(browser):
    browser.signed_in = datetime(2020, 1, 1, tzinfo=UTC)
    problem = give(browser, **{"grant-reader__value": "zoe"})["grants-problem"]["children"]
    assert problem["props"]["href"].startswith("/login?fresh=1")
    assert not browser.own.access.given("zoe")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_everybody_else_is_told_that_it_is_not_open(browser, role):
    browser.reader = Scope("x", "X", frozenset({role}), firm=True)
    for fragment in ("#grants=all", "#see-as=reader"):
        assert "Not open to you" in drawer(browser, fragment) or "may not" in drawer(browser, fragment)
    assert "may not grant access" in give(browser)["grants-problem"]["children"]
    assert links(browser.reader) == []


def test_a_grant_is_told_with_its_first_and_last_day(browser):
    tomorrow, last = (datetime.now(UTC).date() + timedelta(days=days) for days in (1, 9))
    browser.own.access.give(ADA, [Wish("tom", "book", "EQ2", "deny", "x", tomorrow, last)], browser.answers.names(ADA))
    assert f"to come from {tomorrow} until {last}" in drawer(browser, "#grants=all")


def test_what_was_revoked_has_no_button_any_more(browser):
    browser.own.access.give(ADA, [], {})
    for grant in browser.own.access.all():
        if grant.revoked_at is None:
            browser.own.access.revoke(ADA, grant.grant_id, "over")
    lines = grants.listed(browser.own.access.all())
    assert not list(components(plain(lines), "Button"))
    assert "revoked" in str(lines)


def test_the_menu_of_an_administrator_leads_to_both(browser):
    assert [link.href for link in links(ADA)] == ["#grants=all", "#see-as=reader"]
    assert "reader" in drawer(browser, "#see-as=reader")


def test_the_banner_says_who_is_seen_and_leads_back_and_is_not_there_otherwise(browser):
    assert banner(browser.app, ADA) == []
    (shown,) = banner(browser.app, replace(TOM, seen_by="ada"))
    assert "You see as Tom" in str(shown)
    form = only(plain(shown), "Form")
    assert (form["action"], form["method"]) == ("/see-as/end", "post")
    browser.reader = replace(TOM, seen_by="ada")
    assert "You see as Tom" in str(browser.ask("seen-as.children", url__pathname="/", version__data="1"))
    assert seeing.place().id == "seen-as"


def test_while_seeing_as_another_the_panels_are_that_readers(browser):
    browser.reader = replace(TOM, seen_by="ada")
    tree = str(browser.answers.table("positions-tree-by-instrument", audit.Filters(), browser.reader).frame)
    assert "EQ1" in tree
    assert "EQ2" not in tree
    browser.reader = FIRM


def test_the_search_holds_what_the_address_says(browser):
    form = audit.search(browser.app, "who=tom&since=2026-01-31&event=denied")
    fields = str(form)
    assert (form.action, form.method) == ("/audit", "get")
    assert "value='tom'" in fields
    assert "value='2026-01-31'" in fields
    assert "value='tom'" not in str(audit.search(browser.app, "since=never&who=tom"))

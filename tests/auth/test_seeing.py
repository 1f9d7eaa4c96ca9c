"""Seeing as another reader, and grants that bite at the next request: through the guard, over a real login.

| who        | asks for          | gets                                              |
|------------|-------------------|---------------------------------------------------|
| admin      | the trader's view | the trader's rows and roles, none of his own       |
| admin      | another admin     | refused                                           |
| trader     | anybody           | refused                                           |
"""

import pytest

from auth.access import Access, Wish
from data.scope import OPERATOR

NAMES = {"desk": {"Vol", "FX"}, "book": {"VOL-TAIL"}}


@pytest.fixture
def post(site):
    def send(browser, path, **form):
        return browser.post(f"{site.url}{path}", data=form, headers={"Origin": site.url}, allow_redirects=False)

    return send


@pytest.fixture
def admin(sign_in):
    """An administrator, after a trader and another administrator have signed in."""
    sign_in("trader-vol")
    sign_in("admin-deputy")
    return sign_in("admin")


@pytest.fixture
def given(site):
    """A function that grants to a reader what counts from the next request on."""

    def give(reader, kind, value, effect):
        Access(site.store, site.clock).give(OPERATOR, [Wish(reader, kind, value, effect, "a test")], NAMES)

    return give


def seen(site, browser):
    answer = browser.get(f"{site.url}/positions")
    return answer.json()


def events(site, *names):
    return [(row["event"], row["reader"], row.get("seen_as")) for row in site.rows() if row["event"] in names]


def test_an_administrator_sees_what_the_reader_sees_and_nothing_of_his_own(site, admin, post):
    assert post(admin, "/see-as", reader="trader-vol").status_code == 302
    assert seen(site, admin) == {"reader": "trader-vol", "desks": ["Vol"], "firm": False, "roles": ["trader"]}


def test_it_begins_and_ends_in_the_trail_and_every_request_between_names_both(site, admin, post):
    post(admin, "/see-as", reader="trader-vol")
    seen(site, admin)
    assert post(admin, "/see-as/end").status_code == 302
    assert seen(site, admin)["reader"] == "admin"
    names = ("see_as_begun", "seen_as", "see_as_ended")
    assert {row[1:] for row in events(site, *names)} == {("admin", "trader-vol")}
    assert [row["event"] for row in site.rows() if row["event"] in names] == [
        *("see_as_begun", "seen_as", "seen_as", "see_as_ended")
    ]
    assert [row["path"] for row in site.rows("seen_as")] == ["/positions", "/see-as/end"]


@pytest.mark.parametrize("reader", ["admin", "admin-deputy", "nobody-known", ""])
def test_nobody_sees_as_an_administrator_a_stranger_or_himself(site, admin, post, reader):
    assert post(admin, "/see-as", reader=reader).status_code == 403
    assert seen(site, admin)["reader"] == "admin"
    assert site.rows("denied")[-1]["reader"] == "admin"


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("user", ["trader-vol", "risk-manager", "auditor", "viewer"])
def test_only_administrators_see_as_others(site, sign_in, post, user):
    other = sign_in(user)
    assert post(other, "/see-as", reader="trader-vol").status_code == 403
    assert seen(site, other)["reader"] == user


def test_it_is_over_with_the_session(site, admin, post, sign_in):
    post(admin, "/see-as", reader="trader-vol")
    sign_in("admin", path="/login", within=admin)
    assert seen(site, admin)["reader"] == "admin"


def test_it_is_over_once_the_reader_becomes_an_administrator_or_the_administrator_ceases_to_be_one(
    site, admin, post, given
):
    post(admin, "/see-as", reader="trader-vol")
    given("trader-vol", "role", "admin", "allow")
    assert seen(site, admin)["reader"] == "admin"
    assert site.rows("see_as_ended")[-1]["reason"] == "nobody sees as an administrator"


def test_another_site_cannot_begin_it(site, admin):
    forged = admin.post(f"{site.url}/see-as", data={"reader": "trader-vol"}, headers={"Origin": "http://evil.example"})
    assert forged.status_code == 403
    assert seen(site, admin)["reader"] == "admin"


def test_it_needs_a_recent_login(site, admin, post, clock):
    clock.advance(minutes=30)
    assert post(admin, "/see-as", reader="trader-vol").status_code == 403
    assert seen(site, admin)["reader"] == "admin"


# Grants


def test_a_grant_and_its_end_bite_at_the_next_request(site, sign_in, given):
    vera = sign_in("trader-vol")
    given("trader-vol", "desk", "FX", "allow")
    assert seen(site, vera)["desks"] == ["FX", "Vol"]
    given("trader-vol", "desk", "Vol", "deny")
    assert seen(site, vera)["desks"] == ["FX"]
    given("trader-vol", "desk", "FX", "deny")
    assert vera.get(f"{site.url}/positions").status_code == 403


def test_a_denied_role_closes_the_app_at_once(site, sign_in, given):
    rita = sign_in("risk-manager")
    assert seen(site, rita)["firm"]
    given("risk-manager", "desk", "FX", "deny")
    assert not seen(site, rita)["firm"]
    given("risk-manager", "role", "risk_manager", "deny")
    assert rita.get(f"{site.url}/positions").status_code == 403

"""Signing in, over real HTTP, with the demo's login server in a process of its own."""

import codecs
import json
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from sqlalchemy import select

from auth.oidc import safe_target
from data.store import session

HTML = {"Accept": "text/html"}
COOKIE = "parapet_session"
EVIL = (Path(__file__).with_name("redirects.txt")).read_text(encoding="utf-8").splitlines()
EVIL = [codecs.decode(line, "unicode_escape") for line in EVIL if line and not line.startswith("#")]
ODD = ["", "/" + "a" * 3000, "/logout", "/login?next=/", "/callback?code=x", "/callback/second", "/backchannel-logout"]


def callback_of(site, browser, user="trader-vol"):
    """A browser in the middle of a login: where the login server sends it, not yet followed."""
    picker = browser.get(f"{site.url}/", headers=HTML)
    return browser.post(picker.url, data={"user": user}, allow_redirects=False).headers["Location"]


@pytest.mark.parametrize(
    ("user", "desks"),
    [
        ("trader-index-arb", ["Index Arb"]),
        ("trader-long-short", ["Long/Short"]),
        ("trader-vol", ["Vol"]),
        ("trader-rates", ["Rates"]),
        ("trader-fx", ["FX"]),
    ],
)
def test_a_trader_enters_with_the_desk_of_the_groups_claim(site, sign_in, user, desks):
    seen = sign_in(user).get(f"{site.url}/positions").json()
    assert seen == {"reader": user, "roles": ["trader"], "desks": desks, "firm": False}


@pytest.mark.parametrize(("user", "role"), [("risk-manager", "risk_manager"), ("admin", "admin")])
def test_a_risk_manager_and_an_admin_enter_with_the_firm(site, sign_in, user, role):
    seen = sign_in(user).get(f"{site.url}/positions").json()
    assert seen == {"reader": user, "roles": [role], "desks": [], "firm": True}


def test_a_deep_link_survives_the_login(site, browser):
    reader = browser()
    picker = reader.get(f"{site.url}/positions?desk=Long%2FShort&as_of=2022-12-28", headers=HTML)
    arrived = reader.post(picker.url, data={"user": "admin"})
    assert arrived.url == f"{site.url}/positions?desk=Long%2FShort&as_of=2022-12-28"


def test_the_login_request_carries_pkce_state_and_nonce(site, browser):
    sent = browser().get(f"{site.url}/login", allow_redirects=False).headers["Location"]
    query = parse_qs(urlsplit(sent).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert all(len(query[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_the_cookie_is_a_random_id_that_the_store_does_not_know(site, sign_in):
    value = sign_in().cookies[COOKIE]
    assert len(value) == 43
    with site.store.engine.connect() as connection:
        rows = connection.execute(select(session)).mappings().all()
    assert [row["sub"] for row in rows] == ["trader-vol"]
    assert value not in str([dict(row) for row in rows])


def test_the_demos_login_server_says_when_the_reader_was_picked(site, sign_in):
    sign_in()
    with site.store.engine.connect() as connection:
        kept = json.loads(connection.execute(select(session.c.data)).scalar_one())
    assert abs(kept["auth_time"] - site.clock().timestamp()) < 60


def test_cancelling_at_the_login_server_signs_nobody_in(site, browser):
    reader = browser()
    picker = reader.get(f"{site.url}/", headers=HTML)
    refused = reader.post(picker.url, data={"user": ""})
    assert refused.status_code == 400
    assert "did not complete" in refused.text
    assert [row["event"] for row in site.rows()] == ["denied"]


@pytest.mark.attack(1)
@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=unknown", "?state="])
def test_a_callback_without_a_state_of_ours_is_refused(site, browser, query):
    reader = browser()
    reader.get(f"{site.url}/login", allow_redirects=False)
    iss = f"{'&' if query else '?'}iss={quote(site.app.config['issuer'], safe='')}"
    refused = reader.get(f"{site.url}/callback{query}{iss}")
    assert refused.status_code == 400
    assert "(state)" in refused.text
    assert len(site.rows("denied")) == 1


@pytest.mark.attack(1)
def test_a_callback_with_another_browsers_state_is_refused(site, browser):
    victim, attacker = browser(), browser()
    victim.get(f"{site.url}/login", allow_redirects=False)
    refused = victim.get(callback_of(site, attacker))
    assert refused.status_code == 400
    assert victim.get(f"{site.url}/").status_code == 401


@pytest.mark.attack(2)
def test_a_replayed_callback_with_the_cookie_from_before_login_is_refused(site, browser):
    reader = browser()
    url = callback_of(site, reader)
    before = reader.cookies[COOKIE]
    assert reader.get(url).status_code == 200
    replayed = requests.get(url, cookies={COOKIE: before}, timeout=5)
    assert replayed.status_code == 400
    assert COOKIE not in replayed.cookies


def test_a_login_begun_too_long_ago_is_refused(site, browser):
    reader = browser()
    url = callback_of(site, reader)
    site.clock.advance(minutes=16)
    assert reader.get(url).status_code == 400


def test_a_login_begun_too_long_ago_by_a_signed_in_reader_is_refused(site, sign_in):
    reader = sign_in()
    picker = reader.get(f"{site.url}/login")
    url = reader.post(picker.url, data={"user": "admin"}, allow_redirects=False).headers["Location"]
    site.clock.advance(minutes=16)
    assert reader.get(url).status_code == 400
    assert reader.get(f"{site.url}/").json()["reader"] == "trader-vol"


@pytest.mark.attack(10)
@pytest.mark.parametrize("iss", [None, "https://evil.example"])
def test_a_callback_from_another_issuer_is_refused(site, browser, iss):
    reader = browser()
    url, _, _ = callback_of(site, reader).rpartition("&iss=")
    refused = reader.get(url + (f"&iss={quote(iss, safe='')}" if iss else ""))
    assert refused.status_code == 400
    assert "(iss)" in refused.text
    assert reader.get(f"{site.url}/").status_code == 401


@pytest.mark.parametrize("target", EVIL + ODD)
def test_a_target_that_is_no_page_of_ours_is_never_kept(target):
    assert safe_target(target) == "/"


@pytest.mark.attack(17)
def test_a_login_never_leads_to_another_host_and_each_try_leaves_a_row(site):
    for target in EVIL:
        client = site.app.test_client()
        sent = client.get("/login", query_string={"next": target}, base_url=site.url)
        assert sent.headers["Location"].startswith(site.app.config["issuer"])
        with client.session_transaction(base_url=site.url) as begun:
            assert [each["data"]["next"] for each in begun.values()] == ["/"]
    assert len(site.rows("denied")) == len(EVIL) >= 60
    assert {row["reason"] for row in site.rows()} == {"login: the address to go on to is no page of this app (next)"}


def test_a_login_ends_where_it_was_begun_for_and_not_where_the_callback_says(site, browser):
    reader = browser()
    picker = reader.get(f"{site.url}/login?next=//evil.example")
    url = reader.post(picker.url, data={"user": "admin"}, allow_redirects=False).headers["Location"]
    back = reader.get(f"{url}&next=//evil.example", allow_redirects=False)
    assert back.headers["Location"] == "/"


@pytest.mark.parametrize("target", ["/", "/positions", "/positions?desk=Long%2FShort", "/pnl?book=A%20B&scale=m"])
def test_pages_of_our_own_are_kept_as_targets(target):
    assert safe_target(target) == target


def test_another_name_of_this_machine_is_led_to_the_apps_own(site, browser):
    port = urlsplit(site.url).port
    led = browser().get(f"http://127.0.0.1:{port}/login?next=/positions", allow_redirects=False)
    assert led.headers["Location"] == f"{site.url}/login?next=%2Fpositions"


def test_many_abandoned_logins_leave_a_small_session(site, browser):
    reader = browser()
    for _ in range(12):
        reader.get(f"{site.url}/login", allow_redirects=False)
    with site.store.engine.connect() as connection:
        (row,) = connection.execute(select(session)).mappings().all()
    assert row["data"].count("_state_") == 8


def test_each_login_and_logout_leaves_one_row(site, sign_in):
    reader = sign_in("trader-fx")
    reader.get(f"{site.url}/positions")
    reader.post(f"{site.url}/logout", headers={"Origin": site.url})
    rows = site.rows()
    assert [(row["event"], row["reader"], row["path"]) for row in rows] == [
        ("login", "trader-fx", "/callback"),
        ("logout", "trader-fx", "/logout"),
    ]
    assert rows[0]["desks"] == ["FX"]
    assert rows[0]["address"] == "127.0.0.1"
    assert rows[0]["at"] == site.clock.now

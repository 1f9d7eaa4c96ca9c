"""Step-up: what administers the app wants a login of the last minutes, by the login server's own word."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import g, jsonify

from auth.stepup import require_fresh
from data.scope import Scope

PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
NOW = object()


@pytest.fixture
def site(make_site, settings):
    site = make_site(settings)

    @site.app.route("/grants", methods=["GET", "POST"])
    def grants():
        require_fresh("change grants")
        return jsonify(done=True)

    return site


@pytest.fixture
def enter(site, liar):
    """Go through a login; `auth_time` is what the login server says of it."""

    def walk(client=None, auth_time=NOW, path="/login?next=/positions"):
        client = client or site.app.test_client()
        sent = client.get(path)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}
        liar.nonce = asked["nonce"]
        liar.claims = {"auth_time": int(site.clock().timestamp()) if auth_time is NOW else auth_time}
        return client, asked, client.get("/callback", query_string={"code": "c", "state": asked["state"]})

    return walk


def test_after_a_login_of_just_now_it_is_done(enter):
    client, *_ = enter()
    assert client.get("/grants").json == {"done": True}


def test_later_it_is_refused_with_what_to_do_and_a_row(site, enter):
    client, *_ = enter()
    site.clock.advance(minutes=15, seconds=1)
    refused = client.post(
        "/grants", headers={"Origin": "http://localhost", "Referer": "http://localhost/operations?a=1"}
    )
    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (403, "login_too_old")
    assert error["details"]["remedy"] == "/login?fresh=1&next=%2Foperations%3Fa%3D1"
    (row,) = site.rows("denied")
    assert (row["reader"], row["status"]) == ("u1", 403)
    assert "sign in again to change grants" in row["reason"]


def test_a_page_offers_the_way(site, enter):
    client, *_ = enter()
    site.clock.advance(minutes=20)
    refused = client.get("/grants", headers=PAGE)
    assert refused.status_code == 403
    assert 'href="/login?fresh=1&amp;next=%2Fgrants"' in refused.text


@pytest.mark.parametrize("told", [None, 0, True, 4_000_000_000, -1], ids=str)
def test_a_login_server_that_does_not_say_when_counts_as_long_ago(enter, told):
    client, *_ = enter(auth_time=told)
    assert client.get("/positions").status_code == 200
    assert client.get("/grants").status_code == 403


def test_a_login_of_this_morning_at_the_login_server_is_not_fresh_however_new_the_session(site, enter):
    client, *_ = enter(auth_time=int(site.clock().timestamp()) - 3600)
    assert client.get("/grants").status_code == 403


def test_signing_in_again_asks_the_reader_and_leads_back(site, enter):
    client, *_ = enter(auth_time=None)
    _, asked, back = enter(client, path="/login?fresh=1&next=/grants")
    assert (asked["prompt"], asked["max_age"], back.headers["Location"]) == ("login", "900", "/grants")
    assert client.get("/grants").json == {"done": True}
    assert [row["fresh"] for row in site.rows("login")] == [False, True]


@pytest.mark.parametrize("told", [None, 1_000_000_000])
def test_a_login_server_that_did_not_ask_again_is_not_believed(site, enter, told):
    client, *_ = enter(auth_time=None)
    *_, back = enter(client, auth_time=told, path="/login?fresh=1&next=/grants")
    assert back.status_code == 400
    assert "(auth_time)" in site.rows("denied")[0]["reason"]
    assert client.get("/positions").status_code == 200
    assert client.get("/grants").status_code == 403


@pytest.mark.parametrize("came_from", ["https://evil.example/x", "//evil.example", ""])
def test_the_way_back_is_never_another_host(site, enter, came_from):
    client, *_ = enter()
    site.clock.advance(minutes=20)
    refused = client.post("/grants", headers={"Origin": "http://localhost", "Referer": came_from})
    assert refused.json["error"]["details"]["remedy"] == "/login?fresh=1&next=%2F"


@pytest.mark.parametrize("asks", [{"reader": Scope("u2", "Eve")}, {"token": object()}], ids=["as another", "a program"])
def test_a_fresh_login_counts_for_its_own_reader_at_his_own_browser_alone(site, enter, asks):
    def other():
        for name, value in asks.items():
            setattr(g, name, value)

    site.app.before_request_funcs[None].append(other)
    client, *_ = enter()
    assert client.get("/positions").status_code == 200
    assert client.get("/grants").status_code == 403


def test_nobody_is_fresh_who_is_not_signed_in(site):
    assert site.app.test_client().get("/grants").status_code == 401

"""Renewal: groups older than an hour are read again without the reader, and nobody goes round in circles."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

HTML = {"Accept": "text/html"}
WEEK = timedelta(days=7)


@pytest.fixture
def make(make_site, settings):
    """A site whose sessions outlast every renewal, unless it is said otherwise."""
    return lambda **more: make_site(replace(settings, **{"idle": WEEK, "lifetime": WEEK} | more))


@pytest.fixture
def site(make):
    return make()


@pytest.fixture
def enter(liar):
    def walk(site):
        client = site.app.test_client()
        assert back(client, liar, client.get("/login?next=/positions")).status_code == 302
        return client

    return walk


def asked(sent):
    """What the app asks of the login server."""
    return {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}


def back(client, liar, sent, **said):
    """The login server's answer to what it was asked."""
    liar.nonce = asked(sent)["nonce"]
    return client.get("/callback", query_string={"state": asked(sent)["state"]} | (said or {"code": "c"}))


def opens(client, path="/positions", **headers):
    return client.get(path, headers=HTML | headers)


def test_a_page_opened_after_an_hour_goes_by_the_login_server_and_brings_new_groups(site, enter, liar):
    client = enter(site)
    site.clock.advance(minutes=60)
    sent = opens(client, "/positions?desk=FX")
    assert (asked(sent)["prompt"], sent.headers["Location"].startswith(f"{liar.url}/a?")) == ("none", True)
    liar.claims = {"groups": ["role:trader", "desk:FX"]}
    assert back(client, liar, sent).headers["Location"] == "/positions?desk=FX"
    assert opens(client).json["desks"] == ["FX"]
    (row,) = site.rows("renewal")
    assert (row["reader"], row["result"], row["desks"]) == ("u1", "renewed", ["FX"])


def test_whose_groups_are_all_gone_has_no_access_after_it(site, enter, liar):
    client = enter(site)
    site.clock.advance(minutes=60)
    liar.claims = {"groups": []}
    back(client, liar, opens(client))
    assert client.get("/positions").status_code == 403


@pytest.mark.parametrize(
    "ask",
    [
        {"path": "/positions", "headers": {"Accept": "application/json"}},
        {"path": "/export/positions.csv", "headers": HTML},
        {"path": "/_dash-layout", "headers": HTML},
        {"path": "/positions", "headers": HTML | {"Sec-Fetch-Mode": "cors"}},
        {"path": "/positions", "headers": HTML | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}},
        {"path": "/positions", "headers": HTML, "method": "HEAD"},
    ],
    ids=str,
)
def test_what_is_no_page_opened_by_a_reader_never_leads_away(site, enter, ask):
    client = enter(site)
    site.clock.advance(minutes=60)
    assert client.open(ask.pop("path"), **ask).status_code == 200


def test_a_reader_who_never_comes_back_from_it_is_not_sent_again_at_once(site, enter):
    client = enter(site)
    site.clock.advance(minutes=60)
    assert opens(client).status_code == 302
    assert [opens(client).status_code for _ in range(3)] == [200, 200, 200]
    site.clock.advance(minutes=2)
    assert opens(client).status_code == 302


@pytest.mark.parametrize("error", ["login_required", "interaction_required", "consent_required"])
def test_where_the_login_server_needs_the_reader_he_goes_on(site, enter, liar, error):
    client = enter(site)
    site.clock.advance(minutes=60)
    assert back(client, liar, opens(client), error=error).headers["Location"] == "/positions"
    assert opens(client).status_code == 200
    site.clock.advance(minutes=60)
    assert opens(client).status_code == 302
    assert site.rows("renewal")[0]["reason"] == error


def test_strictly_he_has_to_sign_in(make, enter, liar):
    site = make(strict=True)
    client = enter(site)
    site.clock.advance(minutes=60)
    back(client, liar, opens(client), error="login_required")
    assert opens(client).headers["Location"].startswith("/login?")
    assert site.rows("renewal")[0]["result"] == "ended"


def test_strictly_a_page_left_open_is_answered_no_more_after_twice_the_time(make, enter):
    site = make(strict=True)
    client = enter(site)
    site.clock.advance(minutes=119)
    assert client.get("/positions").status_code == 200
    site.clock.advance(minutes=1)
    refused = client.get("/positions")
    assert (refused.status_code, refused.json["error"]["code"]) == (401, "renewal_due")
    assert [row["reader"] for row in site.rows("denied")] == ["u1"]


@pytest.mark.attack(21)
def test_whom_the_login_server_lets_in_no_more_is_out(site, enter, liar):
    client = enter(site)
    site.clock.advance(minutes=60)
    assert back(client, liar, opens(client), error="access_denied").status_code == 400
    assert client.get("/positions").status_code == 401


def test_another_reader_at_the_login_server_ends_the_session(site, enter, liar):
    client = enter(site)
    site.clock.advance(minutes=60)
    liar.claims = {"sub": "u2"}
    assert back(client, liar, opens(client)).status_code == 400
    assert client.get("/positions").status_code == 401
    assert [row["event"] for row in site.rows()][1:] == ["denied", "denied"]


@pytest.mark.parametrize("moment", ["before", "meanwhile", "its own words"])
def test_while_the_login_server_is_down_readers_go_on_strictly_too(make, enter, liar, moment):
    site = make(strict=True)
    client = enter(site)
    site.clock.advance(minutes=61)
    liar.down = moment == "before"
    sent = opens(client)
    if moment == "meanwhile":
        liar.token_status = 500
        assert back(client, liar, sent).headers["Location"] == "/positions"
    elif moment == "its own words":
        assert back(client, liar, sent, error="temporarily_unavailable").headers["Location"] == "/positions"
    else:
        assert sent.status_code == 200
    liar.down, liar.token_status = False, 200
    assert opens(client).status_code == 200
    site.clock.advance(minutes=5)
    assert opens(client).status_code == 302


def test_without_renewal_nobody_is_sent_away(make, enter):
    site = make(renew=timedelta())
    client = enter(site)
    site.clock.advance(hours=24)
    assert opens(client).status_code == 200


def test_a_renewal_keeps_the_end_of_the_session(make, enter, liar):
    site = make(lifetime=timedelta(minutes=90))
    client = enter(site)
    site.clock.advance(minutes=60)
    back(client, liar, opens(client))
    site.clock.advance(minutes=31)
    assert client.get("/positions").status_code == 401

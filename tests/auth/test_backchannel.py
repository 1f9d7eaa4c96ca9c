"""Back-channel logout: a true token ends the sessions that it names at the next request, and no other token does."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from auth.backchannel import EVENT
from tests.auth.liar import OURS, SECRET

OTHERS = RSAKey.generate_key(2048, {"kid": "one"})
RS256 = {"alg": "RS256", "kid": "one", "typ": "logout+jwt"}


@pytest.fixture
def site(make_site, settings):
    return make_site(settings)


@pytest.fixture
def signed_in(site, arrive, liar):
    """Sign a reader in with a session of the login server; returns the browser."""

    def walk(sub="u1", sid="s1"):
        liar.claims = {"sub": sub, "sid": sid}
        client = site.app.test_client()
        assert arrive(client).status_code == 302
        assert client.get("/positions").status_code == 200
        return client

    return walk


@pytest.fixture
def send(site, liar):
    """Post a logout token, honest but for what is given; None leaves a claim out."""

    def post(header=RS256, key=OURS, **claims):
        now = int(time.time())
        honest = {"iss": liar.url, "aud": "parapet", "iat": now, "exp": now + 120, "jti": f"j{time.monotonic_ns()}"}
        honest |= {"sub": "u1", "sid": "s1", "events": {EVENT: {}}}
        told = {name: value for name, value in (honest | claims).items() if value is not None}
        token = jwt.encode(header, told, key, [header["alg"]])
        return site.app.test_client().post("/backchannel-logout", data={"logout_token": token})

    return post


def test_every_session_of_that_login_is_over_at_its_next_request_and_no_other(signed_in, send, site):
    one, two = signed_in(sid="s1"), signed_in(sid="s1")
    elsewhere, another = signed_in(sid="s2"), signed_in(sub="u2", sid="s3")
    answer = send()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert [client.get("/positions").status_code for client in (one, two, elsewhere, another)] == [401, 401, 200, 200]
    (row,) = site.rows("logout")
    assert (row["reader"], row["sessions"], row["by"]) == ("u1", 2, "the login server")


def test_without_a_session_id_the_reader_is_signed_out_everywhere(signed_in, send):
    mine, also, other = signed_in(sid="s1"), signed_in(sid="s2"), signed_in(sub="u2", sid="s3")
    assert send(sid=None).status_code == 200
    assert [client.get("/positions").status_code for client in (mine, also, other)] == [401, 401, 200]


NOW = int(time.time())
LIES = [
    ("signed by another", {"key": OTHERS}),
    ("signed with the client secret", {"header": {**RS256, "alg": "HS256"}, "key": OctKey.import_key(SECRET)}),
    ("an access token", {"header": {**RS256, "typ": "at+jwt"}}),
    ("for another app", {"aud": "other"}),
    ("for nobody", {"aud": None}),
    ("of another login server", {"iss": "https://evil.example"}),
    ("no event", {"events": None}),
    ("another event", {"events": {"http://schemas.openid.net/event/other": {}}}),
    ("an event that is no object", {"events": {EVENT: "yes"}}),
    ("an id_token, with its nonce", {"nonce": "n"}),
    ("no id of its own", {"jti": None}),
    ("of nobody", {"sub": None, "sid": None}),
    ("expired", {"exp": NOW - 60}),
    ("old", {"iat": NOW - 3600, "exp": NOW + 3600}),
    ("of the future", {"iat": NOW + 3600, "exp": NOW + 7200}),
    ("without its moment", {"iat": None}),
]


@pytest.mark.attack(16)
@pytest.mark.parametrize("lie", [lie for _, lie in LIES], ids=[name for name, _ in LIES])
def test_a_token_that_lies_ends_nothing_and_leaves_one_row(signed_in, send, site, lie):
    client = signed_in()
    answer = send(**lie)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert client.get("/positions").status_code == 200
    (row,) = site.rows("denied")
    assert "back-channel logout" in row["reason"]


@pytest.mark.attack(16)
def test_a_token_is_good_once(signed_in, send):
    assert send(jti="again").status_code == 200
    client = signed_in()
    assert send(jti="again").status_code == 400
    assert client.get("/positions").status_code == 200


@pytest.mark.parametrize("body", [{}, {"logout_token": ""}, {"logout_token": "a.b.c"}], ids=str)
def test_what_is_no_token_is_refused(site, body):
    assert site.app.test_client().post("/backchannel-logout", data=body).status_code == 400


def test_a_new_key_of_the_login_server_is_known_at_once(signed_in, send, liar, clock):
    client = signed_in()
    fresh = RSAKey.generate_key(2048, {"kid": "two"})
    liar.keys = [OURS, fresh]
    clock.advance(minutes=2)
    now = int(clock().timestamp())
    assert send(header={**RS256, "kid": "two"}, key=fresh, iat=now, exp=now + 60).status_code == 200
    assert client.get("/positions").status_code == 401


def test_while_the_login_server_does_not_answer_a_known_key_still_counts(signed_in, send, liar):
    client = signed_in()
    liar.down = True
    assert send().status_code == 200
    assert client.get("/positions").status_code == 401

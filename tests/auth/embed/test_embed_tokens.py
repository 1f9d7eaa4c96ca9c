"""A portal's token: right in everything, in time, signed by the portal, and good once."""

import base64
import hmac
import json

import pytest
from joserfc import jwt

from auth.portals import Portals
from tests.auth.embed.conftest import AUDIENCE, ISSUER, KEY, LOGIN, OTHER, OWN, PORTAL


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(algorithm, claims, secret=b""):
    """A token by another algorithm: none, or a hash with the public key as its secret."""
    text = ".".join(encoded(json.dumps(each).encode()) for each in ({"alg": algorithm, "typ": "embed+jwt"}, claims))
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256')) if secret else ''}"


@pytest.mark.attack(23)
@pytest.mark.parametrize(
    "changes",
    [
        {"key": OTHER},
        {"header": {"typ": None}},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "logout+jwt"}},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ["https://portal.example.com"]},
        {"aud": "http://localhost:1"},
        {"aud": [AUDIENCE, "https://other.example"]},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"jti": None},
        {"jti": ""},
        {"desks": "Vol"},
        {"desks": [1]},
        {"filters": ["Vol"]},
        {"filters": {"book": 1}},
        {"filters": {"nonsense": "x"}},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_in_everything_is_401_and_leaves_a_row(exchange, sign, audited, changes):
    if changes.get("header") == {"typ": None}:
        token = jwt.encode({"alg": "ES256"}, {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada"}, KEY)
    else:
        token = sign(**changes)
    assert exchange(token).status_code == 401
    ((_, told),) = audited()
    assert told["reason"].startswith("the token does not pass: ")
    assert audited("embed_opened") == []


@pytest.mark.attack(23)
@pytest.mark.parametrize(
    "times",
    [
        {"iat": 0, "exp": 121},
        {"iat": 0, "exp": 3600},
        {"iat": -120, "exp": 0},
        {"iat": -60, "exp": -1},
        {"iat": 31, "exp": 90},
        {"iat": 60, "exp": 30},
        {"iat": None, "exp": 60},
        {"iat": 0, "exp": None},
        {"iat": 0, "exp": 60, "nbf": 45},
    ],
    ids=str,
)
def test_a_token_out_of_time_is_401(exchange, sign, clock, audited, times):
    now = int(clock.now.timestamp())
    moved = {name: None if seconds is None else now + seconds for name, seconds in times.items()}
    assert exchange(sign(**moved)).status_code == 401
    assert audited()[0][1]["reason"] == "the token does not pass: iat or exp"


def test_a_token_may_last_two_minutes_and_come_from_a_clock_that_is_a_little_ahead(exchange, sign, clock):
    now = int(clock.now.timestamp())
    assert exchange(sign(exp=now + 120)).status_code == 200
    assert exchange(sign(iat=now + 29, exp=now + 140)).status_code == 200


@pytest.mark.attack(23)
def test_other_signatures_are_401(exchange, sign, clock, audited):
    now = int(clock.now.timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "page": "var", "jti": "x", "iat": now, "exp": now + 60}
    hashed = signed("HS256", claims, KEY.as_pem(private=False))
    forged = [signed("none", claims), hashed, f"{sign()[:-8]}AAAAAAAA", "a.b.c"]
    assert [exchange(token).status_code for token in forged] == [401] * 4
    assert len(audited()) == 4


@pytest.mark.attack(23)
def test_an_id_token_is_401(exchange, sign):
    assert exchange(sign(header={"typ": "JWT"}, aud="parapet", nonce="n")).status_code == 401


@pytest.mark.attack(23)
def test_a_token_is_good_once(exchange, sign, clock, audited):
    token = sign()
    assert exchange(token).status_code == 200
    assert exchange(token).status_code == 401
    assert audited() == [("ada", audited()[0][1])]
    assert "used before" in audited()[0][1]["reason"]
    clock.advance(seconds=59)
    assert exchange(token).status_code == 401


def test_while_one_key_replaces_another_both_are_good(exchange, sign, embeds):
    embeds.portals = Portals({"intranet": PORTAL.model_copy(update={"keys": (OTHER, *PORTAL.keys)})})
    assert [exchange(sign(key=key)).status_code for key in (KEY, OTHER)] == [200, 200]


@pytest.mark.parametrize(("claimed", "asked"), [("pnl", "var"), ("var", "pnl"), ("frtb", "frtb"), (None, "var")])
def test_a_token_is_for_one_page_that_the_portal_may_show(exchange, sign, audited, claimed, asked):
    assert exchange(sign(page=claimed), asked).status_code == 403
    assert audited()[0][0] == "ada"


@pytest.mark.parametrize("desks", [[], ["Rates"]])
def test_who_may_see_none_of_the_desks_gets_no_bearer(exchange, sign, audited, desks):
    assert exchange(sign(desks=desks)).status_code == 403
    assert audited()[0][1]["status"] == 403


def test_an_unknown_reader_is_told_to_sign_in_once(exchange, sign, audited):
    refused = exchange(sign(sub="nemo"))
    assert refused.status_code == 403
    assert "sign in once" in refused.json["error"]["message"]
    assert audited()[0][0] == "nemo"


def test_a_portal_may_name_readers_by_their_address(exchange, sign, embeds, readers, audited):
    by_mail = PORTAL.model_copy(update={"reader": "email", "match": "email"})
    embeds.portals = Portals({"intranet": by_mail})
    assert exchange(sign(sub="nemo", email="Ada@example.com")).status_code == 200
    assert audited("embed_opened")[0][0] == "ada"
    assert exchange(sign(email="")).status_code == 401
    assert exchange(sign(email="nemo@example.com")).status_code == 403
    readers.seen("ada2", "Ada", "ada@example.com", ["role:admin"])
    assert exchange(sign(email="ada@example.com")).status_code == 403


@pytest.mark.parametrize("body", [None, [], {}, {"token": 1, "page": "var"}, {"token": "x" * 9000, "page": "var"}])
def test_an_exchange_of_something_else_is_401(client, body):
    assert client.post("/embed/exchange", json=body, headers=OWN).status_code == 401


def test_who_fails_too_often_waits(exchange, sign, clock):
    assert {exchange("wrong").status_code for _ in range(LOGIN.token_failures)} == {401}
    assert exchange(sign()).status_code == 429
    clock.advance(seconds=61)
    assert exchange(sign()).status_code == 200

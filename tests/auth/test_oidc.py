"""A login server that lies: each lie ends in a 400, no session and one row in the audit trail."""

import base64
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc.jwk import OctKey, RSAKey

from tests.auth.liar import BEARER, NO_GROUPS, OURS, SECRET, sessions_of_readers

OTHERS = RSAKey.generate_key(2048, {"kid": "one"})
PUBLIC = base64.b64encode(OURS.as_der(private=False))
HS256 = {"alg": "HS256", "kid": "one"}
BACKCHANNEL = "http://schemas.openid.net/event/backchannel-logout"
NOW = int(time.time())
HTML = {"Accept": "text/html"}


@pytest.fixture
def site(make_site, settings):
    return make_site(settings)


def test_an_honest_login_succeeds(site, arrive):
    client = site.app.test_client()
    assert arrive(client).headers["Location"] == "/positions"
    assert client.get("/positions").json["desks"] == ["Vol"]


def cases(marks, *told):
    """Lies of one kind: what each is called, what the login server does, and what the audit trail says of it."""
    return [pytest.param(lie, reason, id=name, marks=marks) for name, lie, reason in told]


LIES = [
    *cases(
        pytest.mark.attack(3),
        ("another nonce", {"claims": {"nonce": "of another login"}}, "claim: 'nonce'"),
        ("no nonce", {"claims": {"nonce": None}}, "Missing claim: 'nonce'"),
    ),
    *cases(
        pytest.mark.attack(4),
        ("for another app, through us", {"claims": {"aud": "other", "azp": "parapet"}}, "claim: 'aud'"),
        ("for another app", {"claims": {"aud": "other"}}, "claim: 'aud'"),
        ("for two apps, the other named", {"claims": {"aud": ["parapet", "other"], "azp": "other"}}, "claim: 'azp'"),
        ("for two apps, none named", {"claims": {"aud": ["parapet", "other"]}}, "claim: 'azp'"),
        ("for nobody", {"claims": {"aud": None}}, "Missing claim: 'aud'"),
    ),
    *cases(
        pytest.mark.attack(5),
        ("not signed", {"header": {"alg": "none"}}, "'none' is not allowed"),
    ),
    *cases(
        pytest.mark.attack(6),
        (
            "signed with the client secret",
            {"header": HS256, "key": OctKey.import_key(SECRET)},
            "'HS256' is not allowed",
        ),
        ("signed with the public key", {"header": HS256, "key": OctKey.import_key(PUBLIC)}, "'HS256' is not allowed"),
        ("signed with another key of that name", {"key": OTHERS}, "bad_signature"),
        ("signed with an unknown key", {"header": {"alg": "RS256", "kid": "two"}, "key": OTHERS}, "No key for kid"),
    ),
    *cases(
        pytest.mark.attack(7),
        ("no id_token", {"answer": BEARER}, "no id_token"),
        ("an empty id_token", {"answer": BEARER | {"id_token": ""}}, "decode_error"),
        ("no token", {"answer": BEARER | {"id_token": "nonsense"}}, "decode_error"),
        ("a number", {"answer": BEARER | {"id_token": 7}}, "decode_error"),
        ("not even an object", {"answer": ["id_token"]}, "not a JSON object"),
        ("an error", {"answer": {"error": "invalid_grant"}, "token_status": 400}, "invalid_grant"),
    ),
    *cases(
        pytest.mark.attack(9),
        ("expired", {"claims": {"exp": NOW - 31}}, "expired"),
        ("issued in the future", {"claims": {"iat": NOW + 86_400}}, "in the future"),
        ("not yet valid", {"claims": {"nbf": NOW + 86_400}}, "not yet valid"),
        ("never expires", {"claims": {"exp": None}}, "Missing claim: 'exp'"),
    ),
    *cases(
        pytest.mark.attack(11),
        (
            "another reader's userinfo",
            {"claims": NO_GROUPS, "person": {"sub": "u2", "groups": ["role:admin"]}},
            "(sub)",
        ),
        ("nobody's userinfo", {"claims": NO_GROUPS, "person": {"groups": ["role:admin"]}}, "(sub)"),
        ("no object for userinfo", {"claims": NO_GROUPS, "person": ["role:admin"]}, "cannot be read"),
    ),
    *cases(
        (),
        ("another issuer", {"claims": {"iss": "https://evil.example"}}, "claim: 'iss'"),
        ("no issuer", {"claims": {"iss": None}}, "Missing claim: 'iss'"),
        ("nobody", {"claims": {"sub": ""}}, "names no reader"),
        ("no sub", {"claims": {"sub": None}}, "Missing claim: 'sub'"),
        ("a number for a sub", {"claims": {"sub": 7}}, "'sub' must be"),
        ("a logout token", {"claims": {"events": {BACKCHANNEL: {}}}}, "logout token"),
        ("another access token", {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "claim: 'at_hash'"),
    ),
]


@pytest.mark.parametrize(("lie", "reason"), LIES)
def test_a_lie_of_the_login_server_opens_nothing(site, arrive, liar, lie, reason):
    for name, value in lie.items():
        setattr(liar, name, value)
    client = site.app.test_client()
    refused = arrive(client)
    assert refused.status_code == 400, refused.text
    assert "did not complete" in refused.text
    assert sessions_of_readers(site) == 0
    assert client.get("/positions").status_code == 401
    at_the_callback, afterwards = site.rows("denied")
    assert reason in at_the_callback["reason"]
    assert afterwards["reason"].startswith("sign in first")


def test_a_clock_that_differs_by_half_a_minute_is_forgiven(arrive, liar):
    now = int(time.time())
    liar.claims = {"iat": now + 25, "nbf": now + 25, "exp": now - 20}
    assert arrive().status_code == 302


@pytest.mark.attack(3)
def test_the_nonce_of_an_older_login_is_refused(site, arrive, liar):
    arrive(site.app.test_client())
    assert arrive(site.app.test_client(), nonce=liar.nonce).status_code == 400


@pytest.mark.attack(8)
def test_a_login_server_of_another_name_disables_the_login(site, liar):
    liar.document = {"issuer": "https://evil.example"}
    refused = site.app.test_client().get("/login")
    assert refused.status_code == 503
    assert "another name" in refused.text
    assert sessions_of_readers(site) == 0
    assert [row["status"] for row in site.rows("denied")] == [503]


@pytest.mark.parametrize(
    ("advertised", "iss", "status"),
    [(None, {}, 302), (True, {}, 400), (None, {"iss": "https://evil.example"}, 400), (True, {"iss": ""}, 400)],
)
def test_the_iss_parameter_must_be_right_and_be_there_where_advertised(arrive, liar, advertised, iss, status):
    liar.document = {"authorization_response_iss_parameter_supported": advertised}
    assert arrive(**iss).status_code == status


@pytest.mark.attack(12)
def test_a_key_taken_back_signs_nobody_in_after_an_hour(site, arrive, liar, clock):
    assert arrive().status_code == 302
    liar.keys = [RSAKey.generate_key(2048, {"kid": "two"})]
    clock.advance(minutes=61)
    assert arrive().status_code == 400
    assert "No key" in site.rows("denied")[0]["reason"]


def test_a_new_key_under_the_old_name_is_known_after_an_hour(arrive, liar, clock):
    assert arrive().status_code == 302
    liar.keys, liar.key = [OTHERS], OTHERS
    assert arrive().status_code == 400
    clock.advance(minutes=61)
    assert arrive().status_code == 302


def test_a_new_key_under_a_new_name_is_known_at_once(arrive, liar):
    assert arrive().status_code == 302
    fresh = RSAKey.generate_key(2048, {"kid": "three"})
    liar.keys, liar.key, liar.header = [OURS, fresh], fresh, {"alg": "RS256", "kid": "three"}
    assert arrive().status_code == 302


def test_groups_may_come_from_userinfo_alone(site, arrive, liar):
    liar.claims = {"groups": None, "name": None}
    liar.person = {"sub": "u1", "name": "Ada L.", "groups": ["role:risk_manager"], "iss": "https://evil.example"}
    client = site.app.test_client()
    assert arrive(client).status_code == 302
    assert client.get("/positions").json["firm"] is True
    assert site.rows("login")[0]["name"] == "Ada L."


@pytest.mark.parametrize(
    ("groups", "missing"), [([], "role:trader"), (["staff"], "role:admin"), (["role:trader"], "desk:&lt;desk&gt;")]
)
def test_a_reader_without_a_role_or_desk_is_told_what_is_missing(site, arrive, liar, groups, missing):
    liar.claims = {"groups": groups}
    client = site.app.test_client()
    assert arrive(client).status_code == 302
    page = client.get("/positions", headers=HTML)
    assert page.status_code == 403
    assert missing in page.text
    assert client.get("/positions").json["error"]["message"].startswith("the account lacks")
    assert [row["reader"] for row in site.rows("denied")] == ["u1", "u1"]


def test_what_the_login_server_says_is_shown_as_text(arrive, liar):
    liar.claims = {"name": "<script>alert(1)</script>", "groups": []}
    assert "<script>" not in arrive(error="x", error_description="<script>alert(2)</script>").text


def test_over_tls_the_cookie_is_bound_to_the_host(make_site, settings, liar):
    site = make_site(replace(settings, base_url="https://parapet.example", idle=timedelta(minutes=5)))
    answer = site.app.test_client().get("/login", base_url="https://parapet.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-parapet=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(cookie.split("; ")[1:])
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "https%3A%2F%2Fparapet.example%2Fcallback" in answer.headers["Location"]
    assert liar.url in answer.headers["Location"]

"""A login server that lies: each lie ends in a 400, no session and one row in the audit trail."""

import base64
import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, jsonify
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from auth.oidc import LoginSettings
from auth.provider import Provider, ProviderDownError
from data.store import session

SECRET = "the client secret of the hostile login server"  # noqa: S105 a test's
OURS = RSAKey.generate_key(2048, {"kid": "one"})
OTHERS = RSAKey.generate_key(2048, {"kid": "one"})
PUBLIC = base64.b64encode(OURS.as_der(private=False))
HS256 = {"alg": "HS256", "kid": "one"}
BEARER = {"access_token": "at", "token_type": "Bearer"}
NO_GROUPS = {"groups": None}
BACKCHANNEL = "http://schemas.openid.net/event/backchannel-logout"
NOW = int(time.time())
HTML = {"Accept": "text/html"}


class Liar:
    """An OpenID provider whose every answer can be replaced."""

    def __init__(self, url):
        self.url = url
        self.down = False
        self.keys = [OURS]
        self.document = {}
        self.claims = {}
        self.header = {"alg": "RS256", "kid": "one"}
        self.key = OURS
        self.answer = None
        self.token_status = 200
        self.person = None
        self.nonce = ""

    def discovery(self):
        paths = {"authorization_endpoint": "/a", "token_endpoint": "/t", "jwks_uri": "/k", "userinfo_endpoint": "/u"}
        plain = {name: self.url + path for name, path in paths.items()} | {"issuer": self.url}
        plain["id_token_signing_alg_values_supported"] = ["none", "HS256", "RS256"]
        return {name: value for name, value in (plain | self.document).items() if value is not None}

    def id_token(self):
        now = int(time.time())
        honest = {"iss": self.url, "aud": "parapet", "sub": "u1", "name": "Ada", "nonce": self.nonce}
        honest |= {"iat": now, "exp": now + 300, "groups": ["role:trader", "desk:Vol"]}
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        if self.header["alg"] == "none":
            return ".".join([*(_segment(part) for part in (self.header, claims)), ""])
        return jwt.encode(self.header, claims, self.key, [self.header["alg"]])

    def token(self):
        if self.answer is not None:
            return self.answer
        return BEARER | {"id_token": self.id_token()}

    def app(self):
        app = Flask("liar")
        app.before_request(lambda: ("down", 500) if self.down else None)
        app.add_url_rule("/.well-known/openid-configuration", "d", lambda: jsonify(self.discovery()))
        app.add_url_rule("/k", "k", lambda: jsonify(keys=[key.as_dict(private=False) for key in self.keys]))
        app.add_url_rule("/t", "t", lambda: (jsonify(self.token()), self.token_status), methods=["POST"])
        app.add_url_rule("/u", "u", lambda: jsonify(self.person))
        return app


class StandIn:
    """What a Provider needs of an Authlib client."""

    def __init__(self, secret):
        self.client_secret = secret
        self.server_metadata = {}


def _segment(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def hostile(serve):
    with serve() as server:
        yield server


@pytest.fixture
def liar(hostile):
    liar = Liar(f"http://localhost:{hostile.port}")
    hostile.app = liar.app()
    return liar


@pytest.fixture
def settings(liar):
    return LoginSettings(liar.url, "parapet", SECRET, "http://localhost")


@pytest.fixture
def site(make_site, settings):
    return make_site(settings)


@pytest.fixture
def arrive(site, liar):
    """Walk through a login at the liar with one browser; returns the callback's answer."""

    def walk(client=None, nonce=None, **extra):
        client = client or site.app.test_client()
        sent = client.get("/login?next=/positions")
        assert sent.status_code == 302, sent.text
        query = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}
        liar.nonce = nonce or query["nonce"]
        return client.get("/callback", query_string={"code": "c", "state": query["state"]} | extra)

    return walk


def sessions_of_readers(site):
    with site.store.engine.connect() as connection:
        return connection.scalar(select(func.count()).where(session.c.sub != ""))


def test_an_honest_login_succeeds(site, arrive):
    client = site.app.test_client()
    assert arrive(client).headers["Location"] == "/positions"
    assert client.get("/positions").json["desks"] == ["Vol"]


LIES = [
    # attack 3
    ("another nonce", {"claims": {"nonce": "of another login"}}, "claim: 'nonce'"),
    ("no nonce", {"claims": {"nonce": None}}, "Missing claim: 'nonce'"),
    # attack 4
    ("for another app, through us", {"claims": {"aud": "other", "azp": "parapet"}}, "claim: 'aud'"),
    ("for another app", {"claims": {"aud": "other"}}, "claim: 'aud'"),
    ("for two apps, the other named", {"claims": {"aud": ["parapet", "other"], "azp": "other"}}, "claim: 'azp'"),
    ("for two apps, none named", {"claims": {"aud": ["parapet", "other"]}}, "claim: 'azp'"),
    ("for nobody", {"claims": {"aud": None}}, "Missing claim: 'aud'"),
    # attack 5
    ("not signed", {"header": {"alg": "none"}}, "'none' is not allowed"),
    # attack 6
    ("signed with the client secret", {"header": HS256, "key": OctKey.import_key(SECRET)}, "'HS256' is not allowed"),
    ("signed with the public key", {"header": HS256, "key": OctKey.import_key(PUBLIC)}, "'HS256' is not allowed"),
    ("signed with another key of that name", {"key": OTHERS}, "bad_signature"),
    ("signed with an unknown key", {"header": {"alg": "RS256", "kid": "two"}, "key": OTHERS}, "No key for kid"),
    # attack 7
    ("no id_token", {"answer": BEARER}, "no id_token"),
    ("an empty id_token", {"answer": BEARER | {"id_token": ""}}, "decode_error"),
    ("no token", {"answer": BEARER | {"id_token": "nonsense"}}, "decode_error"),
    ("a number", {"answer": BEARER | {"id_token": 7}}, "decode_error"),
    ("not even an object", {"answer": ["id_token"]}, "not a JSON object"),
    ("an error", {"answer": {"error": "invalid_grant"}, "token_status": 400}, "invalid_grant"),
    # attack 9
    ("expired", {"claims": {"exp": NOW - 31}}, "expired"),
    ("issued in the future", {"claims": {"iat": NOW + 86_400}}, "in the future"),
    ("not yet valid", {"claims": {"nbf": NOW + 86_400}}, "not yet valid"),
    ("never expires", {"claims": {"exp": None}}, "Missing claim: 'exp'"),
    # attack 11
    ("another reader's userinfo", {"claims": NO_GROUPS, "person": {"sub": "u2", "groups": ["role:admin"]}}, "(sub)"),
    ("nobody's userinfo", {"claims": NO_GROUPS, "person": {"groups": ["role:admin"]}}, "(sub)"),
    ("no object for userinfo", {"claims": NO_GROUPS, "person": ["role:admin"]}, "cannot be read"),
    ("another issuer", {"claims": {"iss": "https://evil.example"}}, "claim: 'iss'"),
    ("no issuer", {"claims": {"iss": None}}, "Missing claim: 'iss'"),
    ("nobody", {"claims": {"sub": ""}}, "names no reader"),
    ("no sub", {"claims": {"sub": None}}, "Missing claim: 'sub'"),
    ("a number for a sub", {"claims": {"sub": 7}}, "'sub' must be"),
    ("a logout token", {"claims": {"events": {BACKCHANNEL: {}}}}, "logout token"),
    ("another access token", {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "claim: 'at_hash'"),
]


@pytest.mark.parametrize(("lie", "reason"), [case[1:] for case in LIES], ids=[case[0] for case in LIES])
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
    assert afterwards["reason"] == "sign in first"


def test_a_clock_that_differs_by_half_a_minute_is_forgiven(arrive, liar):
    now = int(time.time())
    liar.claims = {"iat": now + 25, "nbf": now + 25, "exp": now - 20}
    assert arrive().status_code == 302


# attack 3
def test_the_nonce_of_an_older_login_is_refused(site, arrive, liar):
    arrive(site.app.test_client())
    assert arrive(site.app.test_client(), nonce=liar.nonce).status_code == 400


# attack 8
def test_a_login_server_of_another_name_disables_the_login(site, liar):
    liar.document = {"issuer": "https://evil.example"}
    refused = site.app.test_client().get("/login")
    assert refused.status_code == 503
    assert "another name" in refused.text
    assert sessions_of_readers(site) == 0
    assert [row["status"] for row in site.rows("denied")] == [503]


# attack 10
@pytest.mark.parametrize(
    ("advertised", "iss", "status"),
    [(None, {}, 302), (True, {}, 400), (None, {"iss": "https://evil.example"}, 400), (True, {"iss": ""}, 400)],
)
def test_the_iss_parameter_must_be_right_and_be_there_where_advertised(arrive, liar, advertised, iss, status):
    liar.document = {"authorization_response_iss_parameter_supported": advertised}
    assert arrive(**iss).status_code == status


# attack 12
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
    assert client.get("/positions").json["error"].startswith("the account lacks")
    assert [row["reader"] for row in site.rows("denied")] == ["u1", "u1"]


def test_what_the_login_server_says_is_shown_as_text(arrive, liar):
    liar.claims = {"name": "<script>alert(1)</script>", "groups": []}
    assert "<script>" not in arrive(error="x", error_description="<script>alert(2)</script>").text


def test_while_the_login_server_is_down_readers_go_on(site, arrive, liar, clock):
    reader = site.app.test_client()
    arrive(reader)
    liar.down = True
    clock.advance(minutes=59, seconds=59)
    assert reader.get("/positions").status_code == 200
    clock.advance(minutes=2)
    refused = site.app.test_client().get("/login")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert "go on working" in refused.text
    assert reader.get("/positions").status_code == 200
    liar.down = False
    assert site.app.test_client().get("/login").status_code == 503
    clock.advance(seconds=6)
    assert site.app.test_client().get("/login").status_code == 302


def test_a_logout_while_the_login_server_is_down_is_a_logout(site, arrive, liar, clock):
    reader = site.app.test_client()
    arrive(reader)
    liar.down = True
    clock.advance(minutes=59)
    reader.get("/positions")
    clock.advance(minutes=2)
    assert reader.post("/logout", headers={"Origin": "http://localhost"}).headers["Location"] == "/signed-out"
    assert reader.get("/positions").status_code == 401


def test_a_login_server_that_hangs_is_asked_once_and_left_alone(settings, clock, monkeypatch):
    asked = []

    def hang(url, **_options):
        asked.append(url)
        clock.advance(seconds=5)
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests, "get", hang)
    provider = Provider(StandIn("s"), settings.issuer, clock)
    for _ in range(3):
        with pytest.raises(ProviderDownError, match="does not answer"):
            provider.metadata()
    assert len(asked) == 1


def test_nobody_queues_for_a_slow_login_server(settings, clock, monkeypatch):
    entered, released = threading.Event(), threading.Event()

    def hang(_url, **_options):
        entered.set()
        assert released.wait(10)
        raise requests.ReadTimeout

    monkeypatch.setattr(requests, "get", hang)
    monkeypatch.setattr("auth.provider.PATIENCE", 0.01)
    provider = Provider(StandIn("s"), settings.issuer, clock)

    def ask():
        with pytest.raises(ProviderDownError, match="does not answer"):
            provider.metadata()

    first = threading.Thread(target=ask)
    first.start()
    assert entered.wait(10)
    with pytest.raises(ProviderDownError, match="slow"):
        provider.metadata()
    released.set()
    first.join()


@pytest.mark.parametrize("part", ["token", "userinfo"])
def test_a_login_server_that_fails_halfway_is_a_503(site, arrive, liar, part):
    if part == "token":
        liar.token_status = 500
    else:
        liar.claims, liar.document = NO_GROUPS, {"userinfo_endpoint": f"{liar.url}/missing"}
    assert arrive().status_code == 503
    assert sessions_of_readers(site) == 0


@pytest.mark.parametrize(
    "document",
    [
        {"token_endpoint": None},
        {"jwks_uri": "ftp://localhost/k"},
        {"userinfo_endpoint": "file:///etc/passwd"},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
)
def test_an_unusable_discovery_document_disables_the_login(site, liar, document):
    liar.document = document
    assert site.app.test_client().get("/login").status_code == 503


def test_without_a_login_server_nobody_signs_in(make_site, settings):
    refused = make_site(replace(settings, issuer="")).app.test_client().get("/login")
    assert refused.status_code == 503
    assert "PARAPET_OIDC_ISSUER" in refused.text


def test_the_discovery_document_cannot_set_options_of_our_client(liar, clock):
    liar.document = {"verify": False, "proxies": {"http": "http://evil.example"}, "code_challenge_method": "plain"}
    assert not set(liar.document) & set(Provider(StandIn("s"), liar.url, clock).metadata())


@pytest.mark.parametrize(
    ("secret", "offered", "method"),
    [
        ("s", None, "client_secret_basic"),
        ("s", ["client_secret_post"], "client_secret_post"),
        ("", ["none"], "none"),
    ],
)
def test_the_app_proves_itself_as_the_login_server_wants_it(liar, clock, secret, offered, method):
    liar.document = {"token_endpoint_auth_methods_supported": offered}
    assert Provider(StandIn(secret), liar.url, clock).metadata()["token_endpoint_auth_method"] == method


def test_over_tls_the_cookie_is_bound_to_the_host(make_site, settings, liar):
    site = make_site(replace(settings, base_url="https://parapet.example", idle=timedelta(minutes=5)))
    answer = site.app.test_client().get("/login", base_url="https://parapet.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-parapet=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(cookie.split("; ")[1:])
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "https%3A%2F%2Fparapet.example%2Fcallback" in answer.headers["Location"]
    assert liar.url in answer.headers["Location"]

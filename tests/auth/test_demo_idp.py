"""The demo's login server: stricter than it need be, so that the app is tested against a strict one."""

import base64
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from auth import demo_idp
from auth.demo_idp import DemoLoginError
from auth.demo_protocol import Client

ISSUER = "http://localhost:9"
BACK = "http://localhost:8/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "parapet",
    "response_type": "code",
    "redirect_uri": BACK,
    "scope": "openid profile groups",
    "state": "s",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
ROOT = Path(__file__).parents[2]


class Seconds:
    def __init__(self):
        self.now = time.time()

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def seconds():
    return Seconds()


@pytest.fixture(scope="module")
def app(seconds):
    return demo_idp.create_app(ISSUER, Client("parapet", "secret", (BACK,)), seconds)


@pytest.fixture
def provider(app):
    return app.test_client()


def sent_back(response):
    """The parameters of a redirect to the app."""
    assert response.status_code == 302, response.text
    where = urlsplit(response.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == BACK
    return {name: values[0] for name, values in parse_qs(where.query).items()}


@pytest.fixture
def pick(provider):
    def walk(user="trader-vol", nonce=None):
        asked = ASKED | {"nonce": nonce or secrets.token_hex()}
        return sent_back(provider.post("/authorize", query_string=asked, data={"user": user}))

    return walk


@pytest.fixture
def exchange(provider):
    def ask(code, **changes):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        form |= {"client_id": "parapet", "client_secret": "secret"} | changes
        return provider.post("/token", data=form)

    return ask


def test_the_picker_has_a_button_for_every_demo_user(provider):
    page = provider.get("/authorize", query_string=ASKED)
    for user in ("index-arb", "long-short", "vol", "rates", "fx"):
        assert f'id="user-trader-{user}"' in page.text
    assert 'id="user-risk-manager"' in page.text
    assert 'id="user-admin"' in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_the_discovery_document_names_working_addresses(provider):
    document = provider.get("/.well-known/openid-configuration").json
    assert document["issuer"] == ISSUER
    routes = {rule.rule for rule in provider.application.url_map.iter_rules()}
    for name, address in document.items():
        if name.endswith(("_endpoint", "jwks_uri")):
            assert address.removeprefix(ISSUER) in routes


def test_a_code_buys_an_id_token_with_groups_and_nonce(provider, pick, exchange):
    token = exchange(pick(nonce="n")["code"]).json
    keys = KeySet.import_key_set(provider.get("/jwks").json)
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "parapet", "n")
    assert (claims["sub"], claims["groups"]) == ("trader-vol", ["role:trader", "desk:Vol"])
    person = provider.get("/userinfo", headers={"Authorization": f"Bearer {token['access_token']}"}).json
    assert (person["sub"], person["groups"]) == (claims["sub"], claims["groups"])


def test_the_published_keys_are_public(provider):
    (key,) = provider.get("/jwks").json["keys"]
    assert not {"d", "p", "q"} & set(key)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_weak_request_is_sent_back_with_its_error_and_the_issuer(provider, changes, error):
    asked = {name: value for name, value in (ASKED | changes).items() if value is not None}
    back = sent_back(provider.get("/authorize", query_string=asked))
    assert (back["error"], back["state"], back["iss"]) == (error, "s", ISSUER)


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "http://evil.example/callback"}, {"redirect_uri": f"{BACK}/é"}, {"client_id": "other"}],
)
def test_a_request_of_an_unknown_app_is_not_sent_anywhere(provider, changes):
    refused = provider.get("/authorize", query_string=ASKED | changes)
    assert refused.status_code in (400, 401)
    assert "Location" not in refused.headers


def test_cancelling_and_success_name_the_issuer(pick):
    assert pick("")["error"] == "access_denied"
    assert pick("")["iss"] == pick("admin")["iss"] == ISSUER


def test_a_code_works_once(pick, exchange):
    code = pick()["code"]
    assert exchange(code).status_code == 200
    assert exchange(code).json["error"] == "invalid_grant"


def test_a_code_works_for_a_minute(pick, exchange, seconds):
    code = pick()["code"]
    seconds.now += 60
    assert exchange(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"redirect_uri": f"{BACK}2"}, "invalid_grant"),
    ],
)
def test_a_code_is_not_sold_to_others(pick, exchange, changes, error):
    assert exchange(pick()["code"], **changes).json["error"] == error


@pytest.mark.parametrize("header", [None, "Bearer guess", "Basic Z3Vlc3M6Z3Vlc3M="])
def test_userinfo_needs_a_token(provider, header):
    assert provider.get("/userinfo", headers={"Authorization": header} if header else {}).status_code == 401


def test_a_token_wears_out(provider, pick, exchange, seconds):
    headers = {"Authorization": f"Bearer {exchange(pick()['code']).json['access_token']}"}
    assert provider.get("/userinfo", headers=headers).status_code == 200
    seconds.now += 600
    assert provider.get("/userinfo", headers=headers).status_code == 401


def test_the_last_reader_is_known_without_asking_until_the_logout(provider, pick, exchange):
    token = exchange(pick("admin")["code"]).json
    assert "code" in sent_back(provider.get("/authorize", query_string=ASKED | {"prompt": "none", "nonce": "n2"}))
    provider.get("/end-session", query_string={"id_token_hint": token["id_token"]})
    assert sent_back(provider.get("/authorize", query_string=ASKED | {"prompt": "none"}))["error"] == "login_required"


@pytest.mark.parametrize(
    ("back", "followed"), [("http://localhost:8/signed-out", True), ("http://evil.example/", False)]
)
def test_a_logout_leads_back_to_the_registered_page_only(provider, pick, exchange, back, followed):
    hint = exchange(pick()["code"]).json["id_token"]
    left = provider.get("/end-session", query_string={"id_token_hint": hint, "post_logout_redirect_uri": back})
    assert (left.headers.get("Location") == back) is followed
    assert left.status_code == (302 if followed else 200)


@pytest.mark.parametrize("hint", ["", "of.another.start"])
def test_a_logout_of_a_reader_from_before_a_restart_is_calm(provider, hint):
    back = "http://localhost:8/signed-out"
    left = provider.get("/end-session", query_string={"id_token_hint": hint, "post_logout_redirect_uri": back})
    assert (left.status_code, "You are signed out" in left.text) == (200, True)


def test_it_listens_on_loopback_only(login):
    port = urlsplit(login.issuer).port
    assert requests.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=1)


def test_it_ends_with_the_process_that_started_it(free_port):
    script = f"""
import os, signal
from auth import demo_idp
child = demo_idp.start({free_port}, client_id="a", client_secret="b", redirect_uris=["{BACK}"])
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    parent = subprocess.run([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    assert parent.returncode == -signal.SIGKILL
    gone_by = time.monotonic() + 10
    while time.monotonic() < gone_by and _runs(int(parent.stdout)):
        os.sched_yield()
    assert not _runs(int(parent.stdout))


def _runs(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_a_taken_port_is_said_to_be_taken(free_port):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free_port))
        holder.listen()
        with pytest.raises(DemoLoginError, match=f"port {free_port}"):
            demo_idp.start(free_port, client_id="a", client_secret=VERIFIER, redirect_uris=[BACK])

"""A login server that is down, slow or offers what cannot be used: nobody enters, and readers who are in go on."""

import threading
from dataclasses import replace

import pytest
import requests

from auth.login import LoginServer
from auth.provider import Provider, ProviderDownError
from tests.auth.liar import NO_GROUPS, sessions_of_readers


class StandIn:
    """What a Provider needs of an Authlib client."""

    def __init__(self):
        self.server_metadata = {}


def provider(issuer, clock, secret="s", **options):  # noqa: S107 a test's
    return Provider(StandIn(), LoginServer(issuer, "parapet", secret, **options), clock)


@pytest.fixture
def site(make_site, settings):
    return make_site(settings)


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
    asked_by = provider(settings.issuer, clock)
    for _ in range(3):
        with pytest.raises(ProviderDownError, match="does not answer"):
            asked_by.metadata()
    assert len(asked) == 1


def test_nobody_queues_for_a_slow_login_server(settings, clock, monkeypatch):
    entered, released = threading.Event(), threading.Event()

    def hang(_url, **_options):
        entered.set()
        assert released.wait(10)
        raise requests.ReadTimeout

    monkeypatch.setattr(requests, "get", hang)
    monkeypatch.setattr("auth.provider.PATIENCE", 0.01)
    asked_by = provider(settings.issuer, clock)

    def ask():
        with pytest.raises(ProviderDownError, match="does not answer"):
            asked_by.metadata()

    first = threading.Thread(target=ask)
    first.start()
    assert entered.wait(10)
    with pytest.raises(ProviderDownError, match="slow"):
        asked_by.metadata()
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
    assert not set(liar.document) & set(provider(liar.url, clock).metadata())


@pytest.mark.parametrize(
    ("registered", "offered", "method"),
    [
        ({}, None, "client_secret_basic"),
        ({}, ["client_secret_post"], "client_secret_post"),
        ({"authentication": "client_secret_post"}, ["client_secret_basic", "client_secret_post"], "client_secret_post"),
        ({"secret": ""}, ["none"], "none"),
    ],
)
def test_the_app_proves_itself_as_is_set_or_as_the_login_server_wants_it(liar, clock, registered, offered, method):
    liar.document = {"token_endpoint_auth_methods_supported": offered}
    assert provider(liar.url, clock, **registered).metadata()["token_endpoint_auth_method"] == method

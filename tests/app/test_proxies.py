"""Addresses behind proxies: only the headers of proxies that are set count, whatever clients write into them."""

import json

import pytest
from sqlalchemy import select

from app.main import create_server
from app.settings import Settings, read_settings
from data.store import audit_event

PEER, CLIENT, PROXY, LIE = "127.0.0.1", "192.0.2.7", "198.51.100.1", "203.0.113.9"
EVIL = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "1",
    "Forwarded": "for=1.1.1.1",
}


@pytest.fixture
def serve(tmp_path, store):  # noqa: ARG001 the store is that of the servers
    """Make a server behind so many proxies."""
    made = []

    def make(hops, **chosen):
        kept = f"sqlite:///{tmp_path / 'store.sqlite'}"
        settings = Settings(
            home=tmp_path, oidc_issuer="http://localhost:1", store_url=kept, trusted_proxies=hops, **chosen
        )
        made.append(create_server(settings))
        return made[-1].test_client()

    yield make
    for server in made:
        server.session_interface._engine.dispose()


def forwarded(*addresses):
    return {"X-Forwarded-For": ", ".join(addresses)} if addresses else {}


@pytest.mark.parametrize(
    ("hops", "sent", "known"),
    [
        (0, (), PEER),
        (0, (CLIENT,), PEER),
        (0, (LIE, CLIENT), PEER),
        (1, (CLIENT,), CLIENT),
        (1, (LIE, CLIENT), CLIENT),
        (1, (), PEER),
        (2, (CLIENT, PROXY), CLIENT),
        (2, (LIE, LIE, CLIENT, PROXY), CLIENT),
        (2, (CLIENT,), PEER),
    ],
)
def test_the_trail_has_the_address_that_the_trusted_proxies_name(serve, store, hops, sent, known):
    serve(hops).get("/version", headers=forwarded(*sent) | EVIL)
    with store.engine.connect() as connection:
        row = connection.execute(select(audit_event)).one()
    assert (row.event, row.address) == ("denied", known)


@pytest.mark.parametrize(("hops", "behind"), [(0, ()), (1, (CLIENT,)), (2, (CLIENT, PROXY))])
def test_nobody_evades_a_limit_by_naming_other_addresses(serve, hops, behind):
    client = serve(hops, login_limit="3 per hour")
    asked = [client.get("/callback", headers=forwarded(f"203.0.113.{n}", *behind)).status_code for n in range(5)]
    assert [status == 429 for status in asked] == [False] * 3 + [True] * 2


def test_clients_of_one_proxy_are_counted_apart_once_it_is_set(serve):
    client = serve(1, login_limit="1 per hour")
    asked = [client.get("/callback", headers=forwarded(f"192.0.2.{n}")).status_code for n in range(3)]
    assert 429 not in asked


def test_failed_tokens_are_counted_by_the_same_address(serve):
    def tries(hops, address):
        shown = {"Authorization": "Bearer parapet_no"} | forwarded(address)
        return clients[hops].get("/api/v1/views", headers=shown).status_code

    clients = {hops: serve(hops, token_failures=1) for hops in (0, 1)}
    assert [tries(0, CLIENT), tries(0, LIE)] == [401, 429]
    assert [tries(1, CLIENT), tries(1, LIE), tries(1, CLIENT)] == [401, 401, 429]


@pytest.mark.parametrize("hops", [0, 1])
def test_what_rests_on_the_address_of_the_app_rests_on_its_setting(serve, hops):
    """Neither cookies nor ways back nor whose pages may change something are for a header to say."""
    client = serve(hops, base_url="https://parapet.example.com")
    shown = client.get("/positions", headers=EVIL | {"Accept": "text/html"})
    assert shown.headers["Location"] == "/login?next=%2Fpositions"
    assert shown.headers["Strict-Transport-Security"]
    refused = client.post("/logout", headers=EVIL | {"Origin": "https://evil.example"})
    assert (refused.status_code, json.loads(refused.data)["error"]["code"]) == (403, "forged")


@pytest.mark.parametrize("hops", [-1, 10, "many"])
def test_a_number_that_cannot_be_meant_stops_the_start(hops):
    with pytest.raises(SystemExit, match="PARAPET_TRUSTED_PROXIES"):
        read_settings(trusted_proxies=hops)

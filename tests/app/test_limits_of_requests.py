"""How often one may ask: each kind of request has a rate, readers are told when to come again, the trail is short."""

import json
import time

import pytest
from sqlalchemy import select

from app.main import create_server
from app.settings import Settings, read_settings
from auth.rates import KINDS
from data.store import Store, audit_event
from tests.app.test_routes import BOOKS, sign_in
from tests.ledger import Ledger
from tests.programs import program_of

VIEWS = "/api/v1/views"
FILE = "/export/positions-tree-by-instrument.csv"
FEW = {f"{kind}_limit": "3 per hour" for kind in KINDS}
OTHER = {"REMOTE_ADDR": "10.0.0.9"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("limits")
    ledger = Ledger(home, BOOKS)
    yield home
    ledger.warehouse.close()


@pytest.fixture
def serve(home):
    """Make a server with settings of its own."""
    opened = []

    def make(**chosen):
        settings = Settings(home=home, oidc_issuer="http://localhost:1", log_format="text", **chosen)
        opened.append(create_server(settings))
        return opened[-1]

    yield make
    for server in opened:
        server.session_interface._engine.dispose()


@pytest.fixture
def server(serve):
    return serve(**FEW)


@pytest.fixture
def store(home):
    found = Store(f"sqlite:///{home / 'store.sqlite'}")
    yield found
    found.close()


@pytest.fixture
def reader(server):
    return sign_in(server.test_client(), "role:trader", "desk:Cash")


@pytest.fixture
def denied(store):
    """The reasons of refusals since the test began."""

    def rows():
        with store.engine.connect() as connection:
            chosen = select(audit_event).where(audit_event.c.event == "denied").order_by(audit_event.c.audit_id)
            return [json.loads(row["details"]) | dict(row) for row in connection.execute(chosen).mappings()]

    before = len(rows())
    return lambda: rows()[before:]


def statuses(get, path, times):
    return [get(path).status_code for _ in range(times)]


def test_who_asks_more_often_than_the_rate_is_told_when_to_come_again(reader):
    assert statuses(reader.get, VIEWS, 3) == [200] * 3
    refused = reader.get(VIEWS)
    error = refused.get_json()["error"]
    assert (refused.status_code, error["code"], error["details"]["kind"]) == (429, "too_many", "api")
    assert 3500 < int(refused.headers["Retry-After"]) == error["details"]["retry_after"] <= 3600
    assert f"wait {refused.headers['Retry-After']} seconds" in error["message"]


def test_each_kind_of_request_is_counted_by_itself(reader):
    assert statuses(reader.get, VIEWS, 4)[-1] == 429
    assert statuses(reader.get, FILE, 4) == [200, 200, 200, 429]
    assert statuses(reader.get, "/find?q=AA", 4) == [200, 200, 200, 429]
    assert statuses(reader.get, "/version", 9) == [200] * 9


def test_callbacks_count_and_are_refused_like_all_else(reader):
    headers = {"Origin": "http://localhost:8050"}
    answers = [reader.post("/_dash-update-component", json={}, headers=headers) for _ in range(4)]
    assert 429 not in [answer.status_code for answer in answers[:3]]
    assert (answers[3].status_code, answers[3].get_json()["error"]["code"]) == (429, "too_many")


def test_a_reader_is_counted_wherever_he_comes_from_and_his_programs_with_him(server, reader, store):
    assert statuses(reader.get, VIEWS, 2) == [200, 200]
    assert reader.get(VIEWS, environ_overrides=OTHER).status_code == 200
    assert program_of(server, store, "tom", "role:trader", "desk:Cash")(VIEWS).status_code == 429
    assert program_of(server, store, "ann", "role:trader", "desk:Cash")(VIEWS).status_code == 200


def test_the_login_is_counted_by_address(server):
    client = server.test_client()
    assert 429 not in [*statuses(client.get, "/login", 2), client.get("/callback?state=x").status_code]
    assert client.get("/callback?state=x").status_code == 429
    assert client.get("/login", environ_overrides=OTHER).status_code != 429


def test_what_the_gate_refuses_reaches_no_count(server, reader):
    stranger = server.test_client()
    assert statuses(stranger.get, VIEWS, 9) == [401] * 9
    assert statuses(reader.get, VIEWS, 3) == [200] * 3


def test_many_refusals_are_one_row_in_the_audit_trail(reader, denied):
    assert statuses(reader.get, VIEWS, 9).count(429) == 6
    assert statuses(reader.get, FILE, 9).count(429) == 6
    (api, export) = denied()
    assert (api["reader"], api["status"], api["path"]) == ("tom", 429, VIEWS)
    assert "kind api" in api["reason"]
    assert "kind export" in export["reason"]


def test_after_the_window_the_reader_asks_again_and_a_new_breach_is_a_new_row(reader, denied, monkeypatch):
    assert statuses(reader.get, VIEWS, 5)[-1] == 429
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert statuses(reader.get, VIEWS, 5) == [200, 200, 200, 429, 429]
    assert len(denied()) == 2


def test_without_a_rate_nobody_waits(serve):
    server = serve(**dict.fromkeys(FEW, ""))
    client = sign_in(server.test_client(), "role:trader", "desk:Cash")
    assert statuses(client.get, VIEWS, 20) == [200] * 20


def test_a_page_of_twenty_panels_may_be_refreshed_every_second():
    settings = Settings()
    assert settings.callback_limit == "6000 per minute"
    assert int(settings.callback_limit.split()[0]) >= 20 * 60


def test_while_the_shared_counts_are_away_each_server_counts_for_itself(serve):
    server = serve(**FEW, cache_url="redis://127.0.0.1:1/0")
    client = server.test_client()
    assert statuses(client.get, "/login", 3) == [503] * 3
    assert client.get("/login").status_code == 429


@pytest.mark.parametrize("name", FEW)
def test_a_rate_that_cannot_be_read_stops_the_start_and_is_named(name):
    with pytest.raises(SystemExit, match=rf"PARAPET_{name.upper()}: .*'often' is not a rate; write one such as"):
        read_settings(**{name: "often"})

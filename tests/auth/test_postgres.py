"""The store on a real Postgres: logins, sessions, tokens that are good once, and a trail that many write at once.

Where the machine has no Postgres the same tests run on SQLite, and the run says so.
"""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from joserfc import jwt
from sqlalchemy import create_engine, inspect, select, text

from auth.audit import Audit
from auth.backchannel import EVENT
from auth.grants import GroupRules
from auth.readers import Readers
from auth.seals import verify
from data.scope import Scope
from data.store import Store, metadata, session, spent_token, whatif_branch
from tests.auth import postgres
from tests.auth.liar import OURS

ADA = Scope("ada", "Ada", roles=frozenset({"admin"}), firm=True)
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def addresses(request, tmp_path_factory):
    """Gives the address of a new, empty database at each call."""
    programs = postgres.binaries()
    if programs is None:
        plugins = request.config.pluginmanager
        with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
            said = "\nThis machine has no Postgres: tests/auth/test_postgres.py runs on SQLite."
            plugins.get_plugin("terminalreporter").write_line(said, yellow=True)
        yield lambda: f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}"
        return
    with postgres.running(programs) as (before, after):
        administration = create_engine(f"{before}postgres{after}", isolation_level="AUTOCOMMIT")

        def new():
            name = f"store_{next(NUMBERS)}"
            with administration.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            return f"{before}{name}{after}"

        yield new
        administration.dispose()


@pytest.fixture
def store(addresses):
    store = Store(addresses())
    store.create()
    yield store
    store.close()


@pytest.fixture
def site(make_site, settings):
    return make_site(settings)


def test_several_servers_that_start_at_once_make_the_tables_once(addresses):
    stores = [Store(address) for address in [addresses()] * 6]
    with ThreadPoolExecutor(6) as together:
        made = [together.submit(each.create) for each in stores]
    tables = set(inspect(stores[0].engine).get_table_names())
    for each in stores:
        each.close()
    assert [each.exception() for each in made] == [None] * 6
    assert tables == set(metadata.tables)


def test_a_login_a_session_and_its_end_in_time(site, arrive, clock, store):
    client = site.app.test_client()
    assert arrive(client).status_code == 302
    assert client.get("/positions").json["desks"] == ["Vol"]
    clock.advance(minutes=59)
    assert client.get("/positions").status_code == 200
    clock.advance(minutes=61)
    assert client.get("/positions").status_code == 401
    client.get("/login")
    with store.engine.connect() as connection:
        assert [row.sub for row in connection.execute(select(session))] == [""]
    assert [row["event"] for row in site.rows()] == ["login", "denied"]


def test_a_logout_ends_the_session_for_every_copy_of_the_cookie(site, arrive):
    client, thief = site.app.test_client(), site.app.test_client()
    arrive(client)
    thief.set_cookie("parapet_session", client.get_cookie("parapet_session").value)
    assert thief.get("/positions").status_code == 200
    client.post("/logout", headers={"Origin": "http://localhost"})
    assert thief.get("/positions").status_code == 401


def test_a_back_channel_token_is_good_once_however_many_servers_get_it_at_once(site, arrive, liar, store):
    liar.claims = {"sid": "s1"}
    client = site.app.test_client()
    arrive(client)
    now = int(time.time())
    told = {
        "iss": liar.url,
        "aud": "parapet",
        "iat": now,
        "exp": now + 60,
        "jti": "j",
        "sid": "s1",
        "events": {EVENT: {}},
    }
    token = jwt.encode({"alg": "RS256", "kid": "one", "typ": "logout+jwt"}, told, OURS, ["RS256"])

    def send(_):
        return site.app.test_client().post("/backchannel-logout", data={"logout_token": token}).status_code

    with ThreadPoolExecutor(6) as together:
        assert sorted(together.map(send, range(6))) == [200, *[400] * 5]
    assert client.get("/positions").status_code == 401
    with store.engine.connect() as connection:
        assert len(connection.execute(select(spent_token)).all()) == 1


def test_writers_at_once_keep_one_unbroken_chain(store, clock):
    other = Store(store.engine.url.render_as_string(hide_password=False))
    trails = [Audit(each, clock) for each in (store, other)]
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda number: trails[number % 2].record("export", ADA, number=number), range(80)))
    other.close()
    found = verify(store)
    assert (found.sound, found.sealed) == (True, 80)


def test_a_row_that_was_edited_breaks_the_chain(store, clock):
    trail = Audit(store, clock)
    for number in range(3):
        trail.record("export", ADA, number=number)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE audit_event SET reader = 'eve' WHERE audit_id = 2"))
    assert not verify(store).sound


def test_what_a_reader_keeps_is_replaced_by_key_from_many_windows_at_once(store, clock):
    put = store.put(whatif_branch)

    def save(number):
        with store.engine.begin() as connection:
            row = {"owner": "ada", "name": "hedge", "text": f"trade {number}", "saved_at": clock()}
            connection.execute(put, row)

    with ThreadPoolExecutor(6) as together:
        list(together.map(save, range(30)))
    with store.engine.connect() as connection:
        (row,) = connection.execute(select(whatif_branch)).all()
    assert (row.owner, row.name, row.saved_at) == ("ada", "hedge", clock())


def test_readers_are_kept_as_their_last_login_left_them(store, clock):
    readers = Readers(store, clock, GroupRules(), timedelta(days=30))
    readers.seen("ada", "Ada", "", ["role:admin"])
    readers.seen("ada", "Ada Ł.", "", ["role:trader", "desk:Long/Short"])
    (found,) = readers.all()
    assert (found.name, found.groups, found.seen_at) == ("Ada Ł.", ("role:trader", "desk:Long/Short"), clock())

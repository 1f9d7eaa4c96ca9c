"""Sessions in the store: what is written, when, and what never is."""

from datetime import timedelta

import pytest
from flask import Flask
from flask import session as current
from sqlalchemy import event, select

from auth import sessions
from auth.sessions import OwnSessions, StoredSessions
from data.scope import NOBODY, Scope
from data.store import session

READER = {"sub": "u1", "sid": "s1", "name": "Ada", "groups": ["role:admin"], "id_token": "…"}


@pytest.fixture
def client(store, clock):
    app = Flask("sessions")
    app.session_interface = StoredSessions(
        store, idle=timedelta(minutes=30), lifetime=timedelta(hours=2), secure=False, clock=clock
    )
    app.add_url_rule("/", "read", lambda: dict(current))
    app.add_url_rule("/in", "in", lambda: sessions.begin(READER) or "in")
    app.add_url_rule("/out", "out", lambda: current.clear() or "out")
    app.add_url_rule("/note/<text>", "note", lambda text: current.update(note=text) or text)
    return app.test_client()


@pytest.fixture
def rows(store):
    def read():
        with store.engine.connect() as connection:
            return connection.execute(select(session)).mappings().all()

    return read


@pytest.fixture
def written(store):
    """The statements that change the store."""
    seen = []
    event.listen(store.engine, "before_cursor_execute", lambda *args: seen.append(args[2].split()[0]))
    return lambda: [verb for verb in seen if verb != "SELECT"]


def test_nothing_is_written_until_something_is_kept(client, written):
    assert client.get("/").json == {}
    assert written() == []
    assert client.get_cookie("parapet_session") is None


def test_what_is_kept_comes_back(client, rows):
    client.get("/in")
    client.get("/note/hello")
    assert client.get("/").json == READER | {"note": "hello"}
    (row,) = rows()
    assert (row["sub"], row["sid"]) == ("u1", "s1")


def test_a_login_moves_to_a_new_id(client, rows):
    client.get("/note/before")
    before = client.get_cookie("parapet_session").value
    client.get("/in")
    assert client.get_cookie("parapet_session").value != before
    assert client.get("/").json == READER
    assert len(rows()) == 1


def test_an_emptied_session_is_gone_and_so_is_its_cookie(client, rows):
    client.get("/in")
    client.get("/out")
    assert rows() == []
    assert client.get_cookie("parapet_session") is None


def test_an_ended_session_is_not_brought_back_by_a_change(client, rows, store):
    client.get("/in")
    with client.session_transaction() as in_flight:
        in_flight["note"] = "late"
        with store.engine.begin() as connection:
            connection.execute(session.delete())
    assert rows() == []


def test_a_change_in_one_request_does_not_undo_what_another_changed_meanwhile(client, clock):
    client.get("/in")
    clock.advance(minutes=10)
    with client.session_transaction() as reading:
        assert "note" not in reading
        client.get("/note/kept")
    assert client.get("/").json["note"] == "kept"


def test_use_is_noted_once_a_minute_at_most(client, clock, written):
    client.get("/in")
    before = len(written())
    for _ in range(9):
        clock.advance(seconds=12)
        client.get("/")
    assert written()[before:] == ["UPDATE"]


def test_before_login_a_session_lives_for_a_quarter_of_an_hour(client, clock):
    client.get("/note/state")
    clock.advance(minutes=14)
    assert client.get("/").json == {"note": "state"}
    clock.advance(minutes=1)
    assert client.get("/").json == {}


@pytest.mark.parametrize(("minutes", "alive"), [(29, True), (30, False)])
def test_an_unused_session_ends(client, clock, minutes, alive):
    client.get("/in")
    clock.advance(minutes=minutes)
    assert bool(client.get("/").json) is alive


def test_a_used_session_ends_too(client, clock):
    client.get("/in")
    for _ in range(5):
        clock.advance(minutes=20)
        assert client.get("/").json
    clock.advance(minutes=20)
    assert client.get("/").json == {}


def test_a_new_session_sweeps_out_those_that_are_over(client, clock, rows):
    for _ in range(3):
        client.get("/note/abandoned")
        client.delete_cookie("parapet_session")
    clock.advance(minutes=16)
    client.get("/in")
    assert [row["sub"] for row in rows()] == ["u1"]


def test_the_cookie_is_for_this_host_and_no_script(client):
    cookie = client.get("/in").headers["Set-Cookie"]
    assert cookie.startswith("parapet_session=")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Lax"}


# A reader's own


@pytest.fixture
def own(store, clock):
    return OwnSessions(store, clock)


def scope(reader):
    return Scope(reader, reader, roles=frozenset({"trader"}))


def test_a_reader_sees_his_open_sessions_the_newest_first_and_no_other_s(client, own, clock):
    client.get("/in")
    clock.advance(minutes=5)
    client.application.test_client().get("/in")
    first, second = own.of(scope("u1"))
    assert first.created_at - second.created_at == timedelta(minutes=5)
    assert second.ends_at - second.created_at == timedelta(hours=2)
    assert own.of(scope("u2")) == []
    assert own.of(NOBODY) == []


def test_the_session_of_the_request_is_marked(client, own):
    client.application.add_url_rule("/mine", "mine", lambda: [each.current for each in own.of(scope("u1"))])
    client.get("/in")
    client.application.test_client().get("/in")
    assert sorted(client.get("/mine").json) == [False, True]


def test_signing_out_everywhere_ends_them_all_at_once_and_no_other_s(client, own, store):
    other = client.application.test_client()
    client.get("/in")
    other.get("/in")
    assert own.end(scope("u2")) == 0
    assert own.end(NOBODY) == 0
    assert own.end(scope("u1")) == 2
    assert client.get("/").json == other.get("/").json == {}
    with store.engine.connect() as connection:
        assert connection.execute(select(session)).all() == []


def test_a_session_that_is_over_is_not_listed(client, own, clock):
    client.get("/in")
    clock.advance(minutes=31)
    assert own.of(scope("u1")) == []

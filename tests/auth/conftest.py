"""A guarded app on a real port, the demo's login server as a child process, and browsers to walk between them."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, abort, jsonify, session
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from auth import demo_idp, guard
from auth.oidc import LoginSettings
from data.store import Store, audit_event
from tests.auth.liar import SECRET as LIARS_SECRET
from tests.auth.liar import Liar

HTML = {"Accept": "text/html"}
SECRET = "of the demo"  # noqa: S105 a test's


class Clock:
    """The present moment, moved by hand."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now

    def advance(self, **duration):
        self.now += timedelta(**duration)


class _Quiet(WSGIRequestHandler):
    def log(self, *_args):
        pass


@contextmanager
def serving(app=None):
    """Serve a WSGI app on a free port of loopback; yields the server, whose `app` may be exchanged."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def serve():
    return serving


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def free_port():
    return a_free_port()


@dataclass
class Site:
    """A guarded app, its store and clock, and what its slow route waits for."""

    url: str
    app: Flask
    store: Store
    clock: Clock
    entered: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def rows(self, event=None):
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
        return [row | json.loads(row["details"]) for row in map(dict, rows) if event in (None, row["event"])]


def add_routes(site):
    """What an app has: pages, callbacks, exports, assets, a health check."""
    app = site.app

    @app.get("/")
    @app.get("/positions")
    @app.get("/export/positions.csv")
    @app.get("/_dash-layout")
    @app.get("/_dash-dependencies")
    @app.get("/assets/app.css")
    @app.post("/_dash-update-component")
    def seen():
        scope = guard.current_scope()
        return jsonify(reader=scope.reader, desks=sorted(scope.desks), firm=scope.firm, roles=sorted(scope.roles))

    @app.get("/slow")
    def slow():
        session["seen"] = True
        site.entered.set()
        assert site.released.wait(10)
        return "done"

    @app.get("/forbidden")
    def forbidden():
        abort(403)

    @app.get("/health")
    def health():
        return "ok"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make_site(store, clock):
    """Build a guarded app for some login settings, not served yet."""

    def make(login):
        site = Site(login.base_url, Flask("site", static_folder=None), store, clock)
        guard.install(site.app, login, store, open_endpoints={"health"}, clock=clock)
        add_routes(site)
        return site

    return make


@pytest.fixture(scope="session")
def front():
    """One port for the app, whichever test serves it, since the login server knows its address."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def login(front):
    port = a_free_port()
    base_url = f"http://localhost:{front.port}"
    child = demo_idp.start(port, client_id="parapet", client_secret=SECRET, redirect_uris=[f"{base_url}/callback"])
    yield LoginSettings(f"http://localhost:{port}", "parapet", SECRET, base_url)
    demo_idp.stop(child)


@pytest.fixture
def site(front, login, make_site) -> Site:
    site = make_site(login)
    front.app = site.app
    site.app.config["issuer"] = login.issuer
    return site


@pytest.fixture
def browser() -> Iterator[Callable[[], requests.Session]]:
    """Open browsers: each keeps its own cookies."""
    opened = []

    def new():
        opened.append(requests.Session())
        opened[-1].trust_env = False
        return opened[-1]

    yield new
    for each in opened:
        each.close()


@pytest.fixture
def sign_in(site, browser):
    """Sign a demo user in through the picker; returns the browser."""

    def walk(user="trader-vol", path="/", within=None):
        reader = within or browser()
        picker = reader.get(f"{site.url}{path}", headers=HTML)
        assert f'id="user-{user}"' in picker.text
        arrived = reader.post(picker.url, data={"user": user}, headers=HTML)
        assert arrived.status_code == 200, arrived.text
        return reader

    return walk


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
    return LoginSettings(liar.url, "parapet", LIARS_SECRET, "http://localhost")


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

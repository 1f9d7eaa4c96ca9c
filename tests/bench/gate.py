"""The gate: what it costs a request, and whether many readers who wait for news slow down one who asks for numbers.

`python -m tests.bench.gate` measures these lines alone.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any
from unittest.mock import patch

from flask import Flask, g
from flask.sessions import SecureCookieSessionInterface

from app.main import create_server
from app.screen.shell import POLL_MILLISECONDS
from app.serving import listen
from app.settings import Settings, read_settings
from auth.guard import current_scope
from data.scope import Scope
from tests import callbacks, desks
from tests.bench.browsing import ROOT, serving
from tests.bench.clock import Ratio, seconds

URL, ISSUER = "http://localhost:8050", "http://localhost:1"
PANEL = "positions-tree-by-instrument"
READERS, ASKED = 200, 100
ROUNDS, BATCH = 60, 10  # many short rounds: the best of them falls between what else the machine does
HEADERS = {"Origin": URL, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}


def measure() -> Iterator[Ratio]:
    with tempfile.TemporaryDirectory(prefix="parapet-gate-") as folder:
        home = Path(folder)
        desks.build(home).warehouse.close()
        settings = Settings(home=home, oidc_issuer=ISSUER, base_url=URL, log_format="text")
        server = create_server(settings)
        cookies = [signed_in(server, f"reader-{number}") for number in range(READERS)]
        asked = question(server, cookies[0])
        yield from _cost(server, settings, cookies[0], asked)
        server.session_interface._engine.dispose()
        environment = {"PARAPET_HOME": str(home), "PARAPET_OIDC_ISSUER": ISSUER, "PARAPET_BASE_URL": URL}
        with patch.dict(os.environ, environment), serving("-m", "tests.bench.gate", "serve") as address:
            yield _beside(address, cookies, asked)


def signed_in(server: Flask, reader: str) -> str:
    """The cookie of a session such as a login leaves."""
    client = server.test_client()
    with client.session_transaction(base_url=URL) as session:
        session.update(sub=reader, name=reader, groups=["role:trader", "desk:North"])
    return f"parapet_session={client.get_cookie('parapet_session').value}"


def question(server: Flask, cookie: str) -> str:
    """The request of a panel's callback, as its page sends it."""
    listed = (
        server.test_client(use_cookies=False)
        .get("/_dash-dependencies", headers={"Cookie": cookie}, base_url=URL)
        .get_json()
    )
    return json.dumps(callbacks.body(callbacks.filling(listed, f"{PANEL}.made"), {"positions-question.data": ""}))


def _cost(server: Flask, settings: Settings, cookie: str, asked: str) -> Iterator[Ratio]:
    """The same answers with the gate and without: sessions, grants, scope, checks of the request, headers, rates."""
    bare = without_gate(settings, scope_of(server, cookie))
    kinds: dict[str, dict[str, Any]] = {
        "the version, polled by every page": {"path": "/version"},
        "a panel that is kept": {"path": callbacks.PATH, "method": "POST", "data": asked},
    }
    for what, sent in kinds.items():

        def run(app: Flask, sent: dict[str, Any] = sent) -> None:
            client = app.test_client(use_cookies=False)
            for _ in range(BATCH):
                answer = client.open(**sent, headers=HEADERS | {"Cookie": cookie}, base_url=URL)
                assert answer.status_code == 200, answer.text

        run(server), run(bare)
        times = [(seconds(lambda: run(server)) / BATCH, seconds(lambda: run(bare)) / BATCH) for _ in range(ROUNDS)]
        cost = min(gated for gated, _ in times) - min(open_ for _, open_ in times)
        yield Ratio(f"gate, session and scope of {what}, a request", "a limit of", cost, 0.001, cost / 0.001, 1.0)


def scope_of(server: Flask, cookie: str) -> Scope:
    """What the gate finds for the cookie."""
    with server.test_request_context("/version", headers={"Cookie": cookie}, base_url=URL):
        assert server.preprocess_request() is None
        return current_scope()


def without_gate(settings: Settings, scope: Scope) -> Flask:
    """The same server open to everybody as that reader: no guard, no rates, no session in the store."""
    with patch("auth.guard.install"), patch("auth.rates.install"):
        server = create_server(settings)
    server.session_interface = SecureCookieSessionInterface()
    server.before_request_funcs.setdefault(None, []).insert(0, lambda: setattr(g, "scope", scope))
    return server


def _beside(address: str, cookies: list[str], asked: str) -> Ratio:
    """The p95 of a kept panel over the wire, alone and while every reader's page polls."""
    host = address.removeprefix("http://")
    headers = HEADERS | {"Cookie": cookies[0]}
    waits: dict[bool, list[float]] = {False: [], True: []}
    connection = http.client.HTTPConnection(host, timeout=60)

    def ask() -> float:
        began = time.perf_counter()
        connection.request("POST", callbacks.PATH, asked, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        return time.perf_counter() - began

    for _ in range(20):
        ask()
    for _ in range(4):
        waits[False] += [ask() for _ in range(ASKED)]
        with polling(host, cookies):
            waits[True] += [ask() for _ in range(ASKED)]
    alone, beside = (quantiles(waits[busy], n=20)[-1] for busy in (False, True))
    what = f"p95 of a kept panel while {READERS} signed-in readers poll"
    return Ratio(what, "alone", beside, alone, beside / alone, 1.5)


@contextmanager
def polling(host: str, cookies: list[str]) -> Iterator[None]:
    """Pages of all these readers, each with a connection of its own, that ask for news as often as pages do."""
    command = [sys.executable, "-m", "tests.bench.gate", "poll", host]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin, process.stdout
        process.stdin.write(json.dumps(cookies) + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "polling"
        try:
            yield
        finally:
            process.kill()


def poll(host: str, cookies: list[str]) -> None:
    """Ask for the version in turn, evenly over the time between two polls of a page, until told to stop."""
    pages = [(http.client.HTTPConnection(host, timeout=60), {"Cookie": cookie}) for cookie in cookies]
    began, step = time.monotonic(), POLL_MILLISECONDS / 1000 / len(pages)
    number = 0
    while True:
        connection, headers = pages[number % len(pages)]
        connection.request("GET", "/version", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        number += 1
        if number == 25:
            print("polling", flush=True)
        time.sleep(max(0.0, began + number * step - time.monotonic()))


def main() -> None:
    if sys.argv[1:2] == ["poll"]:
        poll(sys.argv[2], json.loads(sys.stdin.readline()))
        return
    if sys.argv[1:2] == ["serve"]:
        listen(read_settings(port=sys.argv[2]))
        return
    for ratio in measure():
        print(ratio.line(), flush=True)


if __name__ == "__main__":
    main()

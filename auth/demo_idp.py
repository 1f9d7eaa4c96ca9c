"""The login server of the demo: an OpenID provider on loopback whose readers are picked, not proved.

It is a process of its own that ends with the one that started it. A restart makes a new signing key and
forgets every code and token.
"""

# mypy: allow-untyped-calls
# (Authlib's server classes carry no types)

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from auth.demo_protocol import Client, DemoServer, DemoUser
from auth.notice import Notice, page, show

COOKIE = "parapet_demo_login"
SECRET_VARIABLE = "PARAPET_DEMO_CLIENT_SECRET"  # noqa: S105 the name of a variable, not a secret

USERS = {
    user.key: user
    for user in (
        DemoUser("trader-index-arb", "Ines Calder", "trader", ("Index Arb",)),
        DemoUser("trader-long-short", "Tomas Lindqvist", "trader", ("Long/Short",)),
        DemoUser("trader-vol", "Priya Raman", "trader", ("Vol",)),
        DemoUser("trader-rates", "Marek Dvorak", "trader", ("Rates",)),
        DemoUser("trader-fx", "Aiko Brandt", "trader", ("FX",)),
        DemoUser("risk-manager", "Helena Osei", "risk_manager"),
        DemoUser("admin", "Sam Whitlock", "admin"),
        DemoUser("admin-deputy", "Noor Haddad", "admin"),
        DemoUser("auditor", "Clara Nyberg", "auditor"),
        DemoUser("viewer", "Jonas Weber", "viewer", ("Vol", "Rates")),
    )
}

_PICKER = Path(__file__).with_name("picker.html").read_text(encoding="utf-8")


class DemoLoginError(RuntimeError):
    """The demo's login server did not start; the message says what to do."""


def create_app(issuer: str, client: Client, clock: Callable[[], float] = time.time) -> Flask:
    """Build the provider as a Flask app; `issuer` is its address, without a trailing slash."""
    app = Flask(__name__, static_folder=None)
    server = DemoServer(app, issuer, client, clock)

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response:
        return server.named(_authorize(server))

    @app.route("/token", methods=["POST"])
    def token() -> Response:
        response: Response = server.create_token_response()
        return response

    @app.route("/userinfo")
    def userinfo() -> Response:
        with server.bearers.acquire("openid") as bearer:
            return jsonify(bearer.user.claims)

    @app.route("/end-session", methods=["GET", "POST"])
    def end_session() -> Response:
        response: Response | None = server.create_endpoint_response("end_session")
        if response is None or response.status_code != 302:
            response = show(Notice("You are signed out", "The demo's login server has forgotten you."), 200)
        response.delete_cookie(COOKIE)
        return response

    app.add_url_rule("/.well-known/openid-configuration", "discovery", lambda: jsonify(server.discovery()))
    app.add_url_rule("/jwks", "jwks", lambda: jsonify(server.public_keys()))
    app.add_url_rule("/health", "health", lambda: jsonify(pid=os.getpid()))
    app.register_error_handler(ValueError, _unreadable)
    return app


def _authorize(server: DemoServer) -> Response:
    """Show the picker; lead back once a reader is picked, or when `prompt=none` asks for the last one."""
    known = USERS.get(request.cookies.get(COOKIE, ""))
    try:
        grant = server.get_consent_grant(end_user=known)
    except OAuth2Error as error:
        refusal: Response = server.handle_error_response(None, error)
        return refusal
    if "user" in request.form:
        user = USERS.get(request.form["user"])
    elif request.args.get("prompt") == "none":
        user = known
    else:
        return page(_PICKER, 200, users=USERS.values())
    response: Response = server.create_authorization_response(grant_user=user, grant=grant)
    if user:
        response.set_cookie(COOKIE, user.key, httponly=True, samesite="Lax")
    return response


def _unreadable(_error: ValueError) -> tuple[Response, int]:
    return jsonify(error="invalid_request", error_description="The request holds characters that OAuth forbids."), 400


def start(
    port: int, *, client_id: str, client_secret: str, redirect_uris: Sequence[str], seconds: float = 10.0
) -> subprocess.Popen[bytes]:
    """Run the login server as a child process and return once it answers at http://localhost:<port>.

    It ends when its standard input closes, hence with this process however that ends; to end it earlier call
    `stop`. Raises DemoLoginError when it does not answer within `seconds`.
    """
    options = [
        f"--port={port}",
        f"--client-id={client_id}",
        *(f"--redirect-uri={uri}" for uri in redirect_uris),
    ]
    child = subprocess.Popen(  # noqa: S603 our own interpreter and module
        [sys.executable, "-m", "auth.demo_idp", "--until-stdin-closes", *options],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env=os.environ | {SECRET_VARIABLE: client_secret},
    )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(subprocess.TimeoutExpired):
            child.wait(0.02)
            stop(child)
            raise DemoLoginError(f"the demo's login server did not start on port {port}: is the port taken?")
        if _answers(port, child.pid):
            return child
    stop(child)
    raise DemoLoginError(f"the demo's login server did not answer on port {port} within {seconds:g} s")


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a login server begun by `start`."""
    child.terminate()
    child.communicate()


def _answers(port: int, pid: int) -> bool:
    try:
        with urlopen(f"http://localhost:{port}/health", timeout=1) as response:  # our own address  # nosec B310
            return bool(json.load(response)["pid"] == pid)
    except (OSError, ValueError, KeyError):
        return False


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 the parent's signature
        """Say nothing of requests that went well, or not."""


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m auth.demo_idp", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True, help="port on loopback")
    parser.add_argument("--client-id", required=True, help="id of the app")
    parser.add_argument("--client-secret", default=os.environ.get(SECRET_VARIABLE), help=f"or {SECRET_VARIABLE}")
    parser.add_argument("--redirect-uri", required=True, action="append", help="the app's /callback; may be repeated")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the process that holds the pipe")
    asked = parser.parse_args()
    if not asked.client_secret:
        parser.error(f"give --client-secret or set {SECRET_VARIABLE}")
    if asked.until_stdin_closes:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    app = create_app(
        f"http://localhost:{asked.port}",
        Client(asked.client_id, asked.client_secret, tuple(asked.redirect_uri)),
    )
    with suppress(KeyboardInterrupt):
        make_server("127.0.0.1", asked.port, app, threaded=True, request_handler=_Quiet).serve_forever()


def _end_with_stdin() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()

"""The guard before every request: closed unless listed, nothing forged, safe headers on every answer."""

from collections.abc import Callable, Iterable
from typing import cast
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, g, has_request_context, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from auth import audit, notice, oidc
from auth.audit import Audit
from auth.grants import lacking
from auth.notice import Notice
from auth.oidc import LoginSettings
from auth.readers import Readers
from auth.sessions import StoredSessions
from data.scope import NOBODY, Scope
from data.store import Clock, Store, utc_now

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MACHINE_PATHS = ("/_dash-", "/_reload-hash", "/assets/", "/api/", "/export/")
"""What pages and programs fetch: an anonymous request there is answered 401, never sent to the login page."""

ASSET_PATHS = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")
"""The only answers that a browser may keep."""

CALLBACK_PATH = "/_dash-update-component"


class NotSignedInError(RuntimeError):
    """A scope was asked for outside a signed-in request."""


def install(  # noqa: PLR0913 the one place where everything meets
    server: Flask,
    login: LoginSettings,
    store: Store,
    *,
    csp: Callable[[], str] = lambda: notice.POLICY,
    open_endpoints: Iterable[str] = (),
    clock: Clock = utc_now,
) -> None:
    """Close every endpoint of the server but `oidc.OPEN_ENDPOINTS` and `open_endpoints` (the health check).

    `csp` is asked for the content security policy of every answer that does not bring its own. The guard runs
    before every other hook of the server, whenever those were or will be registered.
    """
    guard = _Guard(login, frozenset(open_endpoints) | oidc.OPEN_ENDPOINTS, csp)
    server.session_interface = StoredSessions(
        store, idle=login.idle, lifetime=login.lifetime, secure=login.secure, clock=clock
    )
    audit.install(server, Audit(store, clock))
    oidc.register(server, login, Readers(store, clock, login.rules, login.away), clock)
    server.before_request_funcs.setdefault(None, []).insert(0, guard.admit)
    server.after_request_funcs.setdefault(None, []).insert(0, guard.seal)


def current_scope() -> Scope:
    """Tell what the reader of the current request may see; NotSignedInError outside a signed-in request."""
    scope = g.get("scope") if has_request_context() else None
    if scope is None:
        raise NotSignedInError("no reader is signed in here")
    return cast("Scope", scope)


class _Guard:
    def __init__(self, login: LoginSettings, opened: frozenset[str], csp: Callable[[], str]) -> None:
        self._login = login
        self._opened = opened
        self._csp = csp
        self._origin = "://".join(urlsplit(login.base_url)[:2])

    def admit(self) -> AnyResponse | None:
        """Before a request: None lets it pass; otherwise the answer it gets instead."""
        g.reader = scope = oidc.signed_in(self._login)
        if request.endpoint in self._opened:
            return self._forged()
        if scope is NOBODY:
            return _anonymous()
        if missing := lacking(scope, self._login.rules):
            return _refused(scope, missing)
        if forged := self._forged():
            return forged
        g.scope = scope
        return None

    def seal(self, response: AnyResponse) -> AnyResponse:
        """After a request: the audit row of a refusal, and the headers every answer carries."""
        if g.get("denied") or response.status_code in (401, 403):
            reason = g.get("denied", "not allowed")
            audit.record("denied", g.get("reader", NOBODY), status=response.status_code, reason=reason)
        headers = response.headers
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = self._csp()
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path.startswith(ASSET_PATHS) or response.status_code != 200:
            headers["Cache-Control"] = "no-store"
        if self._login.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    def _forged(self) -> AnyResponse | None:
        """Refuse a request that changes something and does not come from one of our own pages."""
        if request.method in SAFE_METHODS:
            return None
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site not in (None, "same-origin") or origin not in (None, self._origin) or not (site or origin):
            return _problem(403, "this request did not come from a page of this app; reload the page")
        if request.path.endswith(CALLBACK_PATH) and request.mimetype != "application/json":
            return _problem(415, "send application/json")
        return None


def _anonymous() -> AnyResponse:
    if _navigates():
        target = oidc.safe_target(request.full_path.removesuffix("?"))
        return redirect(f"/login?{urlencode({'next': target})}")
    return _problem(401, "sign in first")


def _navigates() -> bool:
    """Whether a person is opening a page, rather than a page or a program fetching something."""
    if request.method not in ("GET", "HEAD") or request.path.startswith(MACHINE_PATHS):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def _refused(scope: Scope, missing: str) -> AnyResponse:
    audit.deny(f"the account lacks {missing}")
    if not _navigates():
        return _problem(403, f"the account lacks {missing}")
    text = f"You are signed in as {scope.name}, but this account opens nothing yet. Ask the operators for it."
    page = Notice("No access", text, f"{scope.reader} lacks {missing}.", "Sign in as someone else", "/logout")
    return notice.show(page, 403)


def _problem(status: int, reason: str) -> Response:
    audit.deny(reason)
    response = jsonify(error=reason)
    response.status_code = status
    return response

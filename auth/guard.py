"""The guard before every request: closed unless listed, nothing forged, safe headers on every answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast
from urllib.parse import urlencode, urlsplit

from flask import Flask, g, has_request_context, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from auth import audit, frames, notice, oidc, problem, seeing
from auth.audit import Audit
from auth.failures import Failures
from auth.notice import Notice
from auth.oidc import LoginSettings
from auth.readers import Readers
from auth.seeing import Seeing
from auth.sessions import StoredSessions
from auth.tokens import Token, TokenRefusedError, Tokens
from data.scope import NOBODY, Scope
from data.store import Clock, Store, utc_now

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MACHINE_PATHS = ("/_dash-", "/_reload-hash", "/assets/", "/api/", "/export/")
"""What pages and programs fetch: an anonymous request there is answered 401, never sent to the login page."""

ASSET_PATHS = (
    *("/assets/", "/_dash-component-suites/", "/_favicon.ico"),
    *(f"{frames.PATH}{rest}" for rest in ("assets/", "_dash-component-suites/", "_favicon.ico")),
)
"""The only answers that a browser may keep."""

CALLBACK_PATH = "/_dash-update-component"

API_PATH = "/api/"
CHALLENGES = ('Bearer realm="parapet"', 'Basic realm="parapet", charset="UTF-8"')
"""What a program may send there: a token as it is, or as the password beside any user name."""

PageOf = Callable[..., str | None]
"""From the arguments of an endpoint to the name of the page that its answer belongs to; empty if there is none.

None says that the answer is of no one page and keeps to what `opens` says of each.
"""


class NotSignedInError(RuntimeError):
    """A scope was asked for outside a signed-in request."""


def install(  # noqa: PLR0913 the one place where everything meets
    server: Flask,
    login: LoginSettings,
    store: Store,
    *,
    csp: Callable[[], str] = lambda: notice.POLICY,
    open_endpoints: Iterable[str] = (),
    token_endpoints: Mapping[str, PageOf] = MappingProxyType({}),
    framed: frames.Frames | None = None,
    clock: Clock = utc_now,
) -> None:
    """Close every endpoint of the server but `oidc.OPEN_ENDPOINTS` and `open_endpoints` (the health check).

    `csp` is asked for the content security policy of every answer that does not bring its own. A personal access
    token is looked at by `token_endpoints` alone, each with the page that a token must be for. What a frame in a
    portal asks is for `framed` to admit; without it, nothing is embedded. The guard runs before
    every other hook of the server, whenever those were or will be registered.
    """
    readers = Readers(store, clock, login.rules, login.away)
    programs = _Programs(login, token_endpoints, Tokens(store, clock), readers, Failures(login.token_failures, clock))
    server.session_interface = StoredSessions(
        store,
        idle=login.idle,
        lifetime=login.lifetime,
        secure=login.secure,
        clock=clock,
        cookieless=frames.is_cookieless if framed else lambda _path: False,
    )
    audit.install(server, Audit(store, clock))
    desk = oidc.register(server, login, store, readers, clock)
    seeing.register(server, Seeing(readers))
    opened = frozenset(open_endpoints) | oidc.OPEN_ENDPOINTS
    guard = _Guard(login, opened, programs, csp, desk, readers=readers, framed=framed)
    server.before_request_funcs.setdefault(None, []).insert(0, guard.admit)
    server.after_request_funcs.setdefault(None, []).insert(0, guard.seal)


def current_scope() -> Scope:
    """Tell what the reader of the current request may see; NotSignedInError outside a signed-in request."""
    scope = g.get("scope") if has_request_context() else None
    if scope is None:
        raise NotSignedInError("no reader is signed in here")
    return cast("Scope", scope)


def opens(page: str) -> bool:
    """Whether what the current request showed is for that page: a token may be for some pages, a session is for all."""
    token: Token | None = g.get("token")
    return token is None or token.opens(page)


def navigates() -> bool:
    """Whether a person is opening a page, rather than a page or a program fetching something."""
    if request.method not in ("GET", "HEAD") or request.path.startswith(MACHINE_PATHS):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


class _Guard:
    def __init__(  # noqa: PLR0913 who may come in, by whichever door
        self,
        login: LoginSettings,
        opened: frozenset[str],
        programs: "_Programs",
        csp: Callable[[], str],
        desk: oidc.SignIn,
        *,
        readers: Readers,
        framed: frames.Frames | None,
    ) -> None:
        self._readers = readers
        self._seeing = Seeing(readers)
        self._login = login
        self._desk = desk
        self._framed = framed
        self._opened = opened
        self._programs = programs
        self._csp = csp
        self._origin = "://".join(urlsplit(login.base_url)[:2])

    def admit(self) -> AnyResponse | None:
        """Before a request: None lets it pass; otherwise the answer it gets instead."""
        if self._framed and self._framed.ask():
            return self._framed.admit() or self._forged()
        if self._programs.ask():
            return self._programs.admit()
        g.reader = scope = self._readers.entitled(oidc.signed_in(self._login))
        if request.endpoint in self._opened:
            return None if request.endpoint == oidc.BACKCHANNEL else self._forged()
        if scope is NOBODY:
            return _anonymous()
        if later := self._desk.renew(navigates=navigates()):
            return later
        refusal = self._refusal(scope)
        if refusal is None:
            g.reader = g.scope = self._seeing.scope(scope)
        return refusal

    def _refusal(self, scope: Scope) -> AnyResponse | None:
        """Why somebody signed in may not have this, if so: the account opens nothing, or the request is forged."""
        if missing := self._login.lacking(scope):
            return _refused(scope, missing)
        return self._forged()

    def seal(self, response: AnyResponse) -> AnyResponse:
        """After a request: the audit row of a refusal, and the headers every answer carries.

        A callback that was refused something says so in words for the screen; its status says so to everybody else.
        """
        if "denied" in g and response.status_code == 200 and request.path.endswith(CALLBACK_PATH):
            response.status_code = 403
        if g.get("denied") or response.status_code in (401, 403):
            reason = g.get("denied", "not allowed")
            audit.record("denied", g.get("reader", NOBODY), status=response.status_code, reason=reason)
        headers = response.headers
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = self._csp()
        if response.status_code == 401 and request.path.startswith(API_PATH):
            headers.extend([("WWW-Authenticate", challenge) for challenge in CHALLENGES])
        headers["X-Content-Type-Options"] = "nosniff"
        if "frame-ancestors http" not in headers["Content-Security-Policy"]:
            headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "no-referrer" if frames.is_cookieless(request.path) else "same-origin"
        if not 300 <= response.status_code < 400:  # a way on holds nothing, and must not part a window from its opener
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(ASSET_PATHS) or response.status_code not in (200, 304):
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
            return _problem(403, "this request did not come from a page of this app; reload the page", "forged")
        if request.path.endswith(CALLBACK_PATH) and request.mimetype != "application/json":
            return _problem(415, "send application/json")
        return None


class _Programs:
    """Requests with a token: only at the endpoints that are for programs, and as the token's owner left at last."""

    def __init__(
        self,
        login: LoginSettings,
        endpoints: Mapping[str, PageOf],
        tokens: Tokens,
        readers: Readers,
        failures: Failures,
    ) -> None:
        self._login = login
        self._endpoints = endpoints
        self._tokens = tokens
        self._readers = readers
        self._failures = failures

    def ask(self) -> bool:
        """Whether the request shows credentials where they count; from then on no session does."""
        nowhere = request.endpoint is None and request.path.startswith(API_PATH)  # no address, or not by this method
        return (nowhere or request.endpoint in self._endpoints) and "Authorization" in request.headers

    def admit(self) -> AnyResponse | None:
        """None lets the request pass with the owner's scope; otherwise the answer it gets instead."""
        address = request.remote_addr or ""
        if refusal := self._failures.refusal(address):
            return refusal
        try:
            scope, page = self._opened()
        except TokenRefusedError as error:
            self._failures.note(address)
            g.reader = replace(NOBODY, reader=error.owner)
            return _problem(401, str(error), "bad_token")
        g.reader = scope
        if missing := self._login.lacking(scope):
            return _problem(403, f"the account lacks {missing}")
        if not page:
            return _problem(403, "this token is for other pages")
        g.scope = scope
        return None

    def _opened(self) -> tuple[Scope, bool]:
        """Whose token it is, and whether it is for the page asked; TokenRefusedError where it opens nothing."""
        sent = request.authorization
        shown = (sent.token or sent.password or "") if sent else ""
        token = self._tokens.admit(shown)
        scope = self._readers.scope(token.owner)
        if scope is None:
            raise TokenRefusedError(
                f"its owner has not signed in for {self._login.away.days} days; sign in once", token.owner
            )
        audit.record("token_used", scope, token=token.token_id, name=token.name)
        g.token = token
        page = self._endpoints[request.endpoint](**(request.view_args or {})) if request.endpoint else None
        return scope, page is None or token.opens(page)


def _anonymous() -> AnyResponse:
    if navigates():
        target = oidc.safe_target(request.full_path.removesuffix("?"))
        return redirect(f"/login?{urlencode({'next': target})}")
    return _problem(401, "sign in first; a program shows a personal access token, which opens what is under /api/")


def _refused(scope: Scope, missing: str) -> AnyResponse:
    audit.deny(f"the account lacks {missing}")
    if not navigates():
        return _problem(403, f"the account lacks {missing}")
    text = f"You are signed in as {scope.name}, but this account opens nothing yet. Ask the operators for it."
    page = Notice("No access", text, f"{scope.reader} lacks {missing}.", "Sign in as someone else", "/logout")
    return notice.show(page, 403)


def _problem(status: int, reason: str, code: str = "") -> AnyResponse:
    audit.deny(reason)
    return problem.answer(status, reason, code=code)

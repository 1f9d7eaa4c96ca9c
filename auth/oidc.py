"""Signing in and out at an OpenID Connect login server: code, PKCE and nonce, every answer checked."""

# mypy: allow-untyped-calls
# (Authlib's client classes carry no types)

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import unquote, urlencode, urlsplit

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, request, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response as AnyResponse

from auth import audit, notice, sessions
from auth.backchannel import BackChannel
from auth.grants import GroupRules, grant, groups_in
from auth.notice import Notice
from auth.provider import TIMEOUT, Provider, ProviderDownError
from auth.readers import Readers
from data.scope import NOBODY, Scope
from data.store import Clock, Store

BACKCHANNEL = "backchannel_logout"
OPEN_ENDPOINTS = frozenset({"login", "callback", "logout", "signed_out", BACKCHANNEL})
LEEWAY = 30
"""Seconds by which the login server's clock may differ."""

_SCOPES = "openid profile email groups"
_STATES_KEPT = 8
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_UNSAFE_TARGET = re.compile(r"[\\\x00-\x1f\x7f-\x9f]|^//")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LoginSettings:
    """What a login needs to know; `base_url` as readers write it, `issuer` as the login server does."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base_url: str
    groups_claim: str = "groups"
    rules: GroupRules = field(default_factory=GroupRules)
    idle: timedelta = timedelta(minutes=60)
    lifetime: timedelta = timedelta(hours=12)
    away: timedelta = timedelta(days=30)
    token_failures: int = 20

    @property
    def secure(self) -> bool:
        """Whether readers come over TLS, hence whether cookies are Secure."""
        return self.base_url.startswith("https://")


class LoginRejectedError(ValueError):
    """A login that must not succeed; the message is fit for the reader and the audit trail."""


def register(server: Flask, login: LoginSettings, store: Store, readers: Readers, clock: Clock) -> None:
    """Add /login, /callback, /logout, /signed-out and /backchannel-logout, and the pages for logins that fail."""
    desk = _SignIn(server, login, readers, clock)
    channel = BackChannel(desk.provider, login.issuer, login.client_id, store, clock)
    server.add_url_rule("/login", "login", desk.begin)
    server.add_url_rule("/callback", "callback", desk.finish)
    server.add_url_rule("/logout", "logout", desk.leave, methods=["GET", "POST"])
    server.add_url_rule("/backchannel-logout", BACKCHANNEL, channel.end, methods=["POST"])
    server.add_url_rule("/signed-out", "signed_out", _signed_out)
    server.register_error_handler(ProviderDownError, _unavailable)
    server.register_error_handler(LoginRejectedError, _rejected)


def signed_in(login: LoginSettings) -> Scope:
    """Tell who the reader of the current session is; NOBODY before login."""
    if "sub" not in session:
        return NOBODY
    return grant(session["sub"], session["name"], session["groups"], login.rules)


def safe_target(target: str) -> str:
    """`target` when it is a page of this app, else `/`: never another host, whatever the spelling."""
    forms = [target]
    while len(forms) < 4 and unquote(forms[-1]) != forms[-1]:
        forms.append(unquote(forms[-1]))
    if len(target) > 2000 or any(not form.startswith("/") or _UNSAFE_TARGET.search(form) for form in forms):
        return "/"
    return "/" if urlsplit(target).path in ("/login", "/callback", "/logout", "/signed-out") else target


class _SignIn:
    """The routes of one app at one login server."""

    def __init__(self, server: Flask, login: LoginSettings, readers: Readers, clock: Clock) -> None:
        self._login = login
        self._readers = readers
        self._clock = clock
        self._client = OAuth(server).register(
            "parapet",
            client_id=login.client_id,
            client_secret=login.client_secret,
            client_kwargs={"scope": _SCOPES, "code_challenge_method": "S256", "default_timeout": TIMEOUT},
        )
        self.provider = Provider(self._client, login.issuer, clock)

    def begin(self) -> AnyResponse:
        """GET /login?next=…: off to the login server, with state, nonce and verifier kept in the session."""
        target = safe_target(request.args.get("next", ""))
        if self._by_another_loopback_name():
            return redirect(f"{self._login.base_url}/login?{urlencode({'next': target})}")
        self.provider.metadata()
        for stale in [key for key in session if key.startswith("_state_")][: 1 - _STATES_KEPT]:
            session.pop(stale)
        sent = self._client.create_authorization_url(f"{self._login.base_url}/callback")
        started = {"next": target, "begun": self._clock().timestamp()}
        self._client.save_authorize_data(redirect_uri=f"{self._login.base_url}/callback", **started, **sent)
        return redirect(sent["url"])

    def finish(self) -> AnyResponse:
        """GET /callback: check everything the login server sent, then begin a session under a new id."""
        metadata = self.provider.metadata()
        self._check_issuer(metadata)
        started = self._started()
        token = self._token()
        claims = self._with_groups(self._claims(token), token, metadata)
        name = next((claims[key] for key in ("name", "preferred_username", "email") if claims.get(key)), claims["sub"])
        groups = groups_in(claims.get(self._login.groups_claim))
        sessions.begin(
            {
                "sub": claims["sub"],
                "sid": str(claims.get("sid", "")),
                "name": str(name),
                "groups": groups,
                "id_token": token["id_token"],
            }
        )
        self._readers.seen(claims["sub"], str(name), _email(claims), groups)
        scope = signed_in(self._login)
        audit.record("login", scope, name=scope.name, roles=sorted(scope.roles), desks=sorted(scope.desks))
        return redirect(started["next"])

    def leave(self) -> AnyResponse:
        """POST /logout, or GET from one of our own pages: end the session here, then at the login server."""
        scope = signed_in(self._login)
        if scope is NOBODY:
            return redirect("/signed-out")
        if request.method != "POST" and request.headers.get("Sec-Fetch-Site") != "same-origin":
            ask = Notice(
                "Sign out",
                f"You are signed in as {scope.name}.",
                action="Sign out",
                href="/logout",
                post=True,
            )
            return notice.show(ask, 200)
        id_token = session["id_token"]
        session.clear()
        audit.record("logout", scope)
        return redirect(self._goodbye(id_token))

    def _goodbye(self, id_token: str) -> str:
        """Where a reader goes who has left: through the login server's own logout where it has one."""
        try:
            if "end_session_endpoint" not in self.provider.metadata():
                return "/signed-out"
        except ProviderDownError:
            return "/signed-out"
        back = f"{self._login.base_url}/signed-out"
        url: str = self._client.create_logout_url(back, id_token, client_id=self._login.client_id)["url"]
        return url

    def _by_another_loopback_name(self) -> bool:
        """Whether the reader typed 127.0.0.1 for localhost: the callback would not see the cookie."""
        here, ours = urlsplit(request.host_url).hostname, urlsplit(self._login.base_url).hostname
        return here != ours and {here, ours} <= _LOOPBACK

    def _check_issuer(self, metadata: Mapping[str, Any]) -> None:
        """Compare the `iss` parameter of RFC 9207: required where advertised, right wherever present."""
        said = request.args.get("iss")
        if said != self._login.issuer and (said or metadata.get("authorization_response_iss_parameter_supported")):
            raise LoginRejectedError("the answer names another login server, or none (iss)")

    def _started(self) -> dict[str, Any]:
        """Find what this browser's login was begun with."""
        state = request.args.get("state", "")
        data: dict[str, Any] | None = self._client.framework.get_state_data(session, state)
        oldest = (self._clock() - sessions.LOGIN_WINDOW).timestamp()
        if not data or data["begun"] < oldest:
            raise LoginRejectedError("the login was begun too long ago, in another browser, or is already over (state)")
        return data

    def _token(self) -> dict[str, Any]:
        """Exchange the request's code for tokens, the id_token checked."""
        must_be = {"iss": self._login.issuer, "aud": self._login.client_id}
        options = {name: {"essential": True, "value": value} for name, value in must_be.items()}
        try:
            token: dict[str, Any] = self._client.authorize_access_token(leeway=LEEWAY, claims_options=options)
        except requests.RequestException as error:
            _unreachable(error)
        except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError) as error:
            raise LoginRejectedError(f"the login server's answer did not pass: {error}") from error
        return token

    def _claims(self, token: Mapping[str, Any]) -> dict[str, Any]:
        claims = token.get("userinfo")
        if not claims:
            raise LoginRejectedError("the login server sent no id_token")
        if not claims.get("sub"):
            raise LoginRejectedError("the id_token names no reader (sub)")
        if "events" in claims:
            raise LoginRejectedError("the token is a logout token (events)")
        return dict(claims)

    def _with_groups(self, claims: dict[str, Any], token: object, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Add the claims of the userinfo endpoint where the id_token carries no groups."""
        if self._login.groups_claim in claims or "userinfo_endpoint" not in metadata:
            return claims
        try:
            more: dict[str, Any] = self._client.userinfo(token=token)
        except requests.RequestException as error:
            _unreachable(error)
        except (AuthlibBaseError, ValueError, TypeError) as error:
            raise LoginRejectedError(f"the login server's userinfo cannot be read: {error}") from error
        if more.get("sub") != claims["sub"]:
            raise LoginRejectedError("the userinfo is another reader's (sub)")
        return more | claims


def _email(claims: Mapping[str, Any]) -> str:
    """The reader's address, unless the login server says that it is not verified."""
    found, verified = claims.get("email"), claims.get("email_verified", True)
    return found if isinstance(found, str) and verified is not False else ""


def _unreachable(error: Exception) -> NoReturn:
    raise ProviderDownError("The login server does not answer.") from error


def _signed_out() -> Response:
    page = Notice("You are signed out", "Close this window, or sign in again.", action="Sign in", href="/")
    return notice.show(page, 200)


def _rejected(error: LoginRejectedError) -> Response:
    audit.deny(f"login: {error}")
    text = "Nothing was opened. Continue if you are signed in already in another tab, or sign in again."
    return notice.show(Notice("The sign-in did not complete", text, str(error)[:300], "Continue", "/"), 400)


def _unavailable(error: ProviderDownError) -> Response:
    audit.deny(f"login: {error}")
    _log.warning("login server unavailable", reason=str(error), cause=str(error.__cause__ or ""))
    text = "Readers who are signed in already can go on working. Try again in a minute."
    response = notice.show(Notice("Signing in is not possible now", text, str(error), "Try again", "/"), 503)
    response.headers["Retry-After"] = "30"
    return response

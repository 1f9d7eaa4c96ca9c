"""Signing in and out at OpenID Connect login servers: the routes, and what becomes of a login server's answer."""

# mypy: allow-untyped-calls
# (Authlib's client classes carry no types)

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from auth import audit, notice, problem, sessions, stepup
from auth.backchannel import BackChannel
from auth.claims import Told
from auth.client import Client
from auth.grants import grant
from auth.login import LEEWAY, LoginRejectedError, LoginServer, LoginSettings
from auth.notice import Notice
from auth.provider import ProviderDownError
from auth.readers import Readers
from auth.renewal import AWAY, NEEDS_READER, PASSING, SHORTLY, Renewal
from auth.target import safe_target
from data.scope import NOBODY, Scope
from data.store import Clock, Store

__all__ = ["BACKCHANNEL", "LEEWAY", "OPEN_ENDPOINTS", "LoginSettings", "SignIn", "register", "safe_target", "signed_in"]

BACKCHANNEL = "backchannel_logout"
OPEN_ENDPOINTS = frozenset({"login", "callback", "logout", "signed_out", BACKCHANNEL})

_CHOICE = Path(__file__).with_name("choice.html").read_text(encoding="utf-8")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_log = structlog.get_logger()


def register(server: Flask, login: LoginSettings, store: Store, readers: Readers, clock: Clock) -> "SignIn":
    """Add the routes of a login, a callback for each login server among them, and the pages for logins that fail."""
    desk = SignIn(server, login, readers, clock)
    channel = BackChannel([(each.server, each.provider) for each in desk.clients.values()], store, clock)
    server.add_url_rule("/login", "login", desk.begin)
    for client in desk.clients.values():
        server.add_url_rule(client.path, "callback", desk.finish, defaults={"key": client.server.key})
    server.add_url_rule("/logout", "logout", desk.leave, methods=["GET", "POST"])
    server.add_url_rule("/backchannel-logout", BACKCHANNEL, channel.end, methods=["POST"])
    server.add_url_rule("/signed-out", "signed_out", _signed_out)
    server.register_error_handler(ProviderDownError, _unavailable)
    server.register_error_handler(LoginRejectedError, _rejected)
    stepup.install(server, stepup.StepUp(clock, login.fresh))
    return desk


def signed_in(login: LoginSettings) -> Scope:
    """Tell who the reader of the current session is; NOBODY before login, or once his login server is none of ours."""
    if "sub" not in session or _server(login) is None:
        return NOBODY
    return grant(session["sub"], session["name"], session["groups"], login.rules)


class SignIn:
    """The routes of one app at its login servers."""

    def __init__(self, server: Flask, login: LoginSettings, readers: Readers, clock: Clock) -> None:
        self._login = login
        self._readers = readers
        self._clock = clock
        self._renewal = Renewal(login, clock)
        oauth = OAuth(server)
        self.clients = {each.key: Client(oauth, each, login.base_url, clock) for each in login.servers}

    def begin(self) -> AnyResponse:
        """GET /login?next=…: off to the login server; `server` names one of several, `fresh` asks the reader again."""
        asked = request.args.get("next", "/")
        target = safe_target(asked)
        if target != asked:
            audit.deny("login: the address to go on to is no page of this app (next)")
        if self._by_another_loopback_name():
            return redirect(f"{self._login.base_url}/login?{urlencode({**request.args, 'next': target})}")
        client = self._chosen()
        if client is None:
            return self._choice(target)
        if "fresh" in request.args:
            seconds = int(self._login.fresh.total_seconds())
            return redirect(client.begin(target, purpose="fresh", prompt="login", max_age=seconds))
        return redirect(client.begin(target))

    def finish(self, key: str) -> AnyResponse:
        """GET /callback: check everything the login server sent, then begin a session under a new id."""
        client = self.clients[key]
        started = client.started()
        if started["purpose"] == "renewal":
            return self._renewed(client, started)
        told = client.told(self._login.rules)
        if started["purpose"] == "fresh" and told.auth_time < started["begun"] - LEEWAY:
            raise LoginRejectedError("the login server did not ask the reader again, or does not say when (auth_time)")
        sessions.begin({**self._kept(client, told), "auth_time": told.auth_time, **self._renewal.first()})
        scope = self._seen(told)
        about = {"server": client.server.issuer, "fresh": started["purpose"] == "fresh"}
        audit.record("login", scope, name=scope.name, roles=sorted(scope.roles), desks=sorted(scope.desks), **about)
        return redirect(started["next"])

    def renew(self, *, navigates: bool) -> AnyResponse | None:
        """Before a request of somebody signed in: where to go instead when his claims are too old, else None."""
        if navigates and self._renewal.due():
            self._renewal.put_off(AWAY)
            target = safe_target(request.full_path.removesuffix("?"))
            try:
                return redirect(self._own().begin(target, purpose="renewal", prompt="none"))
            except ProviderDownError:
                self._renewal.put_off(SHORTLY)
        elif self._renewal.overdue():
            audit.deny("the reader's groups are to be read again")
            return problem.answer(401, "your groups have to be read again; reload the page", code="renewal_due")
        return None

    def leave(self) -> AnyResponse:
        """POST /logout, or GET from one of our own pages: end the session here, then at the login server."""
        scope = signed_in(self._login)
        if scope is NOBODY:
            return redirect("/signed-out")
        if request.method != "POST" and request.headers.get("Sec-Fetch-Site") != "same-origin":
            text = f"You are signed in as {scope.name}."
            return notice.show(Notice("Sign out", text, action="Sign out", href="/logout", post=True), 200)
        client, id_token = self._own(), session["id_token"]
        session.clear()
        audit.record("logout", scope)
        return redirect(client.goodbye(id_token))

    def _renewed(self, client: Client, started: dict[str, Any]) -> AnyResponse:
        """What comes of a renewal: new groups in the same session, the session as it was, or its end."""
        scope, error = signed_in(self._login), request.args.get("error", "")
        if error in NEEDS_READER | PASSING:
            client.forget()
            if error in NEEDS_READER and self._login.strict:
                session.clear()
                audit.record("renewal", scope, result="ended", reason=error)
            else:
                self._renewal.put_off(SHORTLY if error in PASSING else None)
                audit.record("renewal", scope, result="put off", reason=error)
            return redirect(started["next"])
        if error:
            session.clear()
            raise LoginRejectedError(f"the login server no longer lets this reader in ({error[:60]})")
        try:
            told = client.told(self._login.rules)
        except ProviderDownError:
            self._renewal.put_off(SHORTLY)
            return redirect(started["next"])
        kept = self._kept(client, told)
        if kept["sub"] != scope.reader:
            session.clear()
            raise LoginRejectedError("the login server knows another reader by now; sign in again (sub)")
        session.update({**kept, **self._renewal.first()})
        scope = self._seen(told)
        audit.record("renewal", scope, result="renewed", roles=sorted(scope.roles), desks=sorted(scope.desks))
        return redirect(started["next"])

    def _kept(self, client: Client, told: Told) -> dict[str, Any]:
        """What a session knows of its reader."""
        server = client.server
        return {
            "iss": server.issuer,
            "sub": server.identity(told.sub),
            "sid": server.identity(told.sid) if told.sid else "",
            "name": told.name,
            "groups": told.groups,
            "id_token": told.id_token,
        }

    def _seen(self, told: Told) -> Scope:
        """Keep what was told for what acts while the reader is away; the reader's scope from now on."""
        self._readers.seen(session["sub"], told.name, told.email, told.groups)
        return signed_in(self._login)

    def _own(self) -> Client:
        """The client of the login server that signed the current reader in."""
        server = _server(self._login)
        return self.clients[server.key if server else self._login.servers[0].key]

    def _chosen(self) -> Client | None:
        """The login server that the reader wants; None where he has to say."""
        if "fresh" in request.args and signed_in(self._login) is not NOBODY:
            return self._own()
        if len(self.clients) == 1:
            return next(iter(self.clients.values()))
        return self.clients.get(request.args["server"]) if "server" in request.args else None

    def _choice(self, target: str) -> Response:
        """The page that offers the login servers by name, and says which of them does not answer."""
        with ThreadPoolExecutor(len(self.clients)) as asking:
            failures = asking.map(Client.failure, self.clients.values())
        offered = [
            (each.server.label, f"/login?{urlencode({'server': each.server.key, 'next': target})}", failure)
            for each, failure in zip(self.clients.values(), failures, strict=True)
        ]
        status = 503 if all(failure for *_, failure in offered) else 200
        return notice.page(_CHOICE, status, offered=offered)

    def _by_another_loopback_name(self) -> bool:
        """Whether the reader typed 127.0.0.1 for localhost: the callback would not see the cookie."""
        here, ours = urlsplit(request.host_url).hostname, urlsplit(self._login.base_url).hostname
        return here != ours and {here, ours} <= _LOOPBACK


def _server(login: LoginSettings) -> LoginServer | None:
    """The login server of the current session; None where it is none of ours any more."""
    issuer = session.get("iss", login.issuer)
    return next((each for each in login.servers if each.issuer == issuer), None)


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

"""Readers' sessions, kept in the store: the cookie is a random id, and the store knows only its hash.

A session that exists is saved by UPDATE only, so a slow request cannot bring back one ended meanwhile.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Request, Response, has_request_context, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import bindparam, delete, insert, select, update
from werkzeug.datastructures import CallbackDict

from auth.permissions import permit
from data.scope import Scope
from data.store import Clock, Store
from data.store import session as table

LOGIN_WINDOW = timedelta(minutes=15)
"""How long a reader may take at the login server."""

_ALIVE = (table.c.id_hash == bindparam("id")) & (table.c.expires_at > bindparam("now"))
_FIND = select(table.c.data, table.c.expires_at, table.c.ends_at).where(_ALIVE)
_SAVE = update(table).where(table.c.id_hash == bindparam("id"))
_BEGIN = insert(table)
_END = delete(table).where(table.c.id_hash == bindparam("id"))
_MINE = (
    select(table.c.id_hash, table.c.created_at, table.c.ends_at)
    .where(table.c.sub == bindparam("reader"), table.c.expires_at > bindparam("now"))
    .order_by(table.c.created_at.desc())
)
_END_MINE = delete(table).where(table.c.sub == bindparam("reader"))
_PURGE = delete(table).where(table.c.expires_at <= bindparam("now"))


class StoredSession(CallbackDict[str, Any], SessionMixin):
    """One reader's session; emptied it ends, `renewed` it gets a new id, at the end of the request."""

    modified = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        id_hash: str = "",
        expires_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> None:
        super().__init__(data, _mark)
        self.id_hash = id_hash
        self.expires_at = expires_at
        self.ends_at = ends_at
        self.renewed = False


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of a reader's sessions: since when, until when at the latest, and whether it is the request's own."""

    created_at: datetime
    ends_at: datetime
    current: bool


class OwnSessions:
    """A reader's sessions in the store: his own, and no others."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._engine = store.engine
        self._clock = clock

    def of(self, scope: Scope) -> list[OwnSession]:
        """Those that are open, the newest first; `current` is known within a request only."""
        here = getattr(session, "id_hash", "") if has_request_context() else ""
        with self._engine.connect() as connection:
            rows = (
                connection.execute(_MINE, {"reader": scope.reader, "now": self._clock()}).all() if scope.reader else []
            )
        return [OwnSession(row.created_at, row.ends_at, row.id_hash == here) for row in rows]

    def end(self, scope: Scope) -> int:
        """End them all, the request's own too; how many there were."""
        if scope.roles:  # who has none may still leave
            permit(scope, "end sessions")
        with self._engine.begin() as connection:
            return connection.execute(_END_MINE, {"reader": scope.reader}).rowcount if scope.reader else 0


def begin(data: Mapping[str, Any]) -> None:
    """Replace the current session by a new one with this data, under a new id: what a login does."""
    stored = cast("StoredSession", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 werkzeug's own way out of a proxy
    stored.clear()
    stored.update(data)
    stored.renewed = True


class StoredSessions(SessionInterface):
    """Flask's session interface on the store: ends after `idle` without use and after `lifetime` in any case.

    Of a path that is `cookieless` no session is ever opened. A cookie the store does not know opens an empty session
    and is never adopted as an id.
    """

    def __init__(  # noqa: PLR0913 how long sessions last, and where there is none
        self,
        store: Store,
        *,
        idle: timedelta,
        lifetime: timedelta,
        secure: bool,
        clock: Clock,
        cookieless: Callable[[str], bool] = lambda _path: False,
    ) -> None:
        self._engine = store.engine
        self._idle = idle
        self._lifetime = lifetime
        self._grain = min(timedelta(minutes=1), idle / 10)
        self._clock = clock
        self._cookieless = cookieless
        self._cookie: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
        self.cookie_name = "__Host-parapet" if secure else "parapet_session"

    def open_session(self, app: Flask, request: Request) -> StoredSession:  # noqa: ARG002 Flask's signature
        """Find the session of the request's cookie; an empty one when there is none, or it is over."""
        value = request.cookies.get(self.cookie_name)
        if not value or self._cookieless(request.path):
            return StoredSession()
        id_hash = _hash(value)
        with self._engine.connect() as connection:
            row = connection.execute(_FIND, {"id": id_hash, "now": self._clock()}).first()
        return StoredSession(json.loads(row.data), id_hash, row.expires_at, row.ends_at) if row else StoredSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002 Flask's signature
        """Write what changed: nothing for an unchanged session used less than a minute ago."""
        stored = cast("StoredSession", session)
        if stored.modified and not stored:
            self._end(stored, response)
        elif stored.renewed or (stored.modified and not stored.id_hash):
            self._begin(stored, response)
        elif stored.id_hash:
            self._keep(stored)

    def _begin(self, stored: StoredSession, response: Response) -> None:
        value, now = secrets.token_urlsafe(32), self._clock()
        ends_at = now + (self._lifetime if "sub" in stored else LOGIN_WINDOW)
        row = {
            "id_hash": _hash(value),
            "sub": stored.get("sub", ""),
            "sid": stored.get("sid", ""),
            "data": json.dumps(dict(stored)),
            "created_at": now,
            "expires_at": min(now + self._idle, ends_at),
            "ends_at": ends_at,
        }
        with self._engine.begin() as connection:
            connection.execute(_PURGE, {"now": now})
            connection.execute(_END, {"id": stored.id_hash})
            connection.execute(_BEGIN, row)
        response.set_cookie(self.cookie_name, value, **self._cookie)

    def _keep(self, stored: StoredSession) -> None:
        expires_at = min(self._clock() + self._idle, cast("datetime", stored.ends_at))
        changes: dict[str, Any] = {}
        if expires_at - cast("datetime", stored.expires_at) >= self._grain:
            changes["expires_at"] = expires_at
        if stored.modified:
            changes |= {"data": json.dumps(dict(stored)), "sid": stored.get("sid", "")}
        if changes:
            with self._engine.begin() as connection:
                connection.execute(_SAVE.values(changes), {"id": stored.id_hash})

    def _end(self, stored: StoredSession, response: Response) -> None:
        with self._engine.begin() as connection:
            connection.execute(_END, {"id": stored.id_hash})
        response.delete_cookie(self.cookie_name, **self._cookie)


def _mark(stored: StoredSession) -> None:
    stored.modified = True


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()

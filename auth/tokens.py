"""Personal access tokens: what a reader gives to Excel or a program so that it may read in his place, and no more.

A token is 32 random bytes behind a prefix; the store has its SHA-256 and nothing from which it could be made again.
It opens what its owner's last login opened, and of that only the pages it names, if it names any.
"""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from auth.audit import Audit
from auth.permissions import permit
from data.scope import Scope
from data.store import LONGEST_NAME, Clock, Store, access_token, is_name

PREFIX = "parapet_"
LONGEST_DAYS, MOST = 365, 20
_TABLE = access_token.c
_LIVE = (_TABLE.owner == bindparam("reader")) & _TABLE.revoked_at.is_(None)
_MINE = select(access_token).where(_LIVE).order_by(_TABLE.made_at.desc(), _TABLE.token_id)
_FIND = select(access_token).where(_TABLE.hash == bindparam("shown"))
_USED = update(access_token).where(_TABLE.token_id == bindparam("id"))
_REVOKE = update(access_token).where(_LIVE, _TABLE.token_id == bindparam("id")).returning(_TABLE.name)


class BadTokenError(ValueError):
    """A token that cannot be made, or is not there: says why and what to do."""


class TokenRefusedError(PermissionError):
    """A token that opens nothing; `owner` is its reader where there is one, for the audit trail alone."""

    def __init__(self, message: str, owner: str = "") -> None:
        super().__init__(message)
        self.owner = owner


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret: `token_id` names it and opens nothing; no `pages` means every page of its owner."""

    token_id: str
    owner: str
    name: str
    pages: frozenset[str]
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None

    def opens(self, page: str) -> bool:
        """Whether the token is for that page."""
        return not self.pages or page in self.pages


class Tokens:
    """The tokens in the store; a reader reaches his own. Making and revoking one is audited."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._engine = store.engine
        self._clock = clock
        self._audit = Audit(store, clock)

    def of(self, scope: Scope) -> list[Token]:
        """The reader's tokens that are not revoked, newest first, those that have ended among them."""
        with self._engine.connect() as connection:
            return [_read(row) for row in connection.execute(_MINE, {"reader": scope.reader})]

    def make(self, scope: Scope, name: str, days: object, pages: Collection[str] = ()) -> str:
        """A new token, shown this once. BadTokenError for a bad name or number of days and for one too many."""
        if not scope.reader:
            raise BadTokenError("nobody is signed in; sign in first")
        permit(scope, "make tokens")
        name, lasts, now = _named(name), _lasting(days), self._clock()
        if sum(token.ends_at > now for token in self.of(scope)) >= MOST:
            raise BadTokenError(f"there are {MOST} tokens already; revoke one first")
        shown = PREFIX + secrets.token_urlsafe(32)
        row = {
            "hash": _hash(shown),
            "token_id": secrets.token_hex(4),
            "owner": scope.reader,
            "name": name,
            "pages": json.dumps(sorted(pages)),
            "made_at": now,
            "ends_at": now + lasts,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(access_token), row)
        told = {"token": row["token_id"], "name": name, "pages": sorted(pages), "days": lasts.days}
        self._audit.record("token_made", scope, **told)
        return shown

    def revoke(self, scope: Scope, token_id: str) -> str:
        """End one of the reader's tokens at once and give back its name; BadTokenError if there is none."""
        permit(scope, "make tokens")
        keys = {"reader": scope.reader, "id": token_id}
        with self._engine.begin() as connection:
            name: str | None = connection.execute(_REVOKE.values(revoked_at=self._clock()), keys).scalar()
        if name is None:
            raise BadTokenError("you have no such token; it may be revoked already")
        self._audit.record("token_revoked", scope, token=token_id, name=name)
        return name

    def admit(self, shown: str) -> Token:
        """The token that a program shows, noted as used; TokenRefusedError if it is unknown, revoked or over."""
        now = self._clock()
        with self._engine.begin() as connection:
            row = connection.execute(_FIND, {"shown": _hash(shown)}).first()
            if row is None:
                raise TokenRefusedError("there is no such token")
            if row.revoked_at:
                raise TokenRefusedError(f"token {row.token_id} is revoked", row.owner)
            if row.ends_at <= now:
                raise TokenRefusedError(f"token {row.token_id} ended on {row.ends_at:%Y-%m-%d}", row.owner)
            connection.execute(_USED.values(used_at=now), {"id": row.token_id})
        return _read(row)


def _hash(shown: str) -> str:
    return hashlib.sha256(shown.encode(errors="replace")).hexdigest()


def _read(row: Row[Any]) -> Token:
    pages = frozenset(json.loads(row.pages))
    return Token(row.token_id, row.owner, row.name, pages, row.made_at, row.ends_at, row.used_at)


def _named(name: str) -> str:
    name = name.strip()
    if not is_name(name):
        raise BadTokenError(f"a token has a name of 1 to {LONGEST_NAME} printable characters; write what it is for")
    return name


def _lasting(days: object) -> timedelta:
    if not isinstance(days, int) or not 1 <= days <= LONGEST_DAYS:
        raise BadTokenError(f"a token lasts 1 to {LONGEST_DAYS} whole days; write how many")
    return timedelta(days=days)

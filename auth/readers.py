"""Readers as their last login left them: who they are and what their groups opened, for what acts while they are away.

Tokens and reports have their reader's groups of the last login, and none once that login is older than `lasts`. The
grants that are kept here count as they are now.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from auth.access import Access
from auth.grants import GroupRules, grant, joined
from data.scope import Scope
from data.store import Clock, Store
from data.store import reader as table

_ALL = select(table).order_by(table.c.seen_at.desc())
_ONE = select(table).where(table.c.reader == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's id at the login server, name, address (may be empty), groups and moment of the last login."""

    reader: str
    name: str
    email: str
    groups: tuple[str, ...]
    seen_at: datetime


class Readers:
    """The readers in the store, with the rules that make a scope of their groups."""

    def __init__(self, store: Store, clock: Clock, rules: GroupRules, lasts: timedelta) -> None:
        self._engine = store.engine
        self._clock = clock
        self._rules = rules
        self._lasts = lasts
        self._put = store.put(table)
        self._access = Access(store, clock)

    def seen(self, reader: str, name: str, email: str, groups: Iterable[str]) -> None:
        """Keep what a login has just said of a reader, in place of what an earlier one said."""
        row = {"reader": reader, "name": name, "email": email, "groups": json.dumps([*groups])}
        with self._engine.begin() as connection:
            connection.execute(self._put, {**row, "seen_at": self._clock()})

    def all(self) -> list[Reader]:
        """Every reader, the last one seen first."""
        with self._engine.connect() as connection:
            return [_read(row) for row in connection.execute(_ALL)]

    def find(self, reader: str) -> Reader | None:
        """One reader, if he ever signed in."""
        with self._engine.connect() as connection:
            row = connection.execute(_ONE, {"id": reader}).first()
        return _read(row) if row else None

    def scope(self, reader: str) -> Scope | None:
        """What a reader may see while he is away; None once he has not signed in for too long, or never did."""
        found = self.find(reader)
        if found is None or found.seen_at + self._lasts < self._clock():
            return None
        return self.entitled(grant(found.reader, found.name, found.groups, self._rules))

    def entitled(self, scope: Scope) -> Scope:
        """What a reader's groups opened, with the grants kept here that count at this moment."""
        return joined(scope, self._access.given(scope.reader), self._rules) if scope.reader else scope

    def of_role(self, role: str) -> list[Scope]:
        """The readers who have a role now, the last one seen first."""
        scopes = (self.scope(each.reader) for each in self.all())
        return [scope for scope in scopes if scope and role in scope.roles]


def _read(row: Row[Any]) -> Reader:
    return Reader(row.reader, row.name, row.email, tuple(json.loads(row.groups)), row.seen_at)

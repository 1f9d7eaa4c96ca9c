"""What the app's own store remembers of its readers, read by administrators and auditors: one door with one gate."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, true

from data.scope import DeniedError, Scope
from data.store import Store, access_grant, audit_check, audit_event, session, utc_now

ROLES = frozenset({"admin", "auditor"})
NEWEST = 500


class ClosedError(DeniedError):
    """The scope is neither an administrator's nor an auditor's."""


@dataclass(frozen=True, slots=True)
class Search:
    """Rows of the audit trail: of a reader, of an event, that hold a text, on days (UTC); what is empty finds all."""

    who: str = ""
    event: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def where(self) -> ColumnElement[bool]:
        """The rows that it finds."""
        event = audit_event.c
        found: ColumnElement[bool] = true()
        if self.who:
            found &= event.reader == self.who
        if self.event:
            found &= event.event == self.event
        if self.text:
            told = (event.event, event.reader, event.address, event.details)
            found &= or_(*(column.icontains(self.text, autoescape=True) for column in told))
        if self.since:
            found &= event.at >= datetime.combine(self.since, time.min, UTC)
        if self.until:
            found &= event.at < datetime.combine(self.until + timedelta(days=1), time.min, UTC)
        return found


def audit_events() -> Select[tuple[object, ...]]:
    """at, event, reader, address, details (JSON) of the newest 500 rows of the audit trail, newest first."""
    columns = (audit_event.c[name] for name in ("at", "event", "reader", "address", "details"))
    return select(*columns).order_by(audit_event.c.audit_id.desc()).limit(NEWEST)


def readers_seen() -> Select[tuple[object, ...]]:
    """reader, details (JSON) and moment (at) of the last login, seen_at, sessions now open; the last seen first."""
    event = audit_event.c
    last = (
        select(
            event.reader,
            func.max(event.audit_id).filter(event.event == "login").label("login"),
            func.max(event.at).label("seen_at"),
        )
        .where(event.reader != "")
        .group_by(event.reader)
        .subquery("last")
    )
    alive = (
        select(session.c.sub, func.count().label("sessions"))
        .where(session.c.expires_at > bindparam("now", type_=session.c.expires_at.type))
        .group_by(session.c.sub)
        .subquery("alive")
    )
    return (
        select(
            last.c.reader,
            event.details,
            event.at,
            last.c.seen_at,
            func.coalesce(alive.c.sessions, 0).label("sessions"),
        )
        .select_from(
            last.join(audit_event, event.audit_id == last.c.login).outerjoin(alive, alive.c.sub == last.c.reader)
        )
        .order_by(last.c.seen_at.desc())
    )


def audit_checks() -> Select[tuple[object, ...]]:
    """at, sealed (rows), faults (text, a line each), head (the newest seal) of the last look at the whole trail."""
    columns = (audit_check.c[name] for name in ("at", "sealed", "faults", "head"))
    return select(*columns).order_by(audit_check.c.check_id.desc()).limit(1)


def access_grants() -> Select[tuple[object, ...]]:
    """Every grant kept here, the newest first, those that are over or revoked among them."""
    return select(access_grant).order_by(access_grant.c.grant_id.desc()).limit(NEWEST)


RECORDS = {build.__name__: build for build in (audit_events, readers_seen, audit_checks, access_grants)}


def opens(scope: Scope) -> bool:
    """Whether the store's records are open to a reader."""
    return bool(ROLES & scope.roles)


def search(store: Store, wanted: Search, scope: Scope, start: int, end: int) -> pd.DataFrame:
    """Rows `start` to `end` of the audit trail that a search finds, newest first, in the columns of `audit_events`."""
    _gate(scope)
    rows = audit_events().limit(None).where(wanted.where).offset(start).limit(max(end - start, 0))
    with store.engine.connect() as connection:
        found = connection.execute(rows)
        return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def count(store: Store, wanted: Search, scope: Scope) -> int:
    """How many rows a search finds."""
    _gate(scope)
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(audit_event).where(wanted.where)).scalar_one()


def read(store: Store, name: str, scope: Scope) -> pd.DataFrame:
    """The rows of a record as they are now; ClosedError for whom it is not open, KeyError for no such name."""
    _gate(scope)
    with store.engine.connect() as connection:
        found = connection.execute(RECORDS[name](), {"now": utc_now()} if name == "readers_seen" else {})
        return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def _gate(scope: Scope) -> None:
    if not opens(scope):
        raise ClosedError("what the app remembers of its readers is open to administrators and auditors only")

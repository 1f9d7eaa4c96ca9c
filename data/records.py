"""What the app's own store remembers of its readers, read by administrators alone: one door with one gate."""

import pandas as pd
from sqlalchemy import Select, bindparam, func, select

from data.scope import Scope
from data.store import Store, audit_event, session, utc_now

ROLE = "admin"
NEWEST = 500


class ClosedError(PermissionError):
    """The scope is no administrator's."""


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


RECORDS = {build.__name__: build for build in (audit_events, readers_seen)}


def read(store: Store, name: str, scope: Scope) -> pd.DataFrame:
    """The rows of a record as they are now; ClosedError for whoever is no administrator, KeyError for no such name."""
    if ROLE not in scope.roles:
        raise ClosedError("what the app remembers of its readers is open to administrators only")
    with store.engine.connect() as connection:
        found = connection.execute(RECORDS[name](), {"now": utc_now()} if name == "readers_seen" else {})
        return pd.DataFrame(found.fetchall(), columns=list(found.keys()))

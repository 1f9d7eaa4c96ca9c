"""Looks at the whole audit trail that are kept: whether its chain of seals held, and when that was last seen."""

from datetime import timedelta

from sqlalchemy import insert, select

from auth.seals import verify
from data.store import Clock, Store, audit_check

EVERY = timedelta(minutes=5)
_LAST = select(audit_check).order_by(audit_check.c.check_id.desc()).limit(1)


def check(store: Store, clock: Clock, every: timedelta = EVERY) -> None:
    """Look at every row and seal unless somebody has within that time; the seal seen last must still stand."""
    with store.engine.connect() as connection:
        last = connection.execute(_LAST).first()
    now = clock()
    if last and last.at + every > now:
        return
    found = verify(store, last.head if last else "")
    row = {"at": now, "sealed": found.sealed, "faults": "\n".join(found.faults), "head": found.head}
    with store.engine.begin() as connection:
        connection.execute(insert(audit_check), row)

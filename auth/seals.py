"""Seals of the audit trail: each row's rests on the row and on all before it, so that an edit or a gap shows.

Who can write to the store can seal a trail of his own making from the first row on; so the newest seal, the head, is
to be kept elsewhere now and then, and `verify` asked whether it still stands.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text

from data.store import Store, audit_event, audit_seal

_EVENT, _SEAL = insert(audit_event), insert(audit_seal)
_LAST = select(audit_seal.c.seal).where(audit_seal.c.audit_id < bindparam("id"))
_BEFORE = _LAST.order_by(audit_seal.c.audit_id.desc()).limit(1)
_BOTH = select(audit_event, audit_seal.c.seal, audit_seal.c.audit_id.label("sealed_id")).join_from(
    audit_event, audit_seal, audit_event.c.audit_id == audit_seal.c.audit_id, full=True
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7265746)")
_FAULTS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole trail found: rows sealed, rows from before sealing began, faults, the newest seal."""

    sealed: int
    earlier: int
    faults: tuple[str, ...]
    head: str

    @property
    def sound(self) -> bool:
        """Whether nothing was edited, removed or slipped in."""
        return not self.faults


def append(connection: Connection, row: Mapping[str, Any]) -> None:
    """Append a row to the trail with its seal; appends come one after the other, also from several servers."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)
    (number,) = connection.execute(_EVENT, row).inserted_primary_key or (0,)  # SQLite: from here on nobody else writes
    before = connection.execute(_BEFORE, {"id": number}).scalar() or ""
    connection.execute(_SEAL, {"audit_id": number, "seal": _seal(before, {**row, "audit_id": number})})


def verify(store: Store, head: str = "") -> Verdict:
    """Look at every row and seal; with a `head` noted earlier, also whether that seal still stands."""
    with store.engine.connect() as connection:
        rows = sorted(connection.execute(_BOTH), key=_number)
    first = next((place for place, row in enumerate(rows) if row.seal), len(rows))
    faults = [*_faults(rows[first:])]
    seals = [row.seal for row in rows if row.seal]
    if head and head not in seals:
        faults.append(
            f"the seal {head[:12]}… was noted and is gone: rows at the end were removed, or all were sealed anew"
        )
    return Verdict(len(seals), first, tuple(faults[:_FAULTS_TOLD]), seals[-1] if seals else "")


def _faults(rows: list[Row[Any]]) -> Iterator[str]:
    before = ""
    for row in rows:
        if row.audit_id is None:
            yield f"row {row.sealed_id} was removed"
        elif not row.seal:
            yield f"row {row.audit_id} was slipped in, or lost its seal"
        elif row.seal != _seal(before, row._mapping):  # noqa: SLF001 SQLAlchemy's public name for it
            yield f"row {row.audit_id} was edited, or one before it removed"
        before = row.seal or before


def _number(row: Row[Any]) -> int:
    return int(row.audit_id if row.audit_id is not None else row.sealed_id)


def _seal(before: str, row: Mapping[Any, Any]) -> str:
    told = [before, row["audit_id"], row["at"].astimezone(UTC).isoformat()]
    told += [row[name] for name in ("event", "reader", "address", "details")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()

"""Seals of the audit trail: each row's rests on the row and on all before it, so that an edit or a gap shows.

Who can write to the store can seal a trail of his own making from the first row on; so the newest seal, the head, is
to be kept elsewhere now and then, and `verify` asked whether it still stands.

A seal rests on a salted digest of its row. So a person can be taken out of a row (auth.person): the salt is deleted,
the digest stays, and what the row says since is sealed by the row that tells of the erasure. Rows at the beginning can
be taken away (`prune`): the last of their seals stays, and a sealed row names it. Rows of releases before this one have
a seal of the row itself and no digest.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, text

from data.scope import OPERATOR
from data.store import Clock, Store, audit_check, audit_digest, audit_erasure, audit_event, audit_seal

_EVENT, _SEAL, _DIGEST = insert(audit_event), insert(audit_seal), insert(audit_digest)
_LAST = select(audit_seal.c.seal).where(audit_seal.c.audit_id < bindparam("id"))
_BEFORE = _LAST.order_by(audit_seal.c.audit_id.desc()).limit(1)
_BOTH = select(audit_event, audit_seal.c.seal, audit_seal.c.audit_id.label("sealed_id")).join_from(
    audit_event, audit_seal, audit_event.c.audit_id == audit_seal.c.audit_id, full=True
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7265746)")
_FAULTS_TOLD = 20
ERASED, PRUNED = "person_erased", "audit_pruned"
"""Events that say what was taken out of the trail, and by their seals vouch for what is left."""


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


def append(connection: Connection, row: Mapping[str, Any]) -> int:
    """Append a row to the trail with its seal, and say its number; appends come one after the other everywhere."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)
    (number,) = connection.execute(_EVENT, row).inserted_primary_key or (0,)  # SQLite: from here on nobody else writes
    before = connection.execute(_BEFORE, {"id": number}).scalar() or ""
    salt = secrets.token_hex(16)
    digest = digest_of({**row, "audit_id": number}, salt)
    connection.execute(_DIGEST, {"audit_id": number, "salt": salt, "digest": digest})
    connection.execute(_SEAL, {"audit_id": number, "seal": _hash([before, number, digest])})
    return int(number)


def told(clock: Clock, event: str, **details: object) -> dict[str, Any]:
    """A row of the trail that the operator of the command line writes."""
    row = {"at": clock(), "event": event, "reader": OPERATOR.reader, "address": ""}
    return {**row, "details": json.dumps(details, default=str)}


def digest_of(row: Mapping[Any, Any], salt: str = "") -> str:
    """SHA-256 of a salt and a row of the trail, in hex."""
    return _hash([salt, *_said(row)])


def digest_of_all(digests: Mapping[int, str]) -> str:
    """SHA-256 of the digests of several rows by their numbers, in hex."""
    return _hash([[number, digests[number]] for number in sorted(digests)])


def prune(store: Store, clock: Clock, days: int) -> int:
    """Take away the rows older than so many days and say how many; the chain stays whole, from the last of their seals.

    The row that says so is appended first: SQLite gives the number of a newest row that is gone to the next one.
    """
    oldest = clock() - timedelta(days=days)
    event, seal = audit_event.c, audit_seal.c
    with store.engine.begin() as connection:
        through = connection.execute(select(func.max(event.audit_id)).where(event.at < oldest)).scalar()
        if through is None:
            return 0
        last = connection.execute(select(seal.seal).where(seal.audit_id == through)).scalar() or ""
        rows = connection.execute(select(func.count()).where(event.audit_id <= through)).scalar_one()
        append(connection, told(clock, PRUNED, through=through, seal=last, rows=rows, days=days))
        connection.execute(delete(audit_event).where(event.audit_id <= through))
        connection.execute(delete(audit_digest).where(audit_digest.c.audit_id <= through))
        connection.execute(delete(audit_seal).where(seal.audit_id < through))
        connection.execute(delete(audit_check).where(audit_check.c.at < oldest))
    return int(rows)


def verify(store: Store, head: str = "") -> Verdict:
    """Look at every row and seal; with a `head` noted earlier, also whether that seal still stands."""
    with store.engine.connect() as connection:
        rows = sorted(connection.execute(_BOTH), key=_number)
        digests = {row.audit_id: row for row in connection.execute(select(audit_digest))}
        erasures = connection.execute(select(audit_erasure).order_by(audit_erasure.c.erased_by)).all()
    anchor = rows[0].seal if rows and _anchored(rows) else ""
    rows = rows[1:] if anchor else rows
    first = next((place for place, row in enumerate(rows) if row.seal), len(rows))
    faults = [*_faults(rows[first:], anchor, digests, erasures)]
    seals = [row.seal for row in rows if row.seal]
    if head and head not in {*seals, anchor}:
        faults.append(
            f"the seal {head[:12]}… was noted and is gone: rows at the end were removed, or all were sealed anew"
        )
    return Verdict(len(seals), first, tuple(faults[:_FAULTS_TOLD]), seals[-1] if seals else anchor)


def _anchored(rows: list[Row[Any]]) -> bool:
    """Whether the first row is a seal alone that a row further on names as the last of those that were taken away."""
    first = rows[0]
    said = [json.loads(row.details) for row in rows if row.event == PRUNED]
    return first.audit_id is None and any(one == (first.sealed_id, first.seal) for one in map(_ended, said))


def _ended(said: Mapping[str, Any]) -> tuple[Any, Any]:
    return said.get("through"), said.get("seal")


def _faults(
    rows: list[Row[Any]], anchor: str, digests: Mapping[int, Row[Any]], erasures: Sequence[Row[Any]]
) -> Iterator[str]:
    before, since = anchor, _vouched(rows, erasures)
    latest = {erasure.audit_id: erasure for erasure in erasures}
    for row in rows:
        if row.audit_id is None:
            yield f"row {row.sealed_id} was removed"
        elif not row.seal:
            yield f"row {row.audit_id} was slipped in, or lost its seal"
        elif erasure := latest.get(row.audit_id):
            kept = digests.get(row.audit_id)
            if erasure.erased_by not in since or erasure.digest != digest_of(row._mapping):  # noqa: SLF001 SQLAlchemy's public name for it
                yield f"row {row.audit_id} was edited after a person was erased from it"
            elif kept and row.seal != _hash([before, row.audit_id, kept.digest]):
                yield f"the seal of row {row.audit_id} was edited, or a row before it removed"
        elif row.seal != _seal(before, row._mapping, digests.get(row.audit_id)):  # noqa: SLF001 as above
            yield f"row {row.audit_id} was edited, or one before it removed"
        before = row.seal or before


def _vouched(rows: list[Row[Any]], erasures: Sequence[Row[Any]]) -> set[int]:
    """The rows that tell of erasures and vouch for exactly the digests that are kept of them."""
    digests: dict[int, dict[int, str]] = {}
    for each in erasures:
        digests.setdefault(each.erased_by, {})[each.audit_id] = each.digest
    told = {row.audit_id: json.loads(row.details).get("digest") for row in rows if row.event == ERASED}
    return {number for number, of in digests.items() if told.get(number) == digest_of_all(of)}


def _number(row: Row[Any]) -> int:
    return int(row.audit_id if row.audit_id is not None else row.sealed_id)


def _seal(before: str, row: Mapping[Any, Any], kept: Row[Any] | None) -> str:
    """What the seal of a row has to be; nothing where its digest is not that of the row."""
    if kept is None:
        return _hash([before, *_said(row)])
    return _hash([before, row["audit_id"], kept.digest]) if kept.digest == digest_of(row, kept.salt) else ""


def _said(row: Mapping[Any, Any]) -> list[Any]:
    written = [row[name] for name in ("event", "reader", "address", "details")]
    return [row["audit_id"], row["at"].astimezone(UTC).isoformat(), *written]


def _hash(told: list[Any]) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()

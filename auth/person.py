"""A person's data: all that the store has of one reader, to be handed to him, or to be erased.

What is his own is deleted. What others rely on stays without him: in the audit trail and in grants his id, name and
address give way to a pseudonym of which nobody knows whose it was.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, or_, select, update

from auth import seals
from data.bearer import embed_bearer
from data.store import (
    Clock,
    Store,
    access_grant,
    access_token,
    annotation,
    audit_digest,
    audit_erasure,
    audit_event,
    reader_choice,
    report,
    report_run,
    saved_view,
    session,
    whatif_branch,
)
from data.store import reader as reader_seen

OWN: Mapping[Table, tuple[str, ...]] = {
    reader_seen: ("reader",),
    session: ("sub",),
    reader_choice: ("reader",),
    saved_view: ("owner",),
    whatif_branch: ("owner",),
    annotation: ("author",),
    access_token: ("owner",),
    embed_bearer: ("reader",),
    report: ("owner", "recipient"),
}
"""What is a reader's own, with the columns that say so; runs of reports go with their reports."""

NAMED: Mapping[Table, tuple[str, ...]] = {access_grant: ("reader", "granted_by", "revoked_by")}
"""What stays, and where it names readers."""

KEPT_BACK = frozenset({"id_hash", "hash", "data"})
"""Columns that would open something, or hold what does."""

_EVENT = audit_event.c
_CHANGE = update(audit_event).where(_EVENT.audit_id == bindparam("number"))
_UNSALT = update(audit_digest).where(audit_digest.c.audit_id == bindparam("number")).values(salt="")


class NobodyError(LookupError):
    """The store knows no such reader."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to: the pseudonym, rows deleted, and rows of the trail that the person was taken out of."""

    pseudonym: str
    deleted: int
    events: int


def export(store: Store, reader: str) -> dict[str, list[dict[str, Any]]]:
    """By table what the store has of a reader, without what would open anything; NobodyError where it has nothing."""
    with store.engine.connect() as connection:
        found = {table.name: _rows(connection, table, _is(table, names, reader)) for table, names in OWN.items()}
        found |= {table.name: _rows(connection, table, table.c.reader == reader) for table in NAMED}
        found["audit_event"] = _rows(connection, audit_event, _EVENT.reader == reader)
        ordered = [row["report_id"] for row in found["report"]]
        found["report_run"] = _rows(connection, report_run, report_run.c.report_id.in_(ordered))
    if not any(found.values()):
        raise NobodyError(f"the store has nothing of {reader!r}; write the id as the audit trail has it")
    return found


def erase(store: Store, clock: Clock, reader: str) -> Erased:
    """Delete what is a reader's own and take him out of the rest; NobodyError where there is nothing of him.

    His sessions and tokens end with it. He comes back as a new reader if he signs in again.
    """
    own = export(store, reader)
    words, pseudonym = _words(reader, own), f"erased-{secrets.token_hex(4)}"
    with store.engine.begin() as connection:
        deleted = sum(_forget(connection, reader))
        for table, names in NAMED.items():
            for name in names:
                connection.execute(update(table).where(table.c[name] == reader).values({name: pseudonym}))
        changed = [*_without(connection, reader, words, pseudonym)]
        digests = {row["audit_id"]: seals.digest_of(row) for row in changed}
        about = {"as": pseudonym, "rows": len(changed), "digest": seals.digest_of_all(digests)}
        for row in changed:
            new = {name: row[name] for name in ("reader", "address", "details")}
            connection.execute(_CHANGE.values(new), {"number": row["audit_id"]})
            connection.execute(_UNSALT, {"number": row["audit_id"]})
        number = seals.append(connection, seals.told(clock, seals.ERASED, **about))
        for audit_id, digest in digests.items():
            connection.execute(insert(audit_erasure), {"audit_id": audit_id, "erased_by": number, "digest": digest})
    return Erased(pseudonym, deleted, len(changed))


def _forget(connection: Connection, reader: str) -> Iterator[int]:
    mine = select(report.c.report_id).where(_is(report, OWN[report], reader))
    yield connection.execute(delete(report_run).where(report_run.c.report_id.in_(mine))).rowcount
    for table, names in OWN.items():
        yield connection.execute(delete(table).where(_is(table, names, reader))).rowcount


def _without(connection: Connection, reader: str, words: list[str], pseudonym: str) -> Iterator[dict[str, Any]]:
    """The rows of the trail that are his or name him, as they are to be."""
    named = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
    for found in connection.execute(select(audit_event)).mappings().all():
        row, his = dict(found), found["reader"] == reader
        details = json.dumps(_replaced(json.loads(row["details"]), named, pseudonym))
        if his or details != json.dumps(json.loads(row["details"])):
            mine = {"reader": pseudonym, "address": ""} if his else {}
            yield {**row, "details": details, **mine}


def _replaced(said: Any, named: re.Pattern[str], pseudonym: str) -> Any:
    if isinstance(said, str):
        return named.sub(pseudonym, said)
    if isinstance(said, list):
        return [_replaced(each, named, pseudonym) for each in said]
    if isinstance(said, dict):
        return {key: _replaced(value, named, pseudonym) for key, value in said.items()}
    return said


def _words(reader: str, own: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """What he is called: id, names and addresses that any login told, the longest first."""
    logins = [json.loads(row["details"]) for row in own["audit_event"] if row["event"] == "login"]
    told = [{"name": row["name"], "email": row["email"]} for row in own["reader"]] + logins
    words = {reader, *(str(one.get(name) or "") for one in told for name in ("name", "email"))}
    return sorted(words - {""}, key=len, reverse=True)


def _rows(connection: Connection, table: Table, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    shown = [column for column in table.columns if column.name not in KEPT_BACK]
    return [dict(row) for row in connection.execute(select(*shown).where(mine)).mappings()]


def _is(table: Table, names: tuple[str, ...], reader: str) -> ColumnElement[bool]:
    return or_(*(table.c[name] == reader for name in names))

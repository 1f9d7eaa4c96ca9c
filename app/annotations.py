"""Annotations: notes that readers pin to a number of a business day, seen by whoever may see that number."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import pandas as pd
from sqlalchemy import bindparam, delete, func, insert, select

from app.answer import Answers
from app.filters import Filters
from app.place import SEPARATOR, addresses
from app.question import DeniedError
from app.table import Table
from app.view import discover, panel_of
from auth.audit import Audit
from auth.permissions import permit
from data.scope import Scope
from data.store import Clock, Store, annotation

LONGEST = 500
MOST = 1_000
_ROW = "row"
"""In a node the address of a row that is in no tree: what names it in its list."""

_DAY = (
    select(annotation)
    .where(annotation.c.as_of == bindparam("day"))
    .order_by(annotation.c.made_at, annotation.c.note_id)
)
_COUNT = select(func.count()).where(annotation.c.author == bindparam("reader"))
_FORGET = (
    delete(annotation)
    .where(annotation.c.author == bindparam("reader"), annotation.c.note_id == bindparam("id"))
    .returning(annotation.c.panel)
)


class BadNoteError(ValueError):
    """A note that cannot be pinned or is not there: says why and what to do."""


class Number(NamedTuple):
    """Which number of a panel: the address of its row (app.place; in a tree empty for the total) and its column."""

    panel: str
    at: str
    column: str


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody said of a number: `node` is all that narrows it (desk, book, …), as dimension and value."""

    note_id: str
    panel: str
    node: Mapping[str, str]
    column: str
    as_of: str
    text: str
    author: str
    author_name: str
    made_at: datetime


class Annotations:
    """The notes in the store. A number is a panel's row and column on a day; its row is `at`, as grids name rows.

    `at` is the row's address (app.place): in a tree the keys down to it, empty the total. With the address's narrowing
    it makes the node, so that one note stands on *Vol* among the desks and on the total of `?desk=Vol`. Whoever may
    open the panel and the node's desk and book sees it; a node of no desk is the firm's.
    """

    def __init__(self, store: Store, answers: Answers, clock: Clock) -> None:
        self._engine = store.engine
        self._answers = answers
        self._clock = clock
        self._audit = Audit(store, clock)

    def of(self, number: Number, filters: Filters, scope: Scope) -> list[Note]:
        """The notes of one number, the oldest first."""
        table = self._answers.table(number.panel, filters, scope)
        place = (number.panel, number.column, self._node(table, number.at, filters, scope))
        wanted = (note for note in self._day(table.about.as_of) if (note.panel, note.column, note.node) == place)
        return self._seen(wanted, scope)

    def marks(self, filters: Filters, scope: Scope) -> dict[str, dict[str, dict[str, str]]]:
        """By panel and row, as `at`, and column: what the notes of the address's day say, each on a line."""
        first = next((p.key for v in discover().values() if v.roles & scope.roles for p in v.panels), "")
        if not first:
            return {}
        day = str(self._answers.question(first, filters, scope).moment.as_of)
        found: dict[str, dict[str, dict[str, str]]] = {}
        notes = self._seen(self._day(day), scope)
        rows = self._placed(filters.rows(), filters, scope) if notes else {}
        for note in notes:
            panel = panel_of(note.panel)[1]
            keys = tuple(filters.down.split(",")) if panel.figure == "pivot" else panel.by
            for at in _rows_of(keys, rows, note.node):
                cells = found.setdefault(note.panel, {}).setdefault(at, {})
                said = f"{note.author_name}: {note.text}"
                cells[note.column] = f"{cells[note.column]}\n{said}" if note.column in cells else said
        return found

    def pin(self, number: Number, text: str, filters: Filters, scope: Scope) -> Note:
        """Pin a note to a number that is there; BadNoteError for one that is not, and for a text that cannot be kept.

        DeniedError for a number that spans several desks and is not the firm's: it would mean something else to
        everyone.
        """
        permit(scope, "pin notes")
        text = text.strip()
        if not text or len(text) > LONGEST or not text.replace("\n", "").isprintable():
            raise BadNoteError(f"a note has 1 to {LONGEST} printable characters; write one")
        table = self._answers.table(number.panel, filters, scope)
        if not _is_there(table, number):
            raise BadNoteError("there is no such number here to pin a note to")
        node = self._node(table, number.at, filters, scope)
        if not scope.firm and not {"desk", "book"} & set(node):
            raise DeniedError("this total spans several desks; choose one of them first")
        if "book" not in node and not scope.sees(node.get("desk", "")):
            raise DeniedError("you see a part of this desk only; choose one of its books first")
        made: dict[str, Any] = {"author": scope.reader, "author_name": scope.name, "made_at": self._clock()}
        place: dict[str, Any] = {
            "panel": number.panel,
            "node": node,
            "column": number.column,
            "as_of": table.about.as_of,
        }
        note = Note(note_id=secrets.token_hex(8), text=text, **place, **made)
        row = {name: getattr(note, name) for name in Note.__slots__}
        with self._engine.begin() as connection:
            if connection.execute(_COUNT, {"reader": scope.reader}).scalar_one() >= MOST:
                raise BadNoteError(f"you have pinned {MOST:,} notes; delete some first")
            connection.execute(insert(annotation), {**row, "node": orjson.dumps(node).decode()})
        self._audit.record("note_pinned", scope, note=note.note_id, **place)
        return note

    def unpin(self, note_id: str, scope: Scope) -> None:
        """Delete a note of the reader's own; BadNoteError if there is none."""
        with self._engine.begin() as connection:
            row = connection.execute(_FORGET, {"reader": scope.reader, "id": note_id}).first()
            if row is not None:
                permit(scope, "pin notes")
        if row is None:
            raise BadNoteError("you have pinned no such note; it may be deleted already")
        self._audit.record("note_deleted", scope, note=note_id, panel=row.panel)

    def _day(self, day: str) -> list[Note]:
        with self._engine.connect() as connection:
            rows = connection.execute(_DAY, {"day": day}).mappings().all()
        return [Note(**{**row, "node": orjson.loads(row["node"])}) for row in rows]

    def _seen(self, notes: Iterable[Note], scope: Scope) -> list[Note]:
        """Those that the reader may see; each panel and node is asked about once."""
        asked: dict[tuple[str, str, str], bool] = {}
        seen = []
        for note in notes:
            place = (note.panel, note.node.get("desk", ""), note.node.get("book", ""))
            if place not in asked:
                asked[place] = self._opens(*place, scope)
            if asked[place]:
                seen.append(note)
        return seen

    def _opens(self, panel: str, desk: str, book: str, scope: Scope) -> bool:
        try:
            self._answers.question(panel, Filters(desk=desk, book=book), scope)
        except (PermissionError, LookupError):
            return False
        return scope.firm or bool(book) or (bool(desk) and scope.sees(desk))

    def _node(self, table: Table, at: str, filters: Filters, scope: Scope) -> dict[str, str]:
        if "level" not in table.frame:
            return self._placed({**filters.rows(), **({_ROW: at} if at else {})}, filters, scope)
        keys = zip((column.name for column in table.columns), at.split(SEPARATOR) if at else (), strict=False)
        return self._placed({**filters.rows(), **dict(keys)}, filters, scope)

    def _placed(self, node: dict[str, str], filters: Filters, scope: Scope) -> dict[str, str]:
        """A node with its desk: that of its book, or the only one that a reader has."""
        desks = {book: desk for desk, books in self._answers.choices(filters, scope).books for book in books}
        if node.get("book") in desks:
            node = {**node, "desk": desks[node["book"]]}
        elif "desk" not in node and not scope.firm and len(set(desks.values())) == 1:
            node = {**node, "desk": next(iter(desks.values()))}
        return dict(sorted(node.items()))


def _rows_of(by: tuple[str, ...], rows: Mapping[str, str], node: Mapping[str, str]) -> list[str]:
    """The rows of a panel under a narrowing that are the node, as `at`: one, or a total beside its only part."""
    if _ROW in node:
        return [node[_ROW]] if {**rows, _ROW: node[_ROW]} == node else []
    found = []
    for depth in range(len(by) + 1):
        keys = {name: node[name] for name in by[:depth] if name in node}
        if len(keys) == depth and {**rows, **keys} == node:
            found.append(SEPARATOR.join(keys.values()))
    return found


def _is_there(table: Table, number: Number) -> bool:
    """Whether a table has one such row and a number of that column in it."""
    places = [place for place, address in enumerate(addresses(table)) if address == number.at]
    kinds = {each.name: each.kind for each in table.columns}
    if len(places) != 1 or kinds.get(number.column, "text") == "text":
        return False
    return bool(pd.notna(table.frame[number.column].iloc[places[0]]))

"""The one door to the warehouse's rows: every read names its scope, and one WHERE applies it.

A relation is a function in data/queries that builds a SQLAlchemy Core select; it knows nothing of readers.
`read` adds the scope and the reader's narrowing, so that no relation can forget them, and puts MASK in place of every
value of a masked column. A relation whose rows belong to no book must say that it is `shared`. A row that has a
`scope_kind` tells of that node as a whole: of a desk only to whom all of its books are open.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
from duckdb_sqlalchemy import Dialect
from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
)
from sqlalchemy.types import ARRAY

from data.schema import book, instrument
from data.scope import DeniedError, Scope

MASK = "masked"
"""Stands for every value of a column that is masked for the reader."""

ATTRIBUTES: Mapping[str, ColumnElement[Any]] = {
    "desk": book.c.desk,
    "book": book.c.book,
    "business_unit": book.c.business_unit,
    "legal_entity": book.c.legal_entity,
    "strategy": book.c.strategy,
    "trader": book.c.trader,
    "instrument": instrument.c.symbol,
    "underlier": func.coalesce(instrument.c.underlying, instrument.c.symbol),
    "asset_class": instrument.c.asset_class,
    "instrument_type": instrument.c.instrument_type,
    "sector": instrument.c.sector,
    "currency": instrument.c.currency,
}
KINDS = {"desks": "desk", "books": "book", "entities": "legal_entity"}
"""What scopes name, and the column of the book table that has it."""

COMPARED: Mapping[str, Callable[[ColumnElement[Any], str], ColumnElement[bool]]] = {
    "has": lambda column, value: func.contains(func.lower(cast(column, String)), bindparam(value, type_=String)),
    "from": lambda column, value: column >= bindparam(value),
    "to": lambda column, value: column <= bindparam(value),
}
"""The conditions on a column, by kind: of its text in small letters, and of its size."""

Build = Callable[[], Select[Any]]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a relation: dates, base currency, narrowing; `values` are a relation's own.

    `where` are conditions on what the relation says can be filtered: column, `has` (a text in small letters), `from` or
    `to`, and what it is compared with.
    """

    dates: Mapping[str, date]
    base: str
    rows: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[tuple[str, str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A named select; `shared` ones hold no rows of any book and are open to every signed-in reader.

    What is told of all books at once is for the `firm`: to readers of single desks it has no rows. `filters` are the
    columns that its rows can be filtered by.
    """

    name: str
    build: Build
    shared: bool
    firm: bool = False
    filters: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)


def relation(
    *, shared: bool = False, firm: bool = False, filters: Mapping[str, ColumnElement[Any]] | None = None
) -> Callable[[Build], Build]:
    """Register a builder of a select as the relation of its own name."""

    def register(build: Build) -> Build:
        build.__dict__["relation"] = Relation(build.__name__, build, shared, firm, filters or {})
        return build

    return register


@lru_cache
def relations() -> dict[str, Relation]:
    """Every relation of data/queries by name."""
    package = importlib.import_module("data.queries")
    found: dict[str, Relation] = {}
    for module in pkgutil.iter_modules(package.__path__):
        for member in vars(importlib.import_module(f"data.queries.{module.name}")).values():
            if isinstance(entry := getattr(member, "relation", None), Relation):
                found[entry.name] = entry
    return found


def read(cursor: duckdb.DuckDBPyConnection, name: str, scope: Scope, ask: Ask) -> pa.Table:
    """The rows of a relation that this scope may see, narrowed as asked; KeyError for an unknown attribute."""
    return run(cursor, name, scope, ask).to_arrow_table()


def run(cursor: duckdb.DuckDBPyConnection, name: str, scope: Scope, ask: Ask) -> duckdb.DuckDBPyConnection:
    """As `read`, but not yet fetched: for results too long to hold. DeniedError where masked values would narrow it."""
    if known := scope.masked & (ask.rows.keys() | {column for column, _kind, _value in ask.where}):
        raise DeniedError(f"{min(known).replace('_', ' ')} is masked for your role; it narrows nothing")
    masked = tuple(sorted(scope.masked))
    where = tuple((column, kind) for column, kind, _value in ask.where)
    text, order, constants = _compiled(name, tuple(sorted(ask.rows)), scope.partly, masked, where)
    values: dict[str, Any] = {
        **constants,
        "firm": scope.firm,
        "rest": scope.rest,
        **{f"open_{kind}": sorted(getattr(scope, kind)) for kind in KINDS},
        **{f"closed_{kind}": sorted(getattr(scope, f"closed_{kind}")) for kind in KINDS},
        "base": ask.base,
        **ask.dates,
        **ask.values,
        **{f"is_{attribute}": value for attribute, value in ask.rows.items()},
        **{f"where_{place}": value for place, (_column, _kind, value) in enumerate(ask.where)},
    }
    return cursor.execute(text, [values[parameter] for parameter in order])


@lru_cache(maxsize=1024)
def _compiled(
    name: str, narrowed: tuple[str, ...], partly: bool, masked: tuple[str, ...], where: tuple[tuple[str, str], ...]
) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    entry = relations()[name]
    statement = _masked(entry.build(), masked)
    if not entry.shared:
        statement = statement.where(_parts_open(statement) if partly else _desks_open())
        for attribute in narrowed:
            statement = statement.where(ATTRIBUTES[attribute] == bindparam(f"is_{attribute}", type_=String))
    elif entry.firm:
        statement = statement.where(bindparam("firm", type_=Boolean))
    for place, (column, kind) in enumerate(where):
        statement = statement.where(COMPARED[kind](entry.filters[column], f"where_{place}"))
    compiled = statement.compile(dialect=Dialect(paramstyle="numeric_dollar"))
    return str(compiled), tuple(compiled.positiontup or ()), compiled.params


def _desks_open() -> ColumnElement[bool]:
    """Rows of books of open desks; the firm's reader has those of no book too."""
    return or_(bindparam("firm", type_=Boolean), _among(book.c.desk, "open_desks"))


def _parts_open(statement: Select[Any]) -> ColumnElement[bool]:
    """The same where desks may be open in part: of books alone, and of whole desks where all of theirs are open."""
    own = and_(book.c.book_id.is_not(None), _book_open(book))
    kind = statement.selected_columns.get("scope_kind")
    if kind is None:
        return own
    other = book.alias("of_desk")
    closed = exists().where(other.c.desk == book.c.desk, not_(_book_open(other))).correlate(book)
    return and_(own, or_(kind == "book", not_(closed)))


def _book_open(books: FromClause) -> ColumnElement[bool]:
    """Whether a book is granted and not closed: deny over allow."""
    granted = (_among(books.c[column], f"open_{kind}") for kind, column in KINDS.items())
    closed = (_among(books.c[column], f"closed_{kind}") for kind, column in KINDS.items())
    return and_(or_(bindparam("rest", type_=Boolean), *granted), not_(or_(*closed)))


def _among(column: ColumnElement[Any], values: str) -> ColumnElement[bool]:
    return column == any_(bindparam(values, type_=ARRAY(String)))


def _masked(statement: Select[Any], masked: tuple[str, ...]) -> Select[Any]:
    """The select with MASK in masked columns, and without rows that are named by a value of one."""
    columns = statement.selected_columns
    kind = columns.get("scope_kind")
    if kind is not None and masked:
        statement = statement.where(*(kind != name for name in masked))
    if not set(masked) & set(columns.keys()):
        return statement
    told = [literal(MASK).label(key) if key in masked else column for key, column in columns.items()]
    return statement.with_only_columns(*told, maintain_column_froms=True)

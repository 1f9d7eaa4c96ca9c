"""The one door to the warehouse's rows: every read names its scope, and one WHERE applies it.

A relation is a function in data/queries that builds a SQLAlchemy Core select; it knows nothing of readers.
`read` adds the scope and the reader's narrowing, so that no relation can forget them. A relation whose rows belong
to no book must say that it is `shared`.
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
from sqlalchemy import Boolean, ColumnElement, Select, String, any_, bindparam, func, or_
from sqlalchemy.types import ARRAY

from data.schema import book, instrument
from data.scope import Scope

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
Build = Callable[[], Select[Any]]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a relation: dates, base currency, narrowing; `values` are a relation's own."""

    dates: Mapping[str, date]
    base: str
    rows: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """A named select; `shared` ones hold no rows of any book and are open to every signed-in reader.

    What is told of all books at once is for the `firm`: to readers of single desks it has no rows.
    """

    name: str
    build: Build
    shared: bool
    firm: bool = False


def relation(*, shared: bool = False, firm: bool = False) -> Callable[[Build], Build]:
    """Register a builder of a select as the relation of its own name."""

    def register(build: Build) -> Build:
        build.__dict__["relation"] = Relation(build.__name__, build, shared, firm)
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
    """As `read`, but not yet fetched: for results too long to hold."""
    text, order, constants = _compiled(name, tuple(sorted(ask.rows)))
    values: dict[str, Any] = {
        **constants,
        "firm": scope.firm,
        "desks": sorted(scope.desks),
        "base": ask.base,
        **ask.dates,
        **ask.values,
        **{f"is_{attribute}": value for attribute, value in ask.rows.items()},
    }
    return cursor.execute(text, [values[parameter] for parameter in order])


@lru_cache(maxsize=1024)
def _compiled(name: str, narrowed: tuple[str, ...]) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    entry = relations()[name]
    statement = entry.build()
    if not entry.shared:
        open_desks = or_(bindparam("firm", type_=Boolean), book.c.desk == any_(bindparam("desks", type_=ARRAY(String))))
        statement = statement.where(open_desks)
        for attribute in narrowed:
            statement = statement.where(ATTRIBUTES[attribute] == bindparam(f"is_{attribute}", type_=String))
    elif entry.firm:
        statement = statement.where(bindparam("firm", type_=Boolean))
    compiled = statement.compile(dialect=Dialect(paramstyle="numeric_dollar"))
    return str(compiled), tuple(compiled.positiontup or ()), compiled.params

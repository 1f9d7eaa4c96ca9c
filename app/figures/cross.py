"""What a click on a mark narrows: the names of the address that it sets, which the browser merges into the query.

A trace carries them in its `meta` as `{"cross": [...]}`, an item a mark in the order drawn, None for a mark that
narrows nothing; a heat map as `{"down": [...], "across": [...]}`, merged for a cell. An empty value takes its name
away.
"""

from typing import Any

from app.figures.name import name
from app.risk.measure import KEYS
from app.table import Column, Table

Narrowing = dict[str, str]


def chosen(table: Table) -> Narrowing:
    """What the reader chose, by name."""
    return dict(table.about.filters)


def narrowing(column: Column, value: Any) -> Narrowing | None:
    """The item of that column; None where the column is no filter or the item has no name."""
    named = name(value, column) == str(value)
    return {column.name: str(value)} if column.name in KEYS and named else None


def is_chosen(table: Table, wanted: Narrowing | None) -> bool:
    """Whether the reader chose just this, so that a click on it takes it away."""
    there = chosen(table)
    return any((wanted or {}).values()) and all(there.get(name, "") == value for name, value in (wanted or {}).items())

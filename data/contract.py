"""The words in which a loadable table's contract is written: columns, rules over a row, comparisons of rows.

Conditions and defaults are SQL over the row itself: the contract's own columns by name, the attributes of the
instrument it names (`instrument_asset_class`, `instrument_currency`), and the instants `now` and `today`.
"""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

Keeping = Literal["events", "history", "reference"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column a file may hold. `default` is SQL; `refers` is the column of another table where its value must stand.

    Values of `allowed` are compared in lower case. A column that is not `stored` is a number used by checks only.
    """

    name: str
    doc: str
    required: bool = False
    default: str = ""
    allowed: tuple[str, ...] = ()
    refers: sa.Column[Any] | None = None
    stored: bool = True

    @property
    def target(self) -> str:
        """The column of the table that is filled: the id of what is referred to, or the column of the same name."""
        return self.name if self.refers is None else f"{self.refers.table.name}_id"


@dataclass(frozen=True, slots=True)
class Rule:
    """A row for which `failing` is true goes to quarantine with this reason and remedy."""

    column: str
    failing: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A rule that needs other rows: `failing` selects the row_id of bad rows from `good`, the rows without a fault.

    It applies where the file has the column `needs`; a `flagged` row is loaded all the same.
    """

    column: str
    failing: str
    reason: str
    remedy: str
    severity: str = "rejected"
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """One loadable table.

    `keeping` says what happens to a key that is known: `events` never change (another content is rejected),
    `history` appends a correction with a later known_from, `reference` is updated in place and keeps its id.
    """

    name: str
    table: sa.Table
    keeping: Keeping
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    def kind(self, column: Column) -> TypeEngine[Any]:
        """The type a value of this column must have."""
        if column.refers is not None:
            return column.refers.type
        return self.table.c[column.name].type if column.stored else sa.Double()

    @property
    def required(self) -> tuple[str, ...]:
        """The columns a file cannot do without."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that fill the table."""
        return tuple(column for column in self.columns if column.stored)

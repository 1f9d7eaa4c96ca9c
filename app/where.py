"""Conditions on the columns of tables, as an address writes them: which rows of a table are wanted.

`limits-use.measure:var;limits-use.utilisation:0.8..` keeps of the table `limits-use` the rows whose measure has `var`
in it, in small letters or capitals, and of which at least 80% is used. `%`, `;` and what else an address cannot hold is
quoted as in an address. Of a tree the innermost rows are meant, with all rows above them; `_name` is any of its keys.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

from app.table import Column, Table

MOST = 40
NAME = "_name"
TABLES = {"grid", "tree", "limits"}
WORDS, DAYS = {"text"}, {"date"}
NUMBERS = {"money", "price", "quantity", "ratio", "count"}
TRADES = "trades"
"""The measure whose rows are too many to be read before they are filtered."""


class Condition(NamedTuple):
    """What a column of a panel's table must hold: a text, or `low..high`, of which one may be missing."""

    panel: str
    column: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.panel}.{self.column}:{quote(self.wanted, safe=' ,:/+-_.()*&=')}"


class Test(NamedTuple):
    """A column and what it is compared with: `has` a text in small letters, `from` or `to` a number or a day."""

    column: str
    kind: str
    value: Any


def conditions(text: str, panel: str = "") -> list[Condition]:
    """Those of a text, or of one panel of it; ValueError for what is none."""
    found = []
    for part in filter(None, text.split(";")):
        place, colon, wanted = part.partition(":")
        key, dot, column = place.partition(".")
        if not (colon and dot and key and column and wanted.strip()):
            raise ValueError(f"{part[:80]!r} is no condition; write it as limits-use.measure:var")
        found.append(Condition(key, column, unquote(wanted).strip()))
    if len(found) > MOST:
        raise ValueError(f"{len(found)} conditions; an address holds {MOST}")
    return [condition for condition in found if panel in {"", condition.panel}]


def written(wanted: Iterable[Condition]) -> str:
    """The inverse of `conditions`."""
    return ";".join(map(str, wanted))


def filtered(figure: str, measure: str) -> bool:
    """Whether rows that are drawn so can be filtered: those of tables, and all trades, by the warehouse itself."""
    return figure in TABLES or measure == TRADES


def tests(wanted: Iterable[Condition], columns: Mapping[str, Column]) -> list[Test]:
    """What they compare; ValueError for a column that there is not, or of which a range cannot be read."""
    return [test for condition in wanted for test in _tests(condition, columns)]


def _tests(condition: Condition, columns: Mapping[str, Column]) -> Iterator[Test]:
    column = columns.get(condition.column)
    if column is None or column.kind == "time":
        names = ", ".join(name for name, one in columns.items() if one.kind != "time")
        raise ValueError(f"{condition.panel} is not filtered by {condition.column[:80]!r}; there are {names}")
    if column.kind in WORDS:
        yield Test(condition.column, "has", condition.wanted.lower())
        return
    ends = condition.wanted.split("..")
    read = date.fromisoformat if column.kind in DAYS else float
    try:
        low, high = (read(end) if end.strip() else None for end in ends)
    except ValueError:
        raise ValueError(f"{condition.wanted[:80]!r} is no range of {column.label}; write it as 10..20") from None
    yield from (Test(condition.column, kind, end) for kind, end in (("from", low), ("to", high)) if end is not None)


def known(table: Table) -> dict[str, Column]:
    """The columns that a table is filtered by: its own, and of a tree the name of a row."""
    tree = {NAME: Column(NAME, "Name", "text")} if "level" in table.frame else {}
    return tree | {column.name: column for column in table.columns}


def kept(table: Table, wanted: Iterable[Condition]) -> Table:
    """The table with the rows that meet all conditions, the rows above them and the total; ValueError as `tests`."""
    wanted = list(wanted)
    if not wanted or table.frame.empty:
        return table
    found = tests(wanted, known(table))
    frame = table.frame
    own, above = _rows(frame)
    passes = own.copy()
    for test in found:
        passes &= _meets(table, test)
    shown = passes | above & _has_below(frame, passes)
    said = told(found, known(table), int(passes.sum()), int(own.sum()), whole=bool(above.any()))
    about = replace(table.about, shown=said[0], notes=(*table.about.notes, said[1]))
    return replace(table, frame=frame[shown].reset_index(drop=True), about=about)


def told(
    found: Iterable[Test], columns: Mapping[str, Column], passing: int, of: int, *, whole: bool
) -> tuple[str, str]:
    """How many rows are shown of how many, and that with the conditions in words; `whole` where totals remain."""
    shown = f"{passing:,} of {of:,} rows"
    texts = ", ".join(f"{columns[test.column].label} {test.kind} {test.value}" for test in found)
    return shown, f"Filtered: {shown}: {texts}" + ("; totals are of all rows" if whole else "")


def _rows(frame: pd.DataFrame) -> tuple[Any, Any]:
    """Which rows are the table's own, and which stand above others: totals and the inner nodes of a tree."""
    if "level" not in frame:
        return np.ones(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    levels = frame["level"].to_numpy()
    below = np.append(levels[1:], 0)
    above = (below > levels) | (levels == 0)
    return ~above, above


def _has_below(frame: pd.DataFrame, passes: Any) -> Any:
    """Of each row of a tree whether one below it passes; a total stands whatever is below."""
    if "level" not in frame:
        return passes
    levels, found = frame["level"].tolist(), np.zeros(len(frame), dtype=bool)
    least = 0  # the level of the last row, from below, that passes or stands above one that does
    for place in range(len(levels) - 1, -1, -1):
        found[place] = levels[place] < least or levels[place] == 0
        if passes[place] or found[place]:
            least = levels[place]
    return found


def _meets(table: Table, test: Test) -> Any:
    frame = table.frame
    if test.column == NAME:
        keys = table.columns[: int(frame["level"].max())]
        return np.any([_has(frame[key.name], test.value) for key in keys], axis=0)
    values = frame[test.column]
    if test.kind == "has":
        return _has(values, test.value)
    if isinstance(test.value, date):
        said, bound = values.astype(str).str[:10].where(values.notna(), ""), test.value.isoformat()
        return ((said >= bound if test.kind == "from" else said <= bound) & said.ne("")).to_numpy()
    amounts = values.astype(float)
    return (amounts >= test.value if test.kind == "from" else amounts <= test.value).to_numpy()


def _has(values: "pd.Series[Any]", text: str) -> Any:
    said = values.astype(object).where(values.notna(), "").astype(str)
    return said.str.lower().str.contains(text, regex=False).to_numpy(dtype=bool)

"""Limits as a list: what is used of each, what is left, a bar against the soft and the hard mark, and the state."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from app.figures.cells import columns, grid, rows
from app.figures.number import decimals, divisor, unit
from app.table import Column, Table

_AMOUNTS = ("use", "soft", "hard", "headroom")


def draw(
    table: Table, *, theme: str, scale: str, columns_shown: tuple[str, ...] = (), top: int = 0, **_: Any
) -> dict[str, Any]:
    """`use`, `hard` and, where there is one, `soft`, with whatever names the limit (scope, measure, …), as given.

    `headroom` (hard − |use|), `utilisation` (|use| ÷ hard) and `state` (breach above the hard, warning above the
    soft level, else ok; `unknown` without a number) are taken from the table or derived. A text column `unit` says
    how a row's amounts are written: `%`, a count, or money (anything else), which alone follows the scale.
    `columns_shown` chooses; `top` keeps the first rows.
    """
    del theme
    table = _complete(table, top)
    hidden = {"soft"} | ({"unit"} if "unit" in table.frame and table.frame["unit"].nunique() < 2 else set())
    shown = columns_shown or tuple(column.name for column in table.columns if column.name not in hidden)
    whole = tuple(replace(column, kind="quantity") if column.name in _AMOUNTS else column for column in table.columns)
    return grid(
        table,
        unit(table, scale),
        columnDefs=[_cell(table, definition, scale) for definition in columns(table, scale, shown)],
        rowData=rows(replace(table, columns=whole)),  # shares among the amounts are not rounded to cents
    )


def _complete(table: Table, top: int) -> Table:
    """The table with head-room, utilisation and state."""
    frame = table.frame.head(top) if top else table.frame
    hard, used = frame["hard"].astype(float), frame["use"].astype(float).abs()
    share = used / hard.where(hard != 0)
    soft = frame["soft"].astype(float) if "soft" in frame else hard
    state = np.select([used.isna() | hard.isna(), used > hard, used > soft], ["unknown", "breach", "warning"], "ok")
    derived = {"headroom": hard - used, "utilisation": share, "state": pd.Series(state, index=frame.index)}
    missing = {name: values for name, values in derived.items() if name not in frame}
    added = {
        "headroom": replace(table.column("hard"), name="headroom", label="Head-room"),
        "utilisation": Column("utilisation", "Used", "ratio", "%", additive=False),
        "state": Column("state", "State", "text"),
    }
    both = (*table.columns, *(added[name] for name in missing))
    return Table(frame.assign(**missing), both, table.about)


def _cell(table: Table, definition: dict[str, Any], scale: str) -> dict[str, Any]:
    name = definition["field"]
    if name == "utilisation":
        return {**definition, "cellRenderer": "Utilisation", "minWidth": 150, "flex": 190}
    if name == "state":
        rules = {state: f"params.value === '{state}'" for state in ("breach", "warning", "ok", "unknown")}
        return {**definition, "cellRenderer": "LimitState", "cellClassRules": rules, "minWidth": 92, "flex": 92}
    if name == "headroom":
        definition = {**definition, "cellClassRules": {"breach": "params.value < 0"}}
    if name in _AMOUNTS and "unit" in table.frame:
        column = table.column(name)
        form = f"params, {divisor(column, scale)}, {decimals(column, scale)}, {str(column.signed).lower()}"
        return {**definition, "valueFormatter": {"function": f"amount({form})"}}
    return definition

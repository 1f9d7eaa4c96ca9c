"""Limits as a list: what is used of each, what is left, a bar against the soft and the hard mark, and the state."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from app.figures.cells import ANEW, columns, grid, rows
from app.figures.number import decimals, divisor, unit
from app.risk.measure import measures
from app.table import Column, Table

_AMOUNTS = ("use_before", "use", "soft", "hard", "headroom", "change")


def draw(
    table: Table, *, theme: str, scale: str, columns_shown: tuple[str, ...] = (), top: int = 0, **_: Any
) -> dict[str, Any]:
    """`use`, `hard` and, where there is one, `soft`, with whatever names the limit (scope, measure, …), as given.

    `headroom` (hard − |use|), `utilisation` (|use| ÷ hard) and `state` (breach above the hard, warning above the
    soft level, else ok; `unknown` without a number) are taken from the table or derived; `binds` is whom and what
    the limit binds, `Vol · VaR`. A text column `unit` says how a row's amounts are written: `%`, a count, or money
    (anything else), which alone follows the scale. `columns_shown` chooses, of which `side` and `unit` are left out
    where all limits have the same; `top` keeps the first rows. Without the state, its shape stands by the bar.
    """
    del theme
    table = _complete(table, top)
    same = {name for name in ("side", "unit") if name in table.frame and table.frame[name].nunique() < 2}
    shown = columns_shown or tuple(column.name for column in table.columns if column.name not in {"soft", "binds"})
    shown = tuple(name for name in shown if name not in same)
    whole = tuple(replace(column, kind="quantity") if column.name in _AMOUNTS else column for column in table.columns)
    cells = [_cell(table, definition, scale) for definition in columns(table, scale, shown)]
    return grid(
        table,
        unit(table, scale),
        columnDefs=[_shaped(cell) if "state" not in shown else cell for cell in cells],
        getRowId="rowName(params)",
        rowData=rows(replace(table, columns=whole)),  # shares among the amounts are not rounded to cents
    )


def _complete(table: Table, top: int) -> Table:
    """The table with head-room, utilisation, state and names that a desk would use."""
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
        "binds": Column("binds", "Limit", "text"),
    }
    frame = frame.assign(**missing)
    if {"scope_node", "measure"} <= set(frame):
        whom = [node if isinstance(node, str) and node else "Firm" for node in frame["scope_node"]]
        what = [_called(str(measure)) for measure in frame["measure"]]
        missing["binds"] = pd.Series(whom, frame.index) + " · " + pd.Series(what, frame.index)
        frame = frame.assign(scope_node=whom, measure=what, binds=missing["binds"])
    return Table(frame, (*table.columns, *(added[name] for name in missing)), table.about)


def _called(measure: str) -> str:
    """`VaR` for `value_at_risk.var`: what the column is called on screen; a measure that there is not, as it is."""
    name, _, part = measure.partition(".")
    found = measures()[name].columns if name in measures() else ()
    return next((column.label for column in found if column.name == part), measure)


def _cell(table: Table, definition: dict[str, Any], scale: str) -> dict[str, Any]:
    name = definition["field"]
    if name == "utilisation":
        plain = {key: value for key, value in definition.items() if key != "cellRendererParams"}
        return {**plain, **ANEW, "cellRenderer": "Utilisation", "minWidth": 132, "flex": 190}
    if name in {"limit_id", "binds"}:
        return {**definition, "minWidth": min(128, definition["minWidth"])}
    if name == "headroom":
        definition = {**definition, "cellClassRules": {"breach": "params.value < 0"}}
    elif name in _AMOUNTS:
        definition = {**definition, "cellClassRules": {}}
    if name in _AMOUNTS and "unit" in table.frame:
        column = table.column(name)
        form = f"params, {divisor(column, scale)}, {decimals(column, scale)}, {str(column.signed).lower()}"
        return {**definition, "valueFormatter": {"function": f"amount({form})"}}
    return definition


def _shaped(cell: dict[str, Any]) -> dict[str, Any]:
    return {**cell, "cellRendererParams": {"shaped": True}, "minWidth": 138} if cell["field"] == "utilisation" else cell

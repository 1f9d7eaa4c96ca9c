"""Positions as a trader reads them: quantity, price and P&L of the day beside the Greeks, with a trend."""

from typing import Any

import numpy as np
import pandas as pd

from app.risk.measure import Column, measure
from app.risk.nodes import at_nodes
from app.risk.sensitivities import CONVENTIONS as GREEKS
from app.risk.sensitivities import FX_DELTA, PV01, VEGA

HELD = ("quantity", "price", "price_date", "market_value", "day")
MINUS = "\N{MINUS SIGN}"
SENSITIVE = ("delta", "gamma", "vega", "theta", "pv01", "fx_delta")


def _per_cent(name: str, label: str) -> Column:
    return Column(name, label, "money", "ccy/%", signed=True)


@measure(
    "Positions and Greeks",
    columns=(
        Column("trend", "20 days", "text"),
        Column("quantity", "Quantity", "quantity", additive=False, signed=True),
        Column("price", "Price", "price", additive=False),
        Column("price_date", "Price of", "date", additive=False),
        Column("market_value", "Market value", "money", "ccy", signed=True),
        Column("day", "Day P&L", "money", "ccy", signed=True),
        _per_cent("delta", "Delta"),
        _per_cent("gamma", "Gamma"),
        VEGA,
        Column("theta", "Theta", "money", "ccy/day", signed=True),
        PV01,
        FX_DELTA,
    ),
    additive=False,
    conventions=GREEKS
    | {
        "20 days": "the P&L added up over the last 20 business days, in whole units of the base currency",
        "One row": "an underlying that is held as itself and nothing else is one row, not a group of one",
        "Order": "by the size of the day's P&L",
    },
)
def position_greeks(
    positions: pd.DataFrame, sensitivities: pd.DataFrame, recent_pnl: pd.DataFrame, *, by: tuple[str, ...]
) -> pd.DataFrame:
    """What is held, what it made today and how it reacts: the positions' own numbers beside their sensitivities.

    The trend is what a node made, summed up day by day over 20 business days; it is there where the tree is grouped
    by underlying and instrument. Quantities and prices are those of single instruments.
    """
    tree = positions.reindex(columns=["level", *by, *HELD])
    frame = pd.concat([tree, at_nodes(tree, sensitivities, SENSITIVE, by).fillna(0.0)], axis=1)
    frame = _largest_first(frame.assign(trend=_trends(tree, recent_pnl, by)), by)
    return _single(frame, by)


def _trends(tree: pd.DataFrame, pnl: pd.DataFrame, by: tuple[str, ...]) -> "pd.Series[Any]":
    """The running sums of each node as text, a number a day; empty where they are not known by these keys.

    Below zero they have a real minus sign: text that begins with a hyphen is no number to a spreadsheet but a formula.
    """
    if pnl.empty or not {*by} <= {*pnl.columns}:
        return pd.Series("", tree.index, dtype=object)
    days = pnl.pivot_table(index=list(by), columns="day", values="pnl", aggfunc="sum", fill_value=0.0)
    levels = [_summed(days, by, depth) for depth in range(len(by) + 1)]
    found: pd.Series[Any] = at_nodes(tree, pd.concat(levels, ignore_index=True), ("trend",), by)["trend"].fillna("")
    return found


def _summed(days: pd.DataFrame, by: tuple[str, ...], depth: int) -> pd.DataFrame:
    sums = days.groupby(level=list(range(depth))).sum() if depth else days.sum().to_frame().T
    lines = np.rint(sums.to_numpy(dtype=float).cumsum(axis=1)).astype(np.int64)
    keys = sums.index.to_frame(index=False).set_axis(list(by[:depth]), axis=1) if depth else pd.DataFrame(index=[0])
    return keys.assign(trend=[" ".join(map(str, line)).replace("-", MINUS) for line in lines.tolist()])


def _largest_first(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Siblings by the size of the day's P&L, each below its parent."""
    size = frame["day"].abs().fillna(0.0)
    sorting: list[Any] = [-size]
    for depth in range(len(by) - 1, 0, -1):
        keys = [frame[name].astype(object).fillna("") for name in by[:depth]]
        top = size.where(frame["level"] == depth, 0.0).groupby(keys).transform("max")
        path = pd.Series(["\t".join(map(str, names)) for names in zip(*keys, strict=True)], frame.index, dtype=object)
        sorting += [frame["level"] > depth, path, -top]
    order = np.lexsort([*sorting, frame["level"] > 0])
    return frame.iloc[order].reset_index(drop=True)


def _single(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Without the innermost rows that are the only one of their group and bear its name: the group's row says it."""
    if len(by) < 2 or frame.empty:
        return frame
    outer, inner = (frame[name].astype(object).fillna("") for name in by[-2:])
    leaf = frame["level"] == len(by)
    alone = leaf.groupby([frame[name].astype(object).fillna("") for name in by[:-1]]).transform("sum") == 1
    drop = leaf & alone & (outer == inner)
    above = drop.shift(-1, fill_value=False)
    told = [by[-1], "quantity", "price", "price_date"]
    frame = frame.copy()
    frame[told] = frame[told].astype(object)
    frame.loc[above, told] = frame.loc[drop, told].to_numpy()
    frame[["quantity", "price"]] = frame[["quantity", "price"]].astype(float)
    return frame.loc[~drop].reset_index(drop=True)

"""One tree of nodes with the numbers of several measures side by side, each taken from the measure that owns it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from app.risk.exposure import GROSS, NET
from app.risk.limits import WHOLE_BOOKS
from app.risk.measure import Column, measure
from app.risk.sensitivities import PV01, VEGA
from app.risk.tails import VAR

NUMBERS = ("day", "gross", "net", "delta", "vega", "pv01", "var", "component")


@measure(
    "Risk by node",
    columns=(
        Column("day", "Day P&L", "money", "ccy", signed=True),
        GROSS,
        NET,
        Column("delta", "Delta", "money", "ccy/%", signed=True),
        VEGA,
        PV01,
        VAR,
        Column("component", "Comp. VaR", "money", "ccy", signed=True),
        Column("utilisation", "Limit used", "ratio", "%", additive=False),
        Column("state", "State", "text"),
        Column("limit", "Nearest limit", "text"),
    ),
    additive=False,
    conventions={
        "Sources": "every number is that of its own page: P&L, Exposure, Sensitivities, VaR & ES, Limits",
        "Limit used": "the largest use among the limits that bind the node itself, of whatever measure",
        "Nothing held": "a node without open positions has no risk and is shown with zeros",
    },
)
def risk_by_node(  # noqa: PLR0913 one owner each
    pnl: pd.DataFrame,
    exposure: pd.DataFrame,
    sensitivities: pd.DataFrame,
    value_at_risk: pd.DataFrame,
    limit_use: pd.DataFrame,
    *,
    by: tuple[str, ...],
) -> pd.DataFrame:
    """P&L of the day, exposure, sensitivities, VaR, component VaR and the nearest limit of every node of one tree.

    Nothing is computed here: each column is the answer of the measure that owns it, for the same reader, date and
    choices. The nodes are those that have a P&L.
    """
    tree = pnl.reindex(columns=["level", *by, "day"])
    parts = (
        at_nodes(tree, exposure, ("gross", "net"), by),
        at_nodes(tree, sensitivities, ("delta", "vega", "pv01"), by),
        at_nodes(tree, value_at_risk, ("var", "component"), by),
    )
    frame = pd.concat([tree, *parts], axis=1)
    frame[list(NUMBERS)] = frame[list(NUMBERS)].fillna(0.0)
    return pd.concat([frame, _nearest(tree, limit_use, by)], axis=1)


def at_nodes(tree: pd.DataFrame, other: pd.DataFrame, names: Sequence[str], by: tuple[str, ...]) -> pd.DataFrame:
    """Columns of another tree by the same keys at the nodes of this one; NaN where the other has no such node."""
    known = other.reindex(columns=[*by, *names]).set_axis(_paths(other, by))
    found: pd.DataFrame = known[list(names)].reindex(_paths(tree, by)).set_axis(tree.index)
    return found


def _paths(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.Index:
    """The keys of each row in one text, empty for the total."""
    keys = frame.reindex(columns=list(by)).astype(object)
    texts = keys.where(keys.notna(), "").astype(str)
    return pd.Index(["\t".join(row).rstrip("\t") for row in texts.itertuples(index=False, name=None)], dtype=object)


def _nearest(tree: pd.DataFrame, limits: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """utilisation, state and limit (its id) of the most used limit of each node; empty where none is measured."""
    columns = ["scope_kind", "scope_node", "utilisation", "state", "limit_id"]
    known = limits.reindex(columns=columns).dropna(subset="utilisation").sort_values("utilisation", kind="stable")
    known["scope_node"] = known["scope_node"].astype(object).fillna("")
    worst = known.drop_duplicates(["scope_kind", "scope_node"], keep="last").set_index(["scope_kind", "scope_node"])
    at = pd.MultiIndex.from_tuples(
        [_scope(row, by) for row in tree.itertuples(index=False, name=None)], names=["scope_kind", "scope_node"]
    )
    found = worst.reindex(at).set_axis(tree.index).rename(columns={"limit_id": "limit"})
    found[["state", "limit"]] = found[["state", "limit"]].astype(object).fillna("")
    return found.assign(utilisation=found["utilisation"].astype(np.float64))


def _scope(row: tuple[Any, ...], by: tuple[str, ...]) -> tuple[str, str]:
    """Which kind of scope a node is, and its name; no kind where limits do not bind such nodes whole."""
    level = int(row[0])
    kind = by[level - 1] if level else "firm"
    return (kind, str(row[level]) if level else "") if kind in WHOLE_BOOKS else ("", "")

"""What a home says first of VaR and stress, each number taken from the measure that owns it."""

import numpy as np
import pandas as pd

from app.risk.limits import CONVENTIONS as LIMITED
from app.risk.measure import Column, measure
from app.risk.stress import CONVENTIONS as STRESSED
from app.risk.stress import PNL, SCENARIO
from app.risk.tails import CONVENTIONS as TAILS
from app.risk.tails import ES, VAR

VAR_LIMIT = "value_at_risk.var"


@measure(
    "VaR against the date compared with",
    columns=(
        VAR,
        ES,
        Column("var_before", "VaR before", "money", "ccy", additive=False),
        Column("var_change", "Change of VaR", "money", "ccy", additive=False, signed=True),
    ),
    additive=False,
    conventions=TAILS
    | {"Before": "the VaR of the positions and scenarios of the date compared with, by the same conventions"},
)
def var_move(var_summary: pd.DataFrame, var_summary_before: pd.DataFrame) -> pd.DataFrame:
    """VaR and expected shortfall of everything read, and how much the VaR has moved since the date compared with."""
    now = var_summary.reindex(columns=["var", "es"])
    before = var_summary_before.reindex(columns=["var"])["var"]
    earlier = float(before.iloc[0]) if len(before) else np.nan
    return now.assign(var_before=earlier, var_change=now["var"] - earlier)


@measure(
    "VaR against its limit",
    columns=(
        VAR,
        ES,
        Column("utilisation", "Used", "ratio", "%", additive=False),
        Column("state", "State", "text"),
        Column("limit", "Limit", "money", "ccy", additive=False),
        Column("bound", "Of", "text"),
    ),
    additive=False,
    conventions=TAILS | LIMITED | {"Limit": "of the limits on a VaR in sight the one that is used most"},
)
def var_standing(var_summary: pd.DataFrame, limit_use: pd.DataFrame) -> pd.DataFrame:
    """VaR and expected shortfall of everything read, beside the most used of the limits on a VaR and whom it binds."""
    frame = var_summary.reindex(columns=["var", "es"])
    limits = limit_use.reindex(columns=["measure", "scope_node", "utilisation", "state", "hard"])
    limits = limits[limits["measure"].eq(VAR_LIMIT) & limits["utilisation"].notna()]
    if limits.empty:
        return frame.assign(utilisation=np.nan, state="", limit=np.nan, bound="")
    near = limits.sort_values("utilisation", kind="stable").iloc[-1]
    bound = str(near["scope_node"] or "firm") if pd.notna(near["scope_node"]) else "firm"
    return frame.assign(utilisation=near["utilisation"], state=near["state"], limit=near["hard"], bound=bound)


@measure(
    "Worst stresses",
    columns=(
        SCENARIO,
        PNL,
        Column("worst_book", "Worst book", "text"),
        Column("worst_pnl", "Its P&L", "money", "ccy", additive=False, signed=True),
    ),
    additive=False,
    conventions=STRESSED,
)
def worst_stresses(stress: pd.DataFrame) -> pd.DataFrame:
    """The stress scenarios by what they would cost, the greatest loss first, and the book that loses most in each.

    A crisis that cannot be replayed is left out.
    """
    names = ["scenario", "pnl", "worst_book", "worst_pnl"]
    frame = stress.reindex(columns=names).dropna(subset="pnl")
    return frame.sort_values("pnl", kind="stable", ignore_index=True)

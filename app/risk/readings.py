"""The scenarios that VaR and ES are read from: each with its P&L and its weight, worst first."""

import numpy as np
import pandas as pd

from app.risk.cube import Vectors, rollup
from app.risk.measure import Column, measure
from app.risk.tails import CONVENTIONS
from app.risk.var import Scenarios, es_scenarios, var_scenarios


@measure(
    "Scenarios read",
    columns=(
        Column("figure", "Figure", "text"),
        Column("day", "Scenario of", "date"),
        Column("pnl", "P&L", "money", "ccy", additive=False, signed=True),
        Column("weight", "Weight", "ratio", "%", additive=False),
    ),
    additive=False,
    conventions=CONVENTIONS
    | {"Weight": "share of the scenario in the figure: minus the sum of weight × P&L is VaR or ES"},
)
def scenarios_read(
    pnl_vectors: Vectors, *, confidence: float = 0.99, es_confidence: float = 0.975, method: str = "weibull"
) -> pd.DataFrame:
    """The scenarios that the VaR and the ES are made of, with the P&L of today's positions in each and its weight.

    A row a figure and scenario; VaR has one or two, ES the worst of them all.
    """
    whole = rollup(pnl_vectors.rows, pnl_vectors.pnl, ())[1][0]
    read: dict[str, Scenarios] = {
        "VaR": var_scenarios(whole, confidence=confidence, method=method),
        "ES": es_scenarios(whole, confidence=es_confidence),
    }
    places = np.concatenate([scenarios.indices for scenarios in read.values()])
    return pd.DataFrame(
        {
            "figure": np.repeat(list(read), [len(scenarios.indices) for scenarios in read.values()]),
            "day": pnl_vectors.days[places],
            "pnl": whole[places],
            "weight": np.concatenate([scenarios.weights for scenarios in read.values()]),
        }
    )

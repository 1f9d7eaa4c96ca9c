"""The VaR and ES a screen shows: at every node of a tree, by method, and as a distribution with its tail."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import Vectors, rollup
from app.risk.market import Days
from app.risk.measure import Column, measure
from app.risk.var import (
    component_es,
    component_var,
    cornish_fisher_var,
    expected_shortfall,
    filtered_historical_var,
    gaussian_var,
    historical_var,
    stressed_window,
    var_scenarios,
)

CONVENTIONS = {
    "VaR": "historical: the loss at rank α(N + 1) of the ordered scenario P&Ls, interpolated; shown positive",
    "ES": "mean of the worst αN scenarios, the last of them in part; never below the VaR of its level",
    "Scenarios": "one-day moves of every risk factor applied to today's positions; options revalued in full",
    "Shifts": "prices, exchange rates and volatilities by ratio; rates and commodities by difference",
    "Missing history": "a missing move is the mean move of its kind on that day; VaR at a glance says how often",
    "Funding": "foreign positions are funded in their own currency: the rate moves their wealth, not their notional",
    "Time": "no time passes: an option's theta and a bond's carry are outside VaR, inside the P&L it is tested by",
    "Closed positions": "the rate's effect on what a closed foreign position has earned is outside VaR",
    "Components": "P&L of the node in the scenarios that make the total's VaR, same weights; they add up to it",
    "Totals": "every VaR and ES is taken from the summed vector of its node, never summed from rows",
}
VAR = Column("var", "VaR", "money", "ccy", additive=False)
ES = Column("es", "ES", "money", "ccy", additive=False)
IN_SCENARIO = Column("in_scenario", "In scenario", "money", "ccy", signed=True)


@measure(
    "VaR and ES",
    columns=(
        VAR,
        ES,
        Column("component", "Component VaR", "money", "ccy", signed=True),
        Column("share", "Share of VaR", "ratio", "%"),
        Column("component_es", "Component ES", "money", "ccy", signed=True),
        Column("incremental", "Incremental VaR", "money", "ccy", additive=False, signed=True),
        IN_SCENARIO,
        Column("positions", "Positions", "count"),
        Column("unpriced", "Not valued", "count"),
    ),
    additive=False,
    conventions=CONVENTIONS
    | {
        "Incremental": "VaR of the total less VaR of the total without the node; not additive",
        "In scenario": "P&L of the node in the one scenario that the reader chose; it adds up",
    },
)
def value_at_risk(  # noqa: PLR0913 the reader's choices, each by its name
    pnl_vectors: Vectors,
    *,
    by: tuple[str, ...],
    confidence: float = 0.99,
    es_confidence: float = 0.975,
    method: str = "weibull",
    scenario: date | None = None,
) -> pd.DataFrame:
    """Historical VaR and expected shortfall of every node, and what each contributes to the total's.

    Components add up to the VaR of the total; VaR, ES and incremental VaR do not add up. `In scenario` is empty unless
    the day of one of the scenarios is chosen.
    """
    frame, vectors = rollup(pnl_vectors.rows, pnl_vectors.pnl, by)
    whole = vectors[0]
    total = historical_var(whole, confidence=confidence, method=method)
    component = component_var(vectors, confidence=confidence, method=method, parent=whole)
    figures = {
        "var": historical_var(vectors, confidence=confidence, method=method),
        "es": expected_shortfall(vectors, confidence=es_confidence),
        "component": component,
        "share": component / total if total else 0.0,
        "component_es": component_es(vectors, confidence=es_confidence, parent=whole),
        "incremental": total - historical_var(whole - vectors, confidence=confidence, method=method),
        IN_SCENARIO.name: _on(vectors, pnl_vectors.days, scenario) if scenario else None,
        "positions": frame["held"],
        "unpriced": frame["held"] - frame["priced"],
    }
    return pd.DataFrame({**frame, **figures})


@measure(
    "Scenario P&L",
    columns=(
        Column("day", "Scenario of", "date"),
        Column("pnl", "P&L", "money", "ccy", additive=False, signed=True),
        Column("tail", "In the tail", "text"),
        VAR,
        ES,
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def scenario_pnl(
    pnl_vectors: Vectors, *, confidence: float = 0.99, es_confidence: float = 0.975, method: str = "weibull"
) -> pd.DataFrame:
    """Today's positions in each scenario, worst first, beside the VaR and ES they make.

    `VaR` marks the scenarios that VaR is read from, `beyond` those that lose more.
    """
    whole = _whole(pnl_vectors)
    order = np.argsort(whole, kind="stable")
    reading = set(var_scenarios(whole, confidence=confidence, method=method).indices.tolist()) if len(whole) else set()
    var = historical_var(whole, confidence=confidence, method=method)
    tail = ["VaR" if place in reading else "beyond" if whole[place] < -var else "" for place in order]
    return pd.DataFrame(
        {
            "day": pnl_vectors.days[order],
            "pnl": whole[order],
            "tail": tail,
            "var": var,
            "es": expected_shortfall(whole, confidence=es_confidence),
        }
    )


SUMMARY = (
    VAR,
    ES,
    Column("stressed", "Stressed VaR", "money", "ccy", additive=False),
    Column("stressed_from", "Stressed from", "date", additive=False),
    Column("stressed_to", "Stressed to", "date", additive=False),
    Column("sum_of_parts", "Sum of desks' VaR", "money", "ccy", additive=False),
    Column("diversification", "Diversification", "money", "ccy", additive=False),
    Column("worst", "Worst scenario", "money", "ccy", additive=False, signed=True),
    Column("worst_day", "Worst on", "date", additive=False),
    Column("var_day", "VaR scenario", "date", additive=False),
    Column("observations", "Scenarios", "count"),
    Column("positions", "Positions", "count"),
    Column("valued", "Positions valued", "count"),
    Column("proxied", "Stand-in moves", "ratio", "%", additive=False),
)


@measure(
    "VaR at a glance",
    columns=SUMMARY,
    additive=False,
    conventions=CONVENTIONS
    | {
        "Stressed": "VaR of today's positions over the worst rolling 250 days of the window",
        "Diversification": "sum of the desks' own VaR less the VaR of the whole",
        "Stand-in moves": "share of the positions' scenario P&Ls that rest on a move which history lacks",
    },
)
def var_summary(
    pnl_vectors: Vectors, *, confidence: float = 0.99, es_confidence: float = 0.975, method: str = "weibull"
) -> pd.DataFrame:
    """VaR, ES and stressed VaR of everything read, with the scenario they are read from."""
    frame, vectors = rollup(pnl_vectors.rows, pnl_vectors.pnl, ("desk",))
    whole, days = vectors[0], pnl_vectors.days
    if not len(whole):
        return pd.DataFrame(columns=[column.name for column in SUMMARY])
    var = historical_var(whole, confidence=confidence, method=method)
    desks = float(np.sum(historical_var(vectors[1:], confidence=confidence, method=method)))
    worst = int(whole.argmin())
    at = var_scenarios(whole, confidence=confidence, method=method).indices[0]
    span = stressed_window(whole, days=min(250, len(whole)), confidence=confidence, method=method)
    row = {
        "var": var,
        "es": expected_shortfall(whole, confidence=es_confidence),
        "stressed": span.var,
        "stressed_from": days[span.start],
        "stressed_to": days[span.stop - 1],
        "sum_of_parts": desks,
        "diversification": desks - var,
        "worst": whole[worst],
        "worst_day": days[worst],
        "var_day": days[at],
        "observations": len(whole),
        "positions": frame["held"].iloc[0],
        "valued": frame["priced"].iloc[0],
        "proxied": pnl_vectors.proxied,
    }
    return pd.DataFrame([row])


@measure(
    "VaR by method",
    columns=(
        Column("way", "Method", "text"),
        VAR,
        Column("ratio", "Against historical", "ratio", "%", additive=False),
    ),
    additive=False,
    conventions=CONVENTIONS
    | {
        "Gaussian": "mean and population deviation of the same scenarios",
        "Cornish–Fisher": "the same with skewness and excess kurtosis",
        "Filtered": "each scenario scaled by current ÷ then EWMA volatility, λ 0.94",
        "numpy's default": "rank α(N − 1) + 1, shown because other systems use it; it understates",
    },
)
def var_methods(pnl_vectors: Vectors, *, confidence: float = 0.99, method: str = "weibull") -> pd.DataFrame:
    """The VaR of the same scenarios by rival methods, each against the one the screen states."""
    whole = _whole(pnl_vectors)
    base = historical_var(whole, confidence=confidence, method=method)
    ways = {
        f"historical, {method}": base,
        "historical, numpy's default": historical_var(whole, confidence=confidence, method="linear"),
        "filtered historical": filtered_historical_var(whole, confidence=confidence, method=method),
        "Gaussian": gaussian_var(whole, confidence=confidence),
        "Cornish–Fisher": cornish_fisher_var(whole, confidence=confidence),
        "expected shortfall of the level": expected_shortfall(whole, confidence=confidence),
    }
    frame = pd.DataFrame({"way": list(ways), "var": list(ways.values())})
    return frame.assign(ratio=frame["var"] / base if base else 0.0)


def _on(vectors: NDArray[np.float64], days: Days, day: date) -> NDArray[np.float64]:
    """The P&L of each vector in the scenario of that day; NaN where there is none."""
    places = np.flatnonzero(days == np.datetime64(day))
    return vectors[:, places[-1]] if places.size else np.full(len(vectors), np.nan)


def _whole(vectors: Vectors) -> NDArray[np.float64]:
    whole: NDArray[np.float64] = rollup(vectors.rows, vectors.pnl, ())[1][0]
    return whole

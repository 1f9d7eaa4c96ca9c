"""The backtest on screen: stored forecasts held against the P&L of the day after, by day, by node and rolling."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.backtest import christoffersen, desk_passes, exceptions, kupiec, pla, traffic_light
from app.risk.measure import Column, measure

NODE = ["scope_kind", "node", "desk"]
SCOPES = ("firm", "desk", "book")
PNLS = ("actual", "hypothetical")
DESK_FORECASTS = ("var_99", "var_975")
RUN_CURRENCY = "run currency"
DEALT = {
    "Currency": "amounts stay in the base currency of their run, which a column names; none is converted",
    "Exception": "a P&L strictly below minus the VaR that the run of the day before forecast for the day (MAR32.5)",
    "Missing": "a day without its P&L or its forecast is an exception; after a close with nothing held none is tested",
    "P&L": "actual is before fees and with the day's trades, hypothetical that of the positions of the day before",
    "Forecasts": "as stored by the last official run of each day, never recomputed",
}
TESTED = {
    "Counted": "the greater of the exceptions of actual and of hypothetical P&L, each counted apart",
    "Observations": "the run days among the last 250 on which the node was forecast; fewer where it began later",
    "Multiplier": "the scheme of MAR32.9, 1.50 to 2.00; not that of 1996, 3 to 4",
    "Kupiec": "the number of exceptions fits the confidence: χ² of one degree, two-sided",
    "Christoffersen": "their number fits and they come apart, χ² of two degrees; independence alone, of one",
    "PLA": "hypothetical against theoretical P&L: Spearman's ρ and Kolmogorov–Smirnov distance (MAR32 table 2)",
    "Desk test": "at most 12 exceptions at 99% and 30 at 97.5%, counted alike (MAR32.18 and 19)",
}
DAY = Column("day", "Day", "date")
CURRENCY = Column("currency", "Currency", "text")
HISTORY = (
    DAY,
    Column("node", "Of", "text"),
    Column("actual", "Actual P&L", "money", RUN_CURRENCY, additive=False, signed=True),
    Column("hypothetical", "Hypothetical P&L", "money", RUN_CURRENCY, additive=False, signed=True),
    Column("var", "VaR", "money", RUN_CURRENCY, additive=False),
    Column("exception", "Exception", "text"),
    CURRENCY,
)
RESULTS = (
    Column("scope", "Scope", "text"),
    Column("node", "Node", "text"),
    Column("desk", "Desk", "text"),
    Column("actual", "Exceptions, actual", "count", additive=False),
    Column("hypothetical", "Exceptions, hypothetical", "count", additive=False),
    Column("counted", "Counted", "count", additive=False),
    Column("observations", "Days", "count", additive=False),
    Column("zone", "Zone", "text"),
    Column("multiplier", "Multiplier", "ratio", additive=False),
    Column("cumulative_probability", "P(so many or fewer)", "ratio", "%", additive=False),
    Column("kupiec_p", "Kupiec p", "ratio", additive=False),
    Column("christoffersen_p", "Christoffersen p", "ratio", additive=False),
    Column("independence_p", "Independence p", "ratio", additive=False),
    Column("pla_spearman", "PLA ρ", "ratio", additive=False),
    Column("pla_ks", "PLA KS", "ratio", additive=False),
    Column("pla_zone", "PLA zone", "text"),
    Column("desk_test", "Desk test", "text"),
    CURRENCY,
)
ROLLING = (
    DAY,
    Column("actual", "Exceptions, actual", "count", additive=False),
    Column("hypothetical", "Exceptions, hypothetical", "count", additive=False),
    Column("amber", "Amber from", "count", additive=False),
    Column("red", "Red from", "count", additive=False),
    Column("node", "Of", "text"),
)


@measure("P&L against VaR", columns=HISTORY, additive=False, conventions=DEALT)
def backtest_history(forecasts: pd.DataFrame, backtest_pnls: pd.DataFrame, *, forecast: str = "var_99") -> pd.DataFrame:
    """Each day's P&L beside the VaR forecast for it the day before, of the widest node that the reader sees.

    `exception` says whose P&L was below it: actual, hypothetical, both, `missing` where one of the three is, or
    nothing. The node is the firm, else the only book, else the first desk by name. The first run of the stretch has
    no forecast before it and is no day. A day without a run is passed over: the next is held against the run before.
    """
    days = _widest(paired(forecasts, backtest_pnls, forecast))
    actual, hypothetical = (days[f"{name}_hit"] for name in PNLS)
    missing = days[[*PNLS, "var"]].isna().any(axis=1)
    kinds = [missing, actual & hypothetical, actual, hypothetical]
    words = np.select(kinds, ["missing", "both", "actual", "hypothetical"], "")
    return _shown(days.assign(exception=words, node=_names(days)), HISTORY)


@measure("Backtest", columns=RESULTS, additive=False, conventions=DEALT | TESTED)
def backtest_results(
    forecasts: pd.DataFrame, backtest_pnls: pd.DataFrame, *, forecast: str = "var_99", observations: int = 250
) -> pd.DataFrame:
    """What the last `observations` run days say about the VaR of the firm, of every desk and of every book.

    A row a node that was tested at least once, the firm first, each desk before its books. Zone and probability are
    of as many days as there were; no multiplier is stated where MAR32 prints none (amber, unless of 250 days at 99%).
    The desk test takes var_99 and var_975 whatever `forecast` is, and is left empty where one of them is not stored.
    """
    recent = _recent(paired(forecasts, backtest_pnls, forecast), observations)
    verdicts = _desk_tests(forecasts, backtest_pnls, observations)
    rows = [
        {
            "scope": kind,
            "node": node or "Firm",
            "desk": desk,
            **_tested(days),
            "desk_test": verdicts.get((kind, node), ""),
        }
        for (kind, node, desk), days in recent.groupby(NODE, sort=False, dropna=False)
    ]
    frame = pd.DataFrame(rows, columns=[column.name for column in RESULTS])
    ranks = {"scope": frame["scope"].map(SCOPES.index), "desk": frame["desk"].fillna("")}
    order = frame.assign(**ranks, firm=frame["scope"] != "firm").sort_values(["firm", "desk", "scope", "node"]).index
    return frame.loc[order].reset_index(drop=True)


@measure(
    "Exceptions in the last 250 days",
    columns=ROLLING,
    additive=False,
    conventions=DEALT | {"Rolling": "the exceptions of the 250 run days up to the day; a day with fewer is left out"},
)
def backtest_rolling(
    forecasts: pd.DataFrame, backtest_pnls: pd.DataFrame, *, forecast: str = "var_99", observations: int = 250
) -> pd.DataFrame:
    """By day the number of exceptions in the `observations` days up to it, of the node of `backtest_history`.

    `amber` and `red` are the numbers from which these zones begin.
    """
    days = _widest(paired(forecasts, backtest_pnls, forecast))
    if len(days) < observations:
        return _shown(days.iloc[:0].assign(amber=0, red=0), ROLLING)
    counts = {name: days[f"{name}_hit"].astype(float).rolling(observations).sum() for name in PNLS}
    level = float(days["confidence"].iloc[-1])
    zones = [traffic_light(count, observations=observations, level=level).zone for count in range(observations + 1)]
    first = {name: zones.index(name) if name in zones else np.nan for name in ("amber", "red")}
    return _shown(days.assign(**counts, **first, node=_names(days)).iloc[observations - 1 :], ROLLING)


def paired(forecasts: pd.DataFrame, backtest_pnls: pd.DataFrame, forecast: str) -> pd.DataFrame:
    """Every tested day of every node: its P&L, the forecast of the run before, and whose P&L was below it.

    Columns scope_kind, node, desk, day, confidence, var, actual, hypothetical, theoretical, currency, actual_hit,
    hypothetical_hit; ordered by day, then scope. Run days are those of both relations. A node is tested from the run
    after its first forecast on, in every day that has its forecast or its P&L; a day with neither a forecast nor a
    theoretical P&L, of a node whose P&L is known, followed a close at which it held nothing. A forecast in another
    currency than the P&L is missing. ValueError for a `forecast` that no run stored.
    """
    columns = [*NODE, "day", "confidence", "var", *PNLS, "theoretical", "currency", "actual_hit", "hypothetical_hit"]
    if forecasts.empty:
        return pd.DataFrame(columns=columns).astype({f"{name}_hit": bool for name in PNLS})
    _check_stored(forecast, forecasts)
    days = sorted({*forecasts["as_of"], *backtest_pnls.get("as_of", ())})
    following = dict(pairwise(days))
    made = forecasts.loc[forecasts["measure"] == forecast, [*NODE, "as_of", "base", "confidence", "value"]]
    made = made.assign(day=made["as_of"].map(following)).rename(columns={"value": "var"}).dropna(subset="day")
    earned = backtest_pnls.reindex(columns=[*NODE, "as_of", "base", *PNLS, "theoretical"])
    pairs = made.drop(columns="as_of").merge(
        earned.rename(columns={"as_of": "day"}), on=[*NODE, "day"], how="outer", suffixes=("_made", "")
    )
    begun = pairs["day"].where(pairs["confidence"].notna()).groupby([pairs[key] for key in NODE[:2]]).transform("min")
    idle = pairs["confidence"].isna() & pairs["theoretical"].isna() & pairs["actual"].notna()
    pairs = pairs.loc[~idle & begun.notna() & (pairs["day"] >= begun.fillna(pairs["day"]))]
    pairs = pairs.assign(
        var=pairs["var"].where(pairs["base"].isna() | (pairs["base"] == pairs["base_made"])).astype(float),
        currency=pairs["base"].fillna(pairs["base_made"]),
        confidence=pairs["confidence"].ffill().bfill(),
        **{name: pairs[name].astype(float) for name in (*PNLS, "theoretical")},
    )
    hits = {f"{name}_hit": exceptions(pairs[name], pairs["var"]) for name in PNLS}
    rank = pairs["scope_kind"].map(SCOPES.index)
    return pairs.assign(**hits, rank=rank).sort_values(["day", "rank", "node"], ignore_index=True)[columns]


def _check_stored(forecast: str, forecasts: pd.DataFrame) -> None:
    stored = sorted({name for name in forecasts["measure"] if str(name).startswith("var")})
    if forecast not in stored:
        raise ValueError(f"forecast is {forecast!r}; the VaRs stored are {', '.join(stored) or 'none'}")


def _widest(pairs: pd.DataFrame) -> pd.DataFrame:
    """The days of the firm, else of the only book, else of the first desk (book) by name."""
    scopes = {kind: sorted(pairs.loc[pairs["scope_kind"] == kind, "node"].unique()) for kind in SCOPES}
    order = ("firm", "book", "desk") if len(scopes["book"]) == 1 else SCOPES
    for kind in order:
        if scopes[kind]:
            chosen: pd.DataFrame = pairs.loc[(pairs["scope_kind"] == kind) & (pairs["node"] == scopes[kind][0])]
            return chosen
    return pairs


def _recent(pairs: pd.DataFrame, observations: int) -> pd.DataFrame:
    """The rows of the last run days."""
    days = sorted(pairs["day"].unique())[-observations:]
    recent: pd.DataFrame = pairs.loc[pairs["day"] >= days[0]] if days else pairs
    return recent


def _counts(days: pd.DataFrame) -> dict[str, int]:
    return {name: int(days[f"{name}_hit"].sum()) for name in PNLS}


def _tested(days: pd.DataFrame) -> dict[str, Any]:
    """The numbers of one node."""
    counts, level, number = _counts(days), float(days["confidence"].iloc[-1]), len(days)
    counted = max(counts, key=lambda name: counts[name])
    hits: NDArray[np.bool_] = days[f"{counted}_hit"].to_numpy(dtype=bool)
    light = traffic_light(counts[counted], observations=number, level=level)
    coverage = christoffersen(hits, level=level)
    attribution = pla(days["hypothetical"], days["theoretical"])
    return {
        **counts,
        "counted": counts[counted],
        "observations": number,
        "zone": light.zone,
        "multiplier": light.multiplier,
        "cumulative_probability": light.cumulative_probability,
        "kupiec_p": kupiec(counts[counted], number, level=level).p_value,
        "christoffersen_p": coverage.p_value,
        "independence_p": coverage.independence.p_value,
        "pla_spearman": attribution.correlation,
        "pla_ks": attribution.distance,
        "pla_zone": attribution.zone,
        "currency": days["currency"].iloc[-1],
    }


def _desk_tests(forecasts: pd.DataFrame, backtest_pnls: pd.DataFrame, observations: int) -> dict[Any, str]:
    """The verdict, pass or fail, on every desk that has both forecasts, by scope and name."""
    if not set(DESK_FORECASTS) <= set(forecasts.get("measure", ())):
        return {}
    both = [_recent(paired(forecasts, backtest_pnls, name), observations) for name in DESK_FORECASTS]
    counts = [
        pairs.loc[pairs["scope_kind"] == "desk"].groupby(NODE[:2])[[f"{name}_hit" for name in PNLS]].sum().max(axis=1)
        for pairs in both
    ]
    table = pd.concat(counts, axis=1, join="inner")
    return {
        key: "pass" if desk_passes(*row) else "fail" for key, row in zip(table.index, table.to_numpy(), strict=True)
    }


def _names(days: pd.DataFrame) -> "pd.Series[Any]":
    return days["node"].replace("", "Firm")


def _shown(days: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    return days.reindex(columns=[column.name for column in columns]).reset_index(drop=True)

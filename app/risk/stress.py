"""Stress: what the portfolio of today would make in a crisis of the past, or under shocks that somebody imagined.

A scenario moves every risk factor at once and no time passes; positions are revalued in full.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import crossed, rollup
from app.risk.market import Market
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.returns import moved, shifted
from app.risk.sensitivities import BASIS_POINT, VOL_POINT, underliers

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Unit = Literal["percent", "basis_points", "vol_points"]
CONVENTIONS = {
    "Scenario": "all its moves at once on today's positions and levels, no time passes, options revalued in full",
    "Replayed crisis": "each factor's move between the closes of the two dates, by ratio; rates and commodities by "
    "difference",
    "Proxied": "share of the factors without history then; they take the mean move of their kind",
    "Funding": "foreign positions are funded in their own currency: the rate moves their wealth, not their notional",
    "Missing": "a crisis before the market's history or after the date has no P&L; a position without price counts "
    "in coverage",
}
SCENARIO = Column("scenario", "Scenario", "text")
PNL = Column("pnl", "P&L", "money", "ccy", signed=True)


@dataclass(frozen=True, slots=True)
class Shock:
    """A move of the factors of one `kind`, or of those whose owner (symbol or currency) is one of `owners`.

    `size` is one number or one a node: `along` (months or moneyness) says what the `nodes` are, between them it is
    linear and outside flat. `percent` is of the level, for volatilities too; `vol_points` and `basis_points` are added.
    """

    kind: str
    size: tuple[float, ...]
    unit: Unit
    owners: tuple[str, ...] = ()
    along: str = ""
    nodes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A crisis replayed from `first` to `last`, or shocks, of which a later one replaces an earlier one."""

    name: str
    title: str
    kind: Literal["historical", "hypothetical"]
    first: date | None = None
    last: date | None = None
    shocks: tuple[Shock, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Scenario":
        """The scenario of a plain record, as a scenario file is read."""
        return cls(**{**record, "shocks": tuple(Shock(**shock) for shock in record.get("shocks", ()))})


def moves(scenario: Scenario, market: Market) -> Array:
    """The move (F,) of each factor in the units of its shift, from the last level of `market`.

    Replayed: a factor without history takes the mean of its kind, 0 where its whole kind has none; all are NaN where
    the market does not reach over both dates. Shocks: 0 where nothing matches.
    """
    if scenario.kind == "hypothetical":
        return _shocked(scenario, market)
    found = _replayed(scenario, market)
    if not np.isfinite(found).any():
        return found
    series = pd.Series(found)
    return np.asarray(series.fillna(series.groupby(market.kinds).transform("mean")).fillna(0.0), dtype=np.float64)


def unknown(scenario: Scenario, market: Market) -> Mask:
    """Which factors (F,) have no move of their own between the two dates of a replayed crisis."""
    if scenario.kind == "hypothetical":
        return np.zeros(len(market.factors), dtype=bool)
    return ~np.isfinite(_replayed(scenario, market))


@measure(
    "Stress",
    columns=(
        SCENARIO,
        Column("kind", "Kind", "text"),
        PNL,
        Column("worst_book", "Worst book", "text"),
        Column("worst_pnl", "Its P&L", "money", "ccy", additive=False, signed=True),
        Column("proxied", "Proxied", "ratio", "%", additive=False),
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def stress(portfolio: Portfolio, market_history: Market, scenarios: tuple[Scenario, ...]) -> pd.DataFrame:
    """The P&L of today's positions in each scenario, the book that loses most in it, and how much was proxied.

    A row a scenario, in the order given; an empty one where a crisis cannot be replayed.
    """
    pnl, proxied = revalued(portfolio, market_history, scenarios)
    frame, sums = rollup(portfolio.rows, pnl, ("book",))
    books, parts = frame["book"].to_numpy()[1:], sums[1:]
    lost = np.where(np.isfinite(parts), parts, np.inf)
    worst = lost.argmin(axis=0) if len(books) else np.zeros(0, dtype=np.intp)
    about = pd.DataFrame(
        [(one.title, one.kind) for one in scenarios][: len(worst)], columns=["scenario", "kind"], dtype=object
    )
    return about.assign(
        pnl=sums[0, : len(worst)],
        worst_book=np.where(np.isfinite(sums[0, : len(worst)]), books[worst], ""),
        worst_pnl=parts[worst, np.arange(len(worst))],
        proxied=proxied[: len(worst)],
    )


@measure("Stress by group", columns=(SCENARIO, PNL), additive=True, conventions=CONVENTIONS)
def stress_map(
    portfolio: Portfolio, market_history: Market, scenarios: tuple[Scenario, ...], *, by: tuple[str, ...]
) -> pd.DataFrame:
    """The P&L of each group in each scenario; a row a group and scenario, scenarios in the order given.

    The groups add up to the total of the scenario. A crisis that cannot be replayed is left out.
    """
    pnl, _ = revalued(portfolio, market_history, scenarios)
    titles = pd.DataFrame({"scenario": [one.title for one in scenarios]}, dtype="str")
    long = crossed(portfolio.rows, pnl, by, titles, "pnl")
    return long.loc[long["pnl"].notna()].reset_index(drop=True)


@measure(
    "Stress drill",
    columns=(
        PNL,
        Column("worst", "Worst", "money", "ccy", additive=False, signed=True),
        Column("worst_scenario", "In", "text"),
        Column("best", "Best", "money", "ccy", additive=False, signed=True),
        Column("best_scenario", "In the scenario", "text"),
    ),
    additive=False,
    conventions=CONVENTIONS
    | {"P&L": "in the scenario that is worst for the total; worst and best are each node's own"},
)
def stress_by(
    portfolio: Portfolio, market_history: Market, scenarios: tuple[Scenario, ...], *, by: tuple[str, ...]
) -> pd.DataFrame:
    """What the scenario that is worst for the total does to every node, and the worst and best scenario of each.

    Where there is no scenario the numbers are 0 and the names empty.
    """
    pnl, _ = revalued(portfolio, market_history, scenarios)
    frame, sums = rollup(portfolio.rows, pnl, by)
    replayed = np.isfinite(sums).all(axis=0)
    titles = np.array([*(one.title for one in scenarios), ""], dtype=object)[[*np.flatnonzero(replayed), -1]]
    sums = sums[:, replayed] if replayed.any() else np.zeros((len(sums), 1))
    lowest, highest = sums.argmin(axis=1), sums.argmax(axis=1)
    nodes = np.arange(len(sums))
    return frame.assign(
        pnl=sums[:, lowest[0]] if len(sums) else 0.0,
        worst=sums[nodes, lowest],
        worst_scenario=titles[lowest],
        best=sums[nodes, highest],
        best_scenario=titles[highest],
    )


def revalued(portfolio: Portfolio, history: Market, scenarios: tuple[Scenario, ...]) -> tuple[Array, Array]:
    """P&L (positions, scenarios), and the share of each scenario's factors that are proxied; one revaluation.

    A crisis that cannot be replayed is a column of NaN.
    """
    market = aligned(portfolio, history)
    width = len(market.factors)
    read = np.isfinite(market.levels[-1]) if len(market.days) else np.zeros(width, dtype=bool)
    each = np.array([moves(one, market) for one in scenarios]).reshape(-1, width)
    share = [float(unknown(one, market)[read].mean()) if read.any() else 0.0 for one in scenarios]
    known = np.isfinite(each).all(axis=1) if width else np.ones(len(scenarios), dtype=bool)
    base = portfolio.market.on(portfolio.as_of)
    levels = shifted(base, np.where(known[:, None], each, 0.0), portfolio.market.absolute)
    pnl: Array = portfolio.pnl(levels, dtype=np.float64)
    return np.where(known, pnl, np.nan), np.array(share)


def aligned(portfolio: Portfolio, history: Market) -> Market:
    """The history up to the portfolio's day with the columns of its market; NaN for what no position reads.

    The prices of bonds and currency pairs are not read: their values follow curves and rates, and as proxies for
    shares they would mislead.
    """
    market, known = portfolio.market, history.until(portfolio.as_of)
    names = set(underliers(portfolio)[portfolio.positions["instrument_type"] != "government_bond"])
    names -= {name for name in names if market.pair(name[:3], name[3:])}
    spot = np.isin(market.kinds, ("spot", "commodity"))
    read = ~spot | market.factors["owner"].isin(names).to_numpy(dtype=bool)
    places = np.array([known.column.get(name, -1) for name in market.factors["name"]], dtype=np.intp)
    columns = np.hstack([known.levels, np.full((len(known.days), 1), np.nan)])[:, np.where(read, places, -1)]
    return Market(market.factors, known.days, columns)


def _replayed(scenario: Scenario, market: Market) -> Array:
    """The factors' own moves between the two dates; NaN where history does not reach over them."""
    first, last = scenario.first, scenario.last
    reach = (market.days[0], market.days[-1]) if len(market.days) else None
    if not (first and last and reach and reach[0] <= np.datetime64(first) and np.datetime64(last) <= reach[1]):
        return np.full(len(market.factors), np.nan)
    return moved(market.on(first), market.on(last), market.absolute)


def _shocked(scenario: Scenario, market: Market) -> Array:
    levels = market.levels[-1] if len(market.days) else np.full(len(market.factors), np.nan)
    found = np.zeros(len(market.factors))
    for shock in scenario.shocks:
        chosen = market.kinds == shock.kind
        if shock.owners:
            chosen &= market.factors["owner"].isin(shock.owners).to_numpy(dtype=bool)
        found = np.where(chosen, _sized(shock, market, levels), found)
    return np.nan_to_num(found)


def _sized(shock: Shock, market: Market, levels: Array) -> Array:
    """The shock of every factor in the units of its kind's shift."""
    size = np.full(len(levels), shock.size[0])
    if shock.along:
        size = np.interp(market.factors[shock.along].to_numpy(dtype=float), shock.nodes, shock.size)
    if shock.unit == "basis_points":
        return size * BASIS_POINT
    if shock.unit == "vol_points":
        return size * VOL_POINT / np.where(levels > 0, levels, np.nan)
    return size / 100 * np.where(market.absolute, np.abs(levels), 1.0)

"""What-if: exposure, VaR, ES and stress with imagined trades beside those without, in one vector addition."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.components import component_var
from app.risk.cube import Vectors, leaves, rollup
from app.risk.market import Market
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.stress import Scenario, revalued
from app.risk.var import expected_shortfall, historical_var, incremental_var

Array = NDArray[np.float64]
CONVENTIONS = {
    "Trades": "done at the mark of the date, in the order written, without fees; the official book does not change",
    "Before and after": "the same scenarios; after is the sum of both P&L vectors, as if the book had been revalued",
    "Exposure": "quantity × mark × multiplier at the date's rate; a trade is netted with the position it changes",
    "Replaced": "by the same market value in the base currency, to four decimals of a unit; rolled: the same quantity",
    "Not valued": "a trade without a price changes nothing, and says so",
    "Foreign currency": "what a closed position has earned in its currency stays, and moves with the exchange rate",
}
BEFORE = Column("before", "Before", "money", "ccy", additive=False)
AFTER = Column("after", "After", "money", "ccy", additive=False)
CHANGE = Column("change", "Change", "money", "ccy", additive=False, signed=True)


@measure(
    "What-if",
    columns=(
        Column("figure", "Figure", "text"),
        BEFORE,
        AFTER,
        CHANGE,
        Column("share", "Relative", "ratio", "%", additive=False, signed=True),
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def whatif_change(
    pnl_vectors: Vectors,
    whatif_vectors: Vectors,
    *,
    confidence: float = 0.99,
    es_confidence: float = 0.975,
    method: str = "weibull",
) -> pd.DataFrame:
    """Exposure, VaR, ES and the worst scenario of everything read, before and after the imagined trades.

    `share` is the change over the size of the figure before; missing where that is 0.
    """
    _, before, after = _both(pnl_vectors, whatif_vectors, ())
    gross, net = _exposures(pnl_vectors.rows, whatif_vectors.rows, ())
    figures = {"Gross exposure": gross[0], "Net exposure": net[0]}
    ends = np.stack([before[0], after[0]])
    figures["VaR"] = np.asarray(historical_var(ends, confidence=confidence, method=method))
    figures["Expected shortfall"] = np.asarray(expected_shortfall(ends, confidence=es_confidence))
    figures["Worst scenario"] = ends.min(axis=1, initial=0.0)
    frame = pd.DataFrame({"figure": list(figures), "before": [pair[0] for pair in figures.values()]})
    return _changed(frame.assign(after=[pair[1] for pair in figures.values()]))


@measure(
    "What-if by group",
    columns=(
        Column("var_before", "VaR before", "money", "ccy", additive=False),
        Column("var_after", "VaR after", "money", "ccy", additive=False),
        Column("var_change", "VaR change", "money", "ccy", additive=False, signed=True),
        Column("gross_before", "Gross before", "money", "ccy"),
        Column("gross_change", "Gross change", "money", "ccy", signed=True),
        Column("net_before", "Net before", "money", "ccy", signed=True),
        Column("net_change", "Net change", "money", "ccy", signed=True),
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def whatif_by(
    pnl_vectors: Vectors,
    whatif_vectors: Vectors,
    *,
    by: tuple[str, ...],
    confidence: float = 0.99,
    method: str = "weibull",
) -> pd.DataFrame:
    """VaR, gross and net exposure of every node before the imagined trades, and what these change.

    Every VaR is taken from the summed vector of its node; changes of VaR do not add up.
    """
    frame, before, after = _both(pnl_vectors, whatif_vectors, by)
    gross, net = _exposures(pnl_vectors.rows, whatif_vectors.rows, by)
    var_before, var_after = (
        np.atleast_1d(historical_var(ends, confidence=confidence, method=method)) for ends in (before, after)
    )
    return frame.assign(
        var_before=var_before,
        var_after=var_after,
        var_change=var_after - var_before,
        gross_before=gross[:, 0],
        gross_change=gross[:, 1] - gross[:, 0],
        net_before=net[:, 0],
        net_change=net[:, 1] - net[:, 0],
    )


@measure(
    "What-if trades",
    columns=(
        Column("trade", "Trade", "count", additive=False),
        Column("change", "As understood", "text"),
        Column("book", "Book", "text"),
        Column("instrument", "Instrument", "text"),
        Column("quantity", "Quantity", "quantity", signed=True),
        Column("price", "Price", "price", additive=False),
        Column("currency", "Currency", "text"),
        Column("market_value", "Value", "money", "ccy", signed=True),
        Column("incremental", "VaR of it alone", "money", "ccy", additive=False, signed=True),
        Column("component", "Component VaR", "money", "ccy", signed=True),
        Column("reason", "Why not valued", "text"),
    ),
    additive=False,
    conventions=CONVENTIONS
    | {
        "VaR of it alone": "VaR with this trade alone added less VaR without; on the first row of the trade",
        "Component VaR": "P&L of the row in the scenarios that make the VaR after all trades",
    },
)
def whatif_trades(
    pnl_vectors: Vectors, whatif_vectors: Vectors, *, confidence: float = 0.99, method: str = "weibull"
) -> pd.DataFrame:
    """The imagined trades as they were understood, a row each position they add to, and what each alone does to VaR.

    A row without a value says why, and has no figures.
    """
    rows, pnl = whatif_vectors.rows, whatif_vectors.pnl.astype(np.float64)
    whole = rollup(pnl_vectors.rows, pnl_vectors.pnl, ())[1][0]
    after = whole + pnl[whatif_vectors.priced].sum(axis=0)
    _, first, trade = np.unique(rows["trade"], return_index=True, return_inverse=True)
    each = np.zeros((len(first), pnl.shape[1]))
    np.add.at(each, trade, np.where(whatif_vectors.priced[:, None], pnl, 0.0))
    alone = np.full(len(rows), np.nan)
    alone[first] = incremental_var(whole, each, confidence=confidence, method=method)
    component = np.atleast_1d(component_var(pnl, confidence=confidence, method=method, parent=after))
    known = whatif_vectors.priced
    names = ["trade", "change", "book", "instrument", "quantity", "price", "currency", "market_value", "reason"]
    return rows[names].assign(incremental=np.where(known, alone, np.nan), component=np.where(known, component, np.nan))


@measure(
    "What-if stress",
    columns=(
        Column("scenario", "Scenario", "text"),
        Column("kind", "Kind", "text"),
        Column("before", "Before", "money", "ccy", additive=False, signed=True),
        Column("after", "After", "money", "ccy", additive=False, signed=True),
        Column("difference", "Change", "money", "ccy", additive=False, signed=True),
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def whatif_stress(
    portfolio: Portfolio, whatif_portfolio: Portfolio, market_history: Market, scenarios: tuple[Scenario, ...]
) -> pd.DataFrame:
    """The P&L of every stress scenario before and after the imagined trades, both revalued in full.

    A row a scenario, in the order given; empty figures where a crisis cannot be replayed.
    """
    positions = pd.concat([portfolio.positions, whatif_portfolio.positions], ignore_index=True)
    both = Portfolio(positions, portfolio.market, portfolio.as_of, portfolio.base)
    before, after = (revalued(one, market_history, scenarios)[0].sum(axis=0) for one in (portfolio, both))
    frame = pd.DataFrame([(one.title, one.kind) for one in scenarios], columns=["scenario", "kind"], dtype=object)
    return frame.assign(before=before, after=after, difference=after - before)


def _both(base: Vectors, added: Vectors, by: tuple[str, ...]) -> tuple[pd.DataFrame, Array, Array]:
    """The nodes of both, and their vectors (nodes, scenarios) before and after."""
    groups, sums = leaves(base.rows, base.pnl, by)
    held = Vectors(groups.assign(reason=""), sums, base.days)
    both = held.join(replace(added, rows=added.rows[[*by, "reason"]]))
    old = np.arange(len(both.rows))[:, None] < len(held.rows)
    nodes, ends = rollup(both.rows, np.hstack([np.where(old, both.pnl, 0.0), np.where(old, 0.0, both.pnl)]), by)
    before, change = np.hsplit(ends, 2)
    return nodes[["level", *by]], before, before + change


def _exposures(base: pd.DataFrame, added: pd.DataFrame, by: tuple[str, ...]) -> tuple[Array, Array]:
    """Gross and net exposure of the same nodes, each (nodes, 2): before and after. Unknown values are left out."""
    worth, more = (frame["market_value"].fillna(0.0).to_numpy(dtype=float) for frame in (base, added))
    touched = np.flatnonzero(base["book"].isin(added["book"]) & base["instrument"].isin(added["instrument"]))
    running = dict.fromkeys(_keys(added), 0.0)
    for key, held in zip(_keys(base.iloc[touched]), worth[touched], strict=True):
        running[key] = running.get(key, 0.0) + held
    grown = np.zeros(len(added))
    for row, key in enumerate(_keys(added)):
        grown[row] = abs(running[key] + more[row]) - abs(running[key])
        running[key] += more[row]
    values = np.zeros((len(base) + len(added), 4))
    values[: len(base), 0], values[: len(base), 2] = np.abs(worth), worth
    values[len(base) :, 1], values[len(base) :, 3] = grown, more
    rows = pd.concat([base[[*by]], added[[*by]]], ignore_index=True).assign(reason="")
    _, sums = rollup(rows, values, by)
    return np.cumsum(sums[:, :2], axis=1), np.cumsum(sums[:, 2:], axis=1)


def _keys(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["book"], rows["instrument"], strict=True))


def _changed(frame: pd.DataFrame) -> pd.DataFrame:
    change = frame["after"] - frame["before"]
    return frame.assign(change=change, share=change / frame["before"].abs().where(frame["before"] != 0))

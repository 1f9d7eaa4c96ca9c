"""FRTB of the book: the expected shortfall over liquidity horizons, now and in the worst year known."""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.risk.frtb import HORIZONS, capital_es, horizon_es, liquidity_adjusted
from app.risk.frtb.horizons import CONFIDENCE
from app.risk.frtb.rules import divisor
from app.risk.frtb_measures import CLASSES, underlying_class
from app.risk.market import Market
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.var import expected_shortfall

Array = NDArray[np.float64]
PRICE_HORIZONS = {"spot": 20, "commodity": 60}  # MAR33.12 table 2: small cap, other commodities
RATE_HORIZONS = (10, 20)  # MAR33.12 table 2: of the currencies it names, and of others
VOL_HORIZONS = {"equity": 60, "fx": 40, "commodity": 120}  # MAR33.12 table 2: small cap, FX, other commodities
REACH = np.datetime64("2007-12-31")  # MAR33.7: the observations reach back to 2007 at least
ENOUGH = 0.75  # MAR33.5: what the reduced set must reach of the ES of all factors
EVER, BLOCK = 10_000, 256
CONVENTIONS = {
    "ES": "97.5%, ten-day moves (overlapping, none scaled from one day), all positions revalued in full (MAR33.3)",
    "Horizons": "factors of a horizon or longer move together; scaled by √((LHⱼ − LHⱼ₋₁) ÷ 10) (MAR33.4)",
    "Categories": "what the data does not tell is the longer: small cap, other commodity (MAR33.12 table 2)",
}
SHORTFALLS = (
    Column("horizon", "Liquidity horizon", "text"),
    Column("factors", "Factors moved", "count", additive=False),
    Column("observations", "Scenarios", "count", additive=False),
    Column("es", "ES of ten days", "money", "ccy", additive=False),
    Column("scaled", "Scaled", "money", "ccy", additive=False),
)
CAPITAL = (
    Column("figure", "Figure", "text"),
    Column("first", "From", "date"),
    Column("last", "To", "date"),
    Column("factors", "Factors moved", "count", additive=False),
    Column("es", "ES", "money", "ccy", additive=False),
    Column("share", "Of all factors", "ratio", "%", additive=False),
    Column("state", "State", "text"),
)


@measure(
    "FRTB expected shortfall",
    columns=SHORTFALLS,
    additive=False,
    conventions=CONVENTIONS | {"Period": "the last 250 days, all factors"},
)
def frtb_es(portfolio: Portfolio, *, observations: int = 250) -> pd.DataFrame:
    """The ES at 97.5% over liquidity horizons of the current period: the adjusted one first, then its horizons.

    The scenarios are the last `observations` moves over ten days of the portfolio's market; fewer where its history
    is shorter. Horizons without factors of their own are left out. Nothing held gives no rows.
    """
    lengths = _horizons(portfolio)
    if portfolio.positions.empty or not lengths.size:
        return pd.DataFrame(columns=[column.name for column in SHORTFALLS])
    scenarios = historical(portfolio.market, window=observations, horizon=HORIZONS[0])
    shortfalls = _shortfalls(portfolio, scenarios.moves, lengths)
    kept = {days: int(np.count_nonzero(lengths >= days)) for days in shortfalls}
    rows = [("Liquidity-adjusted", kept[HORIZONS[0]], np.nan, liquidity_adjusted(shortfalls))]
    for before, days in pairwise((0, *shortfalls)):
        scale = np.sqrt((days - before) / HORIZONS[0])
        rows.append((f"{days} days", kept[days], shortfalls[days], shortfalls[days] * scale))
    frame = pd.DataFrame(rows, columns=["horizon", "factors", "es", "scaled"]).assign(observations=len(scenarios))
    return frame[[column.name for column in SHORTFALLS]]


@measure(
    "FRTB ES for capital",
    columns=CAPITAL,
    additive=False,
    conventions=CONVENTIONS
    | {
        "For capital": "ES of the reduced set in stress × max(ES of all factors ÷ ES of the reduced set, 1), both now",
        "Reduced set": "factors with a level by the end of 2007, or on the first day of a shorter history (MAR33.5)",
        "Stress": "the 250 days with the greatest ES of ten-day moves of the reduced set (MAR33.7)",
        "State": "the text asks the reduced set to reach 75% of the ES of all factors",
        "Missing history": "a missing move is the mean move of its kind on that day",
    },
)
def frtb_capital(portfolio: Portfolio, market_history: Market, *, observations: int = 250) -> pd.DataFrame:
    """The liquidity-adjusted ES now and in stress, and what they come to for capital, in four rows.

    `share` is the ES over that of all factors now. The ES for capital is missing where the reduced set has no risk
    and all factors have. Nothing held, or a history of less than ten days, gives no rows.
    """
    held = Portfolio(portfolio.positions, market_history, portfolio.as_of, portfolio.base)
    scenarios, lengths = historical(market_history, window=EVER, horizon=HORIZONS[0]), _horizons(held)
    if held.positions.empty or not len(scenarios):
        return pd.DataFrame(columns=[column.name for column in CAPITAL])
    reaching = _reaching(market_history)
    reduced = np.where(reaching, scenarios.moves, 0.0)
    days = min(observations, len(scenarios))
    now = slice(len(scenarios) - days, len(scenarios))
    start = _worst_start(_summed(held, reduced), days)
    stress = slice(start, start + days)
    full, own, worst = (
        float(liquidity_adjusted(_shortfalls(held, moves[part], lengths)))
        for moves, part in ((scenarios.moves, now), (reduced, now), (reduced, stress))
    )
    capital = capital_es(worst, full, own) if own or not full else np.nan
    share = own / full if full else np.nan
    state = ("ok" if share >= ENOUGH else "below 75%") if full else ""
    known = np.isfinite(held.levels[:-1])
    every, some = int(known.sum()), int((reaching & known).sum())
    rows = [
        ("All factors, now", now, every, full, 1.0 if full else np.nan, ""),
        ("Reduced, now", now, some, own, share, state),
        ("Reduced, in stress", stress, some, worst, np.nan, ""),
        ("For capital", None, None, capital, np.nan, ""),
    ]
    frame = pd.DataFrame(rows, columns=["figure", "part", "factors", "es", "share", "state"])
    for name, end in (("first", 0), ("last", -1)):
        frame[name] = [scenarios.days[part][end] if part else np.datetime64("NaT", "D") for part in frame["part"]]
    return frame.astype({"factors": "Int64"})[[column.name for column in CAPITAL]]


def _shortfalls(portfolio: Portfolio, moves: Array, lengths: NDArray[np.intp]) -> dict[int, float]:
    """The ES of ten-day moves by liquidity horizon: the factors of that horizon or longer move."""
    own = sorted({HORIZONS[0], *lengths.tolist()})
    found: dict[int, float] = horizon_es(
        {days: _summed(portfolio, np.where(lengths >= days, moves, 0.0)) for days in own}
    )
    return found


def _summed(portfolio: Portfolio, moves: Array) -> Array:
    """The P&L of everything in each scenario, a block of scenarios at a time."""
    today, absolute = portfolio.market.on(portfolio.as_of), portfolio.market.absolute
    blocks = (shifted(today, moves[start : start + BLOCK], absolute) for start in range(0, len(moves), BLOCK))
    return np.concatenate([np.empty(0), *(portfolio.pnl(levels).sum(axis=0, dtype=np.float64) for levels in blocks)])


def _reaching(market: Market) -> NDArray[np.bool_]:
    """Which factors have a level by the end of 2007, or from the first day on of a history that begins later."""
    by = market.days <= max(REACH, market.days[0])
    found: NDArray[np.bool_] = np.isfinite(market.levels[by]).any(axis=0)
    return found


def _worst_start(pnl: Array, days: int) -> int:
    """Where the stretch of that many scenarios begins whose ES is the greatest; of equals the latest."""
    shortfalls = np.atleast_1d(expected_shortfall(sliding_window_view(pnl, days), confidence=CONFIDENCE))
    return len(shortfalls) - 1 - int(shortfalls[::-1].argmax())


def _horizons(portfolio: Portfolio) -> NDArray[np.intp]:
    """The liquidity horizon of every factor in days."""
    found = []
    for kind, owner in zip(portfolio.market.kinds, portfolio.market.factors["owner"], strict=True):
        if kind in {"zero", "fx"}:
            found.append(RATE_HORIZONS[divisor(CLASSES[kind], owner, portfolio.base) == 1])
        elif kind == "vol":
            found.append(VOL_HORIZONS[underlying_class(portfolio, owner)])
        else:
            found.append(PRICE_HORIZONS[kind])
    return np.array(found, dtype=np.intp)

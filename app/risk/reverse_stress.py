"""Reverse stress: the smallest move of the market, in standard deviations, that loses a given amount."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from app.risk.market import Market
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.stress import aligned

Array = NDArray[np.float64]
FARTHEST = 5.0  # multiples of the linear shock that are tried under full revaluation
STEPS = 50
SMALL = 0.01  # the part of a historical move that counts as linear
LOWEST = -0.99  # no ratio falls further
LABELS = {"spot": "", "fx": " exchange rate", "zero": " rates", "vol": " volatility"}
CONVENTIONS = {
    "Smallest shock": "of all moves x with linear P&L δ'x = −L the likeliest: x = −L Σδ ÷ (δ'Σδ), L ÷ √(δ'Σδ) away",
    "Covariance": "of the daily moves of the window, zero mean; δ by revaluation at 1% of those moves",
    "Full revaluation": "the shock is stretched along its line until the revalued P&L is −L, at most five times",
    "Standard deviation": "of one day",
}


class Shortest(NamedTuple):
    """Moves (factors,) in the units of their shifts, and how many standard deviations away they are."""

    moves: Array
    distance: float


class Stretched(NamedTuple):
    """The linear shock, and the multiple of it at which the revalued P&L is −loss; NaN where none is."""

    linear: Shortest
    multiple: float


def smallest_shock(moves: ArrayLike, pnl: ArrayLike, *, loss: float) -> Shortest:
    """The shock nearest to no move, in the metric of the moves' covariance, at which linear P&L is −`loss`.

    `moves` is (days, factors), `pnl` (days,) the linear P&L of each day's moves, m'δ. With zero-mean Σ = M'M/days it
    is x = −L Σδ ÷ (δ'Σδ), at √(x'Σ⁻¹x) = L ÷ √(δ'Σδ). NaN and infinitely far where the P&L never moves.
    """
    if not loss > 0:
        raise ValueError(f"loss is {loss}: it is the amount to lose, above zero")
    matrix, made = np.asarray(moves, dtype=np.float64), np.asarray(pnl, dtype=np.float64)
    if matrix.ndim != 2 or made.shape != matrix.shape[:1]:
        raise ValueError(f"moves is {matrix.shape} and pnl {made.shape}: (days, factors) and (days,) are needed")
    square = made @ made
    if not square > 0:
        return Shortest(np.full(matrix.shape[1], np.nan), float("inf"))
    return Shortest(-loss * (made @ matrix) / square, float(loss / np.sqrt(square / len(made))))


@measure(
    "Reverse stress",
    columns=(
        Column("factor", "Factor", "text"),
        Column("move", "Move", "ratio", additive=False, signed=True),
        Column("unit", "Unit", "text"),
        Column("sigmas", "Own σ", "ratio", additive=False, signed=True),
        Column("pnl", "P&L", "money", "ccy", signed=True),
    ),
    additive=True,
    conventions=CONVENTIONS
    | {"Rows": "a spot, exchange rate, or a whole curve or surface (mean move of its nodes), each moved alone"},
)
def reverse_stress(
    portfolio: Portfolio, market_history: Market, *, loss: float = 10_000_000, window: int = 500, top: int = 12
) -> pd.DataFrame:
    """The likeliest market in which today's positions lose `loss`: its `top` moves, each with the P&L it makes alone.

    All other factors, and what factors make only together, close the sum: it is −`loss`, or the revalued P&L of the
    linear shock where no multiple of it reaches the loss. Empty where nothing moves the portfolio.
    """
    market, past = _past(portfolio, market_history, window)
    shock = _stretched(portfolio, smallest_shock(past, _linear_pnl(portfolio, past), loss=loss), loss)
    names = ["factor", "move", "unit", "sigmas", "pnl"]
    if not np.isfinite(shock.linear.distance):
        return pd.DataFrame(columns=names).astype(dict.fromkeys(("move", "sigmas", "pnl"), float))
    moves = _bounded((1.0 if np.isnan(shock.multiple) else shock.multiple) * shock.linear.moves, market)
    kind = market.factors["kind"].replace("commodity", "spot").astype(str)
    group, labels = pd.factorize(market.factors["owner"].astype(str) + kind.map(LABELS))
    alone = np.where(np.arange(len(labels))[:, None] == group, moves, 0.0)
    *parts, whole = _totals(portfolio, np.vstack([alone, moves]))
    deviation = np.sqrt((past**2).mean(axis=0))
    size = pd.Series(np.divide(moves, deviation, out=np.zeros(len(moves)), where=deviation > 0))
    units = {"zero": (1e4, "bp"), "commodity": (1.0, "price")}
    scale, unit = zip(*(units.get(one, (100.0, "%")) for one in market.kinds), strict=True)
    about = pd.DataFrame({"move": moves * scale, "sigmas": size}).groupby(group, sort=True).mean()
    about = about.assign(factor=labels, unit=pd.Series(unit).groupby(group, sort=True).first(), pnl=parts)
    shown = about[about["pnl"] != 0].sort_values("pnl", key=np.abs, ascending=False, kind="stable").head(top)
    rest = {"factor": "all others, and together", "unit": "", "pnl": whole - shown["pnl"].sum()}
    return pd.concat([shown[names], pd.DataFrame([rest])], ignore_index=True)


@measure(
    "Distance to a loss",
    columns=(
        Column("loss", "Loss", "money", "ccy", additive=False),
        Column("linear", "σ, linear", "ratio", additive=False),
        Column("distance", "σ, revalued", "ratio", additive=False),
        Column("revalued", "Linear shock makes", "money", "ccy", additive=False, signed=True),
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def loss_distance(
    portfolio: Portfolio,
    market_history: Market,
    *,
    losses: tuple[float, ...] = (5_000_000, 10_000_000, 25_000_000, 50_000_000),
    window: int = 500,
) -> pd.DataFrame:
    """How many daily standard deviations the likeliest market that loses an amount is away.

    By the linear form, and under full revaluation along the same line: missing where the loss is not reached within
    five times the linear shock, as for a book that is long options. Empty where nothing moves the portfolio.
    """
    market, past = _past(portfolio, market_history, window)
    rows, slopes = [], _linear_pnl(portfolio, past)
    for loss in losses:
        linear, multiple = _stretched(portfolio, smallest_shock(past, slopes, loss=loss), loss)
        if np.isfinite(linear.distance):
            made = _totals(portfolio, _bounded(linear.moves, market)[None])[0]
            rows.append((float(loss), linear.distance, linear.distance * multiple, made))
    return pd.DataFrame(rows, columns=["loss", "linear", "distance", "revalued"], dtype=float)


def _past(portfolio: Portfolio, history: Market, window: int) -> tuple[Market, Array]:
    market = aligned(portfolio, history)
    return market, historical(market, window=window).moves


def _stretched(portfolio: Portfolio, linear: Shortest, loss: float) -> Stretched:
    if not np.isfinite(linear.distance):
        return Stretched(linear, float("nan"))

    def shortfall(multiples: Array) -> Array:
        stretched = _bounded(multiples[:, None] * linear.moves, portfolio.market)
        return np.asarray(_totals(portfolio, stretched) + loss)

    return Stretched(linear, _first_zero(shortfall))


def _linear_pnl(portfolio: Portfolio, past: Array) -> Array:
    """m'δ of each day's moves m: the slope of the P&L along them, by a small step to both sides."""
    made = _totals(portfolio, np.vstack([past, -past]) * SMALL)
    return np.asarray((made[: len(past)] - made[len(past) :]) / (2 * SMALL))


def _totals(portfolio: Portfolio, moves: Array) -> Array:
    """The P&L (scenarios,) of the whole portfolio under moves (scenarios, factors)."""
    market = portfolio.market
    levels = shifted(market.on(portfolio.as_of), moves, market.absolute)
    return np.asarray(portfolio.pnl(levels, dtype=np.float64).sum(axis=0))


def _bounded(moves: Array, market: Market) -> Array:
    return np.where(market.absolute, moves, np.maximum(moves, LOWEST))


def _first_zero(shortfall: Callable[[Array], Array]) -> float:
    """The first multiple at which the shortfall, positive at 0, is zero; NaN for none up to FARTHEST."""
    grid = np.linspace(0.0, FARTHEST, STEPS + 1)
    below = np.flatnonzero(shortfall(grid) <= 0)
    if not len(below):
        return float("nan")
    bracket = grid[below[0] - 1], grid[below[0]]
    return float(brentq(lambda multiple: shortfall(np.array([multiple]))[0], *bracket, xtol=1e-9))

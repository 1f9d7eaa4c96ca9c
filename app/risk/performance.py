"""Performance: what a portfolio earned, at what risk, against what benchmark, and through which decisions.

Returns are fractions per period (0.01 is 1 %), oldest first; `periods_per_year` annualises them (252 business days by
default). In a series of returns NaN is a missing observation and is left out, in a pair of series with its partner. An
undefined ratio, of fewer than two observations or of no risk at all, is NaN, never 0 and never infinite.
"""

from datetime import date
from math import sqrt
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyxirr
from numpy.typing import ArrayLike, NDArray

from app.risk.tail import finite

Array = NDArray[np.float64]


def twr(values: ArrayLike, flows: ArrayLike | None = None) -> float:
    """The time-weighted return over the whole span, Π Vₜ₋ ⁄ Vₜ₋₁ − 1: what was earned whatever was paid in or out.

    `values` (n + 1,) are market values at each valuation, after that moment's flow; `flows` (n + 1,) what was paid in
    (+) or out (−) then, so that Vₜ₋ = Vₜ − Fₜ. The first flow made the first value and plays no part. Not annualised.
    0.0 for fewer than two values. NaN, or a value at or below 0 to grow from, is a ValueError: it cannot be chained.
    """
    value = finite("values", values)
    flow = np.zeros(value.shape) if flows is None else finite("flows", flows)
    if flow.shape != value.shape or value.ndim != 1:
        raise ValueError(f"flows has the shape {flow.shape}; it holds one flow for each of values, {value.shape}")
    if (value[:-1] <= 0).any():
        raise ValueError(f"values holds {value[:-1].min()}; a return grows from a value above 0")
    return float(np.prod((value[1:] - flow[1:]) / value[:-1]) - 1) if value.size > 1 else 0.0


def mwr(dates: ArrayLike | list[date], flows: ArrayLike) -> float:
    """The money-weighted return a year (XIRR, Act/365): the rate at which all flows are worth nothing together.

    `flows` (n,) from the investor's side: paid in negative, taken out positive, the closing value a last positive.
    Their order does not matter. 0.0 without flows; flows of one sign, or NaN, are a ValueError; NaN without a root.
    """
    amounts, days = finite("flows", flows), np.asarray(dates, dtype="datetime64[D]")
    if amounts.shape != days.shape:
        raise ValueError(f"dates has the shape {days.shape}; it holds one date for each of flows, {amounts.shape}")
    if not amounts.size:
        return 0.0
    if not (amounts.min() < 0 < amounts.max()):
        raise ValueError("flows hold one sign only; a rate of return needs money paid in (−) and taken out (+)")
    rate = pyxirr.xirr(days, amounts)
    return float("nan") if rate is None else float(rate)


def max_drawdown(values: ArrayLike, *, relative: bool = True) -> float:
    """The greatest fall from a running peak, a positive loss: as a fraction of the peak, or in money.

    `values` (n,) are levels, not returns: wealth or an index when relative, where a peak at or below 0 is a ValueError;
    in money also a cumulative P&L. NaN is left out; 0.0 for fewer than two values or none that falls.
    """
    level = _observed(values)
    if not level.size:
        return 0.0
    peak = np.maximum.accumulate(level)
    if relative and peak[0] <= 0:
        raise ValueError(f"values start at {peak[0]}; a relative drawdown falls from a level above 0, money from any")
    return float(((peak - level) / (peak if relative else 1.0)).max())


def sharpe(returns: ArrayLike, *, risk_free: ArrayLike = 0.0, periods_per_year: float = 252) -> float:
    """Mean excess return over its standard deviation (n − 1), × √periods_per_year (Sharpe 1994).

    `risk_free` is a rate per period, one number or a series as long as `returns`.
    """
    return _ratio(_excess(returns, risk_free), periods_per_year)


def sortino(returns: ArrayLike, *, target: ArrayLike = 0.0, periods_per_year: float = 252) -> float:
    """Mean return above the target over the downside deviation, × √periods_per_year (Sortino and Price 1994).

    The downside deviation is √(Σ min(r − target, 0)² ⁄ n) over all n observations, not only those below the target,
    which is a rate per period, one number or a series.
    """
    excess = _excess(returns, target)
    if excess.size < 2:
        return float("nan")
    downside = sqrt(np.mean(np.minimum(excess, 0) ** 2))
    return float(excess.mean()) / downside * sqrt(periods_per_year) if downside else float("nan")


def tracking_error(returns: ArrayLike, benchmark: ArrayLike, *, periods_per_year: float = 252) -> float:
    """The standard deviation (n − 1) of the active return a year: of returns − benchmark, × √periods_per_year."""
    active = _excess(returns, benchmark)
    return float(active.std(ddof=1)) * sqrt(periods_per_year) if active.size > 1 else float("nan")


def information_ratio(returns: ArrayLike, benchmark: ArrayLike, *, periods_per_year: float = 252) -> float:
    """The mean active return over its standard deviation (n − 1), × √periods_per_year."""
    return _ratio(_excess(returns, benchmark), periods_per_year)


def beta(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Covariance with the benchmark over the benchmark's variance; NaN where the benchmark does not move."""
    pair = _paired(returns, benchmark)
    if pair.shape[1] < 2 or not np.ptp(pair[1]):
        return float("nan")
    covariance = np.cov(pair)
    return float(covariance[0, 1] / covariance[1, 1])


def brinson(
    weights: ArrayLike | pd.Series,
    returns: ArrayLike | pd.Series,
    benchmark_weights: ArrayLike | pd.Series,
    benchmark_returns: ArrayLike | pd.Series,
    *,
    method: Literal["fachler", "hood_beebower"] = "fachler",
) -> pd.DataFrame:
    """One period's active return by segment: allocation, selection, interaction and their `total`; a row a segment.

    Allocation (w − v)(b − B), selection v(r − b), interaction (w − v)(r − b), with w, r the portfolio's weight and
    return in the segment, v, b the benchmark's and B its whole (Brinson and Fachler 1985); `hood_beebower` (1986) has
    allocation (w − v)b. All rows add up to Σwr − Σvb, since both sets of weights must sum to the same (ValueError).

    Series are joined by label, a segment missing on one side weighs 0; arrays go by place. A NaN return with a weight
    of 0 is the other side's, so that what is not held is all allocation; with any other weight it is a ValueError.
    """
    given = {"w": weights, "r": returns, "v": benchmark_weights, "b": benchmark_returns}
    frame = pd.DataFrame({name: pd.Series(column, dtype=float) for name, column in given.items()})
    frame[["w", "v"]] = frame[["w", "v"]].fillna(0.0)
    _check_segments(frame)
    w, v = frame["w"], frame["v"]
    r, b = frame["r"].fillna(frame["b"]).fillna(0.0), frame["b"].fillna(frame["r"]).fillna(0.0)
    whole = {"fachler": (v * b).sum(), "hood_beebower": 0.0}
    if method not in whole:
        raise ValueError(f"method is {method!r}; it is one of {', '.join(whole)}")
    parts = {"allocation": (w - v) * (b - whole[method]), "selection": v * (r - b), "interaction": (w - v) * (r - b)}
    return pd.DataFrame(parts).assign(total=lambda effects: effects.sum(axis=1))


def _check_segments(frame: pd.DataFrame) -> None:
    for weight, result, name in (("w", "r", "returns"), ("v", "b", "benchmark_returns")):
        lost = frame.index[frame[result].isna() & (frame[weight] != 0)]
        if len(lost):
            raise ValueError(f"{name} is NaN in {lost[0]}, where the weight is not 0; every weight needs a return")
    if not np.isclose(frame["w"].sum(), frame["v"].sum(), rtol=0, atol=1e-9):
        raise ValueError(f"weights sum to {frame['w'].sum()} and benchmark_weights to {frame['v'].sum()}; to the same")


def _observed(values: Any) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"the series has the shape {array.shape}; it is a vector of observations, oldest first")
    return array[~np.isnan(array)]


def _paired(returns: ArrayLike, other: ArrayLike) -> Array:
    series, against = np.asarray(returns, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if series.ndim != 1 or against.shape not in {(), series.shape}:
        raise ValueError(f"series have the shapes {series.shape} and {against.shape}; they are vectors of one length")
    pair = np.stack([series, np.broadcast_to(against, series.shape)])
    return pair[:, ~np.isnan(pair).any(axis=0)]


def _excess(returns: ArrayLike, other: ArrayLike) -> Array:
    pair = _paired(returns, other)
    return np.asarray(pair[0] - pair[1])


def _ratio(excess: Array, periods_per_year: float) -> float:
    if excess.size < 2 or not np.ptp(excess):
        return float("nan")
    return float(excess.mean() / excess.std(ddof=1)) * sqrt(periods_per_year)

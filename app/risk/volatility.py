"""Volatility that remembers the recent past best: exponentially weighted, after RiskMetrics (1996), zero mean."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.risk.tail import Array, figure, finite


def ewma_covariance(returns: ArrayLike, *, decay: float = 0.94) -> Any:
    """The covariance after the last of `returns`, (dates × factors) with the oldest first, as (factors × factors).

    Σ₁ = r₁r₁', Σₜ = decay · Σₜ₋₁ + (1 − decay) · rₜrₜ': zero mean, begun with the first return (RiskMetrics Technical
    Document, 4th ed., 1996, tables 5.3 and 5.5), in units of returns squared per step. Time runs down the first axis
    here. One factor as (dates,) gives its variance as a float; no dates give zeros; a NaN or infinity is refused.
    """
    weighted = ewma_weighted(returns, decay=decay)
    return figure(weighted.T @ weighted)


def ewma_weighted(returns: ArrayLike, *, decay: float = 0.94) -> Array:
    """Each return times the root of its EWMA weight: the product with itself is `ewma_covariance`. Shape as given."""
    array = finite("returns", returns).astype(np.float64)
    if array.ndim > 2:
        raise ValueError(f"returns has the shape {array.shape}; it is (dates,) or (dates × factors)")
    _check(decay)
    ages = np.arange(len(array))[::-1]
    weights = decay**ages * np.where(ages == len(array) - 1, 1.0, 1.0 - decay)
    weighted: Array = (array.T * np.sqrt(weights)).T
    return weighted


def filtered_scenarios(pnl: ArrayLike, *, decay: float = 0.94) -> Array:
    """Scenarios rescaled to today's volatility: each times current ÷ then EWMA volatility; same shape, last axis time.

    Hull and White (1998): the volatility of a day is the forecast made before it, so that a scenario does not scale
    itself, and the current one is the forecast after the last. The oldest comes first; the forecast begins with the
    mean square of the whole vector, since that of a single small return would blow up the scenarios that follow it.
    For factor returns hand in (factors × dates). A vector of zeros stays zero.
    """
    array = finite("pnl", pnl).astype(np.float64)
    _check(decay)
    if not array.size:
        return array
    variances = np.moveaxis(_forecasts(np.moveaxis(array, -1, 0) ** 2, decay), 0, -1)
    then, now = variances[..., :-1], variances[..., -1:]
    return array * np.sqrt(np.divide(now, then, where=then > 0, out=np.zeros_like(array)))


def _forecasts(squares: Array, decay: float) -> NDArray[np.float64]:
    """The variance forecast for every step of the first axis, and for the one after it."""
    forecasts = np.empty((len(squares) + 1, *squares.shape[1:]))
    forecasts[0] = squares.mean(axis=0)
    for step, square in enumerate(squares):
        forecasts[step + 1] = decay * forecasts[step] + (1 - decay) * square
    return forecasts


def _check(decay: float) -> None:
    if not 0 < decay < 1:
        raise ValueError(f"decay is {decay}; it lies between 0 and 1, both excluded, such as 0.94")

"""The tail of a P&L vector: which scenarios a VaR or an ES is made of, and with which weights."""

from decimal import Decimal
from functools import lru_cache
from math import floor
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Method = Literal[
    "weibull",
    "linear",
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]
Tail = Literal["fractional", "mean"]
METHODS: tuple[Method, ...] = get_args(Method)
TAILS: tuple[Tail, ...] = get_args(Tail)
SNAP = 1e-9  # a rank this near to a whole number is that number: 0.07 × 100 is 7, not 7.000000000000001

Array = NDArray[np.float64]


class Scenarios(NamedTuple):
    """Scenarios that make a figure, worst first: their places in the vector and the weights, which sum to 1."""

    indices: NDArray[np.intp]
    weights: Array


def alpha(confidence: float) -> float:
    """1 − confidence in decimals, so that 0.99 leaves 0.01 and not 0.010000000000000009.

    The binary difference would move a discrete quantile (`inverted_cdf` of 100 scenarios) by one whole scenario.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; it lies between 0 and 1, both excluded, such as 0.99")
    return float(1 - Decimal(str(confidence)))


def finite(name: str, values: ArrayLike) -> NDArray[Any]:
    """`values` as a floating array (float32 stays float32) of one axis or more; a NaN or infinity is a ValueError."""
    array = np.asarray(values)
    if array.dtype != np.float32:
        array = array.astype(np.float64, copy=False)
    if not array.ndim:
        raise ValueError(f"{name} is the single number {array}; it is a vector or a stack of vectors")
    if not np.isfinite(array).all():
        nans = np.count_nonzero(np.isnan(array))
        infinite = np.count_nonzero(np.isinf(array))
        raise ValueError(f"{name} holds {nans} NaN and {infinite} infinite of {array.size} values; all must be finite")
    return array


def figure(values: Array | np.float64) -> Any:
    """A float for a single figure, the array for a stack of them."""
    return values if np.ndim(values) else float(values)


@lru_cache(maxsize=1024)
def rank(count: int, confidence: float, method: str) -> tuple[int, float]:
    """Where the quantile of `count` ordered scenarios lies: a place from 0, the worst, and the fraction to the next.

    The place is numpy's own for the method: the quantile of 0, 1, 2, … is the place itself. `weibull` puts it at
    (1 − confidence) · (count + 1) − 1; too few scenarios for the confidence (fewer than 99 at 99 %) would put it below
    0, and it is clipped to the worst scenario, so that the VaR then understates.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; it is one of {', '.join(METHODS)}")
    level, places = alpha(confidence), np.arange(max(count, 1), dtype=np.float64)
    place = _snapped(float(np.quantile(places, level, method=method)))
    return floor(place), place - floor(place)


def tail_size(count: int, confidence: float) -> float:
    """The number of scenarios k = (1 − confidence) · count, seldom a whole one, that the fractional ES averages."""
    return _snapped(alpha(confidence) * count)


def quantile(pnl: NDArray[Any], confidence: float, method: str) -> Array:
    """The quantile of P&L at 1 − confidence along the last axis, in float64; 0 without scenarios."""
    place, fraction = rank(pnl.shape[-1], confidence, method)
    if not pnl.shape[-1]:
        return np.zeros(pnl.shape[:-1])
    last = place + 1 if fraction else place
    worst = np.partition(pnl, last, axis=-1)[..., : last + 1]
    above = worst[..., last].astype(np.float64)
    below = worst[..., :last].max(axis=-1).astype(np.float64) if fraction else above
    return below + (above - below) * fraction


def var_weights(pnl: ArrayLike, *, confidence: float = 0.99, method: str = "weibull") -> Array:
    """The weight of every scenario in the VaR, shaped as `pnl`: VaR = −Σ weight · P&L along the last axis.

    At most two scenarios weigh: the order statistics beside the rank. Of equal P&Ls the earlier scenario comes first.
    """
    array = finite("pnl", pnl)
    place, fraction = rank(array.shape[-1], confidence, method)
    return _spread(array, np.r_[np.zeros(place), 1 - fraction, [fraction] if fraction else []])


def es_weights(
    pnl: ArrayLike, *, confidence: float = 0.975, tail: str = "fractional", method: str = "weibull"
) -> Array:
    """The weight of every scenario in the ES, shaped as `pnl`: ES = −Σ weight · P&L along the last axis."""
    array = finite("pnl", pnl)
    check_tail(tail)
    if tail == "mean":
        beyond = array <= quantile(array, confidence, method)[..., np.newaxis]
        shares: Array = beyond / beyond.sum(axis=-1, keepdims=True)
        return shares
    size = tail_size(array.shape[-1], confidence)
    if not size:
        return np.zeros(array.shape)
    part = size - floor(size)
    return _spread(array, np.r_[np.ones(floor(size)), [part] if part else []] / size)


def var_scenarios(pnl: ArrayLike, *, confidence: float = 0.99, method: str = "weibull") -> Scenarios:
    """The one or two scenarios of a vector (scenarios,) whose weighted P&L is minus the VaR; none of an empty one."""
    return _scenarios(pnl, var_weights(pnl, confidence=confidence, method=method))


def es_scenarios(
    pnl: ArrayLike, *, confidence: float = 0.975, tail: str = "fractional", method: str = "weibull"
) -> Scenarios:
    """The scenarios of a vector (scenarios,) whose weighted P&L is minus the ES; none of an empty one."""
    return _scenarios(pnl, es_weights(pnl, confidence=confidence, tail=tail, method=method))


def check_tail(tail: str) -> None:
    """Refuse a tail that is not known."""
    if tail not in TAILS:
        raise ValueError(f"tail is {tail!r}; it is one of {', '.join(TAILS)}")


def _snapped(number: float) -> float:
    return float(round(number)) if abs(number - round(number)) < SNAP else number


def _spread(pnl: NDArray[Any], ordered: Array) -> Array:
    weights = np.zeros(pnl.shape)
    worst = np.argsort(pnl, axis=-1, kind="stable")[..., : ordered.size]
    np.put_along_axis(weights, worst, np.broadcast_to(ordered[: worst.shape[-1]], worst.shape), axis=-1)
    return weights


def _scenarios(pnl: ArrayLike, weights: Array) -> Scenarios:
    if weights.ndim != 1:
        raise ValueError(f"pnl has the shape {weights.shape}; the scenarios of one vector (scenarios,) can be named")
    weighing = np.flatnonzero(weights)
    indices = weighing[np.argsort(np.asarray(pnl)[weighing], kind="stable")]
    return Scenarios(indices, weights[indices])

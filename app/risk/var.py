"""Value at risk and expected shortfall: P&L in, profit positive; losses out, loss positive."""

from math import floor
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from app.risk.components import component_es, component_var, marginal_var, total
from app.risk.montecarlo import MonteCarloVar, monte_carlo_var, sampled_var, simulated_pnl
from app.risk.parametric import cornish_fisher_var, delta_gamma_var, gaussian_var, parametric_var
from app.risk.tail import (
    METHODS,
    TAILS,
    Scenarios,
    check_tail,
    es_scenarios,
    es_weights,
    figure,
    finite,
    quantile,
    tail_size,
    var_scenarios,
    var_weights,
)
from app.risk.volatility import ewma_covariance, filtered_scenarios

__all__ = [
    "METHODS",
    "TAILS",
    "MonteCarloVar",
    "Scenarios",
    "StressedWindow",
    "component_es",
    "component_var",
    "cornish_fisher_var",
    "delta_gamma_var",
    "es_scenarios",
    "es_weights",
    "ewma_covariance",
    "expected_shortfall",
    "filtered_historical_var",
    "filtered_scenarios",
    "gaussian_var",
    "historical_var",
    "incremental_var",
    "marginal_var",
    "monte_carlo_var",
    "parametric_var",
    "sampled_var",
    "simulated_pnl",
    "stressed_window",
    "total",
    "var_scenarios",
    "var_weights",
]


class StressedWindow(NamedTuple):
    """The worst window of a history, scenarios `start` to `stop` (excluded), with the VaR and ES inside it."""

    start: int
    stop: int
    var: float
    expected_shortfall: float


def historical_var(pnl: ArrayLike, *, confidence: float = 0.99, method: str = "weibull") -> Any:
    """Minus the quantile of scenario P&L at 1 − confidence, by any of numpy's quantile methods.

    A float of a vector (scenarios,), an array of a stack with scenarios last: (nodes × scenarios) gives (nodes,). 0.0
    without scenarios. `weibull` ranks at (1 − confidence)(N + 1); with too few scenarios for the confidence, fewer than
    99 at 99 %, the rank is clipped and the VaR is the worst scenario. It is negative when even the tail is a profit.
    float32 is ordered as it is and interpolated in float64. A NaN or infinity is a ValueError that says how many.
    """
    return figure(0.0 - quantile(finite("pnl", pnl), confidence, method))


def expected_shortfall(
    pnl: ArrayLike, *, confidence: float = 0.975, tail: str = "fractional", method: str = "weibull"
) -> Any:
    """The mean loss of the worst (1 − confidence) of the scenarios; shapes, empty input and NaN as in `historical_var`.

    `fractional`: with k = (1 − confidence)N, the ⌊k⌋ worst and the fraction k − ⌊k⌋ of the next, over k; `method` plays
    no part; with k below 1 it is the worst scenario. It is sub-additive and, from a confidence of one half up, never
    below the VaR of the same level by any method but `lower` and `closest_observation`, whose rank can lie before the
    k-th worst scenario. `mean`: the mean of the outcomes at or below the quantile of `method`, ties included; never
    below that VaR, not sub-additive.
    """
    array = finite("pnl", pnl)
    check_tail(tail)
    if tail == "mean":
        return figure(0.0 - (array * es_weights(array, confidence=confidence, tail=tail, method=method)).sum(axis=-1))
    size = tail_size(array.shape[-1], confidence)
    if not size:
        return figure(np.zeros(array.shape[:-1]))
    whole = floor(size)
    last = min(whole, array.shape[-1] - 1)
    worst = np.partition(array, last, axis=-1)
    part = (size - whole) * worst[..., last].astype(np.float64)
    return figure(0.0 - (worst[..., :whole].sum(axis=-1, dtype=np.float64) + part) / size)


def filtered_historical_var(
    pnl: ArrayLike, *, confidence: float = 0.99, decay: float = 0.94, method: str = "weibull"
) -> Any:
    """The historical VaR of P&L rescaled by current ÷ then EWMA volatility of the same P&L (Hull and White 1998).

    Scenarios run in time, the oldest first, so that their order matters here. To filter each risk factor instead,
    rescale its returns with `filtered_scenarios`, revalue, and take `historical_var`. Shapes and NaN as there.
    """
    return historical_var(filtered_scenarios(pnl, decay=decay), confidence=confidence, method=method)


def incremental_var(pnl: ArrayLike, change: ArrayLike, *, confidence: float = 0.99, method: str = "weibull") -> Any:
    """VaR with `change` added to `pnl` less VaR without it; not additive over changes.

    Both are (scenarios,) or stacks that broadcast: one portfolio with (trades × scenarios) gives (trades,). A row's
    increment to the whole it is part of is `incremental_var(whole - rows, rows)`.
    """
    before, added = finite("pnl", pnl).astype(np.float64), finite("change", change)
    if before.shape[-1] != added.shape[-1]:
        raise ValueError(f"change has {added.shape[-1]} scenarios on its last axis; pnl has {before.shape[-1]}")
    after = historical_var(before + added, confidence=confidence, method=method)
    return after - historical_var(before, confidence=confidence, method=method)


def stressed_window(
    vectors: ArrayLike,
    *,
    days: int = 250,
    confidence: float = 0.99,
    es_confidence: float = 0.975,
    method: str = "weibull",
) -> StressedWindow:
    """The run of `days` scenarios with the greatest historical VaR of the summed `vectors`; the earliest of ties.

    `vectors` is (nodes × scenarios) or (scenarios,), oldest first. The VaR at `confidence` chooses; the ES (fractional,
    at `es_confidence`) is that of the window chosen. A history shorter than `days` is one window, as `stop` says.
    """
    if days < 1:
        raise ValueError(f"days is {days}; it is 1 or more")
    pnl = total(vectors)
    windows = sliding_window_view(pnl, min(days, pnl.size)) if pnl.size else pnl[np.newaxis]
    losses = historical_var(windows, confidence=confidence, method=method)
    start = int(np.argmax(losses))
    shortfall = expected_shortfall(windows[start], confidence=es_confidence)
    return StressedWindow(start, start + windows.shape[-1], float(losses[start]), shortfall)

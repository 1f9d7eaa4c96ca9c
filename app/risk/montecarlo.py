"""Monte Carlo: normal factor shocks drawn from a seed, revalued in full or by delta, and the VaR of the outcomes."""

from collections.abc import Callable, Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.risk.parametric import covariance_matrix
from app.risk.tail import Array, alpha, finite, quantile

BLOCK = 4096  # paths drawn at once: bounded memory, and each block has a seed of its own, so that a run can be resumed
Revaluation = Callable[[Array], ArrayLike]


class MonteCarloVar(NamedTuple):
    """A simulated VaR with the standard error of its sampling, in the same money, and the number of paths."""

    var: float
    standard_error: float
    paths: int


def monte_carlo_var(
    portfolio: Revaluation | ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float = 0.99,
    paths: int = 10_000,
    seed: int = 0,
) -> MonteCarloVar:
    """The `weibull` VaR of a portfolio under normal shocks of zero mean and `covariance` (factors × factors).

    `portfolio` maps factor shocks (n × factors) to P&L (n,), which is full revaluation, or is a delta (factors,). The
    same seed gives the same figure. No paths give 0.0. A P&L that is NaN or infinite is refused.
    """
    blocks = [*simulated_pnl(portfolio, covariance, paths=paths, seed=seed)]
    return sampled_var(np.concatenate([np.empty(0), *blocks]), confidence=confidence)


def simulated_pnl(
    portfolio: Revaluation | ArrayLike, covariance: ArrayLike, *, paths: int, seed: int = 0, first: int = 0
) -> Iterator[Array]:
    """The simulated P&L, a block of at most 4096 paths at a time, beginning with block number `first`.

    Block n is the same however the run is cut, so that a run stopped after n blocks goes on with `first=n`.
    """
    if paths < 0:
        raise ValueError(f"paths is {paths}; it is 0 or more")
    root = _root(covariance)
    revalue = _revaluation(portfolio, len(root))
    for block in range(first, -(-paths // BLOCK)):
        draws = np.random.default_rng([seed, block]).standard_normal((BLOCK, len(root)))
        shocks = (draws @ root)[: paths - block * BLOCK]
        yield _checked(revalue(shocks), shocks)


def sampled_var(pnl: ArrayLike, *, confidence: float = 0.99, method: str = "weibull") -> MonteCarloVar:
    """The VaR of independent draws of P&L (paths,), and its standard error.

    The number of draws below the quantile is binomial, with a standard deviation of √(paths · α(1 − α)) ranks; half
    the distance between the quantiles one such deviation to either side is the error, whatever the distribution.
    """
    array, level = finite("pnl", pnl), alpha(confidence)
    if array.ndim != 1:
        raise ValueError(f"pnl has the shape {array.shape}; draws are one vector (paths,)")
    if not array.size:
        return MonteCarloVar(0.0, 0.0, 0)
    spread = sqrt(level * (1 - level) / array.size)
    low, high = (np.quantile(array, min(max(level + side * spread, 0), 1)) for side in (-1, 1))
    return MonteCarloVar(0.0 - float(quantile(array, confidence, method)), float(high - low) / 2, array.size)


def _root(covariance: ArrayLike) -> Array:
    """The symmetric square root, which is unique and stands a singular matrix, unlike Cholesky's."""
    values, vectors = np.linalg.eigh(covariance_matrix(covariance))
    root: Array = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    return root


def _revaluation(portfolio: Revaluation | ArrayLike, factors: int) -> Revaluation:
    if callable(portfolio):
        return portfolio
    delta = finite("delta", portfolio).astype(np.float64)
    if delta.shape != (factors,):
        raise ValueError(f"delta has the shape {delta.shape}; {factors} factors need ({factors},)")
    return lambda shocks: shocks @ delta


def _checked(outcome: ArrayLike, shocks: Array) -> Array:
    pnl = finite("P&L of the revaluation", outcome)
    if pnl.shape != shocks.shape[:1]:
        raise ValueError(f"P&L of the revaluation has the shape {pnl.shape}; {len(shocks)} shocks need one each")
    return pnl

"""Monte Carlo of a book: the simulated moves that its positions are revalued under, and the VaR and ES of the paths."""

from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from app.risk.cube import Vectors, rollup
from app.risk.measure import Column, Measure, measure
from app.risk.tail import Array, alpha, finite, quantile
from app.risk.tails import ES, VAR
from app.risk.var import expected_shortfall, historical_var, sampled_var
from app.risk.volatility import ewma_weighted

SIMULATED = "simulated_vectors"
PATHS = 10_000
SEED = 0
BLOCK = 500  # paths drawn and revalued at once: one step of a run, and a bound on its memory
DECAY = 0.94
LEAST = -0.99  # a ratio that a normal draw would take below zero


def waits_for_run(asked: Measure) -> bool:
    """Whether a measure has numbers only once somebody has had its paths simulated."""
    return SIMULATED in asked.needs


def simulated_moves(moves: ArrayLike, absolute: NDArray[np.bool_], *, paths: int, seed: int, block: int) -> Array:
    """The moves (n, factors) on the paths of block number `block`, of which each has 500 and the last the rest.

    Normal, of zero mean and with the EWMA covariance of the historical `moves` (days, factors), oldest first: each path
    is a sum of those moves, √weight and a standard normal draw to each, so that no covariance is ever built, be it
    singular or not. A ratio (a factor that is not `absolute`) is at least −99%. A block is the same whichever is drawn
    before it.
    """
    weighted = ewma_weighted(moves, decay=DECAY)
    draws = np.random.default_rng([seed, block]).standard_normal((BLOCK, len(weighted)))
    drawn: Array = draws[: max(paths - block * BLOCK, 0)] @ weighted
    return np.where(absolute, drawn, np.maximum(drawn, LEAST))


def es_error(pnl: ArrayLike, *, confidence: float) -> NDArray[np.float64]:
    """The standard error of the ES of independent draws, paths last; 0 without any.

    √((s² + (1 − α)(ES − VaR)²) / αN), s² the variance of the losses beyond VaR, α = 1 − confidence (Manistre and
    Hancock 2005): the deviation of max(loss − VaR, 0), over α√N.
    """
    array, level = finite("pnl", pnl).astype(np.float64), alpha(confidence)
    if not array.shape[-1]:
        return np.zeros(array.shape[:-1])
    beyond = np.maximum(quantile(array, confidence, "weibull")[..., np.newaxis] - array, 0.0)
    error: NDArray[np.float64] = beyond.std(axis=-1) / (level * sqrt(array.shape[-1]))
    return error


@measure(
    "Monte Carlo VaR and ES",
    columns=(
        VAR,
        Column("var_error", "± VaR", "money", "ccy", additive=False),
        ES,
        Column("es_error", "± ES", "money", "ccy", additive=False),
        Column("historical", "Historical VaR", "money", "ccy", additive=False),
        Column("positions", "Positions", "count"),
        Column("unpriced", "Not valued", "count"),
        Column("paths", "Paths", "count", additive=False),
        Column("seed", "Seed", "count", additive=False),
    ),
    additive=False,
    conventions={
        "Paths": f"{PATHS:,} one-day moves of every risk factor, drawn from seed {SEED}; the same for every reader",
        "Law": "normal, zero mean, EWMA covariance (λ 0.94) of the window's moves: it knows the recent past",
        "Shifts": "as in history: prices, exchange rates and volatilities by ratio, at least −99%; rates and "
        "commodities by difference",
        "Revaluation": "every position in full on every path; no time passes",
        "VaR": "the loss at rank α(N + 1) of the ordered paths, interpolated; shown positive",
        "ES": "mean of the worst αN paths, the last of them in part",
        "± VaR": "standard error of sampling: half the distance of the quantiles √(Nα(1 − α)) ranks to either side",
        "± ES": "standard error of sampling: √((s² + (1 − α)(ES − VaR)²) / αN), s² the variance of losses beyond VaR",
        "Historical VaR": "of the same positions over the same window, for comparison",
        "Missing history": "a missing move is the mean move of its kind on that day",
        "Totals": "every VaR and ES is taken from the summed paths of its node, never summed from rows",
    },
)
def simulated_var(  # noqa: PLR0913 two kinds of vectors and every convention of VaR and ES
    simulated_vectors: Vectors,
    pnl_vectors: Vectors,
    *,
    by: tuple[str, ...],
    confidence: float = 0.99,
    es_confidence: float = 0.975,
    method: str = "weibull",
) -> pd.DataFrame:
    """Monte Carlo VaR and expected shortfall of every node with their standard errors, historical VaR beside them.

    A figure is known to about its error: another seed gives one that differs by as much. VaR and ES do not add up.
    """
    frame, simulated = rollup(simulated_vectors.rows, simulated_vectors.pnl, by)
    _, historical = rollup(pnl_vectors.rows, pnl_vectors.pnl, by)
    sampled = [sampled_var(paths, confidence=confidence, method=method) for paths in simulated]
    figures = {
        "var": [node.var for node in sampled],
        "var_error": [node.standard_error for node in sampled],
        "es": expected_shortfall(simulated, confidence=es_confidence),
        "es_error": es_error(simulated, confidence=es_confidence),
        "historical": historical_var(historical, confidence=confidence, method=method),
        "positions": frame["held"],
        "unpriced": frame["held"] - frame["priced"],
        "paths": simulated.shape[1],
        "seed": SEED,
    }
    return pd.DataFrame({**frame, **figures})

"""The backtest: days on which the loss exceeded the VaR, and what their number and order say about the model.

Throughout, `level` is the confidence of the VaR (0.99), never the tail probability (0.01), and a VaR is a positive
loss. Sources: Basel Framework MAR32 and MAR99; Basel Committee, Supervisory framework for the use of backtesting,
January 1996; Kupiec (1995); Christoffersen (1998).
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, chdtrc, xlogy
from scipy.stats import rankdata

from app.risk.tail import alpha

Zone = Literal["green", "amber", "red", "none"]
Scheme = Literal["MAR32", "1996"]

MULTIPLIERS: dict[str, tuple[float, ...]] = {  # by exceptions in 250 days at 99 %, the last for 10 and more
    "MAR32": (1.5, 1.5, 1.5, 1.5, 1.5, 1.7, 1.76, 1.83, 1.88, 1.92, 2.0),  # MAR32.9 table 1
    "1996": (3.0, 3.0, 3.0, 3.0, 3.0, 3.4, 3.5, 3.65, 3.75, 3.85, 4.0),  # 1996 table 2: 3 and the plus factor
}
AMBER_FROM, RED_FROM = 0.95, 0.9999  # cumulative probabilities, MAR99
DESK_LIMITS = (12, 30)  # exceptions a desk may have in 250 days at 99 % and at 97.5 %, MAR32.19


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood-ratio `statistic` and the probability of one as great under a correct model."""

    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class ConditionalCoverage(LikelihoodRatio):
    """LR_cc (χ² of two degrees) and the two it is the sum of (χ² of one each)."""

    coverage: LikelihoodRatio
    independence: LikelihoodRatio


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """The zone of a number of exceptions, the multiplier of the named scheme and P(that many or fewer).

    The multiplier is NaN where the scheme prints none: amber, unless of 250 observations at 99 %.
    """

    zone: Zone
    multiplier: float
    cumulative_probability: float
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class Attribution:
    """The P&L attribution test: Spearman's `correlation`, Kolmogorov–Smirnov `distance`, days compared, and zone."""

    correlation: float
    distance: float
    observations: int
    zone: Zone


def exceptions(pnl: ArrayLike, var: ArrayLike) -> NDArray[np.bool_]:
    """Whether each day's P&L fell below minus its VaR, strictly; (days,) in, booleans (days,) out (MAR32.5).

    `var` holds for each day the forecast made at the close of the day before: the caller pairs them, since only the
    calendar knows which day that was. A NaN in either is an exception. Series are read in their order, not by label.
    """
    profit, forecast = np.asarray(pnl, dtype=np.float64), np.asarray(var, dtype=np.float64)
    if profit.shape != forecast.shape:
        raise ValueError(f"var has the shape {forecast.shape}; it holds one forecast a day of pnl, {profit.shape}")
    return ~(profit >= -forecast)


def kupiec(exceptions: int, observations: int, *, level: float) -> LikelihoodRatio:
    """Kupiec's proportion of failures: does the rate of exceptions fit 1 − level? χ² of one degree.

    Two-sided: too few exceptions count against the model as well. Computed from logarithms with 0·ln 0 = 0, so that
    thousands of days do not underflow. Without observations 0.0, with p-value 1.
    """
    failures, days = _counts(exceptions, observations)
    if not days:
        return _ratio(0.0)
    return _ratio(2 * (_likelihood(failures, days, failures / days) - _likelihood(failures, days, _tail(level))))


def christoffersen(hits: ArrayLike, *, level: float) -> ConditionalCoverage:
    """Christoffersen's conditional coverage: the right number of exceptions, and no clusters of them.

    `hits` (days,) in time, true or 1 on an exception; a NaN is one. Independence compares the chance of an exception
    after a quiet day with that after an exception, over the days − 1 transitions; coverage is `kupiec` of all days.
    """
    hit = _hits(hits)
    after = {state: hit[1:][hit[:-1] == state] for state in (False, True)}
    moves = [(int(then.sum()), then.size) for then in after.values()]
    pooled = int(hit[1:].sum())
    free = sum(_likelihood(failures, days, failures / days) for failures, days in moves if days)
    bound = _likelihood(pooled, hit.size - 1, pooled / (hit.size - 1)) if hit.size > 1 else 0.0
    coverage, independence = kupiec(int(hit.sum()), hit.size, level=level), _ratio(2 * (free - bound))
    statistic = coverage.statistic + independence.statistic
    return ConditionalCoverage(statistic, float(chdtrc(2, statistic)), coverage, independence)


def traffic_light(
    exceptions: int, *, observations: int = 250, level: float = 0.99, scheme: Scheme = "MAR32"
) -> TrafficLight:
    """Green, amber (the older text says yellow) or red: P(exceptions or fewer) below 95 %, below 99.99 %, or above.

    At 250 days and 99 % that is 0–4, 5–9 and 10 or more, with the multipliers of MAR32.9 (1.50 to 2.00) or, by
    `scheme`, those of 1996 (3 to 4); the two are never mixed. No exception is green however few the days, of which five
    would be amber by probability alone; without observations the zone is `none`.
    """
    count, days = _counts(exceptions, observations)
    if scheme not in MULTIPLIERS:
        raise ValueError(f"scheme is {scheme!r}; it is one of {', '.join(MULTIPLIERS)}")
    probability = float(bdtr(count, days, _tail(level)))
    zone: Zone = "green" if probability < AMBER_FROM else "amber" if probability < RED_FROM else "red"
    if not count:
        zone = "green" if days else "none"
    return TrafficLight(zone, _multiplier(zone, count, MULTIPLIERS[scheme], (days, level)), probability, scheme)


def desk_passes(at_99: int, at_975: int) -> bool:
    """Whether a desk passes its backtest: at most 12 exceptions at 99 % and at most 30 at 97.5 % in 250 days.

    Each count is the greater of the exceptions of actual and of hypothetical P&L (MAR32.18 and 19).
    """
    return _counts(at_99)[0] <= DESK_LIMITS[0] and _counts(at_975)[0] <= DESK_LIMITS[1]


def pla(hypothetical: ArrayLike, theoretical: ArrayLike) -> Attribution:
    """The P&L attribution test of hypothetical against risk-theoretical P&L, both (days,), 250 of them by rule.

    Green when ρ > 0.80 and KS < 0.09, red when ρ < 0.70 or KS > 0.12, amber between (MAR32 table 2). Ties share their
    mean rank. A day that is NaN in either is left out. ρ of a constant series is NaN and fails neither way. `none`
    without days.
    """
    given = [np.asarray(values, dtype=np.float64) for values in (hypothetical, theoretical)]
    if given[0].shape != given[1].shape or given[0].ndim != 1:
        shapes = f"{given[0].shape} and {given[1].shape}"
        raise ValueError(f"hypothetical and theoretical have the shapes {shapes}; they are vectors of the same days")
    pair = np.stack(given)[:, ~np.isnan(given).any(axis=0)]
    days = pair.shape[1]
    if not days:
        return Attribution(np.nan, np.nan, 0, "none")
    correlation, distance = _spearman(pair), _distance(pair)
    red = correlation < 0.70 or distance > 0.12
    green = correlation > 0.80 and distance < 0.09
    return Attribution(correlation, distance, days, "red" if red else "green" if green else "amber")


def _counts(exceptions: int, observations: int | None = None) -> tuple[int, int]:
    count, days = _whole("exceptions", exceptions), observations
    days = count if days is None else _whole("observations", days)
    if days < 0:
        raise ValueError(f"observations is {days}; it is a number of days, 0 or more")
    if not 0 <= count <= days:
        raise ValueError(f"exceptions is {count}; it lies between 0 and the observations, {days}")
    return count, days


def _whole(name: str, number: float) -> int:
    if number != number // 1:
        raise ValueError(f"{name} is {number}; it is a whole number")
    return int(number)


def _tail(level: float) -> float:
    if not 0.5 < level < 1:
        raise ValueError(f"level is {level}; it is the confidence of the VaR, above 0.5 and below 1, such as 0.99")
    return alpha(level)


def _likelihood(failures: int, days: int, chance: float) -> float:
    return float(xlogy(failures, chance) + xlogy(days - failures, 1 - chance))


def _ratio(statistic: float) -> LikelihoodRatio:
    statistic = max(statistic, 0.0)
    return LikelihoodRatio(statistic, float(chdtrc(1, statistic)))


def _hits(hits: ArrayLike) -> NDArray[np.bool_]:
    values = np.asarray(hits, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"hits has the shape {values.shape}; it is a vector of days")
    odd = values[~np.isnan(values) & (values != 0) & (values != 1)]
    if odd.size:
        raise ValueError(f"hits holds {odd[0]}; a day is 1 (an exception), 0 or NaN (an exception too)")
    return np.asarray(values != 0)


def _multiplier(zone: Zone, count: int, table: tuple[float, ...], sample: tuple[int, float]) -> float:
    if sample == (250, 0.99):
        return table[min(count, 10)]
    return {"green": table[0], "red": table[-1]}.get(zone, np.nan)


def _spearman(pair: NDArray[np.float64]) -> float:
    ranks: NDArray[np.float64] = rankdata(pair, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    covariance = ranks @ ranks.T
    spread = sqrt(covariance[0, 0] * covariance[1, 1])
    return round(float(covariance[0, 1]) / spread, 12) if spread else float("nan")


def _distance(pair: NDArray[np.float64]) -> float:
    ordered = np.sort(pair, axis=1)
    below = [np.searchsorted(values, pair.ravel(), side="right") for values in ordered]
    return int(np.abs(below[0] - below[1]).max()) / len(pair[0])

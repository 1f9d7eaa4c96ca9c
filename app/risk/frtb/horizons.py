"""The expected shortfall of the internal models approach: scaled over liquidity horizons, and to a period of stress."""

from collections.abc import Mapping
from math import isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from app.risk.frtb.rules import rules
from app.risk.var import expected_shortfall

HORIZONS: tuple[int, ...] = tuple(rules("method")["horizons"]["lengths"])
CONFIDENCE: float = rules("method")["shortfall"]["confidence"]


def horizon_es(vectors: Mapping[int, ArrayLike], *, tail: str = "fractional") -> dict[int, Any]:
    """The ES at 97.5 % of each vector of ten-day P&L, by the horizon in days that keys it (MAR33.3).

    `vectors[h]` is the P&L, profit positive, when all risk factors of a liquidity horizon of h days or more move and
    the others stand still: `vectors[10]` moves all. Each is (scenarios,) or (nodes × scenarios). The ten days are not
    to be scaled from one (MAR33.4). NaN is a ValueError.
    """
    return {days: expected_shortfall(vectors[days], confidence=CONFIDENCE, tail=tail) for days in _known(vectors)}


def liquidity_adjusted(shortfalls: Mapping[int, Any]) -> Any:
    """The ES over liquidity horizons, √Σ (ES(j) · √((LHⱼ − LHⱼ₋₁) ⁄ 10))², from the ES of nested subsets (MAR33.4).

    `shortfalls` is what `horizon_es` gives: by horizon of 10, 20, 40, 60, 120 days, the ES with the factors of that
    horizon or longer moving; numbers, or arrays of nodes. A horizon that is not given has no factors of its own, so
    that its subset is that of the next longer one given, and 0 beyond the longest. 0.0 of nothing.
    """
    squares: Any = 0.0
    following: Any = 0.0
    known = _known(shortfalls)
    for shorter, days in reversed(list(zip((0, *HORIZONS), HORIZONS, strict=False))):
        following = shortfalls[days] if days in known else following
        squares = squares + np.square(following) * (days - shorter) / HORIZONS[0]
    return np.sqrt(squares) if np.ndim(squares) else sqrt(squares)


def capital_es(reduced_stressed: float, full_current: float, reduced_current: float) -> float:
    """The ES for capital: ES(R,S) · max(ES(F,C) ⁄ ES(R,C), 1), by the indirect approach of MAR33.5 and MAR33.6.

    R is the reduced set of risk factors, with a history that reaches the stress; F the full set; S the twelve months of
    stress, C the last twelve. All are liquidity-adjusted and 0 or more. The text wants ES(R,C) to be at least 75 % of
    ES(F,C), which the caller watches. Without risk in both sets the ratio is 1; with risk in the full set only, the
    reduced set explains nothing and that is a ValueError.
    """
    given = {"reduced_stressed": reduced_stressed, "full_current": full_current, "reduced_current": reduced_current}
    for name, value in given.items():
        if not (isfinite(value) and value >= 0):
            raise ValueError(f"{name} is {value}; it is an expected shortfall, 0 or more")
    if full_current <= reduced_current:
        return float(reduced_stressed)
    if not reduced_current:
        raise ValueError(f"reduced_current is 0 while full_current is {full_current}; the reduced set explains nothing")
    return float(reduced_stressed * full_current / reduced_current)


def _known(by_horizon: Mapping[int, Any]) -> Mapping[int, Any]:
    odd = set(by_horizon) - set(HORIZONS)
    if odd:
        raise ValueError(f"horizons hold {min(odd)}; they are {', '.join(map(str, HORIZONS))} days")
    return by_horizon

"""Scenarios: moves of every risk factor, taken from history, and the levels they lead to.

A move is a ratio minus one for factors that shift relatively, a difference for those that shift absolutely (rates,
and commodities, whose prices may be negative). A move that history lacks is the mean move of the known factors of
its kind on that day, and is counted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.risk.market import Days, Floats, Market


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Moves (scenarios, factors), the day each ended, and which of the moves stand in for missing ones."""

    moves: NDArray[np.float64]
    days: Days
    proxied: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.moves)


def historical(market: Market, *, window: int, horizon: int = 1) -> Scenarios:
    """The last `window` moves over `horizon` days (overlapping above 1), oldest first; fewer of a short history."""
    if window < 1 or horizon < 1:
        raise ValueError(f"window and horizon count days from 1; got window={window}, horizon={horizon}")
    moves = moved(market.levels[:-horizon][-window:], market.levels[horizon:][-window:], market.absolute)
    missing = ~np.isfinite(moves)
    return Scenarios(_filled(moves, missing, market.kinds), market.days[horizon:][-window:], missing)


def moved(before: Floats, after: Floats, absolute: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The moves that lead from levels to levels; NaN where one is unknown or a ratio has no meaning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((before > 0) & (after > 0), after / before - 1, np.nan)
    return np.where(absolute, np.subtract(after, before), ratio)


def shifted(levels: Floats, moves: Floats, absolute: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The levels that moves (…, factors) lead to from `levels` (factors,)."""
    return np.where(absolute, levels + moves, levels * (1 + moves))


def _filled(moves: NDArray[np.float64], missing: NDArray[np.bool_], kinds: NDArray[np.str_]) -> NDArray[np.float64]:
    if not missing.any():
        return moves
    filled = np.where(missing, 0.0, moves)
    for kind in np.unique(kinds[missing.any(axis=0)]):
        of = kinds == kind
        known = (~missing[:, of]).sum(axis=1)
        mean = filled[:, of].sum(axis=1) / np.maximum(known, 1)
        filled[:, of] = np.where(missing[:, of], mean[:, None], filled[:, of])
    return filled

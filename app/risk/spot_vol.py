"""Two moves at once: what today's positions would make if the market moved along and across, revalued in full."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import rollup
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.sensitivities import raised

LOWEST = 0.01
PER_CENT = (-10, -5, -2, 0, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """Moves of all factors of some kinds, in their unit: per cent, vol points or basis points."""

    name: str
    kinds: tuple[str, ...]
    unit: str
    moves: tuple[int, ...]

    def label(self, move: int) -> str:
        """`spot −5%`, `vol +10 pt`."""
        return f"{self.name} {move:+d}{self.unit}".replace("+0", "0").replace("-", "\N{MINUS SIGN}")


SPOT = Axis("spot", ("spot", "commodity"), "%", PER_CENT)
FX = Axis("FX", ("fx",), "%", PER_CENT)
VOL = Axis("vol", ("vol",), " pt", (10, 5, 0, -5))
RATES = Axis("rates", ("zero",), " bp", (100, 50, 0, -50))


@measure(
    "Spot against volatility",
    columns=(
        Column("down", "Down", "text"),
        Column("across", "Across", "text"),
        Column("pnl", "P&L", "money", "ccy", additive=False, signed=True),
    ),
    additive=False,
    conventions={
        "Spot": "every share, index and commodity at once, in per cent; for a book that none moves, every currency",
        "Vol": "every node of every surface at once, in points, never below one; sticky to moneyness; for a book "
        "without options, every zero rate",
        "Method": "all positions revalued in full at every pair of moves; no time passes",
        "Missing": "a position that cannot be priced is in no sum and is counted in coverage",
    },
)
def spot_vol(portfolio: Portfolio) -> pd.DataFrame:
    """The P&L of today's positions at each of seven moves of the spot and four of volatility; a row a pair of moves.

    A book that no spot moves is shown under moves of all currencies against the base currency, one that no volatility
    moves under moves of all interest rates.
    """
    across = SPOT if _moves(portfolio, SPOT) else FX
    down = VOL if _moves(portfolio, VOL) else RATES
    pairs = [(one, other) for one in down.moves for other in across.moves]
    along = {one: _levels(portfolio, down, one) for one in down.moves}
    aside = {other: _levels(portfolio, across, other) - along[0] for other in across.moves}
    pnl = portfolio.pnl(np.array([along[one] + aside[other] for one, other in pairs]), dtype=np.float64)
    _, sums = rollup(portfolio.rows, pnl - pnl[:, [pairs.index((0, 0))]], ())
    labels = [(down.label(one), across.label(other)) for one, other in pairs]
    return pd.DataFrame(labels, columns=["down", "across"]).assign(pnl=sums[0])


def _moves(portfolio: Portfolio, axis: Axis) -> bool:
    """Whether any position is worth something else after a move along the axis."""
    pnl = portfolio.pnl(np.array([_levels(portfolio, axis, move) for move in (0, axis.moves[0])]), dtype=np.float64)
    return bool((pnl[:, 1] != pnl[:, 0]).any())


def _levels(portfolio: Portfolio, axis: Axis, move: int) -> NDArray[np.float64]:
    """The levels (factors,) of the day with the axis's factors moved; the base currency stands still."""
    kinds, still = portfolio.market.kinds, portfolio.market.factors["owner"].to_numpy(dtype=str) == portfolio.base
    moved = raised(portfolio, np.isin(kinds, axis.kinds) & ~((kinds == "fx") & still), move)
    low = (kinds == "vol") & (moved < LOWEST)
    floored: NDArray[np.float64] = np.where(low, np.minimum(LOWEST, portfolio.levels[:-1]), moved)
    return floored

"""Taylor terms: what time and each class of risk factors did to a portfolio when the market moved.

A term is a derivative along the way the factors moved, at the market the portfolio is calibrated to, by central
differences of full revaluations. So it is Σ δ·Δx over all factors of a class, or ½ ΣΣ Γ·Δx·Δx, whatever the number of
factors a position depends on. Volatilities are bumped in proportion, and each option's term is scaled by the change
of the surface at its own strike.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.risk.kernels import Option
from app.risk.portfolio import Portfolio

Floats = NDArray[Any]
TERMS = ("theta", "delta", "gamma", "vega", "rates", "cross")
SPOTS = ("spot", "commodity", "fx")
STEP = 0.1
TENTH = 0.1


def taylor(portfolio: Portfolio, levels: Floats, days: float) -> dict[str, NDArray[np.float64]]:
    """TERMS (positions,) of the change of value, own currency, when the market moves to `levels` (factors,).

    theta is the change over `days` calendar days with the market unchanged; delta, vega and rates are first-order
    terms, gamma the second-order term of spots; rates holds its own as well; cross is every other second-order term.
    Rows with a reason are zero. Where a level is NaN the factor stays.
    """
    market = portfolio.market
    start = market.on(portfolio.as_of)
    move = np.where(np.isfinite(levels) & np.isfinite(start), levels - start, 0.0)
    spot = np.where(np.isin(market.kinds, SPOTS), move, 0.0)
    zero = np.where(market.kinds == "zero", move, 0.0)
    vol = np.where((market.kinds == "vol") & np.isfinite(start), TENTH * start, 0.0)
    first, second = _derivatives(portfolio, start, [spot, zero, vol, spot + zero, spot + vol, zero + vol])
    turn = volatility_moves(portfolio, start + move) / TENTH
    carry = second[3] - second[0] - second[1]
    vanna, tilt = second[4] - second[0] - second[2], second[5] - second[1] - second[2]
    return {
        "theta": portfolio.own_pnl(start[None], days=days, sticky=True)[:, 0],
        "delta": first[0],
        "gamma": second[0],
        "vega": first[2] * turn,
        "rates": first[1] + second[1],
        "cross": carry + (vanna + tilt) * turn + second[2] * turn**2,
    }


def _derivatives(portfolio: Portfolio, start: Floats, ways: list[Floats]) -> tuple[Floats, Floats]:
    """First derivatives and half the second ones (ways, positions) along each way (factors,)."""
    bumped = portfolio.own_pnl(start + np.array([sign * STEP * way for way in ways for sign in (1, -1)]), sticky=True)
    up, down = bumped.T[::2], bumped.T[1::2]
    return (up - down) / (2 * STEP), (up + down) / (2 * STEP**2)


def volatility_moves(portfolio: Portfolio, levels: Floats) -> NDArray[np.float64]:
    """The relative change (positions,) of the surface at each option's strike under `levels` (factors,).

    Zero for what is no option, or has no surface.
    """
    moves = np.zeros(len(portfolio.positions))
    state = portfolio.state(np.nan_to_num(levels)[None])
    for kernel in portfolio.kernels:
        if isinstance(kernel, Option):
            after = kernel.read(state)[:, 0]
            sound = (kernel.smile > 0) & (after > 0)
            moves[kernel.rows] = np.where(sound, after / np.where(sound, kernel.smile, 1.0) - 1, 0.0)
    return moves

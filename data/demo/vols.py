"""Synthetic volatility surfaces around the realised volatility of the real prices, and Black-Scholes upon them."""

from math import erf, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
MONTHS = (1, 3, 6)
MONEYNESS = (0.8, 0.9, 1.0, 1.1, 1.2)
PREMIUM, FLOOR, REVERSION = 1.1, 0.08, 4.0
INDEX_SKEW, SINGLE_SKEW, SMILE = 1.2, 0.6, 2.0

_cdf = np.frompyfunc(lambda x: 0.5 * (1 + erf(x / sqrt(2))), 1, 1)


def surface(growth: pd.Series, *, index: bool, rng: np.random.Generator) -> Floats:
    """Simulate implied volatility (days, MONTHS, MONEYNESS; per root year, a fraction) from a total return index.

    At the money: exponentially weighted realised volatility with a premium, pulled to its mean with the tenor,
    under seeded noise; the skew is steeper for an index and in the short tenors.
    """
    returns = np.log(growth).diff()
    realised = returns.ewm(alpha=0.03, min_periods=20).std().bfill().to_numpy() * np.sqrt(252) * PREMIUM
    noise = pd.Series(rng.standard_normal(len(growth))).ewm(alpha=0.05, adjust=False).mean().to_numpy() * 0.25
    now = np.maximum(realised * np.exp(noise), FLOOR)
    usual = float(returns.std() * np.sqrt(252) * PREMIUM)
    tenor = np.array(MONTHS) / 12
    pull = (1 - np.exp(-REVERSION * tenor)) / (REVERSION * tenor)
    at_the_money = np.sqrt(usual**2 + (now[:, None] ** 2 - usual**2) * pull)
    away = 1 - np.array(MONEYNESS)
    skew = (INDEX_SKEW if index else SINGLE_SKEW) * np.sqrt(0.25 / tenor)[:, None] * away
    surfaces: Floats = (at_the_money[:, :, None] * (1 + skew + SMILE * away**2)).round(5)
    return surfaces


def volatility(surfaces: Floats, rows: Rows, years: Floats, moneyness: Floats) -> Floats:
    """Interpolate linearly in months and moneyness (strike / forward), flat outside the nodes."""
    month, up = _between(np.array(MONTHS, dtype=float), years * 12)
    strike, out = _between(np.array(MONEYNESS), moneyness)
    near = surfaces[rows, month, strike] * (1 - out) + surfaces[rows, month, strike + 1] * out
    far = surfaces[rows, month + 1, strike] * (1 - out) + surfaces[rows, month + 1, strike + 1] * out
    return near * (1 - up) + far * up


def black_scholes(  # noqa: PLR0913, PLR0917 the model's own arguments
    spot: Floats, strike: Floats, years: Floats, rate: Floats, vol: Floats, call: Floats
) -> tuple[Floats, Floats]:
    """Price and delta per unit of the underlying, no dividends; intrinsic value where no time is left.

    `call` is 1 for calls and -1 for puts.
    """
    left = np.maximum(years, 1e-9)
    spread = vol * np.sqrt(left)
    d1 = (np.log(spot / strike) + rate * left) / spread + spread / 2
    first, second = (_cdf(call * d).astype(float) for d in (d1, d1 - spread))
    live = call * (spot * first - strike * np.exp(-rate * left) * second)
    ended = years <= 0
    price = np.where(ended, np.maximum(call * (spot - strike), 0), live)
    return price, np.where(ended, 0.0, call * first)


def vol_rows(surfaces: dict[str, Floats], days: pd.DatetimeIndex) -> pd.DataFrame:
    """Stack the surfaces under the loader's columns."""
    levels = pd.MultiIndex.from_product(
        [list(surfaces), days, MONTHS, MONEYNESS], names=["instrument", "vol_date", "months", "moneyness"]
    )
    values = np.concatenate([nodes.ravel() for nodes in surfaces.values()])
    return pd.DataFrame({"volatility": values, "synthetic": True}, levels).reset_index()


def _between(nodes: Floats, at: Floats) -> tuple[Rows, Floats]:
    left = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, len(nodes) - 2)
    return left, np.clip((at - nodes[left]) / (nodes[left + 1] - nodes[left]), 0, 1)

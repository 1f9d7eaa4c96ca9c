"""Synthetic government curves: Nelson-Siegel factors that revert to a stylised path, seeded.

The path is a handful of round numbers in the shape of the years 2006 to 2022 (short rate and long rate at each
year's end); the daily movement is noise, a third of its level common with the equity index. Nothing is a quote.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MONTHS = (3, 6, 12, 24, 60, 120, 240, 360)
DECAY = 2.0
SHORT = {
    "USD": (4.2, 5.0, 3.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 0.6, 1.4, 2.4, 1.6, 0.1, 0.1, 4.4),
    "EUR": (2.3, 3.5, 3.9, 1.8, 0.5, 0.6, 0.2, 0.0, 0.1, -0.1, -0.4, -0.7, -0.7, -0.6, -0.6, -0.7, -0.7, 2.1),
    "GBP": (4.4, 5.1, 5.0, 1.1, 0.5, 0.5, 0.4, 0.3, 0.4, 0.5, 0.5, 0.2, 0.4, 0.7, 0.7, 0.0, 0.2, 3.5),
    "JPY": (0.0, 0.4, 0.6, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0, 0.0, -0.2, -0.1, -0.2, -0.1, -0.1, -0.1, 0.0),
}
LONG = {
    "USD": (4.6, 4.8, 4.6, 3.0, 4.5, 4.4, 3.0, 3.0, 3.9, 2.8, 3.0, 3.1, 2.8, 3.1, 2.4, 1.7, 2.0, 4.0),
    "EUR": (3.6, 4.0, 4.6, 3.6, 4.0, 3.4, 2.6, 2.2, 2.8, 1.4, 1.5, 1.0, 1.3, 0.9, 0.4, -0.1, 0.2, 2.5),
    "GBP": (4.1, 4.3, 4.5, 3.8, 4.4, 4.2, 3.1, 3.1, 3.6, 2.5, 2.7, 1.9, 1.8, 1.9, 1.3, 0.8, 1.1, 4.0),
    "JPY": (2.2, 2.3, 2.3, 1.8, 2.2, 2.0, 1.9, 2.0, 1.7, 1.3, 1.3, 0.8, 0.9, 0.8, 0.5, 0.7, 0.7, 1.6),
}
FIRST_YEAR_END = pd.Timestamp("2005-12-31")
DAILY_POINTS = (0.042, 0.045, 0.060)
REVERSION = 2.0 / 252


def government_curves(index: pd.Series, seed: int) -> dict[str, pd.DataFrame]:
    """Simulate each currency's zero curve (days by MONTHS; per year, a fraction, continuous, Act/365)."""
    shock = (np.log(index).diff().fillna(0.0) / 0.012).clip(-4, 4).to_numpy()
    days = pd.DatetimeIndex(index.index)
    return {
        currency: _curve(currency, days, shock, np.random.default_rng([seed, number]))
        for number, currency in enumerate(SHORT)
    }


def zero_rate(curve: pd.DataFrame, rows: NDArray[np.intp], years: Floats) -> Floats:
    """Interpolate linearly between the nodes, flat outside them; `rows` are positions of days in the curve."""
    nodes = np.array(MONTHS) / 12
    right = np.clip(np.searchsorted(nodes, years), 1, len(nodes) - 1)
    weight = np.clip((years - nodes[right - 1]) / (nodes[right] - nodes[right - 1]), 0, 1)
    rates = curve.to_numpy()
    return rates[rows, right - 1] * (1 - weight) + rates[rows, right] * weight


def curve_rows(curves: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Stack the curves under the loader's columns."""
    parts = [
        frame.rename_axis("curve_date")
        .reset_index()
        .melt("curve_date", var_name="months", value_name="rate")
        .assign(curve=f"{currency}-GOV", currency=currency, synthetic=True)
        for currency, frame in curves.items()
    ]
    rows = pd.concat(parts).sort_values(["curve", "curve_date", "months"], ignore_index=True)
    return rows[["curve", "currency", "curve_date", "months", "rate", "synthetic"]]


def _curve(currency: str, days: pd.DatetimeIndex, shock: Floats, rng: np.random.Generator) -> pd.DataFrame:
    ends = pd.date_range(FIRST_YEAR_END, periods=len(SHORT[currency]), freq="YE")
    short, long = (np.interp(days.asi8, ends.as_unit(days.unit).asi8, path[currency]) for path in (SHORT, LONG))
    noise = rng.standard_normal((len(days), 3))
    noise[:, 0] = 0.35 * shock + np.sqrt(1 - 0.35**2) * noise[:, 0]
    noise[0] = 0
    scale = 0.3 if currency == "JPY" else 1.0
    wander = pd.DataFrame(noise * DAILY_POINTS * scale).ewm(alpha=REVERSION, adjust=False).mean().to_numpy() / REVERSION
    level, slope, curvature = long + wander[:, 0], short - long + wander[:, 1], wander[:, 2] - 0.5
    ratio = np.array(MONTHS) / 12 / DECAY
    decline = (1 - np.exp(-ratio)) / ratio
    loadings = np.stack([np.ones_like(ratio), decline, decline - np.exp(-ratio)])
    percent = np.stack([level, slope, curvature], axis=1) @ loadings
    return pd.DataFrame((percent / 100).round(6), days, list(MONTHS))

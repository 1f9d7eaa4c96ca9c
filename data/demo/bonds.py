"""Synthetic clean prices of the demo's government bonds, discounted on their currency's curve."""

import numpy as np
import pandas as pd

from data.demo.curves import zero_rate
from data.demo.reference import BONDS, Bond

QUOTED_FROM = pd.Timestamp("2019-10-01")
ILLIQUID, SILENT_AFTER = "BUND-2048-08", pd.Timestamp("2022-12-16")


def bond_quotes(curves: dict[str, pd.DataFrame], sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Quote every bond from its auction on: instrument, price_date, price per 100 nominal, clean.

    The illiquid bond falls silent before the end: its holders carry the last price. `sessions` runs at least one
    day past the curves: flows and accrued interest are those of the next session, when a trade would settle.
    """
    quotes = pd.concat([_quote(bond, curves[bond.currency], sessions) for bond in BONDS], ignore_index=True)
    return quotes[(quotes["instrument"] != ILLIQUID) | (quotes["price_date"] <= SILENT_AFTER)]


def _quote(bond: Bond, curve: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    days = pd.DatetimeIndex(curve.index)
    rows = np.flatnonzero(days >= max(QUOTED_FROM, pd.Timestamp(bond.issue)))
    settled = sessions[sessions.searchsorted(days[rows], side="right")]
    dates = _coupon_dates(bond, days[rows[0]])
    flows = np.full(len(dates), bond.coupon / bond.frequency)
    flows[-1] += 100
    years = np.subtract.outer(dates.to_numpy(), days[rows].to_numpy()) / np.timedelta64(365, "D")
    due = np.greater.outer(dates.to_numpy(), settled.to_numpy())
    rates = zero_rate(curve, np.broadcast_to(rows, years.shape), np.maximum(years, 0))
    dirty = (flows[:, None] * np.exp(-rates * years) * due).sum(axis=0)
    following = dates.searchsorted(settled, side="right")
    start, end = dates[following - 1], dates[following]
    accrued = bond.coupon / bond.frequency * np.asarray((settled - start) / (end - start))
    return pd.DataFrame({"instrument": bond.symbol, "price_date": days[rows], "price": (dirty - accrued).round(4)})


def _coupon_dates(bond: Bond, first: pd.Timestamp) -> pd.DatetimeIndex:
    """Count coupon dates back from the maturity to one at or before the first day."""
    end = pd.Timestamp(bond.maturity)
    periods = (end.year - first.year + 1) * bond.frequency
    dates = [end - pd.DateOffset(months=12 // bond.frequency * k) for k in range(periods, -1, -1)]
    return pd.DatetimeIndex(dates)

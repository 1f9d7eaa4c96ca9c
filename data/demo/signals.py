"""What a systematic book wants to hold: weights of a universe on its trading days, from total return indices alone.

A weight frame is trading days by symbols; the absolute weights of a day sum to at most 1. Every signal is of the
day before, so nothing is traded on a price that was not known. A symbol without enough history has no weight.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

Signal = Callable[[pd.DataFrame], pd.DataFrame]


def every(days: pd.DatetimeIndex, step: int) -> pd.DatetimeIndex:
    """Pick every step-th day, counted back from the last, which is always among them."""
    return days[::-1][::step][::-1]


def monthly(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Pick the first day of each month."""
    months = days.year * 12 + days.month
    return days[np.flatnonzero(np.diff(months, prepend=months[0] - 1))]


def ranked(score: pd.DataFrame, days: pd.DatetimeIndex, share: float = 0.3) -> pd.DataFrame:
    """Hold the best of yesterday's scores long and as many of the worst short, equally, dollar neutral."""
    known = score.shift(1).reindex(days)
    place = known.rank(axis=1, method="first")
    count = known.notna().sum(axis=1)
    side = (count * share).astype(int)
    long = place.gt(count - side, axis=0).astype(float)
    short = place.le(side, axis=0).astype(float)
    return (long - short).div(2 * side.where(side > 0), axis=0).fillna(0.0)


def momentum(growth: pd.DataFrame) -> pd.DataFrame:
    """Score by the past year's return without its last month."""
    return growth.shift(21) / growth.shift(252) - 1


def reversal(growth: pd.DataFrame) -> pd.DataFrame:
    """Score by the past week's loss."""
    return 1 - growth / growth.shift(5)


def low_volatility(growth: pd.DataFrame) -> pd.DataFrame:
    """Score by calm: the negative standard deviation of half a year's returns."""
    return -(growth / growth.shift(1) - 1).rolling(120).std()


def trend(growth: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Hold what is above its hundred-day mean long and the rest short, each in inverse volatility."""
    side = (growth / growth.rolling(100).mean() - 1).transform(np.sign)
    calm = 1 / (growth / growth.shift(1) - 1).rolling(60).std()
    wanted = (side * calm).shift(1).reindex(days)
    return wanted.div(wanted.abs().sum(axis=1), axis=0).fillna(0.0)


def stretched(gap: pd.DataFrame, days: pd.DatetimeIndex, window: int = 60) -> pd.DataFrame:
    """Bet on the return of a stretched gap: minus its z-score of yesterday in half steps, at most one."""
    score = (gap - gap.rolling(window).mean()) / gap.rolling(window).std()
    steps = (score.shift(1).reindex(days) / 2).clip(-1, 1).mul(2).round().div(2)
    return -steps.fillna(0.0)

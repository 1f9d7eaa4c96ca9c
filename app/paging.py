"""Where a page of the blotter is: the days that hold it, so that however deep the place, only those are read."""

from dataclasses import dataclass
from datetime import date

import pandas as pd


@dataclass(frozen=True, slots=True)
class Span:
    """Trade dates `first` to `last`, and which of their rows: `take` of them, `skip` in from the newest."""

    first: date
    last: date
    skip: int
    take: int


def locate(counts: pd.DataFrame, start: int, end: int) -> Span:
    """The span of rows `start` (included) to `end` (not) among days with `trade_date` and `trades`, newest first."""
    ends = counts["trades"].cumsum()
    begins = ends - counts["trades"]
    days = counts[(ends > start) & (begins < end)]
    if days.empty:
        return Span(date.min, date.min, 0, 0)
    first, last = days["trade_date"].iloc[-1], days["trade_date"].iloc[0]
    return Span(first, last, start - int(begins[days.index[0]]), end - start)

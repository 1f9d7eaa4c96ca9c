"""The zero curve behind a market's quotes: deposits first, then par swaps or par bonds."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813 its own documentation calls it so

from app.risk.pricing import Array
from app.risk.quantlib.evaluation import evaluating
from app.risk.quantlib.market_dates import calendar, day_counter


def zero_curve(
    on: date,
    *,
    deposits: Mapping[int, float] | None = None,
    swaps: Mapping[int, float] | None = None,
    bonds: Mapping[int, float] | None = None,
    market: str = "TARGET",
) -> tuple[Array, Array]:
    """Bootstrap nodes for `pricing.zero_rate`: years from `on` (Act/365) and continuously compounded zero rates.

    Each argument maps a term in months to a rate, a fraction a year, from spot (two business days): `deposits` are
    simple Act/360; `swaps` pay a fixed 30E/360 rate yearly against the six-month rate of the same curve; `bonds` are
    par yields of bonds that pay twice a year, from `on` itself. Between nodes the zero rate is linear, as
    `zero_rate` reads it, so that every quote is met. ValueError without quotes, and for quotes no curve meets.
    """
    quotes = {"deposits": deposits or {}, "swaps": swaps or {}, "bonds": bonds or {}}
    if not any(quotes.values()):
        raise ValueError("deposits, swaps and bonds are all empty: give at least one quote")
    with evaluating(on) as day:
        days = calendar(market)
        helpers = [_deposit(rate, months, days) for months, rate in quotes["deposits"].items()]
        helpers += [_swap(rate, months, days) for months, rate in quotes["swaps"].items()]
        helpers += [_bond(rate, months, day) for months, rate in quotes["bonds"].items()]
        curve = ql.PiecewiseLinearZero(day, helpers, ql.Actual365Fixed())
        try:
            rates = np.array([rate for _, rate in curve.nodes()])
        except RuntimeError as error:
            raise ValueError(f"no curve of {on} meets these quotes: {error}") from error
        return np.array(curve.times())[1:], rates[1:]


def _deposit(rate: float, months: int, days: ql.Calendar) -> Any:
    term = ql.Period(months, ql.Months)
    return ql.DepositRateHelper(_quoted(rate), term, 2, days, ql.ModifiedFollowing, True, day_counter("Act/360"))


def _swap(rate: float, months: int, days: ql.Calendar) -> Any:
    term, half_year = ql.Period(months, ql.Months), ql.Period(6, ql.Months)
    counter = day_counter("Act/360")
    floating = ql.IborIndex("6M", half_year, 2, ql.Currency(), days, ql.ModifiedFollowing, True, counter)
    fixed = (days, ql.Annual, ql.ModifiedFollowing, day_counter("30E/360"))
    return ql.SwapRateHelper(_quoted(rate), term, *fixed, floating)


def _bond(rate: float, months: int, day: ql.Date) -> Any:
    half_year, none = ql.Period(6, ql.Months), ql.NullCalendar()
    rule = (ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Backward, False)
    schedule = ql.Schedule(day, day + ql.Period(months, ql.Months), half_year, none, *rule)
    counter = ql.ActualActual(ql.ActualActual.ISMA, schedule)
    return ql.FixedRateBondHelper(_quoted(100.0), 0, 100.0, schedule, [rate], counter, ql.Unadjusted)


def _quoted(value: float) -> ql.QuoteHandle:
    return ql.QuoteHandle(ql.SimpleQuote(value))

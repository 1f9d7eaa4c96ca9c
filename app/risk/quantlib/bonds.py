"""A bullet bond as its market quotes it: accrued interest, clean and dirty price, yield, duration, convexity, DV01."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813 its own documentation calls it so

from app.risk.pricing import Array
from app.risk.quantlib.evaluation import evaluating
from app.risk.quantlib.market_dates import ROLLS, calendar, day_counter

STUBS = {"first": ql.DateGeneration.Backward, "last": ql.DateGeneration.Forward}


@dataclass(frozen=True, slots=True)
class Bond:
    """The terms of a fixed-coupon bullet bond of 100 nominal.

    `coupon` is per cent a year, `frequency` payments a year (1, 2, 4 or 12). Coupon dates count back from the
    maturity, at month ends if `end_of_month`, to `issued`, where the first period may be short; with `stub` "last"
    they count on from `issued` and the last period may be. Who settles fewer than `ex_coupon_days` business days
    before a coupon does not get it, and accrues negative interest. `payments` says how a payment that falls on no
    business day of `calendar` is moved.
    """

    coupon: float
    frequency: int
    issued: date
    maturity: date
    day_count: str = "Act/Act ICMA"
    end_of_month: bool = False
    ex_coupon_days: int = 0
    calendar: str = "none"
    payments: str = "unadjusted"
    stub: str = "first"


@dataclass(frozen=True, slots=True)
class BondQuote:
    """What a bond trades at, per 100 nominal; `yield_` is a fraction a year, compounded as it was asked for.

    `modified_duration` in years, `convexity` in years², both of the dirty price; `dv01` is what the dirty price
    loses for a yield one basis point higher, dirty × modified duration × 0.0001.
    """

    clean: float
    accrued: float
    dirty: float
    yield_: float
    modified_duration: float
    convexity: float
    dv01: float


def quote_from_price(bond: Bond, settle: date, clean: float, *, continuous: bool = False) -> BondQuote:
    """Quote a bond at a clean price; the yield compounds at the coupon frequency, or continuously.

    ValueError for a bond that has matured, and for a price no yield explains.
    """
    with evaluating(settle) as day:
        priced = _live(bond, day)
        price = ql.BondPrice(clean, ql.BondPrice.Clean)
        try:
            found = priced.bondYield(price, *_compounding(bond, priced, continuous), day, 1e-12, 200)
        except RuntimeError as error:
            raise ValueError(f"clean is {clean}: no yield gives this price ({error})") from error
        return _quote(bond, priced, day, found, continuous)


def quote_from_yield(bond: Bond, settle: date, yield_: float, *, continuous: bool = False) -> BondQuote:
    """Quote a bond at a yield, compounded at the coupon frequency, or continuously."""
    with evaluating(settle) as day:
        return _quote(bond, _live(bond, day), day, yield_, continuous)


def payments(bond: Bond, settle: date) -> tuple[list[date], Array]:
    """Dates and amounts per 100 nominal of what a buyer who settles on `settle` gets; for `bond_value`."""
    with evaluating(settle) as day:
        flows = [flow for flow in _bond(bond).cashflows() if flow.date() > day and not _is_ex(flow, day)]
        return [flow.date().to_date() for flow in flows], np.array([flow.amount() for flow in flows])


def _is_ex(flow: Any, day: ql.Date) -> bool:
    coupon = ql.as_coupon(flow)
    return bool(coupon and coupon.exCouponDate() != ql.Date() and coupon.exCouponDate() <= day)


def _quote(bond: Bond, priced: Any, day: ql.Date, yield_: float, continuous: bool) -> BondQuote:
    terms = (yield_, *_compounding(bond, priced, continuous))
    clean, accrued = priced.cleanPrice(*terms, day), priced.accruedAmount(day)
    duration = ql.BondFunctions.duration(priced, *terms, ql.Duration.Modified, day)
    return BondQuote(
        clean=clean,
        accrued=accrued,
        dirty=clean + accrued,
        yield_=yield_,
        modified_duration=duration,
        convexity=ql.BondFunctions.convexity(priced, *terms, day),
        dv01=(clean + accrued) * duration * 1e-4,
    )


def _compounding(bond: Bond, priced: Any, continuous: bool) -> tuple[Any, int, int]:
    return priced.dayCounter(), ql.Continuous if continuous else ql.Compounded, bond.frequency


def _live(bond: Bond, day: ql.Date) -> Any:
    if day >= ql.Date.from_date(bond.maturity):
        raise ValueError(f"settle is {day.to_date()}: it must be before the maturity, {bond.maturity}")
    return _bond(bond)


def _bond(bond: Bond) -> Any:
    if bond.frequency not in {1, 2, 3, 4, 6, 12}:
        raise ValueError(f"frequency is {bond.frequency}: it may be 1, 2, 3, 4, 6 or 12 payments a year")
    if bond.payments not in ROLLS:
        raise ValueError(f"payments is {bond.payments!r}: it may be one of {', '.join(ROLLS)}")
    if bond.stub not in STUBS:
        raise ValueError(f"stub is {bond.stub!r}: it may be one of {', '.join(STUBS)}")
    start, end = ql.Date.from_date(bond.issued), ql.Date.from_date(bond.maturity)
    days, unmoved = calendar(bond.calendar), ql.Unadjusted
    rule = (ql.NullCalendar(), unmoved, unmoved, STUBS[bond.stub], bond.end_of_month)
    schedule = ql.Schedule(start, end, ql.Period(bond.frequency), *rule)
    counter = day_counter(bond.day_count, maturity=bond.maturity)
    ex_coupon = (ql.Period(bond.ex_coupon_days, ql.Days), days, unmoved, False)
    coupons = ([bond.coupon / 100], counter, ROLLS[bond.payments], 100.0, start, days)
    return ql.FixedRateBond(0, 100.0, schedule, *coupons, *ex_coupon)

"""How markets count days: day counts, and which days are business days, as QuantLib knows them."""

from datetime import date

import QuantLib as ql  # noqa: N813 its own documentation calls it so

DAY_COUNTS = {
    "Act/360": ql.Actual360(),
    "Act/365": ql.Actual365Fixed(),
    "Act/Act ISDA": ql.ActualActual(ql.ActualActual.ISDA),
    "Act/Act ICMA": ql.ActualActual(ql.ActualActual.ISMA),
    "Act/Act AFB": ql.ActualActual(ql.ActualActual.AFB),
    "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
    "30/360 US": ql.Thirty360(ql.Thirty360.USA),
    "30E/360": ql.Thirty360(ql.Thirty360.European),
    "30E/360 ISDA": ql.Thirty360(ql.Thirty360.ISDA),
    "30/365": ql.Thirty365(),
}
CALENDARS = {
    "none": ql.NullCalendar(),
    "weekends": ql.WeekendsOnly(),
    "TARGET": ql.TARGET(),
    "UK": ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
    "US": ql.UnitedStates(ql.UnitedStates.Settlement),
    "US government": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    "NYSE": ql.UnitedStates(ql.UnitedStates.NYSE),
    "Japan": ql.Japan(),
    "Switzerland": ql.Switzerland(),
}
ROLLS = {
    "unadjusted": ql.Unadjusted,
    "following": ql.Following,
    "modified following": ql.ModifiedFollowing,
    "preceding": ql.Preceding,
}


def day_counter(convention: str, *, maturity: date | None = None) -> ql.DayCounter:
    """The day count of that name; 30E/360 ISDA treats the end of a February that is the maturity as its 28th or 29th.

    "30/360" is the bond basis (ISDA 2006 §4.16(f)), "30/360 US" adds the end-of-February rule of US agencies.
    """
    if convention not in DAY_COUNTS:
        raise ValueError(f"convention is {convention!r}: it may be one of {', '.join(DAY_COUNTS)}")
    if convention == "30E/360 ISDA" and maturity:
        return ql.Thirty360(ql.Thirty360.ISDA, ql.Date.from_date(maturity))
    return DAY_COUNTS[convention]


def days_between(start: date, end: date, convention: str, *, maturity: date | None = None) -> int:
    """Days from `start` to `end` as the convention counts them, negative backwards."""
    counter = day_counter(convention, maturity=maturity)
    return int(counter.dayCount(ql.Date.from_date(start), ql.Date.from_date(end)))


def year_fraction(
    start: date,
    end: date,
    convention: str,
    *,
    period: tuple[date, date] | None = None,
    maturity: date | None = None,
) -> float:
    """Years from `start` to `end`; Act/Act ICMA needs the coupon period it lies in, or ValueError."""
    counter = day_counter(convention, maturity=maturity)
    if convention == "Act/Act ICMA" and not period:
        raise ValueError("period is missing: Act/Act ICMA counts in coupon periods, give the start and end of one")
    return float(counter.yearFraction(*(ql.Date.from_date(day) for day in (start, end, *(period or ())))))


def calendar(name: str) -> ql.Calendar:
    """The calendar of that name, or ValueError."""
    if name not in CALENDARS:
        raise ValueError(f"calendar is {name!r}: it may be one of {', '.join(CALENDARS)}")
    return CALENDARS[name]


def is_business_day(day: date, name: str) -> bool:
    """Whether that calendar is open on the day."""
    return bool(calendar(name).isBusinessDay(ql.Date.from_date(day)))


def add_business_days(day: date, days: int, name: str) -> date:
    """The business day so many after `day`, or before it if negative; 0 rolls to the next open day."""
    moved: date = calendar(name).advance(ql.Date.from_date(day), days, ql.Days).to_date()
    return moved


def roll(day: date, name: str, convention: str = "modified following") -> date:
    """Move a day that is no business day to one that is, by a convention of `ROLLS`."""
    if convention not in ROLLS:
        raise ValueError(f"convention is {convention!r}: it may be one of {', '.join(ROLLS)}")
    moved: date = calendar(name).adjust(ql.Date.from_date(day), ROLLS[convention]).to_date()
    return moved

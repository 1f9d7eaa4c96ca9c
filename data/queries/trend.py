"""What each instrument made on every one of the last days, for the small lines beside positions."""

from typing import Any

from sqlalchemy import Date, Double, Select, Subquery, and_, bindparam, case, cast, func, literal_column, select

from data.relations import ATTRIBUTES, relation
from data.schema import book, business_day, fx_mark, instrument, position

DAYS = 20


@relation()
def recent_pnl() -> Select[Any]:
    """day, underlier, instrument, pnl in base currency on each of the last 20 business days up to `as_of`.

    Each day is converted at its own rate; a day without a value at both ends adds nothing.
    """
    today, before = _rates("today"), _rates("earlier")
    opened = case((position.c.opening != 0, position.c.opening * before.c.rate), else_=literal_column("0"))
    currency, day = instrument.c.currency, position.c.position_date
    source = (
        position.join(book, book.c.book_id == position.c.book_id)
        .join(instrument, instrument.c.instrument_id == position.c.instrument_id)
        .join(today, and_(today.c.currency == currency, today.c.day == day))
        .outerjoin(before, and_(before.c.currency == currency, before.c.next_day == day))
    )
    keys = {name: ATTRIBUTES[name] for name in ("underlier", "instrument")}
    return (
        select(
            day.label("day"),
            *(column.label(name) for name, column in keys.items()),
            cast(func.coalesce(func.sum(position.c.wealth * today.c.rate - opened), 0), Double).label("pnl"),
        )
        .select_from(source)
        .where(day >= _first(business_day.c.day), day <= bindparam("as_of", type_=Date))
        .group_by(day, *keys.values())
        .order_by(day, *keys.values())
    )


def _first(column: Any) -> Any:
    """The least of a column over the last days up to the as-of date."""
    days = business_day.alias()
    recent = (
        select(days.c[column.name])
        .where(days.c.day <= bindparam("as_of", type_=Date))
        .order_by(days.c.day.desc())
        .limit(DAYS)
        .subquery()
    )
    return select(func.min(recent.c[column.name])).scalar_subquery()


def _rates(name: str) -> Subquery:
    """day, next_day, currency, rate into the base currency from the day before the last days on."""
    base = fx_mark.alias()
    return (
        select(
            fx_mark.c.mark_date.label("day"),
            business_day.c.next_day,
            fx_mark.c.currency,
            (fx_mark.c.rate / base.c.rate).label("rate"),
        )
        .join(base, and_(base.c.mark_date == fx_mark.c.mark_date, base.c.currency == bindparam("base")))
        .join(business_day, business_day.c.day == fx_mark.c.mark_date)
        .where(fx_mark.c.mark_date >= _first(business_day.c.previous_day))
        .where(fx_mark.c.mark_date <= bindparam("as_of", type_=Date))
        .subquery(name)
    )

"""P&L day by day: what the positions of each business day gained since the day before."""

from typing import Any

from sqlalchemy import Double, Select, Subquery, and_, bindparam, case, cast, func, literal_column, select

from data.queries.rates import base_rates
from data.relations import relation
from data.schema import book, business_day, fx_mark, instrument, position


@relation()
def pnl_by_day() -> Select[Any]:
    """day, pnl, missing: each business day's P&L from `start` (not included) to `as_of`, in the base currency.

    Each day is converted at its own rate; `missing` counts the positions that could not be valued at both ends.
    """
    today, before = _rates_by_day("today"), _rates_by_day("before")
    opened = case((position.c.opening != 0, position.c.opening * before.c.rate), else_=literal_column("0"))
    change = position.c.wealth * today.c.rate - opened
    sound = and_(position.c.wealth.is_not(None), position.c.opening.is_not(None))
    currency = instrument.c.currency
    source = (
        position.join(book, book.c.book_id == position.c.book_id)
        .join(instrument, instrument.c.instrument_id == position.c.instrument_id)
        .outerjoin(today, and_(today.c.currency == currency, today.c.day == position.c.position_date))
        .outerjoin(before, and_(before.c.currency == currency, before.c.next_day == position.c.position_date))
    )
    return (
        select(
            position.c.position_date.label("day"),
            cast(func.coalesce(func.sum(change), 0), Double).label("pnl"),
            func.count().filter(~sound).label("missing"),
        )
        .select_from(source)
        .where(position.c.position_date > bindparam("start"), position.c.position_date <= bindparam("as_of"))
        .group_by(position.c.position_date)
        .order_by(position.c.position_date)
    )


def _rates_by_day(name: str) -> Subquery:
    """day, currency, rate into the base currency, next_day, of every business day of the window."""
    known = base_rates("start", "as_of").add_columns(business_day.c.next_day)
    return known.join(business_day, business_day.c.day == fx_mark.c.mark_date).subquery(name)

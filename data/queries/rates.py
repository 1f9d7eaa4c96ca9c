"""Exchange rates into the base currency, from those into one pivot currency."""

from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from data.schema import fx_mark


def base_rates(first: str, last: str) -> Select[Any]:
    """day, currency, rate: the value of one unit on each business day between two bound days, both included."""
    base = fx_mark.alias()
    return (
        select(fx_mark.c.mark_date.label("day"), fx_mark.c.currency, (fx_mark.c.rate / base.c.rate).label("rate"))
        .join(base, and_(base.c.mark_date == fx_mark.c.mark_date, base.c.currency == bindparam("base")))
        .where(fx_mark.c.mark_date >= bindparam(first), fx_mark.c.mark_date <= bindparam(last))
    )

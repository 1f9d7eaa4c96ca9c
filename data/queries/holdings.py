"""What is held: every book's position in every instrument on a few days, a row each; nothing is added up here."""

from typing import Any

from sqlalchemy import Double, Select, bindparam, cast, null, select, union_all

from data.relations import relation
from data.schema import book, instrument, position

DAYS = ("as_of", "vs", "month_start", "year_start", "start")
SINCE = {
    "wealth": position.c.wealth,
    "realised": position.c.cash + position.c.cost,
    "income": position.c.income,
    "fees": position.c.fees,
}
NOW = {"quantity": position.c.quantity, "cost": position.c.cost, "value": position.c.value}


@relation()
def holdings() -> Select[Any]:
    """position_date, book_id, instrument_id; wealth, realised, income, fees since inception; what is held as of.

    Amounts are in the instrument's own currency. quantity, cost, value and price_date are those as of the date, null
    on the days compared with. A position once closed keeps a row on every later day. A day bound twice is read twice.
    """
    rows = union_all(*(_on(day) for day in DAYS)).subquery("rows")
    return (
        select(*rows.c)
        .join(book, book.c.book_id == rows.c.book_id)
        .join(instrument, instrument.c.instrument_id == rows.c.instrument_id)
    )


def _on(day: str) -> Select[Any]:
    """One day's positions: days apart are found apart, where `IN` would read all that lies between them."""
    now = day == "as_of"
    return select(
        position.c.position_date,
        position.c.book_id,
        position.c.instrument_id,
        *(cast(column, Double).label(name) for name, column in SINCE.items()),
        *(cast(column if now else null(), Double).label(name) for name, column in NOW.items()),
        cast(position.c.price_date if now else null(), position.c.price_date.type).label("price_date"),
    ).where(position.c.position_date == bindparam(day))

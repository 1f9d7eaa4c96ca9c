"""What every query of positions shares: exchange rates into the base currency, parts of P&L, counts of coverage."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.selectable import Subquery

from data.relations import ATTRIBUTES
from data.schema import MONEY, UNFUNDED_TYPES, book, fx_mark, instrument, position

PARTS = ("realised", "unrealised", "income", "fees", "fx", "total")


def rates(day: str) -> Subquery:
    """currency, rate: the value of one unit in the base currency on the day bound as `day`."""
    base = fx_mark.alias()
    return (
        select(fx_mark.c.currency, (fx_mark.c.rate / base.c.rate).label("rate"))
        .join(base, and_(base.c.mark_date == fx_mark.c.mark_date, base.c.currency == bindparam("base")))
        .where(fx_mark.c.mark_date == bindparam(day))
        .subquery(f"rates_{day}")
    )


def keys(by: Iterable[str]) -> list[ColumnElement[Any]]:
    """The grouping columns, with 'none' where an attribute is missing."""
    return [func.coalesce(ATTRIBUTES[name], literal_column("'none'")).label(name) for name in by]


def rolled(by: tuple[str, ...]) -> tuple[list[ColumnElement[Any]], ColumnElement[Any]]:
    """The grouping columns, and the depth of a row under their rollup: 0 the total, 1 the first key, …."""
    columns = keys(by)
    inner = [column.element for column in columns]
    depth: ColumnElement[Any] = literal_column(str(len(by))) - sum(
        (func.grouping(column) for column in inner), literal_column("0")
    )
    return columns, depth.label("level")


def levels(columns: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """GROUP BY ROLLUP of the grouping columns: all levels of the tree in one pass; one row without any."""
    return [func.rollup(*(column.element for column in columns))] if columns else []


def in_order(columns: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """The order of a tree: a node before its children, siblings by name."""
    return [column.element.asc().nulls_first() for column in columns]


def money(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    """An amount in the base currency, rounded to the ten-thousandth so that sums are exact."""
    return cast(amount, MONEY)


def total(amount: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """The exact sum of a money column, handed over as a float."""
    return cast(func.coalesce(func.sum(amount), literal_column("0")), Double).label(name)


def profit(end: Any, start: Any | None, end_rates: Any, start_rates: Any | None) -> ColumnElement[Any]:
    """P&L from `start` to `end` in the base currency, each end's wealth at its own rate; null if either has none.

    A position that did not exist at the start began with nothing.
    """
    if start is None or start_rates is None:
        return money(end.c.wealth * end_rates.c.rate)
    began = start.c.position_date.is_not(None)
    return money(end.c.wealth * end_rates.c.rate - case((began, start.c.wealth * start_rates.c.rate), else_=0))


def parts(end: Any, start: Any, end_rates: Any, start_rates: Any) -> dict[str, ColumnElement[Any]]:
    """The profit from `start` to `end` by part, at the end's rate, FX apart; the parts add up to it exactly.

    Cash stays in the currency it was paid in, so FX P&L is the starting wealth times the move of its rate.
    """
    rate = end_rates.c.rate
    whole = profit(end, start, end_rates, start_rates)

    def since(*names: str) -> ColumnElement[Any]:
        change: ColumnElement[Any] = sum(
            (end.c[name] - func.coalesce(start.c[name], 0) for name in names), literal_column("0")
        )
        return money(case((whole.is_not(None), change * rate)))

    fx = money(case((whole.is_not(None), func.coalesce(start.c.wealth * (rate - start_rates.c.rate), 0))))
    apart = {"realised": since("cash", "cost"), "income": since("income"), "fees": -since("fees"), "fx": fx}
    return {**apart, "unrealised": whole - sum(apart.values(), literal_column("0")), "total": whole}


def holding(rate: Any) -> dict[str, ColumnElement[Any]]:
    """Exposure (the position at its mark) and market value (what closing it would bring), in the base currency."""
    unfunded = or_(*(instrument.c.instrument_type == kind for kind in UNFUNDED_TYPES))
    worth = case((unfunded, position.c.value - position.c.cost), else_=position.c.value)
    return {"exposure": money(position.c.value * rate), "market_value": money(worth * rate)}


def coverage(rate: Any) -> list[ColumnElement[Any]]:
    """held, priced, carried, no_price, no_rate: counts of open positions."""
    is_open = position.c.quantity != 0
    valued = position.c.value.is_not(None)
    conditions = {
        "held": is_open,
        "priced": and_(is_open, valued, rate.is_not(None)),
        "carried": and_(is_open, valued, rate.is_not(None), position.c.price_date < position.c.position_date),
        "no_price": and_(is_open, ~valued),
        "no_rate": and_(is_open, valued, rate.is_(None)),
    }
    return [cast(func.count().filter(condition), Integer).label(name) for name, condition in conditions.items()]


def located(source: FromClause | None = None) -> FromClause:
    """Positions with their book and instrument."""
    return (
        (source if source is not None else position)
        .join(book, book.c.book_id == position.c.book_id)
        .join(instrument, instrument.c.instrument_id == position.c.instrument_id)
    )

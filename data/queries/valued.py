"""What every query of positions shares: each holding at a few days side by side, its P&L by part, its coverage.

All days are read in one pass over the positions; a holding that was not there on a day has a count of 0 for it.
"""

from collections.abc import Iterable, Mapping
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
FLOWS = ("cash", "cost", "income", "fees")
NOW = ("quantity", "value", "price_date")
NONE: ColumnElement[str] = literal_column("'none'")
ZERO: ColumnElement[int] = literal_column("0")


def held(wanted: Mapping[str, Iterable[str]]) -> Subquery:
    """A row a book and instrument: for each named day `there`, `worth` (wealth in the base currency) and columns.

    `wanted` maps the name of a bound day to columns of position; `cash` of day `vs` is `c.cash_vs`. A day with
    columns has its `rate` too.
    """
    days = {day: position.c.position_date == bindparam(day) for day in wanted}
    rates = _rates(list(wanted))
    columns: list[ColumnElement[Any]] = []
    for day, names in wanted.items():
        on_day = days[day]
        found: dict[str, ColumnElement[Any]] = {name: position.c[name] for name in names}
        found |= {"worth": position.c.wealth * rates.c.rate} | ({"rate": rates.c.rate} if found else {})
        columns += [func.any_value(column).filter(on_day).label(f"{name}_{day}") for name, column in found.items()]
        columns.append(func.count().filter(on_day).label(f"there_{day}"))
    priced = and_(rates.c.currency == instrument.c.currency, rates.c.mark_date == position.c.position_date)
    return (
        select(position.c.book_id, position.c.instrument_id, *columns)
        .select_from(
            position.join(instrument, instrument.c.instrument_id == position.c.instrument_id).outerjoin(rates, priced)
        )
        .where(or_(*days.values()))
        .group_by(position.c.book_id, position.c.instrument_id)
        .subquery("held")
    )


def located(rows: Subquery) -> FromClause:
    """Held rows with their book and instrument."""
    return rows.join(book, book.c.book_id == rows.c.book_id).join(
        instrument, instrument.c.instrument_id == rows.c.instrument_id
    )


def rolled(by: tuple[str, ...]) -> tuple[list[ColumnElement[Any]], ColumnElement[Any]]:
    """The grouping columns ('none' for a missing attribute), and the depth of a row: 0 the total, 1 the first key."""
    columns: list[ColumnElement[Any]] = [func.coalesce(ATTRIBUTES[name], NONE).label(name) for name in by]
    folded = sum((func.grouping(column.element) for column in columns), ZERO)
    depth: ColumnElement[Any] = literal_column(str(len(by))) - folded
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
    return cast(func.coalesce(func.sum(amount), ZERO), Double).label(name)


def profit(rows: Subquery, start: str = "") -> ColumnElement[Any]:
    """P&L since a day (or since inception) in the base currency, each end's wealth at its own rate.

    Null if either end has no price or rate. A position that was not there at the start began with nothing.
    """
    if not start:
        return money(rows.c.worth_as_of)
    began = rows.c[f"there_{start}"] > ZERO
    return money(rows.c.worth_as_of - case((began, rows.c[f"worth_{start}"]), else_=ZERO))


def parts(rows: Subquery, start: str) -> dict[str, ColumnElement[Any]]:
    """The profit since a day by part, at the as-of rate, FX apart; the parts add up to it exactly.

    Cash stays in the currency it was paid in, so FX P&L is the starting wealth times the move of its rate.
    """
    rate, whole = rows.c.rate_as_of, profit(rows, start)

    def since(*names: str) -> ColumnElement[Any]:
        ends = (rows.c[f"{name}_as_of"] - func.coalesce(rows.c[f"{name}_{start}"], ZERO) for name in names)
        change: ColumnElement[Any] = sum(ends, ZERO)
        return money(case((whole.is_not(None), change * rate)))

    moved = func.coalesce(rows.c[f"wealth_{start}"] * (rate - rows.c[f"rate_{start}"]), ZERO)
    fx = money(case((whole.is_not(None), moved)))
    apart = {"realised": since("cash", "cost"), "income": since("income"), "fees": -since("fees"), "fx": fx}
    return {**apart, "unrealised": whole - sum(apart.values(), ZERO), "total": whole}


def exposure(rows: Subquery) -> ColumnElement[Any]:
    """The position at its mark, in the base currency."""
    return money(rows.c.value_as_of * rows.c.rate_as_of)


def market_value(rows: Subquery) -> ColumnElement[Any]:
    """What closing the position would bring: of a forward or future its gain, not its notional."""
    unfunded = or_(*(instrument.c.instrument_type == kind for kind in UNFUNDED_TYPES))
    worth = case((unfunded, rows.c.value_as_of - rows.c.cost_as_of), else_=rows.c.value_as_of)
    return money(worth * rows.c.rate_as_of)


def coverage(rows: Subquery) -> list[ColumnElement[Any]]:
    """held, priced, carried, no_price, no_rate: counts of open positions."""
    is_open = rows.c.quantity_as_of != ZERO
    valued, rated = rows.c.value_as_of.is_not(None), rows.c.rate_as_of.is_not(None)
    conditions = {
        "held": is_open,
        "priced": and_(is_open, valued, rated),
        "carried": and_(is_open, valued, rated, rows.c.price_date_as_of < bindparam("as_of")),
        "no_price": and_(is_open, ~valued),
        "no_rate": and_(is_open, valued, ~rated),
    }
    return [cast(func.count().filter(condition), Integer).label(name) for name, condition in conditions.items()]


def _rates(days: list[str]) -> Subquery:
    """currency, mark_date, rate: the value of one unit in the base currency on the bound days."""
    base = fx_mark.alias()
    return (
        select(fx_mark.c.currency, fx_mark.c.mark_date, (fx_mark.c.rate / base.c.rate).label("rate"))
        .join(base, and_(base.c.mark_date == fx_mark.c.mark_date, base.c.currency == bindparam("base")))
        .where(or_(*(fx_mark.c.mark_date == bindparam(day) for day in days)))
        .subquery("rates")
    )

"""P&L by part over one period or by period in total, at every level of a tree; and day by day."""

from typing import Any

from sqlalchemy import Double, Select, and_, bindparam, case, cast, func, literal_column, select

from data.queries.valued import PARTS, coverage, holding, in_order, levels, located, parts, profit, rates, rolled, total
from data.relations import relation
from data.schema import business_day, fx_mark, instrument, position

STARTS = {"day": "vs", "mtd": "month_start", "ytd": "year_start"}


@relation()
def pnl_by_period(by: tuple[str, ...]) -> Select[Any]:
    """level, keys, day, mtd, ytd, inception, gross, net, coverage counts; one row a node."""
    keys, level = rolled(by)
    end_rates = rates("as_of")
    source = located().outerjoin(end_rates, end_rates.c.currency == instrument.c.currency)
    periods = {"inception": profit(position, None, end_rates, None)}
    for period, day in STARTS.items():
        source, start, start_rates = since(source, day)
        periods[period] = profit(position, start, end_rates, start_rates)
    sums = [total(periods[period], period) for period in ("day", "mtd", "ytd", "inception")]
    exposure = holding(end_rates.c.rate)["exposure"]
    sides = [total(func.abs(exposure), "gross"), total(exposure, "net")]
    return (
        select(level, *keys, *sums, *sides, *coverage(end_rates.c.rate))
        .select_from(source)
        .where(position.c.position_date == bindparam("as_of"))
        .group_by(*levels(keys))
        .order_by(*in_order(keys))
    )


@relation()
def pnl_by_part(by: tuple[str, ...]) -> Select[Any]:
    """level, keys, realised, unrealised, income, fees, fx, total since the date bound as `start`; one row a node."""
    keys, level = rolled(by)
    end_rates = rates("as_of")
    source = located().outerjoin(end_rates, end_rates.c.currency == instrument.c.currency)
    source, start, start_rates = since(source, "start")
    split = parts(position, start, end_rates, start_rates)
    sums = [total(split[part], part) for part in PARTS]
    return (
        select(level, *keys, *sums, *coverage(end_rates.c.rate))
        .select_from(source)
        .where(position.c.position_date == bindparam("as_of"))
        .group_by(*levels(keys))
        .order_by(*in_order(keys))
    )


@relation()
def pnl_by_day(_by: tuple[str, ...]) -> Select[Any]:
    """day, pnl, missing: each business day's P&L from `start` (not included) to `as_of`, in the base currency.

    Each day is converted at its own rate; `missing` counts the positions that could not be valued at both ends.
    """
    today, before = _rates_by_day("today"), _rates_by_day("before")
    opened = case((position.c.opening != 0, position.c.opening * before.c.rate), else_=literal_column("0"))
    change = position.c.wealth * today.c.rate - opened
    sound = and_(position.c.wealth.is_not(None), position.c.opening.is_not(None))
    source = (
        located()
        .outerjoin(
            today,
            and_(today.c.currency == instrument.c.currency, today.c.mark_date == position.c.position_date),
        )
        .outerjoin(
            before,
            and_(before.c.currency == instrument.c.currency, before.c.next_date == position.c.position_date),
        )
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


def since(source: Any, day: str) -> tuple[Any, Any, Any]:
    """Join the same positions and the rates on an earlier day; return the join, the positions and the rates there."""
    start, start_rates = position.alias(f"at_{day}"), rates(day)
    same = and_(
        start.c.position_date == bindparam(day),
        start.c.book_id == position.c.book_id,
        start.c.instrument_id == position.c.instrument_id,
    )
    joined = source.outerjoin(start, same).outerjoin(start_rates, start_rates.c.currency == instrument.c.currency)
    return joined, start, start_rates


def _rates_by_day(name: str) -> Any:
    """currency, mark_date, next_date, rate into the base currency for every business day of the window."""
    base = fx_mark.alias()
    return (
        select(
            fx_mark.c.currency,
            fx_mark.c.mark_date,
            business_day.c.next_day.label("next_date"),
            (fx_mark.c.rate / base.c.rate).label("rate"),
        )
        .join(base, and_(base.c.mark_date == fx_mark.c.mark_date, base.c.currency == bindparam("base")))
        .join(business_day, business_day.c.day == fx_mark.c.mark_date)
        .where(fx_mark.c.mark_date >= bindparam("start"), fx_mark.c.mark_date <= bindparam("as_of"))
        .subquery(name)
    )

"""The market behind a portfolio: quotes of every risk factor over a stretch of days, and positions with their terms.

Market rows belong to no book and do not depend on what is held, so that a factor's history is the same whoever asks
and on whichever day. Of each quote the last one known counts.
"""

from typing import Any

from sqlalchemy import Date, Select, Subquery, and_, bindparam, cast, func, literal, select, type_coerce
from sqlalchemy.types import Double

from data.queries.instruments import TERMS
from data.queries.rates import base_rates
from data.relations import relation
from data.schema import (
    book,
    corporate_action,
    curve_node,
    fx_rate,
    instrument,
    mark,
    position,
    price,
    vol_node,
)

DERIVED = ("option", "future", "fx_forward", "fx_spot", "government_bond")
MARKED = (
    position.join(book, book.c.book_id == position.c.book_id)
    .join(instrument, instrument.c.instrument_id == position.c.instrument_id)
    .outerjoin(
        mark, and_(mark.c.instrument_id == position.c.instrument_id, mark.c.mark_date == position.c.position_date)
    )
)


@relation()
def risk_positions() -> Select[Any]:
    """Open positions of `as_of` with what prices them: a row a book and instrument, values in its own currency."""
    names = ("desk", "book", "business_unit", "legal_entity", "strategy", "trader")
    return (
        select(
            position.c.position_date.label("day"),
            *(book.c[name] for name in names),
            *TERMS,
            *(cast(position.c[name], Double).label(name) for name in ("quantity", "value", "wealth")),
            cast(mark.c.price, Double).label("price"),
            position.c.price_date,
        )
        .select_from(MARKED)
        .where(
            position.c.position_date >= bindparam("first"),
            position.c.position_date <= bindparam("as_of"),
            position.c.quantity != 0,
        )
        .order_by(position.c.position_date, book.c.book, instrument.c.symbol)
    )


@relation(shared=True)
def factor_spots() -> Select[Any]:
    """symbol, asset_class, day, price, split, dividend of everything that derives from nothing, after `start`.

    An action on a day without a price counts on the next day that has one.
    """
    latest = _latest(price, price.c.price, "price_date").subquery("latest")
    last = func.lag(latest.c.day).over(partition_by=latest.c.instrument_id, order_by=latest.c.day)
    quoted = select(latest, func.coalesce(last, latest.c.day - 1).label("last_day")).subquery("quoted")
    acts = _actions()
    since = and_(
        acts.c.instrument_id == quoted.c.instrument_id, acts.c.day > quoted.c.last_day, acts.c.day <= quoted.c.day
    )
    return (
        select(
            instrument.c.symbol,
            instrument.c.asset_class,
            quoted.c.day,
            cast(quoted.c.value, Double).label("price"),
            func.coalesce(func.product(cast(acts.c.split, Double)), 1.0).label("split"),
            cast(func.coalesce(func.sum(acts.c.dividend), 0), Double).label("dividend"),
        )
        .select_from(
            quoted.join(instrument, instrument.c.instrument_id == quoted.c.instrument_id).outerjoin(acts, since)
        )
        .where(*(instrument.c.instrument_type != kind for kind in DERIVED))
        .group_by(instrument.c.symbol, instrument.c.asset_class, quoted.c.day, quoted.c.value)
        .order_by(instrument.c.symbol, quoted.c.day)
    )


@relation(shared=True)
def factor_rates() -> Select[Any]:
    """currency, day, rate: the value of one unit in the currency most rates are quoted against, after `start`."""
    anchor = select(fx_rate.c.base).group_by(fx_rate.c.base).order_by(func.count().desc(), fx_rate.c.base).limit(1)
    pivot = anchor.scalar_subquery()
    last = func.arg_max(fx_rate.c.rate, fx_rate.c.known_from)
    quoted = (
        select(
            fx_rate.c.quote.label("currency"),
            fx_rate.c.rate_date.label("day"),
            (1 / cast(type_coerce(last, Double), Double)).label("rate"),
        )
        .where(fx_rate.c.base == pivot, fx_rate.c.rate_date > bindparam("start"))
        .where(fx_rate.c.rate_date <= bindparam("as_of"))
        .group_by(fx_rate.c.quote, fx_rate.c.rate_date)
    )
    unit = (
        select(pivot.label("currency"), fx_rate.c.rate_date.label("day"), literal(1.0).label("rate"))
        .where(fx_rate.c.rate_date > bindparam("start"), fx_rate.c.rate_date <= bindparam("as_of"))
        .distinct()
    )
    return select(quoted.union_all(unit).subquery("rates"))


@relation(shared=True)
def factor_zeros() -> Select[Any]:
    """currency, months, day, rate of each currency's discount curve: the curve with the most nodes, after `start`."""
    nodes = func.count(curve_node.c.months.distinct())
    ranked = (
        select(
            curve_node.c.curve,
            func.row_number()
            .over(partition_by=curve_node.c.currency, order_by=(nodes.desc(), curve_node.c.curve))
            .label("place"),
        )
        .group_by(curve_node.c.currency, curve_node.c.curve)
        .subquery("ranked")
    )
    return (
        select(
            curve_node.c.currency,
            curve_node.c.months,
            curve_node.c.curve_date.label("day"),
            func.arg_max(curve_node.c.rate, curve_node.c.known_from).label("rate"),
        )
        .join(ranked, and_(ranked.c.curve == curve_node.c.curve, ranked.c.place == 1))
        .where(curve_node.c.curve_date > bindparam("start"), curve_node.c.curve_date <= bindparam("as_of"))
        .group_by(curve_node.c.currency, curve_node.c.months, curve_node.c.curve_date)
    )


@relation(shared=True)
def factor_vols() -> Select[Any]:
    """symbol, months, moneyness, day, volatility of every surface, after `start`."""
    return (
        select(
            instrument.c.symbol,
            vol_node.c.months,
            vol_node.c.moneyness,
            vol_node.c.vol_date.label("day"),
            func.arg_max(vol_node.c.volatility, vol_node.c.known_from).label("volatility"),
        )
        .join(instrument, instrument.c.instrument_id == vol_node.c.instrument_id)
        .where(vol_node.c.vol_date > bindparam("start"), vol_node.c.vol_date <= bindparam("as_of"))
        .group_by(instrument.c.symbol, vol_node.c.months, vol_node.c.moneyness, vol_node.c.vol_date)
    )


@relation()
def daily_wealth() -> Select[Any]:
    """Every holding on each day from `first` to `as_of`: what its P&L of the day is made of, in its own currency.

    day, desk, book, instrument, currency, quantity, wealth, fees, trades (cumulative), unit_value (null without a
    price), split (new shares per old on the day).
    """
    acts = _actions()
    acted = and_(acts.c.instrument_id == position.c.instrument_id, acts.c.day == position.c.position_date)
    return (
        select(
            position.c.position_date.label("day"),
            book.c.desk,
            book.c.book,
            instrument.c.symbol.label("instrument"),
            instrument.c.currency,
            *(cast(position.c[name], Double).label(name) for name in ("quantity", "wealth", "fees")),
            position.c.trades,
            cast(mark.c.unit_value, Double).label("unit_value"),
            cast(func.coalesce(acts.c.split, 1), Double).label("split"),
        )
        .select_from(MARKED.outerjoin(acts, acted))
        .where(position.c.position_date >= bindparam("first"), position.c.position_date <= bindparam("as_of"))
        .order_by(book.c.book, instrument.c.symbol, position.c.position_date)
    )


@relation(shared=True)
def daily_rates() -> Select[Any]:
    """day, currency, rate into the base currency on each business day from `first` to `as_of`."""
    return base_rates("first", "as_of")


def _latest(table: Any, value: Any, day: str) -> Select[Any]:
    return (
        select(table.c.instrument_id, table.c[day].label("day"), func.arg_max(value, table.c.known_from).label("value"))
        .where(table.c[day] > bindparam("start"), table.c[day] <= bindparam("as_of"))
        .group_by(table.c.instrument_id, table.c[day])
    )


def _actions() -> Subquery:
    last = func.arg_max(corporate_action.c.value, corporate_action.c.known_from)
    by_kind = (
        select(
            corporate_action.c.instrument_id,
            cast(corporate_action.c.ex_date, Date).label("day"),
            corporate_action.c.action,
            last.label("value"),
        )
        .group_by(corporate_action.c.instrument_id, corporate_action.c.ex_date, corporate_action.c.action)
        .subquery("kinds")
    )
    return (
        select(
            by_kind.c.instrument_id,
            by_kind.c.day,
            func.max(by_kind.c.value).filter(by_kind.c.action == "split").label("split"),
            func.max(by_kind.c.value).filter(by_kind.c.action == "dividend").label("dividend"),
        )
        .group_by(by_kind.c.instrument_id, by_kind.c.day)
        .subquery("acts")
    )

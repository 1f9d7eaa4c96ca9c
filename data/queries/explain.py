"""What P&L explain starts from: each holding's change between two days, and the move of every spot."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)

from data.marks import CARRY_DAYS
from data.queries.rates import base_rates
from data.queries.splits import shares_per_share
from data.relations import ATTRIBUTES, relation
from data.schema import MONEY, book, instrument, mark, position, price, superseded
from data.schema import trade_event as trade

START, END = bindparam("vs", type_=Date), bindparam("as_of", type_=Date)
DERIVED = ("option", "future", "fx_forward")
ZERO: ColumnElement[int] = literal_column("0")
NOW, BEFORE = position.alias("now"), position.alias("earlier")


@relation()
def position_changes() -> Select[Any]:
    """A row a book and instrument, closed ones included: P&L from `vs` to `as_of` in base currency, and its parts.

    keys; underlying; rate of `as_of`; whole = worth at `as_of` − worth at `vs`, each at its own rate (null without a
    price or rate at either end); fx, income, fees (negative); traded: trades since `vs` from their price to the mark of
    `as_of`; amended, late: what of it comes from trades with a later version, or learned of after their trade
    date; 0 or 1 in held, priced, carried, no_price, no_rate. Where the instrument has no mark on the day, as on
    its expiry, a position open at `vs` has its trades at their own price.
    """
    rate, start = (base_rates(day, day).subquery(f"rates_{day}") for day in ("as_of", "vs"))
    fills = _fills()
    began = BEFORE.c.wealth.is_not(None)
    opened = case((BEFORE.c.book_id.is_not(None), BEFORE.c.wealth * start.c.rate), else_=ZERO)
    whole = _money(NOW.c.wealth * rate.c.rate - opened)

    def part(own: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        return cast(_money(case((whole.is_not(None), own))), Double).label(name)

    fx = case((began, BEFORE.c.wealth * (rate.c.rate - start.c.rate)), else_=ZERO)
    scale = instrument.c.multiplier * instrument.c.price_factor
    shares = {
        name: func.coalesce((fills.c[f"{name}_quantity"] * mark.c.price - fills.c[f"{name}_paid"]) * scale, ZERO)
        for name in ("amended", "late")
    }
    return (
        select(
            *(column.label(name) for name, column in ATTRIBUTES.items()),
            instrument.c.underlying,
            rate.c.rate,
            cast(whole, Double).label("whole"),
            part(fx, "fx"),
            part(_since("income") * rate.c.rate, "income"),
            part(-_since("fees") * rate.c.rate, "fees"),
            part(_traded() * rate.c.rate, "traded"),
            *(part(share * rate.c.rate, name) for name, share in shares.items()),
            *_coverage(rate),
        )
        .select_from(_changes(rate, start, fills))
        .where(NOW.c.position_date == bindparam("as_of"))
        .order_by(book.c.book, instrument.c.symbol)
    )


@relation(shared=True)
def spot_changes() -> Select[Any]:
    """symbol, before, after: the last price at `vs` and at `as_of`, the latter per share as counted at `vs`.

    After a split `after` is the price × the ratio; dividends are not added back. Derived instruments have no row.
    """
    seen = func.row(price.c.price_date, price.c.known_from)
    moments = {}
    for name, end in (("before", START), ("after", END)):
        recent = and_(price.c.price_date <= end, price.c.price_date >= end - timedelta(days=CARRY_DAYS))
        from_day = func.max(price.c.price_date).filter(recent)
        last = cast(func.arg_max(price.c.price, seen).filter(recent), Double)
        moments[name] = last / shares_per_share(instrument.c.instrument_id, from_day, end)
    scaled = moments["after"] * shares_per_share(instrument.c.instrument_id, START, END)
    begins = START - timedelta(days=CARRY_DAYS)
    return (
        select(instrument.c.symbol, moments["before"].label("before"), scaled.label("after"))
        .select_from(price.join(instrument, instrument.c.instrument_id == price.c.instrument_id))
        .where(price.c.price_date >= begins, price.c.price_date <= END)
        .where(*(instrument.c.instrument_type != kind for kind in DERIVED))
        .group_by(instrument.c.instrument_id, instrument.c.symbol)
        .order_by(instrument.c.symbol)
    )


def _changes(rate: Subquery, start: Subquery, fills: Subquery) -> FromClause:
    """Positions of `as_of` beside those of `vs`, with book, instrument, mark, both rates and fills."""
    same = and_(
        BEFORE.c.book_id == NOW.c.book_id,
        BEFORE.c.instrument_id == NOW.c.instrument_id,
        BEFORE.c.position_date == bindparam("vs"),
    )
    filled = and_(fills.c.book_id == NOW.c.book_id, fills.c.instrument_id == NOW.c.instrument_id)
    marked = and_(mark.c.instrument_id == NOW.c.instrument_id, mark.c.mark_date == bindparam("as_of"))
    return (
        NOW.join(book, book.c.book_id == NOW.c.book_id)
        .join(instrument, instrument.c.instrument_id == NOW.c.instrument_id)
        .outerjoin(BEFORE, same)
        .outerjoin(mark, marked)
        .outerjoin(rate, rate.c.currency == instrument.c.currency)
        .outerjoin(start, start.c.currency == instrument.c.currency)
        .outerjoin(fills, filled)
    )


def _traded() -> ColumnElement[Any]:
    """What trading made in its own currency: the quantity traded at the mark, and the cash it paid and received.

    All that a position made which was not open at `vs` is trading.
    """
    opened_since = func.coalesce(BEFORE.c.quantity, ZERO) == ZERO
    carried = func.coalesce(BEFORE.c.quantity, ZERO) * shares_per_share(NOW.c.instrument_id, START, END)
    made = (NOW.c.quantity - func.round(carried, 4)) * mark.c.unit_value + _since("cash")
    return case(
        (opened_since, NOW.c.value + _since("cash")), (_since("trades") > ZERO, func.coalesce(made, ZERO)), else_=ZERO
    )


def _since(name: str) -> ColumnElement[Any]:
    return NOW.c[name] - func.coalesce(BEFORE.c[name], ZERO)


def _fills() -> Subquery:
    """Quantity, in shares of `as_of`, and consideration of the amended and the late trades since `vs`."""
    gone = and_(superseded.c.trade_id == trade.c.trade_id, superseded.c.version == trade.c.version)
    kinds = {
        "amended": trade.c.version > 1,
        "late": and_(trade.c.version == 1, cast(trade.c.known_from, Date) > trade.c.trade_date),
    }
    quantity = cast(trade.c.quantity, Double)
    held = quantity * shares_per_share(trade.c.instrument_id, trade.c.trade_date, END)
    sums = [
        func.coalesce(func.sum(amount).filter(kind), ZERO).label(f"{name}_{what}")
        for name, kind in kinds.items()
        for what, amount in (("quantity", held), ("paid", quantity * trade.c.price))
    ]
    return (
        select(trade.c.book_id, trade.c.instrument_id, *sums)
        .select_from(trade.outerjoin(superseded, gone))
        .where(superseded.c.trade_id.is_(None))
        .where(trade.c.trade_date > bindparam("vs"), trade.c.trade_date <= bindparam("as_of"))
        .group_by(trade.c.book_id, trade.c.instrument_id)
        .subquery("fills")
    )


def _money(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(amount, MONEY)


def _coverage(rate: Subquery) -> list[ColumnElement[Any]]:
    held, valued, rated = NOW.c.quantity != ZERO, NOW.c.value.is_not(None), rate.c.rate.is_not(None)
    conditions = {
        "held": held,
        "priced": and_(held, valued, rated),
        "carried": and_(held, valued, rated, NOW.c.price_date < bindparam("as_of")),
        "no_price": and_(held, ~valued),
        "no_rate": and_(held, valued, ~rated),
    }
    return [
        cast(func.coalesce(cast(condition, Integer), ZERO), Integer).label(name)
        for name, condition in conditions.items()
    ]

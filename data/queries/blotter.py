"""Trades as they stand now, newest first, one page at a time whatever their number."""

from typing import Any

from sqlalchemy import ColumnElement, Double, Label, Select, and_, bindparam, case, cast, func, literal, select

from data.relations import relation
from data.schema import book, counterparty, instrument, superseded, trade_count, trade_event

NEWEST = 200
LATE = case(
    (cast(trade_event.c.known_from, trade_event.c.trade_date.type) > trade_event.c.trade_date, "late"),
    else_="",
)
AMENDED = case((trade_event.c.version > 1, "amended"), else_="")
DETAILS = (
    trade_event.c.trade_id,
    trade_event.c.version,
    trade_event.c.trade_time,
    trade_event.c.trade_date,
    trade_event.c.settle_date,
    book.c.desk,
    book.c.book,
    instrument.c.symbol.label("instrument"),
    case((trade_event.c.quantity > 0, "buy"), else_="sell").label("side"),
    cast(trade_event.c.quantity, Double).label("quantity"),
    cast(trade_event.c.price, Double).label("price"),
    trade_event.c.currency,
    (
        -cast(trade_event.c.quantity, Double)
        * cast(trade_event.c.price, Double)
        * cast(instrument.c.multiplier, Double)
        * cast(instrument.c.price_factor, Double)
    ).label("consideration"),
    cast(trade_event.c.fees, Double).label("fees"),
    counterparty.c.counterparty,
    book.c.trader,
    LATE.label("late"),
    AMENDED.label("amended"),
)
FILTERS: dict[str, ColumnElement[Any]] = {
    column.name: column.element if isinstance(column, Label) else column for column in DETAILS
}


def _current() -> Any:
    """Current trades: the events that nothing supersedes, with their book, instrument and counterparty."""
    replaced = and_(superseded.c.trade_id == trade_event.c.trade_id, superseded.c.version == trade_event.c.version)
    return (
        trade_event.join(book, book.c.book_id == trade_event.c.book_id)
        .join(instrument, instrument.c.instrument_id == trade_event.c.instrument_id)
        .outerjoin(counterparty, counterparty.c.counterparty_id == trade_event.c.counterparty_id)
    ), ~select(literal(1)).where(replaced).exists()


@relation(filters=FILTERS)
def trades() -> Select[Any]:
    """A page of the blotter between two trade dates, newest first, `skip` rows in, `take` rows long."""
    source, current = _current()
    return (
        select(*DETAILS)
        .select_from(source)
        .where(
            current,
            trade_event.c.trade_date >= bindparam("first"),
            trade_event.c.trade_date <= bindparam("last"),
        )
        .order_by(trade_event.c.trade_date.desc(), trade_event.c.trade_time.desc(), trade_event.c.trade_id)
        .limit(bindparam("take"))
        .offset(bindparam("skip"))
    )


@relation()
def day_trades() -> Select[Any]:
    """The current trades of the as-of date, with the columns of `trades`, newest first, the newest 200 of them."""
    source, current = _current()
    return (
        select(*DETAILS)
        .select_from(source)
        .where(current, trade_event.c.trade_date == bindparam("as_of"))
        .order_by(trade_event.c.trade_time.desc(), trade_event.c.trade_id)
        .limit(NEWEST)
    )


@relation()
def trades_today() -> Select[Any]:
    """trades: how many current trades the as-of date has; one row."""
    source, current = _current()
    return (
        select(func.count().label("trades"))
        .select_from(source)
        .where(current, trade_event.c.trade_date == bindparam("as_of"))
    )


@relation(filters=FILTERS)
def trades_by_day() -> Select[Any]:
    """trade_date, trades: how many current trades each day has, newest first; narrowed by instrument it counts them."""
    source, current = _current()
    return (
        select(trade_event.c.trade_date, func.count().label("trades"))
        .select_from(source)
        .where(current, trade_event.c.trade_date <= bindparam("as_of"))
        .group_by(trade_event.c.trade_date)
        .order_by(trade_event.c.trade_date.desc())
    )


@relation()
def trades_by_book() -> Select[Any]:
    """trade_date, trades: as `trades_by_day` from the counts kept by book; for readings not narrowed by instrument."""
    return (
        select(
            trade_count.c.trade_date,
            cast(func.sum(trade_count.c.trades), trade_count.c.trades.type).label("trades"),
        )
        .select_from(trade_count.join(book, book.c.book_id == trade_count.c.book_id))
        .where(trade_count.c.trade_date <= bindparam("as_of"))
        .group_by(trade_count.c.trade_date)
        .order_by(trade_count.c.trade_date.desc())
    )

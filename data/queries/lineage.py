"""Where numbers come from: the versions of a trade, the trades and prices of positions, and their lines in files."""

from typing import Any

from sqlalchemy import Date, Double, Select, Subquery, and_, any_, bindparam, case, cast, exists, func, select
from sqlalchemy.types import ARRAY, String

from data.marks import CARRY_DAYS
from data.queries.blotter import DETAILS
from data.relations import relation
from data.schema import (
    book,
    counterparty,
    fx_mark,
    fx_rate,
    instrument,
    load_batch,
    position,
    price,
    superseded,
    trade_event,
)

FILE = (load_batch.c.file_name, load_batch.c.sha256, load_batch.c.batch_id, load_batch.c.loaded_at)
_GONE = exists().where(superseded.c.trade_id == trade_event.c.trade_id, superseded.c.version == trade_event.c.version)
_EVENTS = (
    trade_event.join(book, book.c.book_id == trade_event.c.book_id)
    .join(instrument, instrument.c.instrument_id == trade_event.c.instrument_id)
    .join(load_batch, load_batch.c.batch_id == trade_event.c.batch_id)
    .outerjoin(counterparty, counterparty.c.counterparty_id == trade_event.c.counterparty_id)
)


@relation()
def trade_versions() -> Select[Any]:
    """Every version of the trade bound as `trade`, oldest first: its terms and the line of the file that told of it.

    `standing` is `current` for the version that counts, `superseded` for one that a later one replaced, `cancelled` for
    the one that took the trade back. A version booked elsewhere is seen by the readers of that book alone.
    """
    standing = case((~_GONE, "current"), (trade_event.c.action == "cancel", "cancelled"), else_="superseded")
    return (
        select(
            *DETAILS,
            instrument.c.name,
            trade_event.c.action,
            trade_event.c.known_from,
            standing.label("standing"),
            trade_event.c.source_row,
            *FILE,
        )
        .select_from(_EVENTS)
        .where(trade_event.c.trade_id == bindparam("trade"))
        .order_by(trade_event.c.version)
    )


@relation()
def trades_behind() -> Select[Any]:
    """The last `take` current trades up to `as_of` with their lines; `trades` and `total` count and sum all of them.

    `total` is the sum of the signed quantities; it means something for one instrument only.
    """
    exact = func.sum(trade_event.c.quantity).over()
    return (
        select(
            *DETAILS,
            trade_event.c.source_row,
            *FILE,
            func.count().over().label("trades"),
            cast(exact, Double).label("total"),
        )
        .select_from(_EVENTS)
        .where(~_GONE, trade_event.c.trade_date <= bindparam("as_of"))
        .order_by(trade_event.c.trade_date.desc(), trade_event.c.trade_time.desc(), trade_event.c.trade_id)
        .limit(bindparam("take"))
    )


@relation()
def prices_behind() -> Select[Any]:
    """instrument, price_date, price and the line that brought it, of what is held on `as_of`; as last known."""
    last = _last_prices()
    return (
        select(
            instrument.c.symbol.label("instrument"),
            instrument.c.currency,
            last.c.price_date,
            cast(last.c.price, Double).label("price"),
            last.c.known_from,
            last.c.source_row,
            *FILE,
        )
        .distinct()
        .select_from(_held(last).join(load_batch, load_batch.c.batch_id == last.c.batch_id))
        .where(position.c.position_date == bindparam("as_of"))
        .order_by(instrument.c.symbol)
    )


@relation()
def trade_files() -> Select[Any]:
    """The files that brought the trades up to `as_of`, every version of them: rows, first and last line; newest first.

    `rows` counts those of the reader's books alone.
    """
    lines = (
        select(
            trade_event.c.book_id,
            trade_event.c.instrument_id,
            trade_event.c.batch_id,
            *_span(trade_event.c.source_row, func.count()),
        )
        .where(trade_event.c.trade_date <= bindparam("as_of"))
        .group_by(trade_event.c.book_id, trade_event.c.instrument_id, trade_event.c.batch_id)
        .subquery("lines")
    )
    return (
        select(
            *FILE,
            cast(func.sum(lines.c.rows), load_batch.c.rows_read.type).label("rows"),
            func.min(lines.c.first).label("first"),
            func.max(lines.c.last).label("last"),
        )
        .select_from(
            lines.join(book, book.c.book_id == lines.c.book_id)
            .join(instrument, instrument.c.instrument_id == lines.c.instrument_id)
            .join(load_batch, load_batch.c.batch_id == lines.c.batch_id)
        )
        .group_by(*FILE)
        .order_by(load_batch.c.batch_id.desc())
    )


@relation()
def price_files() -> Select[Any]:
    """The files that brought the prices of what is held on `as_of`: rows, first and last line; newest first."""
    last = _last_prices()
    return (
        select(*FILE, *_span(last.c.source_row, func.count(last.c.source_row.distinct())))
        .select_from(_held(last).join(load_batch, load_batch.c.batch_id == last.c.batch_id))
        .where(position.c.position_date == bindparam("as_of"), position.c.quantity != 0)
        .group_by(*FILE)
        .order_by(load_batch.c.batch_id.desc())
    )


@relation(shared=True)
def rates_behind() -> Select[Any]:
    """quote, base, rate_date, rate and the line that brought it, by which the `currencies` bound convert on `as_of`."""
    same = and_(
        fx_mark.c.currency == fx_rate.c.quote,
        fx_mark.c.rate_date == fx_rate.c.rate_date,
        fx_mark.c.mark_date == bindparam("as_of"),
    )
    last = (
        select(fx_rate.c.quote, fx_rate.c.base, fx_rate.c.rate_date, func.max(fx_rate.c.known_from).label("known_from"))
        .group_by(fx_rate.c.quote, fx_rate.c.base, fx_rate.c.rate_date)
        .subquery("last")
    )
    known = and_(*(last.c[name] == fx_rate.c[name] for name in ("quote", "base", "rate_date", "known_from")))
    return (
        select(
            fx_rate.c.quote,
            fx_rate.c.base,
            fx_rate.c.rate_date,
            cast(fx_rate.c.rate, Double).label("rate"),
            fx_rate.c.source_row,
            *FILE,
        )
        .select_from(
            fx_rate.join(fx_mark, same).join(last, known).join(load_batch, load_batch.c.batch_id == fx_rate.c.batch_id)
        )
        .where(fx_rate.c.quote == any_(bindparam("currencies", type_=ARRAY(String))))
        .order_by(fx_rate.c.quote, fx_rate.c.base)
    )


def _span(line: Any, rows: Any) -> tuple[Any, ...]:
    return rows.label("rows"), func.min(line).label("first"), func.max(line).label("last")


def _held(last: Subquery) -> Any:
    """Positions with their book, instrument and the price that marks them."""
    marked = and_(
        last.c.instrument_id == position.c.instrument_id,
        last.c.price_date == position.c.price_date,
    )
    return (
        position.join(book, book.c.book_id == position.c.book_id)
        .join(instrument, instrument.c.instrument_id == position.c.instrument_id)
        .join(last, marked)
    )


def _last_prices() -> Subquery:
    """Each quoted price that a mark of `as_of` can be, as last known."""
    seen = func.row_number().over(
        partition_by=(price.c.instrument_id, price.c.price_date), order_by=price.c.known_from.desc()
    )
    recent = price.c.price_date >= bindparam("as_of", type_=Date) - CARRY_DAYS
    ranked = select(price, seen.label("place")).where(price.c.price_date <= bindparam("as_of"), recent).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery("last_price")

"""What a reader looks for by typing a part of its name: instruments and trades of the books that are open to them."""

from typing import Any

from sqlalchemy import Date, Select, String, and_, bindparam, case, cast, func, literal, or_, select

from data.relations import relation
from data.schema import book, instrument, position, superseded, trade_event

MOST = 8
"""How many of a kind are found at most."""


@relation()
def found_instruments() -> Select[Any]:
    """instrument, name, instrument_type, desks and books (lists) of what was ever held up to `as_of`; 8 at most.

    The symbol begins with the bound `text`, or the name holds it, in whatever case. What is still held comes first
    among equally good ones; desks and books name only those of the scope.
    """
    text = func.lower(bindparam("text", type_=String))
    symbol, name = func.lower(instrument.c.symbol), func.lower(instrument.c.name)
    place = case((symbol == text, 0), (func.starts_with(symbol, text), 1), (func.starts_with(name, text), 2), else_=3)
    held = func.max(case((position.c.quantity != 0, 1), else_=0))
    return (
        select(
            instrument.c.symbol.label("instrument"),
            instrument.c.name,
            instrument.c.instrument_type,
            func.list_sort(func.list_distinct(func.list(book.c.desk))).label("desks"),
            func.list_sort(func.list_distinct(func.list(book.c.book))).label("books"),
        )
        .select_from(
            position.join(book, book.c.book_id == position.c.book_id).join(
                instrument, instrument.c.instrument_id == position.c.instrument_id
            )
        )
        .where(
            position.c.position_date == bindparam("as_of", type_=Date),
            or_(func.starts_with(symbol, text), func.contains(name, text)),
        )
        .group_by(instrument.c.symbol, instrument.c.name, instrument.c.instrument_type)
        .order_by(func.min(place), held.desc(), instrument.c.symbol)
        .limit(literal(MOST))
    )


@relation()
def found_trades() -> Select[Any]:
    """trade_id, trade_date, desk, book, instrument, side of current trades up to `as_of`, by identifier; 8 at most.

    The identifier begins with the bound `text` as it stands or in capitals, so that the scan of a long blotter
    compares and does not convert.
    """
    text, trade_id = bindparam("text", type_=String), trade_event.c.trade_id
    replaced = and_(superseded.c.trade_id == trade_id, superseded.c.version == trade_event.c.version)
    return (
        select(
            trade_id,
            cast(trade_event.c.trade_date, String).label("trade_date"),
            book.c.desk,
            book.c.book,
            instrument.c.symbol.label("instrument"),
            case((trade_event.c.quantity > 0, "buy"), else_="sell").label("side"),
        )
        .select_from(
            trade_event.join(book, book.c.book_id == trade_event.c.book_id).join(
                instrument, instrument.c.instrument_id == trade_event.c.instrument_id
            )
        )
        .where(
            ~select(literal(1)).where(replaced).exists(),
            or_(func.starts_with(trade_id, text), func.starts_with(trade_id, func.upper(text))),
            trade_event.c.trade_date <= bindparam("as_of", type_=Date),
        )
        .order_by(trade_id)
        .limit(literal(MOST))
    )

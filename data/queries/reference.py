"""What numbers are named and converted by: books, instruments, days, currencies, rates, marks; and what was loaded."""

from typing import Any

from sqlalchemy import Double, Select, bindparam, cast, func, select

from data.relations import ATTRIBUTES, relation
from data.schema import book, business_day, fx_mark, instrument, load_batch, mark


@relation()
def books() -> Select[Any]:
    """book_id, desk, book, business_unit, legal_entity, strategy, trader; by desk and book in alphabetical order."""
    return select(
        book.c.book_id,
        book.c.desk,
        book.c.book,
        book.c.business_unit,
        book.c.legal_entity,
        book.c.strategy,
        book.c.trader,
    ).order_by(book.c.desk, book.c.book)


@relation(shared=True)
def instruments() -> Select[Any]:
    """instrument_id, instrument (its symbol), underlier, name, asset_class, instrument_type, sector, currency."""
    return select(
        instrument.c.instrument_id,
        instrument.c.symbol.label("instrument"),
        ATTRIBUTES["underlier"].label("underlier"),
        instrument.c.name,
        instrument.c.asset_class,
        instrument.c.instrument_type,
        instrument.c.sector,
        instrument.c.currency,
    )


@relation(shared=True)
def days() -> Select[Any]:
    """day, previous_day of every business day that has positions, newest first."""
    return select(business_day.c.day, business_day.c.previous_day).order_by(business_day.c.day.desc())


@relation(shared=True)
def currencies() -> Select[Any]:
    """currency, in which numbers can be expressed."""
    return select(fx_mark.c.currency).distinct().order_by(fx_mark.c.currency)


@relation(shared=True)
def rates() -> Select[Any]:
    """currency, mark_date, rate of every business day: the value of one unit in one pivot currency."""
    return select(fx_mark.c.currency, fx_mark.c.mark_date, fx_mark.c.rate)


@relation(shared=True)
def marks() -> Select[Any]:
    """instrument_id, price, price_date on the as-of date; an instrument without a price has no row."""
    return select(mark.c.instrument_id, cast(mark.c.price, Double).label("price"), mark.c.price_date).where(
        mark.c.mark_date == bindparam("as_of")
    )


@relation(shared=True)
def sources() -> Select[Any]:
    """table_name, file_name, sha256, loaded_at, rows_loaded, rows_rejected, rows_flagged; newest first, 12 at most."""
    return (
        select(
            load_batch.c.table_name,
            load_batch.c.file_name,
            load_batch.c.sha256,
            load_batch.c.loaded_at,
            load_batch.c.rows_loaded,
            load_batch.c.rows_rejected,
            load_batch.c.rows_flagged,
        )
        .where(load_batch.c.rows_read > 0)
        .order_by(load_batch.c.batch_id.desc())
        .limit(12)
    )


@relation(shared=True)
def synthetic() -> Select[Any]:
    """instruments: how many instruments are priced by simulation."""
    return select(func.count().label("instruments")).select_from(instrument).where(instrument.c.synthetic)

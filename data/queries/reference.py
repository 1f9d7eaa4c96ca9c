"""What the top bar offers: the books a reader may open, the dates, the currencies, and what was loaded."""

from typing import Any

from sqlalchemy import Select, func, select

from data.relations import relation
from data.schema import book, business_day, fx_mark, instrument, load_batch


@relation()
def books(_by: tuple[str, ...]) -> Select[Any]:
    """desk, book, in alphabetical order."""
    return select(book.c.desk, book.c.book).order_by(book.c.desk, book.c.book)


@relation(shared=True)
def days(_by: tuple[str, ...]) -> Select[Any]:
    """day, previous_day of every business day that has positions, newest first."""
    return select(business_day.c.day, business_day.c.previous_day).order_by(business_day.c.day.desc())


@relation(shared=True)
def currencies(_by: tuple[str, ...]) -> Select[Any]:
    """currency, in which numbers can be expressed."""
    return select(fx_mark.c.currency).distinct().order_by(fx_mark.c.currency)


@relation(shared=True)
def sources(_by: tuple[str, ...]) -> Select[Any]:
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
def synthetic(_by: tuple[str, ...]) -> Select[Any]:
    """instruments: how many instruments are priced by simulation."""
    return select(func.count().label("instruments")).select_from(instrument).where(instrument.c.synthetic)

"""Arrow batches in the order and types that a table's columns declare, cut to an even size, worked on ahead."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.table import Column, Table

LEVEL = Column("level", "Level", "count")
ROWS = 65_536  # fewer batches wait less for each other; more would only hold more memory
_AHEAD = 3
_THREADS = 2
_FIXED = {"text": pa.string(), "date": pa.date32(), "time": pa.timestamp("us", "UTC"), "count": pa.int64()}

Work = TypeVar("Work")
Done = TypeVar("Done")


def from_frame(table: Table) -> pa.RecordBatch:
    """The declared columns of the frame, and `level` where rows form a tree, as one batch."""
    names = [column.name for column in table.columns]
    if LEVEL.name in table.frame.columns:
        names = [LEVEL.name, *names]
    kinds = {column.name: column.kind for column in table.columns}
    arrays = {name: _array(table.frame[name], text=kinds.get(name) == "text") for name in names}
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in pa.table(arrays).columns], names)


def declared(
    batches: Iterable[pa.RecordBatch], columns: tuple[Column, ...], rows: int = ROWS
) -> tuple[tuple[Column, ...], pa.Schema, Iterator[pa.RecordBatch]]:
    """The columns as exported (`level` leads where the batches have it), their schema, and batches of that schema.

    Every batch but the last has exactly `rows` rows. Types follow the kind: text is string, date date32, time
    timestamp in UTC (a naive one is taken as UTC), count int64, all else float64 unless it comes as a decimal or
    an integer. NaN and infinities become nulls, -0.0 becomes 0.0. Raises ArrowInvalid where a value does not fit
    its kind and KeyError where a column is missing.
    """
    source = iter(batches)
    first = next(source, None)
    if first is None:
        return columns, pa.schema([(c.name, _type(c, pa.null())) for c in columns]), iter(())
    if LEVEL.name in first.schema.names and all(c.name != LEVEL.name for c in columns):
        columns = (LEVEL, *columns)
    schema = pa.schema([(c.name, _type(c, first.schema.field(c.name).type)) for c in columns])
    slices = (batch.slice(start, rows) for batch in chain((first,), source) for start in range(0, batch.num_rows, rows))
    return columns, schema, _even(ahead(partial(_conform, schema), slices), rows)


def ahead(work: Callable[[Work], Done], jobs: Iterable[Work]) -> Iterator[Done]:
    """The results in order, with a few jobs under way in threads while the last one is consumed.

    Jobs are drawn in the consumer's thread, so a source bound to one thread is safe.
    """
    waiting: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(_THREADS, "export") as pool:
        for job in jobs:
            waiting.append(pool.submit(work, job))
            if len(waiting) == _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _array(values: pd.Series, *, text: bool) -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        if not text:
            raise
        return pa.array([None if pd.isna(value) else str(value) for value in values], pa.string())


def _type(column: Column, source: pa.DataType) -> pa.DataType:
    if column.kind in _FIXED:
        return _FIXED[column.kind]
    if pa.types.is_decimal(source):
        return source
    return pa.int64() if pa.types.is_integer(source) else pa.float64()


def _conform(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    arrays = [_cast(batch.column(field.name), field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_floating(values.type):
        finite = pc.is_finite(values)
        values = pc.add(values if pc.all(finite).as_py() else pc.if_else(finite, values, None), 0.0)
    return values if values.type == wanted else values.cast(wanted, safe=not pa.types.is_timestamp(wanted))


def _even(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        piece = batch.slice(0, rows - count)
        held.append(piece)
        count += piece.num_rows
        if count == rows:
            yield _joined(held)
            rest = batch.slice(piece.num_rows)
            held, count = ([rest], rest.num_rows) if rest.num_rows else ([], 0)
    if held:
        yield _joined(held)


def _joined(held: list[pa.RecordBatch]) -> pa.RecordBatch:
    return held[0] if len(held) == 1 else pa.concat_batches(held)

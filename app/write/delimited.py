"""Comma-separated text: UTF-8 with a byte-order mark, CRLF, text always quoted, numbers, dates and gaps never."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from app.table import Column
from app.write.batches import ahead, declared
from app.write.cells import Parts, days, filled, instants, numbers, texts, weave
from app.write.note import Note, header
from app.write.safe import disarm


def write(batches: Iterable[pa.RecordBatch], columns: tuple[Column, ...], _note: Note) -> Iterator[bytes]:
    """A header with units, then the rows; the provenance travels beside a CSV, in the response's headers."""
    columns, _, rows = declared(batches, columns)
    names = _quoted(pa.array([header(column) for column in columns], pa.string())).to_pylist()
    yield f"\ufeff{','.join(names)}\r\n".encode()
    yield from ahead(_rows, rows)


def _rows(batch: pa.RecordBatch) -> bytes:
    *others, last = batch.columns
    parts = [part for values in others for part in _cell(values, comma=True)]
    return weave([*parts, *_cell(last, comma=False), "\r\n"], batch.num_rows)


def _cell(values: pa.Array, *, comma: bool) -> Parts:
    if not (pa.types.is_string(values.type) or pa.types.is_temporal(values.type) or values.null_count):
        return [numbers(values, comma=comma)]
    return [*filled(_text(values), ""), "," if comma else ""]


def _text(values: pa.Array) -> Parts:
    if pa.types.is_string(values.type):
        return texts(values, _quoted, '"', '"')
    if pa.types.is_timestamp(values.type):
        return instants(values)
    return [days(values) if pa.types.is_date(values.type) else numbers(values)]


def _quoted(text: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', pc.replace_substring(disarm(text), '"', '""'), '"', "")

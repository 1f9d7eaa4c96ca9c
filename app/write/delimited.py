"""Comma-separated text: UTF-8 with a byte-order mark, CRLF, text always quoted, numbers, dates and gaps never."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from app.table import Column
from app.write.batches import ahead, declared
from app.write.cells import Parts, filled, moments, numbers, texts, weave
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
    parts = [part for values in others for part in _cell(values, "", comma=True)]
    missing = "" if others else '""'  # readers skip an empty line
    return bytes(weave([*parts, *_cell(last, missing, comma=False), "\r\n"], batch.num_rows))


def _cell(values: pa.Array, missing: str, *, comma: bool) -> Parts:
    if pa.types.is_string(values.type):
        text = texts(values, _quoted, '"', '"')
    elif pa.types.is_temporal(values.type):
        text = moments(values)
    elif values.null_count:
        text = [numbers(values)]
    else:
        return [numbers(values, comma=comma)]
    return [*filled(text, missing), "," if comma else ""]


def _quoted(text: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', pc.replace_substring(disarm(text), '"', '""'), '"', "")

"""JSON: one object of `about`, `columns` and `rows`, each row an object keyed by column name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from types import MappingProxyType
from typing import Any

import orjson
import pyarrow as pa

from app.table import Column
from app.write.batches import ahead, declared
from app.write.cells import Parts, filled, moments, numbers, texts, weave
from app.write.note import Note, header, record


def write(
    batches: Iterable[pa.RecordBatch],
    columns: tuple[Column, ...],
    note: Note,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[bytes]:
    """The provenance first, then a row a line, then `more`; dates and instants are ISO 8601 text, gaps are null."""
    columns, _, rows = declared(batches, columns)
    described = [{**asdict(column), "header": header(column)} for column in columns]
    yield b'{"about":%b,\n"columns":%b,\n"rows":[' % (orjson.dumps(record(note)), orjson.dumps(described))
    comma = 1
    for piece in ahead(partial(_rows, columns), rows):
        yield piece[comma:]
        comma = 0
    last = b"".join(b",\n%b:%b" % (orjson.dumps(name), orjson.dumps(value)) for name, value in more.items())
    yield b"\n]%b}\n" % last


def _rows(columns: tuple[Column, ...], batch: pa.RecordBatch) -> bytes:
    parts: Parts = []
    for column, values in zip(columns, batch.columns, strict=True):
        parts += [",", _text(column.name), ":", *filled(_cell(values), "null")]
    return bytes(weave([",\n{", *parts[1:], "}"], batch.num_rows))


def _cell(values: pa.Array) -> Parts:
    if pa.types.is_string(values.type):
        return texts(values, _dumped, '"', '"')
    return ['"', *moments(values), '"'] if pa.types.is_temporal(values.type) else [numbers(values)]


def _dumped(text: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _text(value) for value in text.to_pylist()], pa.string())


def _text(value: str) -> str:
    return orjson.dumps(value).decode()

"""A table as a file: CSV, XLSX, JSON and Parquet from one stream of rows, in memory that does not grow with them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from app.table import Column, Provenance, Table
from app.write import columnar, delimited, document, workbook
from app.write.batches import from_frame
from app.write.note import Note, headers

__all__ = ["FORMATS", "Format", "Note", "file_name", "headers", "stream", "stream_batches"]

Writer = Callable[[Iterable[pa.RecordBatch], tuple[Column, ...], Note], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file; its name in FORMATS is its extension."""

    title: str
    mimetype: str
    write: Writer


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", "text/csv; charset=utf-8", delimited.write),
    "xlsx": Format("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook.write),
    "json": Format("JSON", "application/json", document.write),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", columnar.write),
}


def stream(table: Table, fmt: str, *, reader: str, exported_at: datetime) -> Iterator[bytes]:
    """The file of one answer, in pieces; KeyError for a format that is not in FORMATS."""
    return stream_batches([from_frame(table)], table.columns, table.about, fmt, reader=reader, exported_at=exported_at)


def stream_batches(  # noqa: PLR0913 - what the file is of, then what it is for
    batches: Iterable[pa.RecordBatch],
    columns: tuple[Column, ...],
    about: Provenance,
    fmt: str,
    *,
    reader: str,
    exported_at: datetime,
) -> Iterator[bytes]:
    """The file of rows that arrive in batches of any size, in pieces; a batch is drawn only when its turn comes.

    Batches hold the declared columns by name, in any order, and may hold others, which are left out; `level` is
    exported first where it is there. Batches are drawn in the thread that consumes the file. Close the iterator
    to give up early. `exported_at` carries a time zone. KeyError for a format that is not in FORMATS.
    """
    return FORMATS[fmt].write(batches, columns, Note(about, reader, exported_at))


def file_name(about: Provenance, fmt: str) -> str:
    """`positions-tree-by-desk_2022-12-28_000017.xlsx`: letters, digits, dot, dash and underscore only."""
    words = (re.sub(r"[^A-Za-z0-9-]+", "-", word).strip("-")[:80] for word in (about.key, about.as_of, about.snapshot))
    return f"{'_'.join(word for word in words if word) or 'export'}.{fmt}"

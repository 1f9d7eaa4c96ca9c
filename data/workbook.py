"""An XLSX sheet as rows of text, once it is known to be no bomb."""

import re
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from data.source import Limits, LoadError, Source, text_source

BLOCK = 1 << 20
CELL = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
Cell = str | float | bool | date | datetime | time | timedelta


def open_sheet(connection: duckdb.DuckDBPyConnection, file: Path, sheet: str, limits: Limits) -> Source:
    """Open the named sheet, or the first, as `incoming`; its first row holds the names of the columns."""
    try:
        _check_size(file, limits)
        with CalamineWorkbook.from_path(str(file)) as book:
            if sheet and sheet not in book.sheet_names:
                raise LoadError(
                    f"there is no sheet '{sheet}'; it has {', '.join(book.sheet_names)}: correct the mapping"
                )
            rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, zlib.error, CalamineError, RuntimeError) as error:
        raise LoadError(
            f"this is not a whole XLSX workbook ({error}); it may be cut short or locked with a password"
        ) from None
    source = text_source([_text(cell) for cell in rows[0]] if rows else [])
    columns = [pa.array([_text(cell) for cell in column], pa.string()) for column in zip(*rows[1:], strict=True)]
    columns = columns or [pa.array([], pa.string())] * len(source.names)
    names = [f"c{i}" for i in range(1, len(columns) + 1)]
    table = pa.table([pa.array(np.arange(2, len(rows) + 1)), *columns], ["source_row", *names])
    connection.register("sheet", table)
    filled = " OR ".join(f"{name} <> ''" for name in names)
    connection.execute(f"CREATE TEMP TABLE raw AS SELECT * FROM sheet WHERE {filled}")
    connection.unregister("sheet")
    connection.execute("CREATE TEMP VIEW incoming AS SELECT * FROM raw")
    return source


def _check_size(file: Path, limits: Limits) -> None:
    """Unpack every member into nothing and measure it; the archive's own directory may lie."""
    allowed = limits.allowed(file.stat().st_size)
    unpacked = 0
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            member.file_size = sys.maxsize
            edge, last = b"", (0, 0)
            with archive.open(member) as stream:
                while block := stream.read(BLOCK):
                    unpacked += len(block)
                    if unpacked > allowed:
                        raise LoadError(f"it unpacks to more than {allowed >> 20} MiB, as bombs do; open it and look")
                    if member.filename.startswith("xl/worksheets/"):
                        last = _reach(edge + block, last)
                        edge = block[-16:]
            if last[0] * last[1] > limits.cells:
                raise LoadError(
                    f"{member.filename} spans {last[0]:,} rows by {last[1]:,} columns, more than"
                    f" {limits.cells:,} cells; remove what stands far from the table, or send CSV or Parquet"
                )


def _reach(xml: bytes, last: tuple[int, int]) -> tuple[int, int]:
    """The lowest row and the rightmost column that hold a cell, so far."""
    cells = CELL.findall(xml)
    row = max((int(number) for number in {number for _, number in cells}), default=0)
    column = max((_ordinal(letters) for letters in {letters for letters, _ in cells}), default=0)
    return max(row, last[0]), max(column, last[1])


def _ordinal(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _text(cell: Cell) -> str:
    """Write a cell as a CSV would: whole numbers without a point, midnights as dates."""
    match cell:
        case bool():
            return str(cell).lower()
        case float():
            return str(int(cell)) if cell.is_integer() else str(cell)
        case datetime():
            return str(cell.date() if cell.time() == time() else cell)
        case _:
            return str(cell)

"""An Excel workbook: the rows on as many data sheets as they need, and a sheet of provenance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa

from app.table import Column
from app.write import sheet
from app.write.batches import ahead, declared
from app.write.note import Note, lines
from app.write.package import XML, Tab, contents, describe, put
from app.write.spool import Spool

SHEET_ROWS = 1_048_576
_SHEET_BYTES = 3 << 29  # an entry of unknown size may not reach 2 GiB; what is under way still fits
_BATCH = 16_384


@dataclass(slots=True, eq=False)
class Sheet:
    """A data sheet under way: its number, the rows placed on it and the bytes written of it."""

    number: int
    rows: int = 0
    size: int = 0

    @property
    def name(self) -> str:
        """The name on its tab: Data, Data 2 and so on."""
        return f"Data {self.number}" if self.number > 1 else "Data"


Job = tuple[Sheet, int, pa.RecordBatch]


def write(batches: Iterable[pa.RecordBatch], columns: tuple[Column, ...], note: Note) -> Iterator[bytes]:
    """The workbook; sheet follows sheet as rows arrive, and the provenance comes last because it names them."""
    columns, schema, rows = declared(batches, columns, _BATCH)
    first = next(rows, pa.RecordBatch.from_pylist([], schema))
    look = sheet.faces(columns, first)
    sheets: list[Sheet] = []
    spool = Spool()
    with ZipFile(spool, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for path, text in {**contents(), "xl/styles.xml": sheet.styles()}.items():
            put(archive, path, XML + text)
        drawn = ahead(lambda job: (job[0], sheet.rows(look, *job[1:])), _place(chain((first,), rows), sheets))
        for current, pieces in groupby(drawn, key=lambda item: item[0]):
            with archive.open(f"xl/worksheets/sheet{current.number}.xml", "w") as entry:
                entry.write(sheet.head(look, selected=current.number == 1))
                for _, piece in pieces:
                    entry.write(piece)
                    current.size += piece.size
                    yield spool.drain()
                entry.write(sheet.tail(sheet.area(look, current.rows)))
        _finish(archive, look, sheets, note)
    yield spool.drain()


def _place(batches: Iterable[pa.RecordBatch], sheets: list[Sheet]) -> Iterator[Job]:
    sheets.append(Sheet(1))
    for batch in batches:
        rest = batch
        while True:
            if sheets[-1].rows == SHEET_ROWS - 1 or sheets[-1].size > _SHEET_BYTES:
                sheets.append(Sheet(len(sheets) + 1))
            current = sheets[-1]
            piece, rest = rest.slice(0, SHEET_ROWS - 1 - current.rows), rest.slice(SHEET_ROWS - 1 - current.rows)
            first, current.rows = current.rows + 2, current.rows + piece.num_rows
            yield current, first, piece
            if not rest.num_rows:
                break


def _finish(archive: ZipFile, look: tuple[sheet.Face, ...], sheets: list[Sheet], note: Note) -> None:
    told = [*lines(note), *_spread(sheets)]
    batch = pa.RecordBatch.from_arrays(
        [pa.array(side, pa.string()) for side in zip(*told, strict=True)], ["item", "value"]
    )
    page = b"".join((sheet.head(_TOLD, selected=False), sheet.rows(_TOLD, 2, batch), sheet.tail("")))
    put(archive, "xl/worksheets/provenance.xml", page)
    tabs = [Tab(s.name, f"sheet{s.number}", sheet.area(look, s.rows, "$")) for s in sheets]
    for path, text in describe([*tabs, Tab("Provenance", "provenance")]).items():
        put(archive, path, XML + text)


def _spread(sheets: list[Sheet]) -> Iterator[tuple[str, str]]:
    if len(sheets) > 1:
        yield "Note", f"A sheet holds {SHEET_ROWS - 1:,} rows at most; the rows go on over {len(sheets)} sheets"
        start = 1
        for current in sheets:
            yield current.name, f"rows {start:,} to {start + current.rows - 1:,}"
            start += current.rows


_TOLD = (sheet.Face("Item", "A", 0, 16), sheet.Face("Value", "B", sheet.WRAPPED, 100))

"""A page as one workbook: a sheet of contents and provenance first, then a sheet a panel, some with their chart."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa

from app.table import Column, Provenance, Table
from app.write import chart as charts
from app.write import sheet
from app.write.batches import declared
from app.write.chart import Chart, Placed
from app.write.note import Note, lines
from app.write.package import XML, Tab, contents, describe, put, quoted, relations
from app.write.spool import Spool

MOST_ROWS = 100_000
LONGEST_NAME = 31
CONTENTS = "Contents"
_BATCH = 16_384
_COUNT = 3 + sheet.CODES.index("#,##0")
_WIDTHS = (("Sheet", 34), ("What it shows", 80), ("Rows", 10), ("Remark", 60))

Cell = tuple[str | int | None, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A panel of the page: its rows, or the `reason` why there are none; a `table` only where it has a chart."""

    title: str
    shows: str
    reason: str = ""
    columns: tuple[Column, ...] = ()
    about: Provenance | None = None
    batches: Iterable[pa.RecordBatch] = ()
    chart: Chart | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """What the page is: its title, the address of its choices, who takes it away and when (with a time zone)."""

    title: str
    address: str
    reader: str
    exported_at: datetime


@dataclass(slots=True)
class _Sheet:
    """A part on its way into the file; `name` is empty for one without rows."""

    part: Part
    name: str = ""
    columns: tuple[Column, ...] = ()
    rows: int = 0
    cut: bool = False
    look: tuple[sheet.Face, ...] = field(default=())

    @property
    def filtered(self) -> tuple[sheet.Face, ...]:
        """The columns that belong to the rows."""
        return self.look[: len(self.look) - (self.part.chart.aside if self.part.chart else 0)]


def write(cover: Cover, parts: Iterable[Part]) -> Iterator[bytes]:
    """The workbook in pieces; a part is drawn only when its turn comes, and of each at most 100,000 rows are taken."""
    spool = Spool()
    sheets: list[_Sheet] = []
    with ZipFile(spool, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for part in parts:
            sheets.append(_Sheet(part))
            if not part.reason:
                sheets[-1].name = unique(part.title, [CONTENTS, *(other.name for other in sheets)])
                for _ in _fill(archive, sheets, sheets[-1]):
                    yield spool.drain()
        _finish(archive, cover, sheets)
    yield spool.drain()


def unique(title: str, taken: Iterable[str]) -> str:
    """A sheet's name from a title: what Excel allows, at most 31 characters, none twice in any spelling."""
    wanted = re.sub(r"[\[\]:*?/\\\x00-\x1f\s]+", " ", title).strip(" '") or "Panel"
    used = {"history", *(name.lower() for name in taken)}
    names = (wanted[: LONGEST_NAME - len(end)].rstrip(" '") + end for end in ("", *(f" {n}" for n in range(2, 10_000))))
    return next(name for name in names if name.lower() not in used)


def _fill(archive: ZipFile, sheets: list[_Sheet], here: _Sheet) -> Iterator[None]:
    here.columns, schema, rows = declared(here.part.batches, here.part.columns, _BATCH)
    first = next(rows, pa.RecordBatch.from_pylist([], schema))
    here.look = sheet.faces(here.columns, first)
    with archive.open(f"xl/worksheets/{_name(sheets, here)}.xml", "w") as entry:
        entry.write(sheet.head(here.look, selected=False))
        for batch in chain((first,), rows):
            piece = batch.slice(0, MOST_ROWS - here.rows)
            entry.write(sheet.rows(here.look, here.rows + 2, piece))
            here.rows += piece.num_rows
            yield
            if piece.num_rows < batch.num_rows:
                here.cut = True
                break
        drawing = "rId1" if here.part.chart else ""
        entry.write(sheet.tail(sheet.area(here.filtered, here.rows), drawing=drawing))


def _name(sheets: list[_Sheet], here: _Sheet) -> str:
    return f"sheet{sheets.index(here) + 1}"


def _finish(archive: ZipFile, cover: Cover, sheets: list[_Sheet]) -> None:
    put(archive, "xl/worksheets/contents.xml", _contents(cover, sheets))
    filled = [each for each in sheets if each.name]
    drawn = [
        (each, Placed(each.name, each.columns, each.part.chart, each.part.table))
        for each in filled
        if each.part.chart and each.part.table
    ]
    made = charts.parts([placed for _, placed in drawn])
    for place, (each, _) in enumerate(drawn, 1):
        link = relations([("drawing", f"../drawings/drawing{place}.xml")])
        put(archive, f"xl/worksheets/_rels/{_name(sheets, each)}.xml.rels", XML + link)
    for path, raw in made.items():
        put(archive, path, raw)
    kinds = {"charts": "drawingml.chart", "drawings": "drawing"}
    others = {path: kinds[path.split("/")[1]] for path in made if path.endswith(".xml")}
    tabs = [Tab(each.name, _name(sheets, each), sheet.area(each.filtered, each.rows, "$")) for each in filled]
    furniture = {**contents(others), "xl/styles.xml": sheet.styles(), **describe([Tab(CONTENTS, "contents"), *tabs])}
    for path, text in furniture.items():
        put(archive, path, XML + text)


def _contents(cover: Cover, sheets: list[_Sheet]) -> bytes:
    """Every panel with its link, its rows or the reason why it has none; below, what the numbers are."""
    look = tuple(sheet.Face(title, letter, 0, width) for letter, (title, width) in zip("ABCD", _WIDTHS, strict=True))
    rows: list[tuple[Cell, ...]] = [_listed(each) for each in sheets]
    for title, pairs in _told(cover, sheets):
        rows += [(), ((title, sheet.HEADER), (None, sheet.HEADER))]
        rows += [((item, sheet.WRAPPED), (value, sheet.WRAPPED)) for item, value in pairs]
    links = "".join(_link(number, each.name) for number, each in enumerate(sheets, 2) if each.name)
    body = (_row(number, cells) for number, cells in enumerate(rows, 2) if cells)
    return b"".join([sheet.head(look, selected=True), *body, sheet.tail("", links=links)])


def _listed(each: _Sheet) -> tuple[Cell, ...]:
    name = (each.name, sheet.LINK) if each.name else (each.part.title, sheet.WRAPPED)
    rows = each.rows if each.name else None
    return (name, (each.part.shows, sheet.WRAPPED), (rows, _COUNT), (_remark(each), sheet.WRAPPED))


def _link(number: int, name: str) -> str:
    place = quoteattr(f"{quoted(name)}!A1")
    return f'<hyperlink ref="A{number}" location={place} display={quoteattr(name)}/>'


def _remark(each: _Sheet) -> str:
    if not each.name:
        return each.part.reason
    if each.cut:
        return f"The first {MOST_ROWS:,} rows; the panel's own file has them all"
    if each.part.about and each.part.about.shown:
        return f"Filtered: {each.part.about.shown}"
    return "With a chart" if each.part.chart else ""


def _told(cover: Cover, sheets: list[_Sheet]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What is true of all sheets, said once, then of each what is its own."""
    told = [
        (each.name, lines(Note(each.part.about, cover.reader, cover.exported_at)))
        for each in sheets
        if each.name and each.part.about
    ]
    shared = [line for line in told[0][1] if all(line in own for _, own in told)] if told else []
    moment = f"{cover.exported_at:%Y-%m-%d %H:%M:%S %Z}"
    ours = [("Page", cover.title), ("Address", cover.address)]
    yield "All sheets", [*ours, *(shared or [("Reader", cover.reader), ("Exported at", moment)])]
    for name, own in told:
        yield name, [line for line in own if line not in shared and line[0] != "Panel"]


def _row(number: int, cells: tuple[Cell, ...]) -> bytes:
    """One row of any cells, each a value and its style."""
    look = tuple(sheet.Face("", sheet.letters(place), style, 0) for place, (_, style) in enumerate(cells))
    arrays = [pa.array([value], pa.int64() if isinstance(value, int) else pa.string()) for value, _ in cells]
    return bytes(sheet.rows(look, number, pa.RecordBatch.from_arrays(arrays, [face.letters for face in look])))

"""One worksheet's XML, streamed: frozen header with units, typed cells, a filter over all rows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.table import Column
from app.write.cells import LONGEST, Parts, distinct, filled, joined, moments, numbers, texts, weave
from app.write.note import header
from app.write.package import MAIN, RELATED
from app.write.safe import disarm

HEADER, WRAPPED = 1, 2
CODES = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "#,##0.00", "#,##0.00####", "#,##0", "#,##0.00##", "0.0%")
LINK = 3 + 2 * len(CODES)
_CODE = {"date": 0, "time": 1, "money": 2, "price": 3, "count": 4, "ratio": 6}
_WIDTH = {"text": 8, "date": 12, "time": 20, "money": 18, "price": 14, "quantity": 14, "ratio": 10, "count": 10}
_CUSTOM = 164
_EPOCH = 25_569
_FIRST, _AFTER = 61, 2_958_466
_OPEN, _CLOSE = ' t="inlineStr"><is><t>', "</t></is></c>"


@dataclass(frozen=True, slots=True)
class Face:
    """How a column looks: its header, letters, cell style and width in characters."""

    header: str
    letters: str
    style: int
    width: int


def faces(columns: tuple[Column, ...], sample: pa.RecordBatch) -> tuple[Face, ...]:
    """A face a column, judged by its kind and a first batch of its values."""
    return tuple(
        Face(header(column), letters(place), _style(column, values), _width(column, values))
        for place, (column, values) in enumerate(zip(columns, sample.columns, strict=True))
    )


def letters(place: int) -> str:
    """A column's letters from its place, counted from 0."""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def head(look: tuple[Face, ...], *, selected: bool) -> bytes:
    """All before the rows: the frozen pane, the widths and the header row; on paper a page is as wide as the sheet."""
    tab = ' tabSelected="1"' if selected else ""
    widths = "".join(f'<col min="{n}" max="{n}" width="{f.width}" customWidth="1"/>' for n, f in enumerate(look, 1))
    names = _inline(pa.array([face.header for face in look], pa.string())).to_pylist()
    cells = "".join(f'<c r="{f.letters}1" s="{HEADER}"{name}' for f, name in zip(look, names, strict=True))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}" '
        f'xmlns:r="{RELATED}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
        f'<sheetView{tab} workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        f'state="frozen"/></sheetView></sheetViews><cols>{widths}</cols><sheetData><row r="1">{cells}</row>'
    ).encode()


def rows(look: tuple[Face, ...], first: int, batch: pa.RecordBatch) -> pa.Buffer:
    """The batch's rows; the first of them is the sheet's row `first`."""
    if not batch.num_rows:
        return pa.py_buffer(b"")
    number = numbers(pa.array(np.arange(first, first + batch.num_rows)))
    parts: Parts = ['<row r="', number, '">']
    for face, values in zip(look, batch.columns, strict=True):
        parts += [f'<c r="{face.letters}', number, '"', *filled(_cell(values, face.style), "/>")]
    return weave([*parts, "</row>"], batch.num_rows)


def tail(area: str, *, links: str = "", drawing: str = "") -> bytes:
    """All after the rows: the filter over `area`, if one is wanted, hyperlinks, and a drawing."""
    chosen = f'<autoFilter ref="{area}"/>' if area else ""
    linked = f"<hyperlinks>{links}</hyperlinks>" if links else ""
    paper = '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    drawn = f'<drawing r:id="{drawing}"/>' if drawing else ""
    return f"</sheetData>{chosen}{linked}{paper}{drawn}</worksheet>".encode()


def area(look: tuple[Face, ...], rows: int, fixed: str = "") -> str:
    """The cells of a header and so many rows below it: `A1:H4`, or `$A$1:$H$4`."""
    return f"{fixed}A{fixed}1:{fixed}{look[-1].letters}{fixed}{rows + 1}"


def styles() -> str:
    """The stylesheet: plain, header and wrapped text, each number format in black and with red negatives, a link."""
    codes = [*CODES, *(f"{code};[Red]-{code}" for code in CODES)]
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{code}"/>' for n, code in enumerate(codes, _CUSTOM))
    wrap = '<alignment vertical="top" wrapText="1"/>'
    numbered = [_xf(n) for n, _ in enumerate(codes, _CUSTOM)]
    faces = [_xf(0), _xf(0, wrap, font=1, fill=2), _xf(0, wrap), *numbered, _xf(0, wrap, font=2)]
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(codes)}">{formats}</numFmts>'
        '<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font>'
        '<font><u/><sz val="11"/><color rgb="FF1B69CC"/><name val="Calibri"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill><fill><patternFill patternType="solid"><fgColor rgb="FFE7EAEE"/></patternFill></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(faces)}">{"".join(faces)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _xf(number: int, inner: str = "", font: int = 0, fill: int = 0) -> str:
    marks = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"'
    look = f'numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0"'
    return f"<xf {look} {marks}>{inner}</xf>"


def _style(column: Column, values: pa.Array) -> int:
    if column.kind == "text":
        return 0
    if column.kind == "ratio" and column.unit != "%":
        code = CODES.index("#,##0.00####")
    else:
        code = _CODE[column.kind] if column.kind in _CODE else 4 if _whole(values) else 5
    return 3 + code + (len(CODES) if column.signed else 0)


def _whole(values: pa.Array) -> bool:
    return pa.types.is_integer(values.type) or pc.all(pc.equal(pc.floor(values), values)).as_py() is not False


def _width(column: Column, values: pa.Array) -> int:
    longest = pc.max(pc.utf8_length(values)).as_py() or 0 if column.kind == "text" else 0
    return min(max(_WIDTH[column.kind], len(header(column)) + 3, longest + 2), 60)


def _cell(values: pa.Array, style: int) -> Parts:
    mark = f' s="{style}"' if style else ""
    if pa.types.is_string(values.type):
        empty = pc.equal(values, "")
        values = pc.if_else(empty, None, values) if pc.any(empty).as_py() else values
        return [mark, *texts(values, _inline, _OPEN, _CLOSE)]
    if pa.types.is_date(values.type):
        return [distinct(values, lambda days: _dated(days, pc.add(days.cast(pa.int32()), _EPOCH), mark))]
    if pa.types.is_timestamp(values.type):
        micros = values.cast(pa.int64()).cast(pa.float64(), safe=False)
        return [_dated(values, pc.add(pc.divide(micros, 86_400e6), _EPOCH), mark)]
    return [f"{mark}><v>", numbers(values), "</v></c>"]


def _dated(values: pa.Array, serials: pa.Array, mark: str) -> pa.Array:
    """Serial numbers of the 1900 system; text outside March 1900 to December 9999, where spreadsheets disagree."""
    cells = joined([f"{mark}><v>", numbers(serials), "</v></c>"])
    inside = pc.and_(pc.greater_equal(serials, _FIRST), pc.less(serials, _AFTER))
    if pc.all(inside).as_py() is not False:
        return cells
    return pc.if_else(inside, cells, joined([_OPEN, *moments(values), _CLOSE]))


def _inline(text: pa.Array) -> pa.Array:
    """Finished cells of any text: disarmed, at most 32,767 characters, with nothing XML 1.0 forbids."""
    text = disarm(text)
    if (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST:
        text = pa.array([value and _cut(value) for value in text.to_pylist()], pa.string())
    for old, new in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = pc.replace_substring(text, old, new)
    text = pc.replace_substring_regex(text, r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1")
    text = pc.replace_substring_regex(text, r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]", "\ufffd")
    return pc.binary_join_element_wise(_OPEN.replace("<t>", '<t xml:space="preserve">'), text, _CLOSE, "")


def _cut(value: str) -> str:
    units = value.encode("utf-16-le")
    return value if len(units) <= 2 * LONGEST else units[: 2 * LONGEST - 2].decode("utf-16-le", "ignore") + "…"

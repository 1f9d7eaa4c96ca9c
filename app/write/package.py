"""An Excel file around its sheets: the parts that name, type and relate the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet as the reader finds it: the name on its tab, its part under `xl/worksheets`, the cells of its filter."""

    name: str
    part: str
    filtered: str = ""


def put(archive: ZipFile, path: str, text: str | bytes) -> None:
    """Add a part, dated 1980 so that an export repeated is the same file."""
    archive.writestr(ZipInfo(path), text, ZIP_DEFLATED)


def contents(others: Mapping[str, str] | None = None) -> dict[str, str]:
    """What an Excel file begins with; `others` are parts besides sheets and styles, by path, and what they are."""
    kinds = {"xl/workbook.xml": "spreadsheetml.sheet.main", "xl/styles.xml": "spreadsheetml.styles", **(others or {})}
    typed = "".join(f'<Override PartName="/{path}" ContentType="{_TYPE}.{kind}+xml"/>' for path, kind in kinds.items())
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_TYPE}.spreadsheetml.worksheet+xml"/>{typed}</Types>'
    )
    return {"[Content_Types].xml": types, "_rels/.rels": relations([("officeDocument", "xl/workbook.xml")])}


def describe(tabs: Sequence[Tab]) -> dict[str, str]:
    """The workbook itself: its tabs in order, and where their parts are."""
    names = "".join(f'<sheet name={quoteattr(tab.name)} sheetId="{n}" r:id="rId{n}"/>' for n, tab in enumerate(tabs, 1))
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"{escape(f'{quoted(tab.name)}!{tab.filtered}')}</definedName>"
        for n, tab in enumerate(tabs)
        if tab.filtered
    )
    defined = f"<definedNames>{filters}</definedNames>" if filters else ""
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{names}</sheets>{defined}</workbook>'
    targets = [*(("worksheet", f"worksheets/{tab.part}.xml") for tab in tabs), ("styles", "styles.xml")]
    return {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": relations(targets)}


def relations(targets: Iterable[tuple[str, str]]) -> str:
    """A relations part: kind and target of each, numbered from rId1."""
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATED}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def quoted(name: str) -> str:
    """A sheet's name as formulas and links write it."""
    return "'" + name.replace("'", "''") + "'"

"""What a workbook is made of: parts, sheets, formats, and the provenance beside the numbers."""

import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pytest

from app.table import Column, Table
from app.write import workbook
from tests.app.test_write import ABOUT, COLUMNS, FRAME, TABLE, file_of, texts_of, xlsx_rows

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts_of(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def counted(rows):
    return Table(pd.DataFrame({"n": range(rows)}), (Column("n", "N", "count"),), ABOUT)


@pytest.fixture
def short_sheets(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 5)


def test_every_part_is_well_formed_typed_and_reached_by_a_relation():
    parts = parts_of(file_of(TABLE, "xlsx"))
    roots = {name: ET.fromstring(text) for name, text in parts.items()}  # noqa: S314 our own file
    typed = [child.get("PartName") or child.get("Extension") for child in roots["[Content_Types].xml"]]
    assert typed == ["rels", "xml", "/xl/workbook.xml", "/xl/styles.xml"]
    targets = [f"xl/{link.get('Target')}" for link in roots["xl/_rels/workbook.xml.rels"]]
    assert sorted(
        [*targets, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml"]
    ) == (sorted(parts))
    assert next(iter(parts)) == "[Content_Types].xml"


def test_the_elements_of_a_sheet_stand_in_the_order_the_schema_wants():
    sheet = ET.fromstring(parts_of(file_of(TABLE, "xlsx"))["xl/worksheets/sheet1.xml"])  # noqa: S314
    order = ["sheetPr", "sheetViews", "cols", "sheetData", "autoFilter", "pageSetup"]
    assert [child.tag.removeprefix(MAIN) for child in sheet] == order
    cells = [cell.get("r") for cell in sheet.iter(f"{MAIN}c")]
    assert cells[:9] == [f"{letter}1" for letter in "ABCDEFGH"] + ["A2"]
    assert [row.get("r") for row in sheet.iter(f"{MAIN}row")] == ["1", "2", "3", "4"]


def test_cells_wear_the_format_of_their_kind():
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(TABLE, "xlsx")))["Data"]
    assert [cell.number_format for cell in sheet[2]] == [
        "General", "#,##0.00;[Red]-#,##0.00", "#,##0.00####", "#,##0.00##", "0.0%", "#,##0", "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
    ]  # fmt: skip
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "n", "n", "d", "d"]


def test_whole_quantities_show_no_decimals():
    table = Table(pd.DataFrame({"q": [100.0, -7.0]}), (Column("q", "Quantity", "quantity"),), ABOUT)
    assert openpyxl.load_workbook(io.BytesIO(file_of(table, "xlsx")))["Data"]["A2"].number_format == "#,##0"


def test_the_header_is_bold_frozen_filtered_and_wide_enough():
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(TABLE, "xlsx")))["Data"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H4"
    assert all(cell.font.bold for cell in sheet[1])
    assert all(sheet.column_dimensions[cell.column_letter].width >= len(cell.value) for cell in sheet[1])


def test_gaps_and_empty_text_are_blank_cells():
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(texts_of(["a", None, ""]), "xlsx")))["Data"]
    assert [cell.data_type for (cell,) in sheet.iter_rows(min_row=3)] == ["n", "n"]
    assert b"nan" not in parts_of(file_of(TABLE, "xlsx"))["xl/worksheets/sheet1.xml"].lower()


@pytest.mark.parametrize("text", ["after ", " before", "two\nlines "])
def test_text_keeps_its_blanks(text):
    sheet = parts_of(file_of(texts_of([text]), "xlsx"))["xl/worksheets/sheet1.xml"].decode()
    assert f'<t xml:space="preserve">{text}</t>' in sheet


def test_days_that_spreadsheets_disagree_about_are_text():
    days = [date(1899, 12, 31), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31), None]
    table = Table(pd.DataFrame({"d": days}), (Column("d", "Day", "date"),), ABOUT)
    assert [row[0] for row in xlsx_rows(file_of(table, "xlsx"))[1:]] == [
        "1899-12-31", "1900-02-28", datetime(1900, 3, 1), datetime(9999, 12, 31), None,  # noqa: DTZ001
    ]  # fmt: skip


def test_instants_before_1900_are_text():
    frame = pd.DataFrame({"t": pd.to_datetime([datetime(1850, 1, 1, tzinfo=UTC), None])})
    table = Table(frame, (Column("t", "Seen", "time"),), ABOUT)
    assert [row[0] for row in xlsx_rows(file_of(table, "xlsx"))[1:]] == ["1850-01-01T00:00:00.000000Z", None]


def test_text_longer_than_a_cell_holds_is_cut_with_an_ellipsis():
    long, wide = "x" * 40_000, "🙂" * 20_000
    found = [row[0] for row in xlsx_rows(file_of(texts_of([long, wide, "=" + long]), "xlsx"))[1:]]
    assert found[0] == "x" * 32_766 + "…"
    assert found[1] == "🙂" * 16_383 + "…"
    assert all(len(text.encode("utf-16-le")) // 2 <= 32_767 for text in found)


def test_columns_are_lettered_past_z():
    names = [f"c{n}" for n in range(703)]
    table = Table(pd.DataFrame([range(703)], columns=names), tuple(Column(n, n, "count") for n in names), ABOUT)
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(table, "xlsx")))["Data"]
    assert (sheet["Z2"].value, sheet["AA2"].value, sheet["AAA2"].value) == (25, 26, 702)


@pytest.mark.usefixtures("short_sheets")
def test_rows_over_the_sheet_limit_go_on_and_the_provenance_says_where():
    raw = file_of(counted(10), "xlsx")
    assert openpyxl.load_workbook(io.BytesIO(raw)).sheetnames == ["Data", "Data 2", "Data 3", "Provenance"]
    sheets = [xlsx_rows(raw, name) for name in ("Data", "Data 2", "Data 3")]
    assert [[row[0] for row in sheet] for sheet in sheets] == [["N", 0, 1, 2, 3], ["N", 4, 5, 6, 7], ["N", 8, 9]]
    told = xlsx_rows(raw, "Provenance")
    assert ("Note", "A sheet holds 4 rows at most; the rows go on over 3 sheets") in told
    assert [row for row in told if row[0].startswith("Data")] == [
        ("Data", "rows 1 to 4"), ("Data 2", "rows 5 to 8"), ("Data 3", "rows 9 to 10"),
    ]  # fmt: skip


@pytest.mark.usefixtures("short_sheets")
def test_rows_that_fill_a_sheet_exactly_need_no_other():
    raw = file_of(counted(4), "xlsx")
    assert openpyxl.load_workbook(io.BytesIO(raw)).sheetnames == ["Data", "Provenance"]
    assert all("Note" not in row or "sheet" not in row[1] for row in xlsx_rows(raw, "Provenance"))


@pytest.mark.usefixtures("short_sheets")
def test_each_sheet_filters_its_own_rows():
    book = openpyxl.load_workbook(io.BytesIO(file_of(counted(6), "xlsx")))
    assert [book[name].auto_filter.ref for name in ("Data", "Data 2")] == ["A1:A5", "A1:A3"]


def test_a_sheet_that_grows_too_big_for_its_zip_entry_goes_on_too(monkeypatch):
    monkeypatch.setattr(workbook, "_BATCH", 100)
    monkeypatch.setattr(workbook, "_SHEET_BYTES", 20_000)
    raw = file_of(counted(3_000), "xlsx")
    names = openpyxl.load_workbook(io.BytesIO(raw), read_only=True).sheetnames
    assert names[:2] == ["Data", "Data 2"]
    total = sum(len(pd.read_excel(io.BytesIO(raw), sheet_name=name, engine="calamine")) for name in names[:-1])
    assert total == 3_000


def test_the_provenance_sheet_defends_the_numbers():
    assert xlsx_rows(file_of(TABLE, "xlsx"), "Provenance") == [
        ("Item", "Value"),
        ("Panel", "Positions"),
        ("Key", "positions-tree-by-desk"),
        ("Definition", "What each desk holds"),
        ("As of", "2022-12-28"),
        ("Compared with", "2022-12-27"),
        ("Known at", "2022-12-28T21:05:00Z"),
        ("Snapshot", "000017"),
        ("Base currency", "USD"),
        ("Filter", "desk: Vol"),
        ("Setting", "VaR level: 99%"),
        ("Convention", "P&L: day over day"),
        ("Source", "prices-2022.csv.gz"),
        ("Source", "ECB, reference rates"),
        ("Coverage", "8 of 10 priced (80.0%), 1 carried"),
        ("Coverage", "no price: 2"),
        ("Note", "curves are synthetic"),
        ("Reader", "Amy Shaw"),
        ("Exported at", "2023-01-03T08:30:00Z"),
        ("Release", "0.1.0"),
    ]


def test_a_tree_shows_its_levels_beside_the_rows():
    tree = Table(FRAME.assign(level=[0, 1, 2]), COLUMNS, ABOUT)
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(tree, "xlsx")))["Data"]
    assert [cell.value for cell in sheet["A"]] == ["Level", 0, 1, 2]

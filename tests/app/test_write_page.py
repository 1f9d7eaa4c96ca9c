"""A page as one workbook: contents and provenance first, a sheet a panel, native charts, and a word for every gap."""

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from app.table import Column, Table
from app.write import bundle
from app.write.batches import from_frame
from app.write.bundle import Cover, Part, unique
from app.write.chart import charted
from tests.app.test_write import ABOUT, NOW, TABLE

COVER = Cover("P&L", "/pnl?desk=Vol", "Amy Shaw", NOW)
DAYS = [day.date() for day in pd.bdate_range("2022-12-01", periods=5)]


def part_of(shown, title="Positions", **more):
    return Part(title, "what is held", columns=shown.columns, about=shown.about, batches=[from_frame(shown)], **more)


def drawn(figure, frame, columns, **options):
    table, chart = charted(figure, Table(pd.DataFrame(frame), columns, ABOUT), options)
    return part_of(table, chart=chart, table=table)


def money(name, label):
    return Column(name, label, "money", "USD", signed=True)


def file_of(*parts):
    return b"".join(bundle.write(COVER, parts))


def book_of(*parts):
    return openpyxl.load_workbook(io.BytesIO(file_of(*parts)))


def rows_of(book, name="Contents"):
    return list(book[name].iter_rows(values_only=True))


WATERFALL = (Column("part", "Part", "text"), money("amount", "P&L"))
HISTORY = (Column("day", "Day", "date"), money("pnl", "P&L"), money("cumulative", "Cumulative P&L"))


def test_the_contents_come_first_and_link_to_a_sheet_a_panel():
    book = book_of(part_of(TABLE), part_of(TABLE, "Other"))
    assert book.sheetnames == ["Contents", "Positions", "Other"]
    assert rows_of(book)[:3] == [
        ("Sheet", "What it shows", "Rows", "Remark"),
        ("Positions", "what is held", 3, None),
        ("Other", "what is held", 3, None),
    ]
    links = [cell.hyperlink.location for (cell,) in book["Contents"]["A2:A3"]]
    assert links == ["'Positions'!A1", "'Other'!A1"]


def test_a_sheet_is_typed_formatted_frozen_and_filtered_as_in_a_workbook_of_one_panel():
    sheet = book_of(part_of(TABLE))["Positions"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H4"
    assert sheet["B1"].value == "Day P&L (USD)"
    assert sheet["B2"].value == 1234567.891
    assert sheet["B2"].number_format == "#,##0.00;[Red]-#,##0.00"
    assert sheet["G2"].is_date


def test_what_is_true_of_all_sheets_is_said_once_and_the_rest_by_sheet():
    other = replace(TABLE, about=replace(ABOUT, key="other-key", definition="Another thing"))
    told = [row[:2] for row in rows_of(book_of(part_of(TABLE), part_of(other, "Other")))]
    shared = told[told.index(("All sheets", None)) :]
    for line in (("Page", "P&L"), ("Address", "/pnl?desk=Vol"), ("Reader", "Amy Shaw"), ("Snapshot", "000017")):
        assert shared.count(line) == 1, line
    assert ("Exported at", "2023-01-03T08:30:00Z") in shared
    assert told.index(("Other", None)) < told.index(("Definition", "Another thing"))
    assert told.count(("Coverage", "no price: 2")) == 1


def test_a_panel_without_an_answer_is_a_line_with_its_reason_and_no_sheet():
    book = book_of(Part("Limits", "what is used", reason="not open to you"), part_of(TABLE))
    assert book.sheetnames == ["Contents", "Positions"]
    assert rows_of(book)[1] == ("Limits", "what is used", None, "not open to you")
    assert book["Contents"]["A2"].hyperlink is None


def test_a_page_without_any_answer_still_says_whose_and_when():
    told = rows_of(book_of(Part("Limits", "", reason="not open to you")))
    assert ("Reader", "Amy Shaw", None, None) in told
    assert ("Exported at", "2023-01-03 08:30:00 UTC", None, None) in told


@pytest.mark.parametrize(
    ("title", "taken", "name"),
    [
        ("P&L by desk", [], "P&L by desk"),
        ("Day/Night [a]: b?", [], "Day Night a b"),
        ("x" * 40, [], "x" * 31),
        ("x" * 40, ["X" * 31], "x" * 29 + " 2"),
        ("Positions", ["positions", "Positions 2"], "Positions 3"),
        ("'quoted'", [], "quoted"),
        ("History", [], "History 2"),
        ("///", [], "Panel"),
    ],
)
def test_a_sheet_has_a_name_that_excel_takes(title, taken, name):
    assert unique(title, taken) == name


def test_awkward_names_are_linked_and_filtered_all_the_same():
    book = book_of(part_of(TABLE, "Tom's <P&L>"))
    assert book.sheetnames[1] == "Tom's <P&L>"
    assert book["Contents"]["A2"].hyperlink.location == "'Tom''s <P&L>'!A1"
    assert book["Tom's <P&L>"].auto_filter.ref == "A1:H4"


def test_text_cannot_become_a_formula_on_the_contents_either():
    book = book_of(Part("=1+1", "@SUM(A1)", reason="+x"))
    assert [cell.value for cell in book["Contents"][2][:2]] == ["'=1+1", "'@SUM(A1)"]


def test_a_long_list_ends_at_the_limit_and_says_so(monkeypatch):
    monkeypatch.setattr(bundle, "MOST_ROWS", 5)
    asked = []

    def batches():
        for start in range(0, 10**9, bundle._BATCH):
            asked.append(start)
            yield pa.RecordBatch.from_pydict({"n": list(range(start, start + bundle._BATCH))})

    long = Part("Trades", "", columns=(Column("n", "N", "count"),), about=ABOUT, batches=batches())
    book = book_of(long)
    assert [row[0] for row in rows_of(book, "Trades")] == ["N", 0, 1, 2, 3, 4]
    assert rows_of(book)[1][2:] == (5, "The first 5 rows; the panel's own file has them all")
    assert len(asked) < 10


def test_every_part_is_well_formed_typed_and_reached():
    with zipfile.ZipFile(
        io.BytesIO(file_of(drawn("line", {"day": DAYS, "pnl": [1.0] * 5}, HISTORY[:2]), part_of(TABLE, "Other")))
    ) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        roots = {name: ET.fromstring(archive.read(name)) for name in names}  # noqa: S314 our own file
    typed = {child.get("PartName") for child in roots["[Content_Types].xml"]} - {None}
    assert typed == {"/xl/workbook.xml", "/xl/styles.xml", "/xl/charts/chart1.xml", "/xl/drawings/drawing1.xml"}
    assert "xl/worksheets/_rels/sheet1.xml.rels" in names
    assert "xl/worksheets/_rels/sheet2.xml.rels" not in names


def chart_of(part):
    sheet = book_of(part)["Positions"]
    (chart,) = sheet._charts
    return sheet, chart


def references(chart):
    return [series.val.numRef.f for kind in (chart, *chart._charts[1:]) for series in kind.series]


def test_a_line_is_drawn_from_the_cells_of_its_columns():
    frame = {"day": DAYS, "pnl": [1.0, None, 3.0, 4.0, 5.0], "cumulative": [1.0] * 5}
    sheet, chart = chart_of(drawn("line", frame, HISTORY, y=("pnl",)))
    assert references(chart) == ["Positions!$B$2:$B$6"]
    assert sheet["B1"].value == "P&L (USD)"


def test_daily_bars_draw_the_last_days_and_the_running_sum_as_a_line():
    frame = {"day": DAYS, "pnl": [1.0, -2.0, 3.0, 4.0, 5.0], "cumulative": [1.0, -1.0, 2.0, 6.0, 11.0]}
    _, chart = chart_of(drawn("bars", frame, HISTORY, last=3))
    assert references(chart) == ["Positions!$B$4:$B$6", "Positions!$C$4:$C$6"]


@pytest.mark.parametrize("steps", [[5.0, -8.0, 4.0], [-5.0, 8.0, -10.0, 2.0], [3.0, 0.0, -3.0], [-1.0]])
def test_the_stacks_of_a_waterfall_stand_where_its_steps_do(steps):
    names = [f"p{n}" for n in range(len(steps))]
    frame = {"part": [*names, "Total"], "amount": [*steps, sum(steps)]}
    part = drawn("waterfall", frame, WATERFALL)
    stacks = part.table.frame.filter(like="chart_").fillna(0.0).to_dict("records")
    starts = [*(sum(steps[:n]) for n in range(len(steps))), 0.0]
    for start, step, stack in zip(starts, frame["amount"], stacks, strict=True):
        base, heights = stack.pop("chart_base"), stack.values()
        above = sum(height for height in heights if height > 0)
        below = sum(height for height in heights if height < 0)
        ends = [max(base, 0.0), max(base, 0.0) + above] if above else []
        ends += [min(base, 0.0), min(base, 0.0) + below] if below else []
        assert (min(ends, default=0.0), max(ends, default=0.0)) == (
            pytest.approx(min(start, start + step) if step else 0.0),
            pytest.approx(max(start, start + step) if step else 0.0),
        )
    assert chart_of(part)[1].grouping == "stacked"


def test_a_waterfalls_columns_belong_to_its_rows_and_are_sorted_with_them():
    frame = {"part": ["a", "b", "Total"], "amount": [5.0, -8.0, -3.0]}
    sheet, chart = chart_of(drawn("waterfall", frame, WATERFALL))
    assert sheet.auto_filter.ref == sheet.dimensions
    assert len(references(chart)) == sheet.max_column - 2


def test_a_histogram_counts_every_scenario_in_a_block_of_its_own():
    frame = {"day": DAYS * 40, "pnl": [float(n % 37) for n in range(200)]}
    sheet, chart = chart_of(drawn("histogram", frame, HISTORY[:2]))
    counts = [row[4] for row in sheet.iter_rows(min_row=2, values_only=True) if row[4] is not None]
    assert sum(counts) == 200
    assert references(chart) == [f"Positions!$E$2:$E${len(counts) + 1}"]
    assert sheet.auto_filter.ref == "A1:B201"


def test_a_term_structure_has_a_column_a_series_at_each_tenor():
    columns = (Column("curve", "Curve", "text"), Column("tenor", "Tenor", "text"), money("pv01", "PV01"))
    frame = {"curve": ["USD", "EUR", "USD"], "tenor": ["1Y", "1Y", "2Y"], "pv01": [1.0, 2.0, 3.0]}
    sheet, _ = chart_of(drawn("term", frame, columns, series="curve", value="pv01"))
    block = [row[3:] for row in sheet.iter_rows(max_row=3, values_only=True)]
    assert block == [("Chart: tenor", "Chart: USD (USD)", "Chart: EUR (USD)"), ("1Y", 1, 2), ("2Y", 3, None)]


def test_the_loss_line_of_a_backtest_is_the_negative_of_its_var():
    columns = (HISTORY[0], money("actual", "Actual P&L"), Column("var", "VaR", "money", "USD"))
    sheet, chart = chart_of(drawn("exceptions", {"day": DAYS, "actual": [1.0] * 5, "var": [9.0] * 5}, columns))
    assert [cell.value for cell in sheet[2]][1:] == [1, 9, -9]
    assert references(chart) == ["Positions!$B$2:$B$6", "Positions!$D$2:$D$6"]


def test_what_a_table_says_better_has_no_chart():
    assert charted("tree", TABLE, {}) == (TABLE, None)
    assert charted("line", replace(TABLE, frame=TABLE.frame.head(0)), {})[1] is None

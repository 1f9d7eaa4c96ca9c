"""Every finding names the line of the file, however bad other lines are."""

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data import delimited, sources
from data.mapping import Mapping
from data.source import Limits
from tests.data.desk import Desk

HEADER = "counterparty,name,country\n"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def opened(content, folder):
    file = Path(folder) / "a.csv"
    file.write_bytes(content.encode())
    with duckdb.connect() as connection:
        sources.open_source(connection, file, Mapping(), Limits())
        rows = connection.execute("SELECT * FROM incoming ORDER BY source_row").fetchall()
        return rows, connection.execute("SELECT source_row, line FROM malformed").fetchall()


@pytest.mark.parametrize(
    ("content", "rows", "malformed"),
    [
        ("a,b\n1,2\n3\n4,5\n", [(2, "1", "2"), (4, "4", "5")], [(3, "3")]),
        ("a,b\n1,2\n3,4,5\n6,7", [(2, "1", "2"), (4, "6", "7")], [(3, "3,4,5")]),
        ("a,b\n\n1,2\n \n\n3\n4,5\n\n", [(3, "1", "2"), (7, "4", "5")], [(6, "3")]),
        ("a,b\r\n1,2\n3,4\r\n5\r\n", [(2, "1", "2"), (3, "3", "4")], [(4, "5")]),
        ('a,b\n1,"2\n3,4\n5,6\n', [(3, "3", "4"), (4, "5", "6")], [(2, '1,"2')]),
        ('a,b\n1,"2"3\n4,5\n', [(3, "4", "5")], [(2, '1,"2"3')]),
        ('a,b\n1,5" pipe\n2,3\n', [(2, "1", '5" pipe'), (3, "2", "3")], []),
        ('a,b\n1,"two\nlines"\n3\n4,5\n', [(2, "1", "two\nlines"), (5, "4", "5")], [(4, "3")]),
        ('a,b\n"x\n\ny","""z"""\n"p\nq",r\n1,2\n', [(2, "x\n\ny", '"z"'), (5, "p\nq", "r"), (7, "1", "2")], []),
        ('a,b\n1,"2,\n\nx\n3,4\n', [(5, "3", "4")], [(2, '1,"2,'), (4, "x")]),
        ('a|b\n"1|2"|3\n4\n', [(2, "1|2", "3")], [(3, "4")]),
        ('a,b\n1,2,,\n"3" , "4"\n5\n', [(2, "1", "2"), (3, "3", "4")], [(4, "5")]),
        ('a,b\n"",""\n1,2\n3\n', [(2, "", ""), (3, "1", "2")], [(4, "3")]),
    ],
)
def test_a_bad_line_is_set_aside_and_the_others_keep_their_number(tmp_path, content, rows, malformed):
    assert opened(content, tmp_path) == (rows, malformed)


ONE_LINE = st.text(st.sampled_from('ab" ,;é'), max_size=5)
LINES = st.text(st.sampled_from('ab"\n ;é'), max_size=5)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(LINES, ONE_LINE, LINES), min_size=1, max_size=6))
def test_quoted_values_are_read_as_written_with_the_line_their_row_begins_on(rows):
    lines = ['"{}","{}","{}"'.format(*(cell.replace('"', '""') for cell in row)) for row in rows]
    begins = [2 + sum(line.count("\n") + 1 for line in lines[:row]) for row in range(len(rows))]
    with TemporaryDirectory() as folder:
        found, malformed = opened("\n".join(["a,b,c", *lines, ""]), folder)
    assert [(row, *(cell or "" for cell in cells)) for row, *cells in found] == [
        (row, *cells) for row, cells in zip(begins, rows, strict=True)
    ]
    assert not malformed


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab",'), max_size=6), max_size=8))
def test_both_ways_of_reading_agree_on_files_without_faults(lines):
    content = "a,b\n" + "".join(f"{line}\n" for line in lines)
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "a.csv"
        file.write_text(content)
        if delimited._read_rows(connection, file, ",", 2, len(lines)):
            fast = connection.execute("SELECT source_row, coalesce(c1, ''), coalesce(c2, '') FROM incoming").fetchall()
            slow = opened(content + "\n", folder)
            assert slow == (fast, [])


def test_a_malformed_line_is_quarantined_as_it_stands(desk):
    summary = desk.load("counterparties", HEADER + "X,Ex,GB\nY,Why\nZ,Zed,DE\n")
    assert (summary.rows_read, summary.rows_loaded, summary.rows_rejected) == (3, 2, 1)
    assert desk.findings() == [(3, "(line)", "Y,Why", "the line has 2 values and the header 3")]


def test_rows_after_blank_broken_and_joined_lines_are_named_by_their_line(desk):
    desk.load("counterparties", HEADER + 'A,"two\nlines",GB\n\nbroken\nB,b,England\n')
    assert [(line, column) for line, column, _, _ in desk.findings()] == [(5, "(line)"), (6, "country")]


def test_a_parquet_row_is_named_as_if_the_header_were_line_one(desk):
    file = desk.folder / "a.parquet"
    table = pa.table({"counterparty": [f"C{i}" for i in range(5000)], "country": ["GB"] * 4999 + ["uk"]})
    pq.write_table(table, file, row_group_size=700)
    assert desk.load("counterparties", file).rows_loaded == 4999
    assert desk.findings()[0][:3] == (5001, "country", "uk")


def test_a_sheet_row_is_named_by_its_number_and_blank_rows_are_none(desk):
    with xlsxwriter.Workbook(desk.folder / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in [(0, ["counterparty", "country"]), (1, ["X", "GB"]), (4, ["Y", "uk"])]:
            sheet.write_row(row, 0, cells)
    summary = desk.load("counterparties", desk.folder / "a.xlsx")
    assert (summary.rows_read, summary.rows_loaded) == (2, 1)
    assert desk.findings()[0][:3] == (5, "country", "uk")


def test_cells_of_a_sheet_are_read_as_a_csv_would_write_them(desk):
    with xlsxwriter.Workbook(desk.folder / "a.xlsx", {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Rates")
        sheet.write_row(0, 0, ["base", "quote", "rate_date", "rate", "known_from", "note"])
        sheet.write_row(1, 0, ["EUR", "USD"])
        sheet.write_datetime(1, 2, date(2024, 6, 3))
        sheet.write_number(1, 3, 2)
        sheet.write_datetime(1, 4, datetime(2024, 6, 3, 11, 30))  # noqa: DTZ001 a sheet knows no time zone
        sheet.write_boolean(1, 5, True)
    desk.load("fx", desk.folder / "a.xlsx", strict=True)
    assert desk.ask("SELECT rate_date::VARCHAR, rate::VARCHAR, known_from::VARCHAR FROM fx_rate") == [
        ("2024-06-03", "2.00000000", "2024-06-03 11:30:00+00")
    ]

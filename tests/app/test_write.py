"""Files read back by readers that are not ours: the csv module, pandas, json, pyarrow, openpyxl, calamine."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import write
from app.table import Column, Coverage, Provenance, Table

NOW = datetime(2023, 1, 3, 8, 30, tzinfo=UTC)
ABOUT = Provenance(
    key="positions-tree-by-desk",
    title="Positions",
    definition="What each desk holds",
    as_of="2022-12-28",
    compared_with="2022-12-27",
    known_at="2022-12-28T21:05:00Z",
    snapshot="000017",
    base_currency="USD",
    filters=(("desk", "Vol"),),
    settings=(("VaR level", "99%"),),
    conventions=(("P&L", "day over day"),),
    sources=("prices-2022.csv.gz", "ECB, reference rates"),
    coverage=Coverage(held=10, priced=8, carried=1, reasons=(("no price", 2),)),
    release="0.1.0",
    notes=("curves are synthetic",),
)
COLUMNS = (
    Column("desk", "Desk", "text"),
    Column("day", "Day P&L", "money", "USD", signed=True),
    Column("price", "Price", "price", "USD"),
    Column("quantity", "Quantity", "quantity"),
    Column("share", "Share of gross", "ratio", "%"),
    Column("trades", "Trades", "count"),
    Column("expiry", "Expiry", "date"),
    Column("seen", "Seen", "time"),
)
HEADERS = [
    "Desk", "Day P&L (USD)", "Price (USD)", "Quantity", "Share of gross (1 = 100%)", "Trades", "Expiry", "Seen (UTC)",
]  # fmt: skip
FRAME = pd.DataFrame(
    {
        "desk": ["Vol", "Long/Short", None],
        "day": [1234567.891, -0.1, np.nan],
        "price": [99.99, np.inf, 1e-7],
        "quantity": [-500.0, 1e16, 0.25],
        "share": [0.34, -0.0, -np.inf],
        "trades": [3.0, np.nan, 0.0],
        "expiry": [date(2022, 12, 30), None, date(2024, 2, 29)],
        "seen": pd.to_datetime(["2022-12-28T09:30:00.123456Z", None, "1969-12-31T23:59:59.5Z"], format="ISO8601"),
    }
)
SEEN = [datetime(2022, 12, 28, 9, 30, 0, 123456, UTC), None, datetime(1969, 12, 31, 23, 59, 59, 500000, UTC)]
ROWS = [
    ("Vol", 1234567.891, 99.99, -500.0, 0.34, 3, date(2022, 12, 30), SEEN[0]),
    ("Long/Short", -0.1, None, 1e16, 0.0, None, None, None),
    (None, None, 1e-7, 0.25, None, 0, date(2024, 2, 29), SEEN[2]),
]
TABLE = Table(FRAME, COLUMNS, ABOUT)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.none()


def file_of(table, fmt):
    return b"".join(write.stream(table, fmt, reader="Amy Shaw", exported_at=NOW))


def texts_of(values):
    return Table(pd.DataFrame({"name": pd.Series(values, dtype=object)}), (Column("name", "Name", "text"),), ABOUT)


def numbers_of(values):
    frame = pd.DataFrame({"pnl": values, "again": values}, dtype=float)
    return Table(frame, (Column("pnl", "P&L", "money"), Column("again", "Again", "price")), ABOUT)


def csv_rows(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def xlsx_rows(raw, sheet="Data"):
    return list(openpyxl.load_workbook(io.BytesIO(raw))[sheet].iter_rows(values_only=True))


def test_a_csv_reads_back_as_the_table():
    header, *rows = csv_rows(file_of(TABLE, "csv"))
    assert header == HEADERS
    assert rows == [
        ["Vol", "1234567.891", "99.99", "-500.0", "0.34", "3", "2022-12-30", "2022-12-28T09:30:00.123456Z"],
        ["Long/Short", "-0.1", "", "1e+16", "0.0", "", "", ""],
        ["", "", "1e-7", "0.25", "", "0", "2024-02-29", "1969-12-31T23:59:59.500000Z"],
    ]


def test_a_csv_quotes_text_and_nothing_else_and_ends_lines_by_crlf():
    raw = file_of(TABLE, "csv")
    assert raw.startswith(b'\xef\xbb\xbf"Desk","Day P&L (USD)"')
    assert raw.endswith(b"Z\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 4
    assert b'\r\n"Vol",1234567.891,' in raw
    assert b"\r\n,,1e-7," in raw


def test_pandas_reads_a_csv_without_being_told_anything():
    frame = pd.read_csv(io.BytesIO(file_of(TABLE, "csv")), parse_dates=["Expiry", "Seen (UTC)"])
    assert list(frame.columns) == HEADERS
    assert frame["Day P&L (USD)"].sum() == pytest.approx(1234567.791)
    assert frame["Seen (UTC)"][0] == pd.Timestamp(SEEN[0])


def test_json_reads_back_as_the_table_with_its_provenance():
    told = json.loads(file_of(TABLE, "json"))
    assert list(told) == ["about", "columns", "rows"]
    assert [column["header"] for column in told["columns"]] == HEADERS
    assert told["columns"][1] == {
        "name": "day", "label": "Day P&L", "kind": "money", "unit": "USD",
        "additive": True, "signed": True, "header": "Day P&L (USD)",
    }  # fmt: skip
    names = [column.name for column in COLUMNS]
    plain = [[v.isoformat().replace("+00:00", "Z") if isinstance(v, date) else v for v in row] for row in ROWS]
    plain[2][-1] = "1969-12-31T23:59:59.500000Z"
    assert told["rows"] == [dict(zip(names, row, strict=True)) for row in plain]
    assert told["about"]["snapshot"] == "000017"
    assert told["about"]["settings"] == {"VaR level": "99%"}
    assert told["about"]["coverage"] == {
        "held": 10,
        "priced": 8,
        "carried": 1,
        "reasons": {"no price": 2},
        "share": 0.8,
    }
    assert (told["about"]["reader"], told["about"]["exported_at"]) == ("Amy Shaw", "2023-01-03T08:30:00Z")


def test_parquet_is_typed_and_carries_units_and_provenance():
    found = pq.read_table(io.BytesIO(file_of(TABLE, "parquet")))
    assert [str(field.type) for field in found.schema] == [
        "string", "double", "double", "double", "double", "int64", "date32[day]", "timestamp[us, tz=UTC]",
    ]  # fmt: skip
    assert [tuple(row.values()) for row in found.to_pylist()] == ROWS
    assert found.schema.field("day").metadata == {b"label": b"Day P&L", b"unit": b"USD", b"kind": b"money"}
    assert json.loads(found.schema.metadata[b"parapet"])["filters"] == {"desk": "Vol"}


def test_a_workbook_reads_back_as_the_table():
    header, *rows = xlsx_rows(file_of(TABLE, "xlsx"))
    assert list(header) == HEADERS
    for found, expected in zip(rows, ROWS, strict=True):
        assert found[:6] == expected[:6]
        assert (found[6] and found[6].date()) == expected[6]
        if expected[7]:
            assert abs(found[7].replace(tzinfo=UTC) - expected[7]) < timedelta(milliseconds=1)


def test_calamine_reads_the_same_workbook():
    frame = pd.read_excel(io.BytesIO(file_of(TABLE, "xlsx")), engine="calamine")
    assert list(frame.columns) == HEADERS
    assert frame["Expiry"].tolist()[::2] == [pd.Timestamp(2022, 12, 30), pd.Timestamp(2024, 2, 29)]
    assert frame["Trades"].dropna().tolist() == [3, 0]


@pytest.mark.parametrize("fmt", write.FORMATS)
def test_a_table_without_rows_is_a_file_with_headers(fmt):
    raw = file_of(Table(FRAME.iloc[:0], COLUMNS, ABOUT), fmt)
    found = {
        "csv": lambda: csv_rows(raw),
        "xlsx": lambda: [list(row) for row in xlsx_rows(raw)],
        "json": lambda: [[column["header"] for column in json.loads(raw)["columns"]], *json.loads(raw)["rows"]],
        "parquet": lambda: [HEADERS] * (pq.read_table(io.BytesIO(raw)).column_names == [c.name for c in COLUMNS]),
    }[fmt]()
    assert found == [HEADERS]


def test_the_level_of_a_tree_comes_first_in_every_format():
    tree = Table(FRAME.assign(level=[0, 1, 2]), COLUMNS, ABOUT)
    assert [row[0] for row in csv_rows(file_of(tree, "csv"))] == ["Level", "0", "1", "2"]
    assert [row[0] for row in xlsx_rows(file_of(tree, "xlsx"))] == ["Level", 0, 1, 2]
    assert [next(iter(row.values())) for row in json.loads(file_of(tree, "json"))["rows"]] == [0, 1, 2]
    assert pq.read_table(io.BytesIO(file_of(tree, "parquet")))["level"].to_pylist() == [0, 1, 2]


@settings(deadline=None)
@given(st.lists(st.text() | st.none(), min_size=1, max_size=12))
def test_json_and_parquet_keep_any_text(values):
    table = texts_of(values)
    assert [row["name"] for row in json.loads(file_of(table, "json"))["rows"]] == values
    assert pq.read_table(io.BytesIO(file_of(table, "parquet")))["name"].to_pylist() == values


@settings(deadline=None, max_examples=30)
@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_every_float_reads_back_to_the_last_bit(values):
    table = numbers_of(values)
    expected = [[value, value] for value in values]
    read = [[float(cell) if cell else None for cell in row] for row in csv_rows(file_of(table, "csv"))[1:]]
    assert read == expected
    assert [list(row.values()) for row in json.loads(file_of(table, "json"))["rows"]] == expected
    assert [list(row) for row in xlsx_rows(file_of(table, "xlsx"))[1:]] == expected


def test_decimals_keep_every_digit():
    frame = pd.DataFrame({"pnl": [Decimal("12345678901234.5678"), Decimal("-0.0001"), None]})
    table = Table(frame, (Column("pnl", "P&L", "money"),), ABOUT)
    assert [row[0] for row in csv_rows(file_of(table, "csv"))[1:]] == ["12345678901234.5678", "-0.0001", ""]
    assert pq.read_table(io.BytesIO(file_of(table, "parquet")))["pnl"].to_pylist() == frame["pnl"].tolist()


def test_a_time_without_zone_is_utc_and_any_other_zone_becomes_utc():
    paris = timezone(timedelta(hours=1))
    for stamp in (pd.Timestamp(2022, 12, 28, 9, 30), pd.Timestamp(2022, 12, 28, 10, 30, tzinfo=paris)):
        table = Table(pd.DataFrame({"seen": [stamp]}), (Column("seen", "Seen", "time"),), ABOUT)
        assert csv_rows(file_of(table, "csv"))[1] == ["2022-12-28T09:30:00.000000Z"]
        assert xlsx_rows(file_of(table, "xlsx"))[1] == (datetime(2022, 12, 28, 9, 30),)  # noqa: DTZ001 as sheets have it


def test_text_columns_take_whatever_stands_in_them():
    assert [row[0] for row in csv_rows(file_of(texts_of([True, 3, None, "x"]), "csv"))[1:]] == ["True", "3", "", "x"]


def test_a_file_is_named_after_panel_day_and_snapshot():
    assert write.file_name(ABOUT, "xlsx") == "positions-tree-by-desk_2022-12-28_000017.xlsx"


def test_a_file_name_holds_nothing_that_a_shell_or_header_could_stumble_over():
    nasty = Provenance('../a "b"\r\n;c', "", "", "", "", "", "é/\\:*?", "")
    assert write.file_name(nasty, "csv") == "a-b-c.csv"


def test_headers_carry_the_provenance_of_a_csv_in_plain_ascii():
    settings = (("VaR level", "99%"), ("Scenarios", "500"))
    nasty = Provenance(
        "k", "t", "d", "2022-12-28", "", "", "000017", "USD", sources=("Société\r\nX: y",), settings=settings
    )
    told = write.headers(write.Note(nasty, "Amy", NOW))
    assert told["X-Parapet-As-Of"] == "2022-12-28"
    assert told["X-Parapet-Settings"] == "VaR level: 99%25; Scenarios: 500"
    assert told["X-Parapet-Sources"] == "Soci%C3%A9t%C3%A9%0D%0AX: y"


def test_an_unknown_format_and_a_missing_column_say_so_before_a_byte_is_written():
    with pytest.raises(KeyError, match="docx"):
        file_of(TABLE, "docx")
    with pytest.raises(KeyError, match="missing"):
        file_of(Table(FRAME, (*COLUMNS, Column("missing", "Missing", "text")), ABOUT), "csv")

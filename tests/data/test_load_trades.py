from datetime import timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.desk import NOW, Desk

COLUMNS = "trade_id,version,action,trade_time,settle_date,book,instrument,quantity,price"
USUAL = {
    "trade_id": "X1",
    "trade_time": "2024-06-03T09:30:00Z",
    "settle_date": "2024-06-05",
    "book": "B1",
    "instrument": "AAA",
    "quantity": "100",
    "price": "10.5",
}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def load(desk, *rows, **how):
    rows = [USUAL | row for row in rows]
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    return desk.load("trades", "\n".join(lines) + "\n", **how)


def stored(desk, columns="trade_id, version, action"):
    return desk.ask(f"SELECT {columns} FROM trade_event ORDER BY trade_id, version")


def reasons(desk):
    return [(line, column, reason) for line, column, _, reason in desk.findings()]


def test_a_trade_is_stored_with_ids_exact_numbers_and_defaults(desk):
    load(desk, {"counterparty": "CP", "quantity": "-100.5", "price": "10.12345678"})
    columns = (
        "version, action, trade_date::VARCHAR, book_id, instrument_id, counterparty_id, quantity, price, currency, fees"
    )
    exact = (Decimal("-100.5000"), Decimal("10.12345678"))
    assert stored(desk, columns) == [(1, "new", "2024-06-03", 1, 1, 1, *exact, "USD", Decimal(0))]


def test_the_trade_date_is_that_of_the_time_in_utc_unless_given(desk):
    load(
        desk,
        {"trade_id": "X1", "trade_time": "2024-06-02T23:30:00-02:00"},
        {"trade_id": "X2", "trade_time": "2024-06-02T23:30:00", "trade_date": "2024-06-03"},
    )
    assert stored(desk, "trade_date::VARCHAR") == [("2024-06-03",), ("2024-06-03",)]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"trade_id": " "}, "trade_id", "the value is missing"),
        ({"book": "B9"}, "book", "unknown book"),
        ({"instrument": "aaa"}, "instrument", "unknown instrument"),
        ({"counterparty": "Nobody"}, "counterparty", "unknown counterparty"),
        ({"quantity": "0"}, "quantity", "a trade of zero changes nothing"),
        ({"quantity": "ten"}, "quantity", "this is not a number"),
        ({"quantity": '"1,000"'}, "quantity", "this is not a number"),
        ({"quantity": "1e20"}, "quantity", "the number is too large"),
        ({"price": "NaN"}, "price", "the number is not finite"),
        ({"price": "-inf"}, "price", "the number is not finite"),
        ({"price": "-1"}, "price", "only commodities may trade below zero"),
        ({"version": "1.5"}, "version", "this is not a whole number, or it is too large"),
        ({"version": "0"}, "version", "versions start at 1"),
        ({"action": "undo"}, "action", "this is none of new, amend, cancel"),
        ({"version": "2"}, "action", "version 1 is new, and every later version is an amend or a cancel"),
        ({"action": "amend"}, "action", "version 1 is new, and every later version is an amend or a cancel"),
        ({"trade_time": "03/06/2024"}, "trade_time", "this is not a time between 1900 and 2299"),
        ({"trade_time": "infinity"}, "trade_time", "this is not a time between 1900 and 2299"),
        ({"trade_time": "2024-06-03T12:00:01Z"}, "trade_time", "the trade time is in the future"),
        ({"trade_date": "2024-06-05"}, "trade_date", "the date is in the future"),
        ({"trade_date": "0024-06-03"}, "trade_date", "this is not a date between 1900 and 2299"),
        ({"settle_date": "2024-06-02"}, "settle_date", "it settles before the trade date"),
        ({"settle_date": "2024-02-30"}, "settle_date", "this is not a date between 1900 and 2299"),
        ({"currency": "EUR"}, "currency", "this is not the currency of the instrument"),
        ({"fees": "-1"}, "fees", "fees are charged as a positive amount"),
        ({"known_from": "2024-06-03T12:00:01Z"}, "known_from", "known_from is in the future"),
    ],
)
def test_a_bad_trade_is_rejected_for_its_reason_and_its_neighbour_is_loaded(desk, row, column, reason):
    load(desk, row, {"trade_id": "X9"})
    assert reasons(desk) == [(2, column, reason)]
    assert stored(desk, "trade_id") == [("X9",)]


def test_a_trade_date_that_has_begun_somewhere_is_not_in_the_future(desk):
    load(desk, {"trade_date": "2024-06-04"})
    assert stored(desk, "trade_date::VARCHAR") == [("2024-06-04",)]


def test_a_commodity_may_trade_below_zero(desk):
    assert load(desk, {"instrument": "WTI", "price": "-36.98"}).rows_loaded == 1


def test_actions_are_read_in_any_case(desk):
    load(desk, {"action": "NEW"})
    assert stored(desk) == [("X1", 1, "new")]


def test_a_key_repeated_in_the_file_is_rejected_with_the_line_of_the_first(desk):
    load(desk, {}, {"trade_id": "X2"}, {"quantity": "7"}, {})
    assert reasons(desk) == [
        (4, "trade_id", "the same trade_id and version stand on line 2"),
        (5, "trade_id", "the same trade_id and version stand on line 2"),
    ]
    assert stored(desk, "trade_id, quantity") == [("X1", 100), ("X2", 100)]


def test_a_bad_row_does_not_take_the_key_from_a_good_one(desk):
    load(desk, {"price": "nan"}, {"quantity": "7"})
    assert stored(desk, "source_row, quantity") == [(3, 7)]


def test_amends_and_cancels_follow_a_new_trade_of_the_same_file_in_any_order(desk):
    load(
        desk,
        {"version": "3", "action": "cancel", "quantity": "0"},
        {"version": "2", "action": "amend", "quantity": "50"},
        {"version": "1"},
    )
    assert stored(desk) == [("X1", 1, "new"), ("X1", 2, "amend"), ("X1", 3, "cancel")]


def test_amends_and_cancels_follow_a_new_trade_of_the_warehouse(desk):
    load(desk, {})
    assert load(desk, {"version": "2", "action": "cancel"}).rows_loaded == 1


def test_an_amend_of_an_unknown_trade_is_rejected(desk):
    load(desk, {"version": "2", "action": "amend"}, {"trade_id": "X2"})
    assert reasons(desk)[0][:2] == (2, "trade_id")
    assert "version 1 of this trade is neither in the warehouse" in reasons(desk)[0][2]
    assert stored(desk, "trade_id") == [("X2",)]


def test_an_amend_of_a_rejected_trade_is_rejected(desk):
    load(desk, {"book": "B9"}, {"version": "2", "action": "amend"})
    assert [line for line, _, _ in reasons(desk)] == [2, 3]


def test_a_version_loaded_before_is_known_whatever_file_brings_it(desk):
    load(desk, {}, {"trade_id": "X2"})
    summary = load(desk, {"trade_id": "X3"}, {}, {"trade_id": "X2", "quantity": "100.00"}, now=NOW + timedelta(days=1))
    assert (summary.rows_loaded, summary.rows_known, summary.rows_rejected) == (1, 2, 0)
    assert stored(desk, "trade_id, known_from") == [("X1", NOW), ("X2", NOW), ("X3", NOW + timedelta(days=1))]


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"quantity": "101"}, "quantity", "101.0000"),
        ({"book": "B2"}, "book", "B2"),
        ({"counterparty": "CP"}, "counterparty", "CP"),
        ({"settle_date": "2024-06-06"}, "settle_date", "2024-06-06"),
    ],
)
def test_a_version_loaded_before_cannot_change(desk, change, column, value):
    load(desk, {})
    assert load(desk, change).rows_rejected == 1
    reason = f"trade X1 version 1 was loaded before with another {column}"
    assert desk.findings("column_name, value, reason, remedy") == [(column, value, reason, "send a new version")]
    assert stored(desk, "quantity, book_id, counterparty_id") == [(100, 1, None)]


def test_typed_columns_of_a_parquet_are_taken_as_they_are(desk):
    table = pa.table(
        {
            "trade_id": pa.array([7, 8]),
            "version": pa.array([1.0, 1.5]),
            "trade_time": pa.array([NOW.replace(tzinfo=None)] * 2, pa.timestamp("us")),
            "settle_date": pa.array([NOW.date()] * 2),
            "book": pa.array(["B1", "B1"]).dictionary_encode(),
            "instrument": ["AAA", "AAA"],
            "quantity": pa.array([Decimal("1.5"), Decimal(2)], pa.decimal128(20, 6)),
            "price": pa.array([1.25, float("nan")]),
        }
    )
    pq.write_table(table, desk.folder / "typed.parquet")
    desk.load("trades", desk.folder / "typed.parquet")
    assert stored(desk, "trade_id, trade_time, quantity, price") == [("7", NOW, Decimal("1.5"), Decimal("1.25"))]
    assert reasons(desk) == [
        (3, "price", "the number is not finite"),
        (3, "version", "this is not a whole number, or it is too large"),
    ]

from datetime import timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.load import LoadError, create
from tests.data.desk import NOW, TRADE, Desk

GOOD = "T1,2024-06-03T09:30:00Z,2024-06-05,B1,AAA,100,10.5\n"
BAD = "T2,2024-06-03T09:30:00Z,2024-06-05,B1,AAA,0,10.5\n"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def counts(summary):
    return summary.rows_read, summary.rows_loaded, summary.rows_known, summary.rows_rejected


def test_creating_the_tables_twice_keeps_what_they_hold(desk):
    create(desk.connection)
    assert desk.ask("SELECT count(*) FROM instrument") == [(3,)]


def test_a_summary_accounts_for_every_row_and_is_recorded(desk):
    summary = desk.load("trades", TRADE + GOOD + BAD, "monday.csv", release="1.2")
    assert counts(summary) == (2, 1, 0, 1)
    assert desk.ask("FROM load_batch WHERE table_name = 'trades'")[0][1:4] == (NOW, "trades", "monday.csv")
    assert desk.ask("SELECT rows_read, rows_loaded, rows_known, rows_rejected, release FROM load_batch")[-1] == (
        *counts(summary),
        "1.2",
    )
    assert "monday.csv → trades: 2 rows read, 1 loaded, 1 rejected" in summary.line()


def test_a_bad_row_goes_to_quarantine_with_line_column_value_reason_and_remedy(desk):
    desk.load("trades", TRADE + GOOD + BAD)
    assert desk.findings("source_row, column_name, value, reason, remedy, severity") == [
        (
            3,
            "quantity",
            "0",
            "a trade of zero changes nothing",
            "to take a trade back, send its next version with the action cancel",
            "rejected",
        )
    ]


def test_every_fault_of_a_row_is_reported(desk):
    desk.load("trades", TRADE + "T1,yesterday,2024-06-05,B9,AAA,nan,\n")
    assert [column for _, column, _, _ in desk.findings()] == ["book", "price", "quantity", "trade_time"]


def test_the_same_bytes_are_skipped(desk):
    first = desk.load("trades", TRADE + GOOD, "a.csv")
    again = desk.load("trades", TRADE + GOOD, "renamed.csv")
    assert (again.skipped, again.batch_id, counts(again)) == (True, first.batch_id, (0, 0, 0, 0))
    assert "skipped" in again.line()


def test_the_same_bytes_of_another_table_are_not_skipped(desk):
    text = "counterparty,book,desk,business_unit,legal_entity\nX,X,D,U,L\n"
    assert not desk.load("books", text).skipped
    assert not desk.load("counterparties", text).skipped


def test_rejected_rows_are_tried_again_and_their_findings_replaced(desk):
    text = TRADE + GOOD + GOOD.replace("T1", "T2").replace("B1", "B3")
    assert counts(desk.load("trades", text)) == (2, 1, 0, 1)
    assert counts(desk.load("trades", text)) == (2, 0, 1, 1)
    assert len(desk.findings()) == 1
    desk.load("books", "book,desk,business_unit,legal_entity\nB3,Vol,Equities,Firm Ltd\n", "more.csv")
    assert counts(desk.load("trades", text)) == (2, 1, 1, 0)
    assert desk.findings() == []
    assert desk.load("trades", text).skipped


def test_strict_stops_at_the_first_bad_row_and_loads_nothing(desk):
    before = desk.ask("SELECT count(*) FROM load_batch")
    with pytest.raises(LoadError, match=r"^file\.csv: line 3, quantity '0': a trade of zero.*Nothing was loaded"):
        desk.load("trades", TRADE + GOOD + BAD + BAD, strict=True)
    assert desk.ask("SELECT (SELECT count(*) FROM trade_event), (SELECT count(*) FROM quarantine)") == [(0, 0)]
    assert desk.ask("SELECT count(*) FROM load_batch") == before


def test_strict_loads_a_file_without_fault(desk):
    assert desk.load("trades", TRADE + GOOD, strict=True).rows_loaded == 1


def test_a_file_with_a_header_only_loads_nothing(desk):
    assert counts(desk.load("trades", TRADE)) == (0, 0, 0, 0)


def test_an_unknown_table_is_named_with_those_there_are(desk):
    with pytest.raises(LoadError, match=r"no table 'deals'.*trades, prices, fx"):
        desk.load("deals", TRADE)


def test_progress_runs_from_nothing_to_all(desk):
    told = []
    desk.load("trades", TRADE + GOOD, "a.csv", progress=lambda step, share: told.append((step, share)))
    assert told[0] == ("a.csv", 0.0)
    assert told[-1] == ("a.csv", 1.0)
    assert told == sorted(told)


def test_a_failure_while_writing_leaves_the_warehouse_as_it_was(desk):
    desk.connection.execute("DROP TABLE quarantine")
    with pytest.raises(LoadError, match="quarantine does not exist"):
        desk.load("trades", TRADE + GOOD)
    assert desk.ask("SELECT count(*) FROM trade_event") == [(0,)]
    assert desk.ask("SELECT count(*) FROM duckdb_tables() WHERE temporary") == [(0,)]


def test_known_from_is_the_time_of_the_load_unless_the_file_says_so(desk):
    said = TRADE.replace("price", "price,known_from") + GOOD.replace("T1", "T2").replace(
        "10.5", "10.5,2024-06-03 11:00:00+00"
    )
    desk.load("trades", TRADE + GOOD)
    desk.load("trades", said, "said.csv")
    assert desk.ask("SELECT known_from FROM trade_event ORDER BY trade_id") == [(NOW,), (NOW - timedelta(hours=1),)]


CELLS = {
    "trade_id": st.sampled_from(["T1", "T2", "T3", "", " T4 "]),
    "version": st.sampled_from(["1", "2", "1.5", "x", ""]),
    "action": st.sampled_from(["new", "New", "amend", "cancel", "undo", ""]),
    "trade_time": st.sampled_from(["2024-06-03T10:00:00Z", "2024-06-03 10:00", "2999-01-01", "soon", ""]),
    "settle_date": st.sampled_from(["2024-06-05", "2024-06-01", "05/06/2024", ""]),
    "book": st.sampled_from(["B1", "B2", "B9", ""]),
    "instrument": st.sampled_from(["AAA", "EEE", "WTI", "ZZZ", ""]),
    "quantity": st.sampled_from(["1", "-2.5", "0", "nan", "1e400", "1,5", ""]),
    "price": st.sampled_from(["10", "-1", "inf", "", "1e30"]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS)
def test_no_row_vanishes_and_a_bad_row_takes_no_good_row_with_it(desk, first, second):
    desk.connection.execute("DELETE FROM trade_event; DELETE FROM load_batch")
    for rows in (first, second):
        file = desk.folder / "trades.parquet"
        pq.write_table(pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in CELLS}), file)
        summary = desk.load("trades", file)
        assert summary.skipped or summary.rows_read == len(rows)
        assert summary.rows_read == summary.rows_loaded + summary.rows_known + summary.rows_rejected
    begun = {row["trade_id"].strip() for row in first + second if faultless(row)}
    assert begun == {trade_id for (trade_id,) in desk.ask("SELECT trade_id FROM trade_event WHERE version = 1")}


def test_a_file_is_read_from_the_disk_and_not_from_what_duckdb_remembers_of_its_name(desk):
    """Its cache takes a file that was written anew within one second for the old one, now and then."""
    desk.load("trades", TRADE + GOOD)
    assert desk.ask("SELECT current_setting('enable_external_file_cache')") == [(False,)]


def faultless(row):
    return (
        row["trade_id"]
        and row["version"] in ("1", "")
        and row["action"] in ("new", "New", "")
        and row["trade_time"].startswith("2024")
        and row["settle_date"] == "2024-06-05"
        and row["book"] in ("B1", "B2")
        and row["instrument"] in ("AAA", "EEE", "WTI")
        and row["quantity"] in ("1", "-2.5")
        and (row["price"] == "10" or (row["price"], row["instrument"]) == ("-1", "WTI"))
    )


def test_a_database_without_tables_is_a_clear_error(tmp_path):
    desk = Desk(tmp_path)
    desk.connection = duckdb.connect()
    with pytest.raises(LoadError, match="load_batch does not exist"):
        desk.load("trades", TRADE)

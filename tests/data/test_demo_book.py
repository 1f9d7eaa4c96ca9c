"""The demo's trade history: the same book at every size, made as desks make it."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data import load
from data.contracts import CONTRACTS
from data.demo import organisation
from data.demo.bonds import ILLIQUID
from data.demo.desks import demo_orders
from data.demo.fills import events
from data.demo.reference import UNPRICED
from data.demo.simulate import files, simulate_over, total_return
from data.demo.world import SEED, build_world

LAST = pd.Timestamp("2022-12-28")
NET = """
    SELECT trade_date, book, instrument, sum(quantity) AS quantity, sum(quantity::DECIMAL(38, 4) * price) AS paid,
           sum(fees) AS fees
    FROM (FROM trades QUALIFY version = max(version) OVER (PARTITION BY trade_id))
    WHERE action <> 'cancel' GROUP BY ALL ORDER BY ALL
"""


def simulated(fills: int) -> pa.Table:
    return pa.concat_tables(events(demo_orders(), fills, SEED, ["ALDER", "DOMUS"]))


def asked(trades: pa.Table, sql: str) -> pa.Table:
    with duckdb.connect() as db:
        db.register("trades", trades)
        return db.execute(sql).fetch_arrow_table()


def answer(trades: pa.Table, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in asked(trades, sql).to_pylist()]


@pytest.fixture(scope="module")
def trades() -> pa.Table:
    return simulated(20_000)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, Path]:
    return dict(files(tmp_path_factory.mktemp("demo"), fills=20_000))


@pytest.mark.parametrize("fills", [12_000, 60_000])
def test_quantity_consideration_and_fees_are_the_same_at_every_size_to_the_last_digit(trades, fills):
    assert asked(simulated(fills), NET).equals(asked(trades, NET))


def test_a_size_gives_the_same_trades_twice(trades):
    assert simulated(20_000).equals(trades)


def test_the_number_of_trades_that_stand_is_the_number_of_fills(trades):
    standing = (
        "SELECT count(*) - 2 * count(*) FILTER (action = 'cancel') - count(*) FILTER (action = 'amend') FROM trades"
    )
    assert answer(trades, standing) == [(20_000,)]


def test_fewer_fills_than_orders_are_refused():
    with pytest.raises(ValueError, match="too few"):
        simulated(len(demo_orders()) - 1)


def test_amendments_cancels_and_late_trades_come_as_often_as_on_a_desk(trades):
    amended, cancelled, late = answer(
        trades,
        """
        SELECT count(*) FILTER (action = 'amend') / 20000, count(*) FILTER (action = 'cancel') / 20000,
               count(*) FILTER (version = 1 AND (known_from AT TIME ZONE 'UTC')::DATE > trade_date) / 20000
        FROM trades
        """,
    )[0]
    assert amended == pytest.approx(0.02, rel=0.2)
    assert cancelled == pytest.approx(0.0075, rel=0.2)
    assert late == pytest.approx(0.004, rel=0.3)


def test_an_amended_trade_was_wrong_and_a_cancelled_one_a_double(trades):
    wrong, doubled = answer(
        trades,
        """
        SELECT bool_and(one.quantity <> two.quantity OR one.price <> two.price) FILTER (two.action = 'amend'),
               bool_and(one.quantity = two.quantity AND one.price = two.price) FILTER (two.action = 'cancel')
        FROM trades one JOIN trades two USING (trade_id) WHERE one.version = 1 AND two.version = 2
        """,
    )[0]
    assert wrong
    assert doubled


def test_trades_are_made_in_the_session_and_known_afterwards(trades):
    hours = build_world().hours.rename_axis("day").reset_index()
    with duckdb.connect() as db:
        db.register("trades", trades)
        db.register("hours", hours)
        outside = """
            SELECT count(*) FROM trades LEFT JOIN hours ON trade_date = hours.day::DATE
            WHERE trade_time NOT BETWEEN hours.open AND hours.close IS NOT FALSE
               OR known_from <= trade_time OR settle_date <= trade_date
        """
        assert db.execute(outside).fetchone() == (0,)


def test_no_fill_is_empty_or_on_the_other_side_of_its_order(trades):
    assert answer(trades, "SELECT min(abs(quantity)) > 0, min(fees) >= 0, min(price) > 0 FROM trades") == [
        (True, True, True)
    ]


def test_there_are_five_desks_and_every_book_trades_to_the_end(trades):
    books = organisation.books()
    assert books["desk"].nunique() == 5
    assert len(books) >= 18
    assert set(demo_orders()["book"]) == set(books["book"])
    orders = demo_orders()
    last = orders[orders["day"] == LAST]["book"].map(books.set_index("book")["desk"])
    assert set(last) == set(books["desk"])
    assert answer(trades, "SELECT max(trade_date)::VARCHAR FROM trades") == [("2022-12-28",)]


def test_the_flow_book_is_flat_every_evening(trades):
    sql = "SELECT DISTINCT quantity FROM net WHERE book = 'FX-FLOW'"
    assert answer(trades, f"WITH net AS ({NET}) {sql}") == [(0,)]


def test_derivatives_are_traded_within_their_lives_only():
    orders = demo_orders().merge(build_world().options, on="instrument")
    assert len(orders) > 500
    assert orders["day"].between(orders["listed"], orders["expiry"], inclusive="left").all()
    dated = demo_orders().merge(
        build_world().instruments.dropna(subset="expiry"), left_on="instrument", right_on="symbol"
    )
    assert (dated["day"] <= dated["expiry"]).all()


def test_books_hold_through_splits_and_expiries():
    orders, options = demo_orders(), build_world().options
    before = orders[(orders["day"] < pd.Timestamp("2020-08-31")) & (orders["instrument"] == "AAPL")]
    assert (before.groupby("book")["units"].sum() != 0).any()
    expired = orders.merge(options[options["expiry"] <= LAST], on="instrument")
    assert (expired.groupby(["book", "instrument"])["units"].sum() != 0).any()


def test_one_holding_has_no_price_and_one_an_old_price():
    held, quotes = demo_orders().groupby("instrument")["units"].sum(), build_world().quotes
    assert held[UNPRICED] == 310_000 * 10_000
    assert UNPRICED not in set(quotes["instrument"])
    assert held[ILLIQUID] > 0


def test_the_files_have_the_loaders_columns_and_order(written):
    assert list(written)[-1] == "trades"
    assert set(written) == set(CONTRACTS)
    for table, path in written.items():
        names = {column.name for column in CONTRACTS[table].columns}
        needed = {column.name for column in CONTRACTS[table].columns if column.required}
        assert needed <= set(pa.parquet.read_schema(path).names) <= names


def test_the_loader_takes_every_row(written):
    with duckdb.connect() as db:
        load.create(db)
        for table, path in written.items():
            if table in {"curves", "vols", "fx"}:  # long, and of one kind
                continue
            summary = load.load(db, table, path)
            assert summary.rows_loaded == summary.rows_read > 0


def universe() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ten shares that wander, one of them listed late, one split four for one."""
    days = build_world().hours.index[:400]
    walk = np.exp(np.random.default_rng(5).normal(0, 0.02, (400, 10)).cumsum(axis=0)) * 50
    closes = pd.DataFrame(walk, days, list("ABCDEFGHIJ"))
    closes.iloc[:300, 0] = np.nan
    closes.iloc[320:, 1] /= 4
    split = pd.DataFrame([("B", days[320], "split", 4.0)], columns=["instrument", "ex_date", "action", "value"])
    listed = pd.DataFrame({"symbol": closes.columns, "instrument_type": "equity", "currency": "USD"})
    return listed, closes, split


def test_books_trade_over_any_universe_and_are_the_same_at_every_size():
    listed, closes, split = universe()
    first, last = closes.index[260], closes.index[-1]
    made = [
        simulate_over(listed, closes, fills=fills, seed=1, first=first, last=last, actions=split)
        for fills in (2_000, 9_000)
    ]
    small, large = (pa.Table.from_pandas(trades, preserve_index=False) for _, trades in made)
    assert asked(small, NET).equals(asked(large, NET))
    assert set(made[0][1]["book"]) == set(made[0][0]["book"])
    assert answer(small, "SELECT min(trade_date)::VARCHAR, count(counterparty) FROM trades") == [
        (f"{first:%Y-%m-%d}", 0)
    ]
    born = answer(small, "SELECT min(trade_date)::VARCHAR FROM trades WHERE instrument = 'A'")[0][0]
    assert born > f"{closes.index[300]:%Y-%m-%d}"


def test_total_return_sees_through_splits_and_dividends():
    """Four for one after a close of 100, then a dividend of 1 on 25: the owner has what she had, and 4% more."""
    days = pd.to_datetime(["2021-01-04", "2021-01-05", "2021-01-06"])
    known = pd.DataFrame(
        [("X", days[1], "split", 4.0), ("X", days[2], "dividend", 1.0)],
        columns=["instrument", "ex_date", "action", "value"],
    )
    assert total_return(pd.DataFrame({"X": [100.0, 25.0, 25.0]}, days), known)["X"].tolist() == pytest.approx(
        [1, 1, 1.04]
    )

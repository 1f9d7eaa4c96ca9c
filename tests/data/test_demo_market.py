"""The demo's real prices: reduced reproducibly, and re-expressed without losing a return."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.demo import build_market
from data.demo.market import MARKET, SPLITS, Market, quote, read_market, spot


@pytest.fixture(scope="module")
def market() -> Market:
    return read_market()


def laid(market: Market, action: str, empty: float) -> pd.DataFrame:
    own = market.actions[market.actions["action"] == action]
    wide = own.pivot_table(index="ex_date", columns="instrument", values="value")
    return wide.reindex(index=market.closes.index, columns=market.closes.columns).fillna(empty)


def test_closes_and_actions_give_back_the_total_return_of_the_source(market):
    closes = market.closes
    gained = closes * laid(market, "split", 1.0) + laid(market, "dividend", 0.0)
    due = market.growth / market.growth.shift(1) * closes.shift(1)
    assert (gained - due).abs().max().max() < 0.0005


def test_the_last_close_is_the_level_of_the_source(market):
    assert market.closes.iloc[-1].tolist() == pytest.approx(market.growth.iloc[-1].tolist())


def test_only_splits_of_the_record_are_real_and_dividends_are_labelled(market):
    splits = market.actions[market.actions["action"] == "split"]
    assert {(row.instrument, f"{row.ex_date:%Y-%m-%d}"): row.value for row in splits.itertuples()} == SPLITS
    assert market.actions["synthetic"].equals(market.actions["action"] == "dividend")


def test_a_share_pays_about_its_yield_four_times_a_year(market):
    paid = market.actions[(market.actions["instrument"] == "KO") & (market.actions["ex_date"].dt.year == 2019)]
    assert len(paid) == 4
    assert paid["value"].sum() / market.closes["KO"]["2019"].mean() == pytest.approx(0.03, rel=0.1)


def test_the_crises_are_inside_and_the_funds_are_listed_mid_life(market):
    assert (market.closes.index[0], market.closes.index[-1]) == (pd.Timestamp("2006-01-03"), pd.Timestamp("2022-12-28"))
    assert market.closes["MTUM"].first_valid_index() == pd.Timestamp("2014-01-02")
    assert market.closes["SPX"].pct_change().idxmin() == pd.Timestamp("2020-03-16")


def test_a_split_on_flat_returns_only_moves_the_price():
    days = pd.to_datetime(["2021-07-29", "2021-07-30", "2021-08-02"])
    closes, actions = quote(pd.DataFrame({"GE": [80.0, 80.0, 80.0]}, days))
    assert closes["GE"].tolist() == [10.0, 10.0, 80.0]
    assert actions[["instrument", "action", "value"]].to_numpy().tolist() == [["GE", "split", 0.125]]


def test_pairs_cross_the_euro_rates():
    """One euro is 1.2 dollars and 0.9 pounds and 150 yen."""
    row = spot(
        pd.DataFrame([dict.fromkeys(build_market.CURRENCIES, 1.0) | {"USD": 1.2, "GBP": 0.9, "JPY": 150.0}])
    ).iloc[0]
    assert row[["EURUSD", "GBPUSD", "USDJPY", "EURGBP"]].tolist() == [1.2, 1.333333, 125.0, 0.9]


def test_the_shipped_file_is_small_and_names_its_sources():
    sources = pq.read_schema(MARKET).metadata
    assert MARKET.stat().st_size < 1_500_000
    assert {name: sources[name.encode()].decode() for name in build_market.SOURCES} == build_market.SOURCES
    assert all("==" in source and "(" in source for source in build_market.SOURCES.values())


def test_the_reduction_keeps_the_window_drops_holes_and_repeats_to_the_byte(tmp_path):
    days = pd.to_datetime(["2022-12-29", "2006-01-04", "2006-01-03", "2005-12-30"])
    frames = {
        "fx": pd.DataFrame({"USD": [9.0, 1.5, 1.25, 9.0], "JPY": [9.0, np.nan, 100.12345, 9.0]}, days),
        "equity": pd.DataFrame({"KO": [9.0, 12.0, 11.997, 9.0]}, days),
    }
    table = build_market.reduce(frames)
    assert [(r["kind"], r["symbol"], r["date"].isoformat(), r["value"]) for r in table.to_pylist()] == [
        ("equity", "KO", "2006-01-03", 1_199_700),
        ("equity", "KO", "2006-01-04", 1_200_000),
        ("fx", "JPY", "2006-01-03", 10_012_345),
        ("fx", "USD", "2006-01-03", 125_000),
        ("fx", "USD", "2006-01-04", 150_000),
    ]
    for name in ("one", "two"):
        build_market.write(build_market.reduce(frames), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_shipped_file_survives_a_second_writing(tmp_path):
    build_market.write(pq.read_table(MARKET), tmp_path / "again")
    assert pq.read_table(tmp_path / "again").equals(pq.read_table(MARKET), check_metadata=True)


def test_nothing_imports_the_reduction_at_run_time():
    root = Path(build_market.__file__).parents[2]
    sources = [path for room in ("app", "auth", "data", "pages") for path in (root / room).rglob("*.py")]
    assert not [
        path
        for path in sources
        if "import build_market" in path.read_text() or "demo.build_market import" in path.read_text()
    ]

"""How fresh the warehouse is, what was loaded, and what every instrument made on each of the last days."""

from datetime import date

import pytest

from tests.ledger import FIRM, trader

BOOK = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol asset_class instrument_type underlying strike expiry     option_type currency
      AAA    equity      equity          -          -      -          -           USD
      AAAC   equity      option          AAA        10     2022-12-16 call        USD
      EEE    equity      equity          -          -      -          -           EUR
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
      USD   2022-01-05 1.20
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      AAA        2022-01-05 12
      AAAC       2022-01-03 1
      AAAC       2022-01-04 2
      AAAC       2022-01-05 4
      EEE        2022-01-03 100
      EEE        2022-01-04 110
      EEE        2022-01-05 110
    trades:
      trade_id book instrument quantity price trade_date trade_time
      T1       EQ1  AAA        100      10    2022-01-03 2022-01-03T09:00:00Z
      T2       EQ1  AAAC       10       1     2022-01-03 2022-01-03T10:00:00Z
      T3       EQ2  EEE        -10      100   2022-01-03 2022-01-03T11:00:00Z
      T4       EQ1  AAA        5        11    2022-01-05 2022-01-05T09:00:00Z
      T5       EQ2  EEE        1        110   2022-01-05 2022-01-05T10:00:00Z
      T6       EQ1  AAA        -5       12    2022-01-05 2022-01-05T11:00:00Z
      T7       EQ1  QQQ        1        1     2022-01-05 2022-01-05T12:00:00Z
"""


@pytest.fixture
def book(open_ledger):
    return open_ledger(BOOK)


def test_each_table_says_its_newest_day_its_last_file_and_its_rows(book):
    frame = book.read("freshness_by_table").set_index("table_name")
    assert frame.loc["prices", "newest"] == date(2022, 1, 5)
    assert (frame.loc["prices", "loaded"], frame.loc["prices", "rejected"]) == (9, 0)
    assert (frame.loc["trades", "loaded"], frame.loc["trades", "rejected"]) == (6, 1)
    assert frame.loc["trades", "file_name"].startswith("trades-")
    assert frame.loc["instruments", ["newest"]].isna().all()


def test_a_table_that_was_never_loaded_has_a_row_without_a_file(book):
    vols = book.read("freshness_by_table").set_index("table_name").loc["vols"]
    assert vols[["newest", "file_name", "loaded_at"]].isna().all()
    assert vols["loaded"] == 0


def test_a_later_load_is_the_last_file_and_its_rows_are_added(book):
    book.add(
        """
        prices:
          instrument price_date price
          AAA        2022-01-06 12
        """
    )
    prices = book.read("freshness_by_table").set_index("table_name").loc["prices"]
    assert (prices["newest"], prices["loaded"]) == (date(2022, 1, 6), 10)
    loads = book.read("load_batches")
    assert prices["file_name"] == loads["file_name"].iloc[0]
    assert loads["batch_id"].is_monotonic_decreasing


@pytest.mark.parametrize("relation", ["freshness_by_table", "load_batches"])
def test_what_is_told_of_all_desks_is_told_to_those_who_see_all_of_them(book, relation):
    assert len(book.read(relation, FIRM))
    assert book.read(relation, trader("Cash", "Europe")).empty


@pytest.mark.parametrize("base", ["USD", "EUR"])
def test_what_instruments_made_on_a_day_adds_up_to_the_pnl_of_the_day(book, base):
    recent = book.read("recent_pnl", base=base).groupby("day")["pnl"].sum()
    whole = book.read("pnl_by_day", base=base).set_index("day")["pnl"]
    assert recent.to_dict() == pytest.approx(whole.to_dict())


def test_an_option_is_under_its_underlying_and_a_share_under_itself(book):
    frame = book.read("recent_pnl")
    assert frame.drop_duplicates("instrument").set_index("instrument")["underlier"].to_dict() == {
        "AAA": "AAA",
        "AAAC": "AAA",
        "EEE": "EEE",
    }


def test_recent_days_are_those_up_to_the_date_and_of_the_readers_desks(book):
    frame = book.read("recent_pnl", trader("Cash"), as_of=date(2022, 1, 4))
    assert sorted(frame["instrument"].unique()) == ["AAA", "AAAC"]
    assert frame["day"].max() == date(2022, 1, 4)
    made = frame[frame["day"] == date(2022, 1, 4)].set_index("instrument")["pnl"]
    assert made.to_dict() == {"AAA": 100.0, "AAAC": 10.0}


def test_todays_trades_are_the_current_ones_of_the_day_newest_first(book):
    assert book.read("day_trades")["trade_id"].tolist() == ["T6", "T5", "T4"]
    assert book.read("day_trades", trader("Europe"))["trade_id"].tolist() == ["T5"]
    assert book.read("day_trades", as_of=date(2022, 1, 4)).empty


def test_rows_are_narrowed_by_their_underlying(book):
    frame = book.read("day_trades", rows={"underlier": "AAA"}, as_of=date(2022, 1, 3))
    assert frame["instrument"].tolist() == ["AAAC", "AAA"]

"""Lineage: every version of a trade, every price and rate, with the file and the line that brought it."""

from datetime import timedelta

import pandas as pd
import pytest

from data.scope import NOBODY
from tests.ledger import NOW, trader

BOOK = """
    books:
      book desk
      EQ1  Cash
      VOL1 Vol
    instruments:
      symbol currency
      AAA    USD
      EEE    EUR
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      EEE        2022-01-03 100
      AAA        2022-01-04 11
    trades:
      trade_id version action book instrument quantity price trade_date
      T1       1       new    EQ1  AAA        100      10    2022-01-03
      T2       1       new    VOL1 EEE        -10      100   2022-01-03
      T1       2       amend  EQ1  AAA        60       10    2022-01-03
      T3       1       new    EQ1  AAA        5        10    2022-01-04
      T3       2       cancel EQ1  AAA        5        10    2022-01-04
      T4       1       new    EQ1  AAA        7        11    2022-01-04
"""


@pytest.fixture
def book(open_ledger):
    return open_ledger(BOOK)


def test_a_trade_tells_its_versions_and_the_line_of_each(book):
    found = book.read("trade_versions", values={"trade": "T1"})
    assert found["version"].tolist() == [1, 2]
    assert found["action"].tolist() == ["new", "amend"]
    assert found["standing"].tolist() == ["superseded", "current"]
    assert found["source_row"].tolist() == [2, 4]
    assert set(found["sha256"].str.len()) == {64}
    assert found["file_name"].str.startswith("trades-").all()


def test_a_cancelled_trade_has_no_version_that_counts(book):
    found = book.read("trade_versions", values={"trade": "T3"})
    assert found["standing"].tolist() == ["superseded", "cancelled"]


@pytest.mark.parametrize("scope", [trader("Cash"), trader(), NOBODY], ids=["another desk", "no desk", "nobody"])
def test_a_trade_that_is_not_open_and_one_that_is_not_there_read_alike(book, scope):
    hidden = book.read("trade_versions", scope, values={"trade": "T2"})
    absent = book.read("trade_versions", scope, values={"trade": "T99"})
    pd.testing.assert_frame_equal(hidden, absent)
    assert hidden.empty


def test_a_trade_that_moved_to_another_desk_shows_each_reader_his_own_version(open_ledger):
    moved = BOOK + "      T4       2       amend  VOL1 AAA        7        11    2022-01-04\n"
    book = open_ledger(moved)
    assert book.read("trade_versions", values={"trade": "T4"})["version"].tolist() == [1, 2]
    assert book.read("trade_versions", trader("Cash"), values={"trade": "T4"})["version"].tolist() == [1]
    assert book.read("trade_versions", trader("Vol"), values={"trade": "T4"})["version"].tolist() == [2]


def test_the_trades_behind_a_position_are_the_current_ones_newest_first_with_the_sum_of_all(book):
    found = book.read("trades_behind", rows={"book": "EQ1", "instrument": "AAA"}, values={"take": 1})
    assert found[["trade_id", "source_row", "quantity"]].to_numpy().tolist() == [["T4", 7, 7.0]]
    assert (found["trades"].iloc[0], found["total"].iloc[0]) == (2, 67.0)
    held = book.read("holdings")
    assert 67.0 in held["quantity"].tolist()


def test_the_price_behind_a_position_is_the_last_one_known_and_may_be_of_an_earlier_day(book):
    found = book.read("prices_behind").set_index("instrument")
    assert found["price"].to_dict() == {"AAA": 11.0, "EEE": 100.0}
    assert found["source_row"].to_dict() == {"AAA": 4, "EEE": 3}
    assert str(found.loc["EEE", "price_date"])[:10] == "2022-01-03"


def test_a_corrected_price_comes_from_the_line_of_the_correction(book):
    correction = pd.DataFrame([["AAA", "2022-01-04", "12"]], columns=["instrument", "price_date", "price"])
    book.load({"prices": correction}, now=NOW + timedelta(days=1))
    found = book.read("prices_behind").set_index("instrument")
    assert found.loc["AAA", ["price", "source_row"]].tolist() == [12.0, 2]
    assert found.loc["AAA", "batch_id"] > found.loc["EEE", "batch_id"]


def test_files_count_the_rows_of_the_reader_alone(book):
    def told(relation, scope):
        found = book.read(relation, scope)
        return found[["rows", "first", "last"]].to_numpy().tolist()

    assert told("trade_files", trader("Cash", "Vol")) == [[6, 2, 7]]
    assert told("trade_files", trader("Vol")) == [[1, 3, 3]]
    assert told("price_files", trader("Vol")) == [[1, 3, 3]]
    assert told("trade_files", NOBODY) == told("price_files", NOBODY) == []


def test_the_rates_that_convert_stand_with_their_lines(book):
    found = book.read("rates_behind", NOBODY, values={"currencies": ["EUR", "USD"]})
    assert found[["quote", "base", "rate", "source_row"]].to_numpy().tolist() == [["USD", "EUR", 1.2, 3]]

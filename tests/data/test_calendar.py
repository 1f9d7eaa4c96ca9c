"""The business days of a snapshot, each with the one before it."""

from datetime import date

from data.calendar import business_days
from data.load import create
from tests.ledger import Ledger


def test_business_days_ascend_over_a_weekend_and_the_first_follows_a_day_without_positions(ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
    prices:
      instrument price_date price
      AAA        2022-01-06 10
      AAA        2022-01-10 12
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-06
    """
    days = business_days(ledger.warehouse.cursor(ledger.warehouse.current().number))
    january = [date(2022, 1, day) for day in (5, 6, 7, 10)]
    assert list(days) == january[1:]
    assert list(days.values()) == january[:-1]


def test_there_are_no_business_days_before_trades_are_loaded(tmp_path):
    ledger = Ledger(tmp_path)
    with ledger.warehouse.draft("test") as draft:
        create(draft.connection)
    assert business_days(ledger.warehouse.cursor(ledger.warehouse.current().number)) == {}
    ledger.warehouse.close()

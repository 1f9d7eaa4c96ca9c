"""A blotter says at which of its rows each day begins, so that a row says its day while it is on its way."""

import json

import pytest

from app.filters import Filters
from tests.ledger import FIRM, trader

PANEL = "blotter-trades"
TRADES = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency
      AAA    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-06 11
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ1  AAA        20       10    2022-01-04
      T3       EQ2  AAA        -10      10    2022-01-04
      T4       EQ2  AAA        -20      10    2022-01-04
      T5       EQ1  AAA        5        11    2022-01-06
"""
ASKED = {
    "all": (Filters(), FIRM, 5),
    "a desk": (Filters(), trader("Europe"), 2),
    "a book": (Filters(book="EQ1"), FIRM, 3),
    "a filter": (Filters.parse({"where": f"{PANEL}.quantity:15.."}), FIRM, 2),
    "an earlier date": (Filters.parse({"as_of": "2022-01-04"}), FIRM, 4),
}


@pytest.mark.parametrize(("filters", "scope", "many"), ASKED.values(), ids=ASKED)
def test_each_row_stands_on_the_day_that_is_said_of_its_place(open_ledger, filters, scope, many):
    answers = open_ledger(TRADES).answers
    drawn = json.loads(answers.drawn(PANEL, filters, scope, "dark"))
    said = drawn["props"]["children"]["props"]["dashGridOptions"]["context"]
    table, total = answers.trades(PANEL, filters, scope, start=0, end=100)
    spans = zip(said["days"], said["begins"], [*said["begins"][1:], total], strict=True)
    days = [day for day, begin, end in spans for _ in range(begin, end)]
    assert days == [str(day)[:10] for day in table.frame["trade_date"]]
    assert len(days) == many

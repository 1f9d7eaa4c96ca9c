"""From daily positions to P&L: what a period made, by part, level, currency and reader."""

from datetime import date

import pytest

from app.risk.exposure import exposure
from app.risk.pnl import pnl, pnl_split
from app.risk.positions import positions
from tests.holdings import held
from tests.ledger import trader

TREE = ("desk", "book", "instrument")


PNL = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency
      AAA    USD
      EEE    EUR
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
      USD   2022-01-05 1.25
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      AAA        2022-01-05 9
      EEE        2022-01-03 100
      EEE        2022-01-04 110
      EEE        2022-01-05 108
    actions:
      instrument ex_date    action   value
      EEE        2022-01-05 dividend 1.5
    trades:
      trade_id book instrument quantity price trade_date fees
      T1       EQ1  AAA        100      10    2022-01-03 1
      T2       EQ2  EEE        10       100   2022-01-03 0
      T3       EQ2  EEE        -4       109   2022-01-05 0.5
"""


def test_pnl_of_a_day_splits_into_parts_that_add_to_the_whole(ledger):
    frame = pnl_split(held(ledger, start=date(2022, 1, 4)), by=("desk",))
    europe = frame[frame["desk"] == "Europe"].iloc[0]
    assert europe["realised"] == 4 * 9 * 1.25
    assert europe["unrealised"] == (6 * 8 - 10 * 10) * 1.25
    assert europe["income"] == 15 * 1.25
    assert europe["fees"] == -0.5 * 1.25
    assert europe["fx"] == pytest.approx(100 * 0.05)
    parts = frame[["realised", "unrealised", "income", "fees", "fx"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(frame["total"].tolist(), abs=1e-9)


test_pnl_of_a_day_splits_into_parts_that_add_to_the_whole.__doc__ = PNL


def test_days_add_up_to_the_period_in_any_base_currency(ledger):
    for base in ("USD", "EUR"):
        days = ledger.read("pnl_by_day", base=base)
        period = pnl(held(ledger, base=base), by=("desk",))
        assert days["pnl"].sum() == pytest.approx(period["inception"].iloc[0], abs=1e-3)


test_days_add_up_to_the_period_in_any_base_currency.__doc__ = PNL


def test_a_level_is_the_sum_of_the_level_below(ledger):
    frame = pnl(held(ledger), by=TREE)
    sums = frame.groupby("level")[["day", "mtd", "ytd", "inception", "gross", "net"]].sum()
    for level in (1, 2, 3):
        assert sums.loc[level].tolist() == pytest.approx(sums.loc[0].tolist(), abs=1e-9)


test_a_level_is_the_sum_of_the_level_below.__doc__ = PNL


def test_reading_in_euro_converts_at_the_as_of_rate(ledger):
    dollars, euros = (exposure(held(ledger, base=base), by=())["gross"].iloc[0] for base in ("USD", "EUR"))
    assert dollars == pytest.approx(900 + 6 * 108 * 1.25)
    assert euros == pytest.approx(900 / 1.25 + 6 * 108)


test_reading_in_euro_converts_at_the_as_of_rate.__doc__ = PNL


def test_a_desk_reads_its_own_rows_only(ledger):
    assert set(ledger.read("holdings", trader("Cash"))["book_id"]) < set(ledger.read("holdings")["book_id"])
    mine, whole = held(ledger, trader("Cash")), held(ledger)
    marks = ledger.read("marks")
    for measure, more in ((positions, [marks]), (exposure, []), (pnl, []), (pnl_split, [])):
        frame = measure(mine, *more, by=TREE)
        assert set(frame["desk"].dropna()) == {"Cash"}
        assert len(measure(whole, *more, by=TREE)) > len(frame)
    assert not held(ledger, trader()).held.any()


test_a_desk_reads_its_own_rows_only.__doc__ = PNL


def test_what_is_held_is_read_for_the_bound_days_only_and_what_is_compared_has_no_quantity(ledger):
    rows = ledger.read("holdings", vs=date(2022, 1, 4)).set_index(["position_date", "instrument_id"]).sort_index()
    days = rows.index.get_level_values(0)
    assert sorted(set(days)) == [date(2022, 1, 4), date(2022, 1, 5)]
    before, now = rows.loc[date(2022, 1, 4)], rows.loc[date(2022, 1, 5)]
    assert before[["quantity", "cost", "value", "price_date"]].isna().all(axis=None)
    assert before["wealth"].tolist() == [99, 100]
    assert now["quantity"].tolist() == [100, 6]
    assert now["realised"].tolist() == [0, 36]


test_what_is_held_is_read_for_the_bound_days_only_and_what_is_compared_has_no_quantity.__doc__ = PNL

"""From files to daily positions: what each event does to a book, by hand-worked examples."""

from datetime import date

import pytest

from app.risk.exposure import exposure
from tests.holdings import held


def last(ledger, *names, instrument="AAA"):
    columns = ", ".join(names)
    row = ledger.sql(
        f"SELECT {columns} FROM position JOIN instrument USING (instrument_id) WHERE symbol = '{instrument}' "
        "ORDER BY position_date DESC LIMIT 1"
    ).iloc[0]
    return tuple(row)


def test_a_position_is_worth_its_quantity_at_the_mark(ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 12
    trades:
      trade_id book instrument quantity price trade_date fees
      T1       EQ1  AAA        100      9.5   2022-01-03 3
    """
    assert last(ledger, "quantity", "value", "cost", "wealth", "opening") == (100, 1200, 950, 247, 47)


def test_an_amended_trade_counts_once_and_a_cancelled_one_not_at_all(ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
    prices:
      instrument price_date price
      AAA        2022-01-03 10
    trades:
      trade_id version action book instrument quantity price trade_date
      T1       1       new    EQ1  AAA        100      10    2022-01-03
      T1       2       amend  EQ1  AAA        80       10    2022-01-03
      T2       1       new    EQ1  AAA        55       10    2022-01-03
      T2       2       cancel EQ1  AAA        55       10    2022-01-03
    """
    assert last(ledger, "quantity", "trades") == (80, 1)
    assert ledger.read("trades_by_book")["trades"].tolist() == [1]


def test_a_late_trade_rewrites_the_days_it_belongs_to(ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      AAA        2022-01-05 12
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-04
    """
    ledger.add(
        """
        trades:
          trade_id book instrument quantity price trade_date known_from
          T2       EQ1  AAA        50       10    2022-01-03 2022-01-05T20:00:00Z
        """
    )
    rows = ledger.sql("SELECT quantity::INT AS q, wealth::INT AS w FROM position ORDER BY position_date")
    assert rows["q"].tolist() == [50, 150, 150]
    assert rows["w"].tolist() == [0, 150, 300]
    page = ledger.read("trades", first=date(2022, 1, 1), last=date(2022, 1, 5), values={"skip": 0, "take": 9})
    assert (
        dict(zip(page["trade_id"], page["late"], strict=True)) == {"T2": "late", "T1": "late"}
        or page["late"].tolist()[-1] == "late"
    )


def test_a_price_is_carried_with_its_age_and_then_given_up(ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
      BBB
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      BBB        2022-01-03 5
      BBB        2022-01-31 6
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ1  BBB        1        5     2022-01-03
    """
    rows = ledger.sql(
        "SELECT position_date - price_date AS age FROM position JOIN instrument USING (instrument_id) "
        "WHERE symbol = 'AAA' ORDER BY position_date"
    )
    assert rows["age"].max() == 11, "the 17th is a holiday, the 18th is past a fortnight"
    now = held(ledger)
    assert [int(now.coverage[name].sum()) for name in ("held", "priced", "no_price")] == [2, 1, 1]
    assert exposure(now, by=())["gross"].tolist() == [6]


CARRIED_SPLIT = """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
      BBB
    prices:
      instrument price_date price
      AAA        2022-01-03 100
      AAA        2022-01-06 26
      BBB        2022-01-04 1
      BBB        2022-01-05 1
      BBB        2022-01-06 1
    actions:
      instrument ex_date    action value
      AAA        2022-01-05 split  4
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        10       100   2022-01-03
"""


def test_a_price_carried_over_a_split_is_divided_by_it(ledger):
    rows = ledger.sql(
        "SELECT quantity::INT AS quantity, price::INT AS price, value::INT AS value, (wealth - opening)::INT AS made "
        "FROM position JOIN mark USING (instrument_id) WHERE mark_date = position_date ORDER BY position_date"
    )
    assert list(rows.itertuples(index=False, name=None)) == [
        (10, 100, 1000, 0),
        (10, 100, 1000, 0),
        (40, 25, 1000, 0),
        (40, 26, 1040, 40),
    ]


test_a_price_carried_over_a_split_is_divided_by_it.__doc__ = CARRIED_SPLIT


@pytest.mark.parametrize(
    ("vs", "as_of", "moved"), [(3, 5, (100, 100)), (4, 5, (100, 100)), (5, 6, (25, 26)), (3, 6, (100, 104))]
)
def test_a_spot_carried_over_a_split_has_not_moved(open_ledger, vs, as_of, moved):
    ledger = open_ledger(CARRIED_SPLIT)
    spots = ledger.read("spot_changes", vs=date(2022, 1, vs), as_of=date(2022, 1, as_of)).set_index("symbol")
    assert spots.loc["AAA", ["before", "after"]].tolist() == list(moved)


def test_what_a_trade_of_the_day_would_cost_is_a_new_share(ledger):
    terms = ledger.read("instrument_terms", as_of=date(2022, 1, 5), values={"symbols": ["AAA"]})
    assert terms["price"].tolist() == [25]


test_what_a_trade_of_the_day_would_cost_is_a_new_share.__doc__ = CARRIED_SPLIT


def test_a_bond_bought_at_the_mark_makes_nothing_on_its_first_day_and_then_its_carry(ledger):
    """
    books:
      book desk
      GOV  Rates
    instruments:
      symbol asset_class instrument_type currency price_factor coupon coupon_frequency maturity
      BND    rates       government_bond USD      0.01         4      2                2024-01-15
    prices:
      instrument price_date price
      BND        2022-01-10 101
      BND        2022-01-11 101
      BND        2022-01-14 101
    trades:
      trade_id book instrument quantity price trade_date settle_date
      T1       GOV  BND        1000000  101   2022-01-10 2022-01-11
    """
    rows = ledger.sql("SELECT wealth, income FROM position ORDER BY position_date")
    daily = 2 * 10_000 / 184
    assert rows["wealth"].iloc[0] == 0
    assert rows["wealth"].iloc[1] == pytest.approx(daily, abs=0.02)
    assert rows["income"].tolist() == [0, 0, 0, 0, 20_000]
    assert rows["wealth"].iloc[4] == pytest.approx(daily * 4 + 2 * 10_000 / 181 * 3, abs=0.03)


def test_an_option_is_settled_at_its_intrinsic_value(ledger):
    """
    books:
      book desk
      VOL1 Vol
    instruments:
      symbol asset_class instrument_type multiplier underlying strike expiry     option_type
      IDX    index       index           1          -          -      -          -
      IDXC   index       option          100        IDX        4000   2022-01-07 call
      IDXP   index       option          100        IDX        4000   2022-01-07 put
    prices:
      instrument price_date price
      IDX        2022-01-06 3990
      IDX        2022-01-07 4025
      IDXC       2022-01-06 20
      IDXP       2022-01-06 28
      IDXP       2022-01-10 1
    trades:
      trade_id book instrument quantity price trade_date
      T1       VOL1 IDXC       2        20    2022-01-06
      T2       VOL1 IDXP       -3       28    2022-01-06
    """
    assert last(ledger, "quantity", "wealth", instrument="IDXC") == (0, 2 * 100 * (25 - 20))
    assert last(ledger, "quantity", "wealth", instrument="IDXP") == (0, 3 * 100 * 28)


def test_a_weekend_trade_belongs_to_the_next_business_day(ledger):
    """
    books:
      book desk
      FX1  FX
    instruments:
      symbol asset_class instrument_type
      EURUSD fx          fx_spot
    prices:
      instrument price_date price
      EURUSD     2022-01-07 1.13
      EURUSD     2022-01-10 1.14
    trades:
      trade_id book instrument quantity price trade_date
      T1       FX1  EURUSD     1000     1.13  2022-01-07
      T2       FX1  EURUSD     1000     1.14  2022-01-08
    """
    rows = ledger.sql("SELECT position_date::VARCHAR AS day, quantity::INT AS q FROM position ORDER BY 1")
    assert list(rows.itertuples(index=False, name=None)) == [("2022-01-07", 1000), ("2022-01-10", 2000)]

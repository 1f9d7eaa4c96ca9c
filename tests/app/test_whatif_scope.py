"""What-if from trades to added positions: whose books they may change, what they are done at, what nobody may learn."""

from datetime import date

import numpy as np
import pytest

from app.engine import Engine, Setting
from app.filters import BadFilterError
from app.question import DeniedError
from app.risk.market import in_base
from app.risk.whatif import whatif_change
from app.whatif import whatif_portfolio, whatif_vectors
from data.relations import Ask, read
from data.scope import NOBODY
from tests.ledger import FIRM, trader

AS_OF = date(2022, 1, 6)
BOOK = """
books:
  book desk   strategy trader
  EQ1  Cash   Value    Ann
  EQ2  Cash   Growth   Bob
  EU   Europe Value    Eve
instruments:
  symbol instrument_type asset_class currency underlying expiry     coupon coupon_frequency maturity   price_factor
  AAA    equity          equity      USD      -          -          -      -                -          1
  BBB    equity          equity      EUR      -          -          -      -                -          1
  CCC    equity          equity      USD      -          -          -      -                -          1
  OLD    equity          equity      USD      -          -          -      -                -          1
  F1     future          equity      USD      AAA        2022-01-06 -      -                -          1
  F2     future          equity      USD      AAA        2022-03-18 -      -                -          1
  F3     future          equity      USD      AAA        2022-06-17 -      -                -          1
  BND    government_bond rates       USD      -          -          4      2                2026-11-30 0.01
  BN2    government_bond rates       USD      -          -          4      2                2026-11-30 0.01
fx:
  rate_date  quote rate
  2022-01-03 USD   1.10
  2022-01-04 USD   1.11
  2022-01-05 USD   1.12
  2022-01-06 USD   1.15
curves:
  curve currency curve_date months rate
  USD   USD      2022-01-03 12     0.02
  USD   USD      2022-01-04 12     0.02
  USD   USD      2022-01-05 12     0.02
  USD   USD      2022-01-06 12     0.021
prices:
  instrument price_date price
  OLD        2021-12-20 5
  AAA        2022-01-03 99
  AAA        2022-01-04 100
  AAA        2022-01-05 98
  AAA        2022-01-06 100
  BBB        2022-01-03 50
  BBB        2022-01-04 51
  BBB        2022-01-05 52
  BBB        2022-01-06 40
  CCC        2022-01-03 20
  CCC        2022-01-04 20
  CCC        2022-01-05 21
  F1         2022-01-05 98
  F2         2022-01-06 101
  F3         2022-01-06 103
  BND        2022-01-06 98
  BN2        2022-01-06 98
trades:
  trade_id book instrument quantity price trade_date
  T1       EQ1  AAA        100      99    2022-01-03
  T2       EQ1  F2         10       100   2022-01-04
  T3       EU   BBB        -40      50    2022-01-03
  T4       EU   BND        1000     98    2022-01-04
"""


@pytest.fixture
def book(open_ledger):
    return open_ledger(BOOK)


@pytest.fixture
def engine(book):
    return Engine(book.folder / "vectors", book.warehouse.cursor, "test")


@pytest.fixture
def added(book, engine):
    """A function from trades to the rows they add."""

    def imagine(text, scope=FIRM, **rows):
        setting = Setting(book.warehouse.current().number, AS_OF, "USD")
        return whatif_vectors(engine, setting, scope, rows, text).rows

    return imagine


@pytest.mark.parametrize("name", ["EU", "NOWHERE"])
def test_a_trader_changes_no_book_but_his_own_and_does_not_learn_whether_another_exists(added, name):
    with pytest.raises(DeniedError) as denied:
        added(f"+1 AAA @ {name}", trader("Cash"))
    assert str(denied.value) == f"trade 1 (+1 AAA @ {name}): book '{name}' is not open to you"


def test_nobody_changes_nothing(added):
    with pytest.raises(DeniedError):
        added("+1 AAA @ EQ1", NOBODY)


def test_what_others_hold_cannot_be_closed_from_ones_own_book(added):
    with pytest.raises(BadFilterError, match=r"trade 1 \(close BBB @ EQ1\): EQ1 holds no BBB on the date"):
        added("close BBB @ EQ1", trader("Cash"))


def test_a_price_does_not_tell_whether_anybody_holds_the_instrument(book, added):
    rows = added("+1000 BND @ EQ1; +1000 BN2 @ EQ1", trader("Cash"))
    held, unheld = rows["value"]
    assert held == unheld
    mark = book.sql("SELECT unit_value::DOUBLE AS v FROM mark WHERE mark_date = '2022-01-06' AND price = 98")["v"]
    assert held == pytest.approx(1000 * mark.iloc[0], rel=1e-12)
    assert held == pytest.approx(980 + 1000 * 2 * 38 / 181 / 100, rel=1e-9)


def test_the_terms_of_instruments_are_read_without_any_scope(book):
    ask = Ask({"as_of": AS_OF}, "", values={"symbols": ["AAA", "BN2", "OLD"]})
    frame = read(book.warehouse.cursor(book.warehouse.current().number), "instrument_terms", NOBODY, ask).to_pandas()
    assert frame["symbol"].tolist() == ["AAA", "BN2", "OLD"]
    assert frame["price"].isna().tolist() == [False, False, True]
    assert not {"desk", "book", "quantity"} & set(frame.columns)


def test_an_added_position_has_the_attributes_of_its_book_and_is_worth_what_it_cost(added):
    row = added("-10 BBB @ EQ2").iloc[0]
    assert row[["desk", "strategy", "trader", "currency"]].tolist() == ["Cash", "Growth", "Bob", "EUR"]
    assert (row["quantity"], row["price"], row["value"], row["wealth"]) == (-10, 40, -400, 0)
    assert row["market_value"] == pytest.approx(-460)
    assert row["reason"] == ""


def test_a_price_of_an_earlier_day_is_carried_and_dated(added):
    row = added("+1 CCC @ EQ1").iloc[0]
    assert (row["price"], row["price_date"].isoformat()) == (21, "2022-01-05")


@pytest.mark.parametrize(("text", "reason"), [("+1 OLD @ EQ1", "no price of OLD"), ("+1 F1 @ EQ1", "F1 has expired")])
def test_an_instrument_without_a_price_is_a_row_with_its_reason(added, text, reason):
    row = added(text).iloc[0]
    assert row["reason"] == reason
    assert np.isnan(row["value"])


def test_an_instrument_that_does_not_exist_is_refused(added):
    with pytest.raises(BadFilterError, match=r"trade 2 \(close ZZZ @ EQ1\): there is no instrument ZZZ"):
        added("+1 AAA @ EQ1; close ZZZ @ EQ1")


def test_every_change_stands_on_what_the_one_before_it_left(added):
    rows = added("+50 AAA @ EQ1; x2 AAA @ EQ1; close AAA @ EQ1; x0.5 F2 @ EQ1")
    assert rows["quantity"].tolist() == [50, 150, -300, -5]
    with pytest.raises(BadFilterError, match="EQ1 holds no AAA"):
        added("close AAA @ EQ1; x2 AAA @ EQ1")


def test_scaling_by_one_changes_nothing(added):
    assert added("x1 AAA @ EQ1").empty


def test_rolled_is_the_same_quantity_and_replaced_the_same_value_in_the_base_currency(added):
    rolled = added("roll F2 to F3 @ EQ1")
    assert rolled[["instrument", "quantity"]].to_numpy().tolist() == [["F2", -10], ["F3", 10]]
    replaced = added("replace AAA by BBB @ EQ1")
    assert replaced["quantity"].tolist() == [-100, pytest.approx(10_000 / (40 * 1.15), abs=1e-4)]
    assert replaced["market_value"].sum() == pytest.approx(0, abs=0.01)


def test_a_roll_into_what_has_no_price_is_not_half_done(added):
    rows = added("roll F2 to F1 @ EQ1; close F2 @ EQ1")
    assert rows["reason"].tolist() == ["F1 has expired", "F1 has expired", ""]
    assert rows["quantity"].tolist() == [-10, 10, -10]


def test_trades_are_narrowed_like_positions(added):
    text = "+1 AAA @ EQ1; +1 AAA @ EU; +1 BBB @ EQ2"
    assert added(text, desk="Cash")["book"].tolist() == ["EQ1", "EQ2"]
    assert added(text, currency="EUR", desk="Cash")["trade"].tolist() == [3]
    assert added(text, desk="Nowhere").empty


def test_no_trades_add_nothing(added):
    assert added("").empty


@pytest.mark.parametrize("scope", [FIRM, trader("Cash")])
def test_closing_all_of_a_book_leaves_it_without_risk(book, engine, scope):
    setting = Setting(book.warehouse.current().number, AS_OF, "USD")
    rows = {"book": "EQ1"}
    base = engine.vectors(setting, scope, rows)
    worth = in_base(base.rows["value"], base.rows["currency"], engine.market(setting), AS_OF, "USD")
    base.rows["market_value"] = worth
    frame = whatif_change(base, whatif_vectors(engine, setting, scope, rows, "close AAA @ EQ1; close F2 @ EQ1"))
    assert (frame["before"].abs() > 0).all()
    assert frame["after"].to_numpy() == pytest.approx(0, abs=1e-6)


def test_trades_lie_under_the_market_of_the_day_like_the_stored_positions(book, engine):
    setting = Setting(book.warehouse.current().number, AS_OF, "USD")
    imagined = whatif_vectors(engine, setting, FIRM, {}, "+100 AAA @ EQ1")
    stored = engine.vectors(setting, FIRM, {"book": "EQ1", "instrument": "AAA"})
    assert np.array_equal(imagined.days, stored.days)
    assert np.array_equal(imagined.pnl, stored.pnl)
    assert whatif_portfolio(engine, setting, FIRM, {}, "").pnl(engine.market(setting).on(AS_OF)[None]).shape == (0, 1)

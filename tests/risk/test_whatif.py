"""What-if: imagined trades beside the book, in one vector addition that agrees with a revaluation of both."""

import numpy as np
import pandas as pd
import pytest

from app.risk.cube import Vectors
from app.risk.market import in_base
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.stress import Scenario, Shock
from app.risk.var import historical_var
from app.risk.whatif import whatif_by, whatif_change, whatif_stress, whatif_trades
from tests.risk.market_by_hand import AS_OF, bond, market, option, portfolio, positions, share

BOOK = (share("X", 10), share("Y", -30, 50.0, book="B", desk="Two"), option(), bond())
CRASH = Scenario("crash", "Crash", "hypothetical", shocks=(Shock("spot", (-20.0,), "percent"),))


def vectors(*rows):
    """P&L vectors of positions under the market by hand, with their value in dollars."""
    held = portfolio(*rows)
    scenarios = historical(held.market, window=5)
    levels = shifted(held.market.on(AS_OF), scenarios.moves, held.market.absolute)
    worth = in_base(held.positions["value"], held.positions["currency"], held.market, AS_OF, "USD")
    frame = held.positions.assign(reason=held.reasons, market_value=worth)
    return Vectors(frame, held.pnl(levels), scenarios.days)


def imagined(*rows):
    """The same with the number and text of a trade each."""
    found = vectors(*rows)
    numbers = [row.get("trade", place) for place, row in enumerate(rows, 1)]
    return Vectors(found.rows.assign(trade=numbers, change="as written"), found.pnl, found.days)


def opposite(row):
    return {**row, "quantity": -row["quantity"], "value": -row["value"]}


def figures(base, added, **settings):
    return whatif_change(base, added, **settings).set_index("figure")


def test_without_trades_before_is_after():
    frame = figures(vectors(*BOOK), imagined())
    assert (frame["change"] == 0).all()
    assert frame["before"].equals(frame["after"])
    assert frame.loc["VaR", "before"] > 0


def test_a_book_whose_positions_are_all_closed_has_no_risk_left():
    frame = figures(vectors(*BOOK), imagined(*map(opposite, BOOK)))
    assert frame["after"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert frame["share"].tolist() == pytest.approx([-1, -1, -1, -1, 1])


def test_a_trade_and_its_opposite_change_nothing():
    trade = option(strike=110.0, price=3.0)
    frame = figures(vectors(*BOOK), imagined(trade, opposite(trade)))
    assert frame["change"].to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_the_change_is_that_of_a_full_revaluation_within_single_precision():
    trades = (share("Y", 70, 50.0), option(strike=90.0, price=15.0, quantity=-3.0))
    whole = vectors(*BOOK, *trades)
    frame = figures(vectors(*BOOK), imagined(*trades))
    assert frame.loc["VaR", "after"] == pytest.approx(historical_var(whole.pnl.astype(float).sum(axis=0)), rel=1e-6)
    assert frame.loc["Net exposure", "after"] == pytest.approx(whole.rows["market_value"].sum())


def test_gross_exposure_nets_a_trade_with_the_position_it_changes_and_with_no_other():
    base = vectors(share("X", 10), share("X", -10, book="B"))
    same = figures(base, imagined(share("X", -4)))
    assert same.loc["Gross exposure", ["before", "after"]].tolist() == [2080, 1664]
    apart = figures(base, imagined(share("Y", -4, 50.0)))
    assert apart.loc["Gross exposure", "after"] == 2280


def test_a_tree_shows_the_change_at_every_node_and_grows_a_node_for_a_book_that_held_nothing():
    base, added = vectors(*BOOK), imagined(share("X", 5, book="NEW", desk="Two"), share("X", 5))
    tree = whatif_by(base, added, by=("desk", "book"))
    total, whole = tree.iloc[0], figures(base, added)
    assert total["var_change"] == pytest.approx(whole.loc["VaR", "change"])
    assert total["gross_change"] == pytest.approx(whole.loc["Gross exposure", "change"]) == 1040
    new = tree[tree["book"] == "NEW"].iloc[0]
    assert (new["var_before"], new["gross_before"], new["net_change"]) == (0, 0, 520)
    assert new["var_after"] == new["var_change"] > 0
    untouched = tree[tree["book"] == "B"].iloc[0]
    assert untouched[["var_change", "gross_change", "net_change"]].tolist() == [0, 0, 0]


def test_the_order_of_rows_does_not_matter():
    base, added = vectors(*BOOK), imagined(share("X", 5), share("Y", 5, 50.0, book="B", desk="Two"))
    turned = whatif_by(base.take(np.array([2, 0, 3, 1])), added.take(np.array([1, 0])), by=("desk", "book"))
    pd.testing.assert_frame_equal(turned, whatif_by(base, added, by=("desk", "book")))


def test_a_trade_of_two_legs_is_measured_as_one_and_stated_once():
    base = vectors(*BOOK)
    legs = share("X", -10, trade=1), share("Y", 20, 50.0, trade=1)
    rows = whatif_trades(base, imagined(*legs))
    expected = figures(base, imagined(*legs)).loc["VaR", "change"]
    assert rows["incremental"].iloc[0] == pytest.approx(expected)
    assert np.isnan(rows["incremental"].iloc[1])


def test_components_of_the_trades_and_of_the_book_make_the_var_after():
    base, added = vectors(*BOOK), imagined(share("X", 50), option(quantity=-1.0))
    rows = whatif_trades(base, added)
    swapped = Vectors(base.rows.assign(trade=1, change=""), base.pnl, base.days)
    whole = rows["component"].sum() + whatif_trades(added, swapped)["component"].sum()
    assert whole == pytest.approx(figures(base, added).loc["VaR", "after"], rel=1e-9)


def test_a_trade_without_a_price_is_a_row_with_its_reason_and_changes_nothing():
    base, added = vectors(*BOOK), imagined(share("X", 10, np.nan), share("X", 1))
    rows = whatif_trades(base, added)
    assert rows["reason"].tolist() == ["no price", ""]
    assert rows.loc[0, ["market_value", "incremental", "component"]].isna().all()
    alone = imagined(share("X", 1))
    pd.testing.assert_frame_equal(whatif_change(base, added), whatif_change(base, alone))


def test_stress_after_is_the_stress_of_the_book_with_the_trades():
    trades = (share("X", 3), option(strike=110.0, price=3.0, quantity=-2.0))
    base, history = portfolio(*BOOK), market()
    frame = whatif_stress(base, portfolio(*trades), history, (CRASH,))
    whole = Portfolio(positions(*BOOK, *trades), history, AS_OF, "USD")
    alone = whatif_stress(whole, portfolio(), history, (CRASH,))
    assert frame["after"].tolist() == pytest.approx(alone["before"].tolist())
    assert frame["difference"].iloc[0] != 0
    assert alone["difference"].tolist() == [0]


def test_an_empty_book_takes_trades_and_nothing_at_all_is_nothing():
    base = vectors()
    frame = figures(base, imagined(share("X", 10)))
    assert (frame["before"] == 0).all()
    assert frame["share"].isna().all()
    assert frame.loc["VaR", "after"] > 0
    assert not figures(base, imagined())[["before", "after", "change"]].to_numpy().any()
    assert whatif_trades(base, imagined()).empty


def test_vectors_over_other_scenarios_are_refused():
    base = vectors(*BOOK)
    with pytest.raises(ValueError, match="different scenarios"):
        whatif_change(base, Vectors(base.rows, base.pnl, base.days + 1))

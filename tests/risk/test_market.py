"""The market: factors side by side, moves by their declared shift, prices adjusted for corporate actions."""

import numpy as np
import pandas as pd
import pytest

from app.risk.market import assemble, in_base
from app.risk.returns import historical, moved, shifted
from tests.risk import market_by_hand as by_hand

EMPTY = by_hand.rates(), by_hand.zeros("USD", {}), by_hand.vols("X", {})


def series(market, name):
    return market.levels[:, market.column[name]]


def test_factors_carry_their_kind_owner_and_node_in_their_name():
    names = set(by_hand.market().factors["name"])
    assert {"spot:X", "spot:OIL", "fx:USD", "zero:EUR:120", "vol:X:6:0.9"} <= names


def test_a_split_and_a_dividend_leave_the_return_that_a_holder_earned():
    quotes = by_hand.spots(X=[100, 100, 50, 51, 50, 52])
    quotes.loc[2, "split"] = 2.0
    quotes.loc[4, "dividend"] = 1.0
    levels = series(assemble(quotes, *EMPTY), "spot:X")
    assert levels[-1] == 52
    assert np.allclose(levels[1:] / levels[:-1] - 1, [0, 0, 0.02, 0, 0.04])


def test_a_price_that_is_missing_for_a_few_days_is_carried_and_longer_is_not_known():
    quotes = by_hand.spots(X=[1, 2, 3, 4, 5, 6], Y=[1, 2, 3, 4, 5, 6], Z=[7, 8, 9, 9, 9, 9])
    short = assemble(quotes[(quotes["symbol"] != "Z") | (quotes["day"] < by_hand.DAYS[3])], *EMPTY)
    assert series(short, "spot:Z").tolist() == [7, 8, 9, 9, 9, 9]
    late = assemble(quotes[(quotes["symbol"] != "Z") | (quotes["day"] >= by_hand.DAYS[4])], *EMPTY)
    assert np.isnan(series(late, "spot:Z")[:4]).all()


def test_a_day_with_quotes_of_few_factors_is_no_market_day():
    quotes = by_hand.spots(X=[1, 2, 3, 4, 5, 6], Y=[1, 2, 3, 4, 5, 6], Z=[1, 2, 3, 4, 5, 6])
    sunday = pd.DataFrame([{**quotes.iloc[0].to_dict(), "day": pd.Timestamp("2023-12-31")}])
    assert len(assemble(pd.concat([sunday, quotes]), *EMPTY).days) == 6


def test_moves_are_ratios_of_prices_and_differences_of_rates_and_commodities():
    market = by_hand.market()
    moves = historical(market, window=10).moves
    assert moves[0, market.column["spot:X"]] == pytest.approx(0.01)
    assert moves[0, market.column["zero:USD:3"]] == pytest.approx(0.0001)
    assert moves[2, market.column["spot:OIL"]] == pytest.approx(-32)


def test_moves_lead_back_to_the_levels_they_were_taken_from_even_through_a_negative_oil_price():
    market = by_hand.market()
    moves = moved(market.levels[:-1], market.levels[1:], market.absolute)
    for day in range(len(moves)):
        assert np.allclose(shifted(market.levels[day], moves[day], market.absolute), market.levels[day + 1])


def test_a_window_longer_than_history_gives_the_history_there_is():
    assert len(historical(by_hand.market(), window=500)) == 5
    assert len(historical(by_hand.market(), window=2)) == 2
    assert len(historical(by_hand.market(), window=500, horizon=3)) == 3


def test_a_move_that_history_lacks_is_the_mean_of_its_kind_and_is_counted():
    quotes = by_hand.spots(X=[100, 110, 110, 110, 110, 110], Y=[100, 130, 130, 130, 130, 130], Z=[1, 1, 1, 1, 1, 1])
    quotes = quotes[(quotes["symbol"] != "Z") | (quotes["day"] >= by_hand.DAYS[1])]
    market = assemble(quotes, *EMPTY)
    scenarios = historical(market, window=5)
    assert scenarios.moves[0, market.column["spot:Z"]] == pytest.approx(0.2)
    assert scenarios.proxied[:, market.column["spot:Z"]].mean() == pytest.approx(0.2)
    assert not scenarios.proxied[:, market.column["spot:X"]].any()


def test_a_day_before_the_first_is_refused_and_a_holiday_is_the_day_before_it():
    market = by_hand.market()
    with pytest.raises(LookupError, match="no market before 2024-01-01"):
        market.place(pd.Timestamp("2023-01-01").date())
    assert market.place(pd.Timestamp("2024-01-06").date()) == 4
    assert np.isnan(market.on(pd.Timestamp("2023-01-01").date())).all()


def test_until_hides_the_future():
    market = by_hand.market()
    assert len(market.until(by_hand.DAYS[2].date()).days) == 3


def test_windows_and_horizons_count_from_one():
    with pytest.raises(ValueError, match="window=0"):
        historical(by_hand.market(), window=0)


def test_until_a_day_spots_are_as_quoted_that_day_whatever_split_came_later():
    quotes = by_hand.spots(X=[100, 110, 55, 56, 57, 58])
    quotes.loc[2, "split"] = 2.0
    market = assemble(quotes, *EMPTY)
    early = market.until(by_hand.DAYS[1].date())
    assert series(early, "spot:X") == pytest.approx([100, 110])
    assert series(market, "spot:X") == pytest.approx([50, 55, 55, 56, 57, 58])
    assert series(market.rebased(by_hand.DAYS[1].date()), "spot:X")[2] == pytest.approx(110)


def test_the_order_of_quotes_does_not_matter():
    quotes = by_hand.spots(X=[1, 2, 3, 4, 5, 6], Y=[1, 2, 3, 4, 5, 6])
    turned = assemble(quotes[::-1], *EMPTY)
    assert turned.factors.equals(assemble(quotes, *EMPTY).factors)
    assert np.array_equal(turned.levels, assemble(quotes, *EMPTY).levels)


def test_a_currency_is_worth_its_rate_over_the_others_in_every_scenario():
    market = by_hand.market()
    levels = np.stack([market.on(by_hand.AS_OF), 2 * market.on(by_hand.AS_OF)], axis=1)
    levels[market.column["fx:USD"], 1] = 0.94
    assert market.exchange(levels, "EUR", "USD") == pytest.approx([1 / 0.94, 2 / 0.94])
    assert market.exchange(levels, "USD", "EUR") == pytest.approx([0.94, 0.47])
    assert market.exchange(levels, "JPY", "JPY").tolist() == [1, 1]
    assert np.isnan(market.exchange(levels, "JPY", "USD")).all()


def test_only_two_currencies_with_rates_are_a_pair():
    market = by_hand.market()
    assert market.pair("EUR", "USD") == (market.column["fx:EUR"], market.column["fx:USD"])
    assert market.pair("EUR", "JPY") is None
    assert market.pair("X", "") is None


def test_amounts_without_a_rate_are_not_known():
    worth = in_base([94.0, 1.0, 2.0], pd.Series(["EUR", "USD", "JPY"]), by_hand.market(), by_hand.AS_OF, "USD")
    assert worth[0] == pytest.approx(100)
    assert worth[1] == 1
    assert np.isnan(worth[2])

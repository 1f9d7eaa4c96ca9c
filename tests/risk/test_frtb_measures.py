"""FRTB of a book by hand: what is bumped is what the text bumps, in the bucket that the data can defend.

The market has two shares (X with a surface, Y), euros and dollars, a dollar curve of 3 months, 5 and 10 years and a
euro curve of 3 months and 10 years; see market_by_hand.
"""

import numpy as np
import pandas as pd
import pytest

from app.risk.frtb import liquidity_adjusted, standardised_charge
from app.risk.frtb_measures import frtb_buckets, frtb_sba, sba_sensitivities
from app.risk.frtb_shortfall import frtb_es
from app.risk.market import Market
from app.risk.portfolio import Portfolio
from tests.risk.market_by_hand import AS_OF, bond, market, option, portfolio, positions, share


def part(frame, risk_class, kind="delta"):
    return frame.loc[(frame["risk_class"] == risk_class) & (frame["kind"] == kind)]


def euros(*rows):
    return portfolio(*rows, base="EUR")


def long_portfolio(*rows, days=60):
    """The positions under a random walk of every factor that ends at today's levels."""
    today = market()
    walk = np.random.default_rng(3).normal(0, 0.01, (days, len(today.factors))).cumsum(axis=0)
    dates = np.datetime64(AS_OF) - np.arange(days)[::-1]
    levels = today.levels[-1] * np.exp(walk - walk[-1])
    return Portfolio(positions(*rows), Market(today.factors, dates, levels), AS_OF, "USD")


def test_the_delta_of_a_share_is_its_value_in_the_bucket_of_other_sectors():
    found = part(sba_sensitivities(portfolio(share(quantity=10), share("Y", -4, 50.0))), "equity")
    assert dict(zip(found["name"], found["amount"], strict=True)) == pytest.approx({"X": 1040.0, "Y": -200.0})
    assert set(found["bucket"]) == {"11"}


def test_an_index_is_in_the_bucket_of_other_indices_with_its_options():
    rows = share(asset_class="index"), option(asset_class="index")
    assert set(part(sba_sensitivities(portfolio(*rows)), "equity")["bucket"]) == {"13"}


def test_the_charge_of_a_share_is_its_value_at_the_weight_of_its_bucket():
    charge = frtb_sba(portfolio(share(quantity=10)))
    assert charge["risk_class"].tolist() == ["Total", "Equity risk"]
    assert charge["charge"].tolist() == pytest.approx([0.7 * 1040] * 2)
    assert charge[["low", "medium", "high"]].to_numpy() == pytest.approx(0.7 * 1040)


def test_other_sectors_do_not_net():
    charge = frtb_sba(portfolio(share(quantity=10), share("Y", -20.8, 50.0)))
    assert charge["charge"].iloc[0] == pytest.approx(2 * 0.7 * 1040)


def test_a_curve_is_bumped_node_by_node_on_the_vertices_of_the_text():
    book = portfolio(bond())
    found = part(sba_sensitivities(book), "girr")
    assert set(found["bucket"]) == {"USD"}
    assert set(found["tenor"]) <= {0.25, 5.0, 10.0}
    parallel = book.market.on(AS_OF) + 1e-4 * (book.market.factors["owner"] == "USD") * (book.market.kinds == "zero")
    assert found["amount"].sum() == pytest.approx(
        book.pnl(parallel.to_numpy()[None], dtype=float)[0, 0] / 1e-4, rel=1e-3
    )


def test_the_spread_of_a_government_bond_moves_as_its_rates_do_under_an_unrated_sovereign():
    found = sba_sensitivities(portfolio(bond(), share()))
    spread = part(found, "csr")
    assert set(spread["bucket"]) == {"9"}
    assert set(spread["name"]) == {"USD government"}
    assert set(spread["tenor"]) <= {0.5, 1.0, 3.0, 5.0, 10.0}
    assert spread["amount"].sum() == pytest.approx(part(found, "girr")["amount"].sum())


def test_vega_is_the_change_for_a_per_cent_of_the_volatility_shared_between_vertices():
    book = portfolio(option())
    found = part(sba_sensitivities(book), "equity", "vega")
    level, kinds = book.market.on(AS_OF), book.market.kinds
    moved = np.where(kinds == "vol", 1.01 * level, level)
    assert found["amount"].sum() == pytest.approx(
        book.pnl(moved[None], sticky=True, dtype=float)[0, 0] / 0.01, rel=1e-2
    )
    assert set(found["tenor"]) == {0.5}


def test_options_alone_have_vega_and_curvature():
    assert set(sba_sensitivities(portfolio(share(), bond()))["kind"]) == {"delta"}
    kinds = set(sba_sensitivities(portfolio(option()))["kind"])
    assert kinds == {"delta", "vega", "curvature_up", "curvature_down"}


def test_curvature_is_the_loss_beyond_delta_so_that_bought_options_have_none():
    long, short = (frtb_sba(portfolio(option(quantity=size))).set_index("risk_class") for size in (2.0, -2.0))
    assert long.loc["Equity risk", "curvature"] == 0
    assert short.loc["Equity risk", "curvature"] > 0


def test_currencies_are_charged_against_the_base_currency_alone():
    rows = share(wealth=500.0), share("Y", 2.0, 50.0, wealth=-100.0)
    assert part(sba_sensitivities(portfolio(*rows)), "fx").empty
    found = part(sba_sensitivities(euros(*rows)), "fx")
    assert (found["bucket"].tolist(), found["amount"].tolist()) == (["USD"], pytest.approx([400 * 0.94]))


def test_the_charge_is_that_of_the_sensitivities_and_its_parts_add_up():
    book = euros(share(wealth=1040.0), option(quantity=-2.0), bond())
    charge = standardised_charge(sba_sensitivities(book), reporting_currency="EUR")
    shown = frtb_sba(book)
    assert shown["charge"].iloc[0] == pytest.approx(charge.total)
    assert shown["charge"].iloc[1:].sum() == pytest.approx(charge.total)
    assert shown[["delta", "vega", "curvature"]].sum(axis=1).to_numpy() == pytest.approx(shown["charge"].to_numpy())
    assert set(shown["scenario"]) == {charge.scenario}


def test_the_largest_bucket_stands_first():
    buckets = frtb_buckets(portfolio(share(quantity=1000), bond(), option(quantity=-1.0)))
    assert buckets["charge"].is_monotonic_decreasing
    assert buckets[["risk_class", "component", "bucket"]].iloc[0].tolist() == ["Equity risk", "delta", "11"]


def test_twice_the_book_has_twice_the_charge():
    book = share(), option(quantity=-2.0), bond()
    twice = share(quantity=20.0), option(quantity=-4.0), bond(quantity=2000.0)
    columns = ["delta", "vega", "curvature", "charge"]
    assert frtb_sba(portfolio(*twice))[columns].to_numpy() == pytest.approx(
        2 * frtb_sba(portfolio(*book))[columns].to_numpy(), rel=1e-6
    )


def test_the_order_of_the_positions_does_not_matter():
    rows = [share(), option(), bond()]
    one, other = (frtb_sba(portfolio(*order)) for order in (rows, rows[::-1]))
    pd.testing.assert_frame_equal(one, other)


def test_the_shortfall_is_adjusted_for_the_horizons_of_the_factors_that_move_it():
    shortfall = frtb_es(long_portfolio(share(), option()), observations=40).set_index("horizon")
    assert shortfall.index.tolist() == ["Liquidity-adjusted", "10 days", "20 days", "60 days"]
    assert set(shortfall["observations"]) == {40}
    es = {int(name.split()[0]): value for name, value in shortfall["es"].iloc[1:].items()}
    assert shortfall["scaled"].iloc[0] == pytest.approx(liquidity_adjusted(es))
    assert shortfall["scaled"].iloc[0] == pytest.approx(np.sqrt((shortfall["scaled"].iloc[1:] ** 2).sum()))


def test_a_share_alone_is_moved_by_factors_of_twenty_days_and_not_by_volatility():
    es = frtb_es(long_portfolio(share()), observations=40).set_index("horizon")["es"]
    assert es["10 days"] == es["20 days"] > 0
    assert es["60 days"] == 0


@pytest.mark.parametrize("base", ["USD", "EUR"])
def test_nothing_held_is_charged_nothing(base):
    empty = Portfolio(positions().iloc[:0], market(), AS_OF, base)
    assert frtb_sba(empty)["charge"].tolist() == [0.0]
    assert frtb_buckets(empty).empty
    assert frtb_es(long_portfolio()).empty


def test_without_ten_days_of_history_there_is_no_scenario():
    assert set(frtb_es(portfolio(share()))["observations"]) == {0}


def test_a_position_that_cannot_be_priced_is_in_no_sum():
    known, more = portfolio(share()), portfolio(share(), share("Z", 5.0, 10.0))
    pd.testing.assert_frame_equal(frtb_sba(known), frtb_sba(more))

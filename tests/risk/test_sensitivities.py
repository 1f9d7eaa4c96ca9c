"""Sensitivities by bump and revaluation, checked against the closed forms and against each other."""

from dataclasses import fields
from datetime import date

import numpy as np
import pandas as pd
import pytest

from app.risk.beta import beta_exposure, betas
from app.risk.kernels import Bonds, Option
from app.risk.pricing import Greeks, greeks
from app.risk.sensitivities import (
    cross_gamma,
    fx_deltas,
    key_rate_ladder,
    key_rates,
    sensitivities,
    tenor,
    vega_surface,
)
from tests.risk.market_by_hand import bond, option, portfolio, share

PUT = option(strike=105.0, price=6.0, quantity=-3.0, option_type="put", book="B", symbol="X P105")
FUTURE = {"symbol": "F", "instrument_type": "future", "underlying": "X", "quantity": 3.0, "price": 105.0} | {
    "multiplier": 50.0,
    "value": 3 * 105 * 50.0,
    "expiry": date(2024, 6, 21),
}
EURO = share(currency="EUR", wealth=100.0, symbol="Y", price=50.0, book="B")
EVERYTHING = (share(), option(), PUT, bond(desk="Two", book="C"), FUTURE, EURO)
NUMBERS = ["delta", "gamma", "vega", "theta", "rho", "pv01", "cs01", "fx_delta"]


def total(held):
    return sensitivities(held, by=()).iloc[0]


def closed(held) -> Greeks:
    """The closed-form Greeks of all options, summed over contracts, at the volatilities the marks imply."""
    (kernel,) = (kernel for kernel in held.kernels if isinstance(kernel, Option))
    rate, terms = kernel.curve @ held.levels, {"volatility": kernel.volatility, "call": kernel.call}
    each = greeks(104.0, kernel.strike, kernel.years, rate=rate, **terms)
    return Greeks(**{field.name: float(getattr(each, field.name) @ kernel.size) for field in fields(Greeks)})


def test_greeks_of_options_are_those_of_the_closed_form():
    held = portfolio(option(), PUT)
    bumped, exact = total(held), closed(held)
    assert bumped["delta"] == pytest.approx(exact.delta * 104 * 0.01, rel=1e-3)
    assert bumped["gamma"] == pytest.approx(exact.gamma * (104 * 0.01) ** 2, rel=1e-3)
    assert bumped["theta"] == pytest.approx(exact.theta / 365, rel=0.02)
    assert bumped["rho"] == pytest.approx(exact.rho * 1e-4, rel=1e-3)
    assert bumped["rho"] == bumped["pv01"]


def test_vega_is_the_closed_form_times_how_far_the_implied_volatility_follows_its_surface():
    held = portfolio(option())
    (kernel,) = held.kernels
    follows = float(kernel.volatility[0] / kernel.smile[0])
    assert total(held)["vega"] == pytest.approx(closed(held).vega * 0.01 * follows, rel=0.01)


def test_a_share_has_delta_and_nothing_else():
    numbers = total(portfolio(share(quantity=-10)))
    assert numbers["delta"] == pytest.approx(-10.40)
    assert np.abs(numbers[NUMBERS[1:]].to_numpy(dtype=float)).max() < 1e-9


def test_one_per_cent_of_a_price_below_zero_is_upwards():
    below = share("OIL", 5, -37.0, asset_class="commodity")
    held = portfolio(below)
    place = held.market.column["spot:OIL"]
    held.market.levels[-1, place] = -37.0
    assert total(type(held)(held.positions, held.market, held.as_of, "USD"))["delta"] == pytest.approx(5 * 0.37)


def test_a_bond_has_no_rho_and_its_spread_weighs_as_its_curve():
    numbers, held = total(portfolio(bond())), portfolio(bond())
    (kernel,) = (kernel for kernel in held.kernels if isinstance(kernel, Bonds))
    worth = kernel.flows * np.exp(-(kernel.curve @ held.levels) * kernel.times)
    assert numbers["pv01"] == pytest.approx(-float((worth @ kernel.times)[0]) * 1e-4, rel=1e-3)
    assert numbers["cs01"] == pytest.approx(numbers["pv01"], rel=1e-9)
    assert numbers["rho"] == 0


def test_a_spread_of_a_foreign_bond_is_in_the_base_currency():
    here, there = (total(portfolio(bond(currency="EUR"), base=base))["cs01"] for base in ("EUR", "USD"))
    assert there == pytest.approx(here / 0.94)


def test_every_node_is_the_sum_of_its_parts():
    tree = sensitivities(portfolio(*EVERYTHING), by=("desk", "book"))
    for name in NUMBERS:
        sums = tree.groupby("level")[name].sum()
        assert sums.to_numpy() == pytest.approx(np.full(3, sums[0]))
    assert tree["held"].tolist() == [6, 5, 3, 2, 1, 1]


def test_doubling_doubles_and_netting_leaves_none():
    doubled = [{**row, "quantity": 2 * row["quantity"], "value": 2 * row["value"]} for row in EVERYTHING[:5]]
    opposite = [{**row, "quantity": -row["quantity"], "value": -row["value"]} for row in EVERYTHING[:5]]
    one, two, none = (
        total(portfolio(*rows))[NUMBERS].to_numpy(dtype=float)
        for rows in (EVERYTHING[:5], doubled, (*EVERYTHING[:5], *opposite))
    )
    assert two == pytest.approx(2 * one)
    assert np.abs(none).max() < 1e-8


def test_what_cannot_be_priced_is_in_no_sum_and_is_counted():
    held = portfolio(share(), share("GONE"), share(currency="XAU"), bond(currency="JPY"))
    numbers = total(held)
    assert (numbers["held"], numbers["priced"]) == (4, 1)
    assert numbers["delta"] == pytest.approx(10.40)
    assert not numbers[NUMBERS].isna().any()


def test_an_empty_book_has_no_sensitivities():
    held = portfolio()
    assert not total(held)[NUMBERS].to_numpy(dtype=float).any()
    assert key_rates(held).empty
    assert fx_deltas(held).empty
    assert cross_gamma(held).empty
    assert vega_surface(held).empty
    assert not beta_exposure(held, held.market, by=("desk",)).to_numpy(dtype=float, na_value=0).any()


def test_key_rates_add_up_to_the_parallel_pv01():
    held = portfolio(*EVERYTHING)
    ladder = key_rate_ladder(held)
    assert ladder["pv01"].sum() == pytest.approx(total(held)["pv01"], rel=1e-3)
    assert ladder["tenor"].tolist() == ["3M", "5Y", "10Y"]
    assert set(ladder["curve"]) == {"USD"}


def test_key_rates_of_groups_add_up_to_those_of_all():
    held = portfolio(*EVERYTHING)
    by_desk = key_rates(held, by=("desk",))
    assert by_desk.columns.tolist() == ["desk", "curve", "tenor", "months", "node", "pv01"]
    whole = key_rates(held).set_index("node")["pv01"]
    assert by_desk.groupby("node")["pv01"].sum()[whole.index].to_numpy() == pytest.approx(whole.to_numpy())
    assert by_desk.loc[by_desk["desk"] == "Two", "node"].tolist() == ["USD 3M", "USD 5Y", "USD 10Y"]


def test_a_bond_between_two_nodes_leans_on_both_and_most_on_the_nearer():
    ladder = key_rate_ladder(portfolio(bond(maturity=date(2032, 1, 8)))).set_index("tenor")["pv01"]
    assert ladder["5Y"] < 0
    assert ladder["10Y"] < ladder["5Y"] < ladder["3M"]


def test_the_vega_surface_adds_up_to_the_parallel_vega():
    held = portfolio(option(), PUT)
    surface = vega_surface(held)
    assert surface["vega"].sum() == pytest.approx(total(held)["vega"], rel=0.02)
    assert surface[["tenor", "moneyness"]].drop_duplicates().shape == (6, 2)


def test_fx_deltas_add_up_and_the_base_currency_has_none():
    held = portfolio(EURO, share())
    deltas = fx_deltas(held)
    assert deltas["currency"].tolist() == ["EUR"]
    assert deltas["fx_delta"].tolist() == pytest.approx([100 / 0.94 * 0.01])
    assert deltas["fx_delta"].sum() == pytest.approx(total(held)["fx_delta"])
    assert fx_deltas(portfolio(EURO, base="EUR")).empty


def test_cross_gamma_has_the_gamma_on_its_diagonal_and_vanna_beside_it():
    held = portfolio(option(), share("Y", price=50.0))
    matrix = cross_gamma(held).pivot_table(index="factor", columns="other", values="gamma")
    assert matrix.loc["X", "X"] == pytest.approx(total(held)["gamma"], rel=1e-3)
    vanna = closed(held).vanna * 1.04 * 0.01
    follows = float((held.kernels[1].volatility / held.kernels[1].smile)[0])
    assert matrix.loc["X", "volatility"] == pytest.approx(vanna * follows, rel=0.02)
    assert np.allclose(matrix, matrix.T)
    assert "Y" not in matrix
    assert "FX" not in matrix


def test_a_foreign_share_has_a_cross_term_with_its_currency():
    matrix = cross_gamma(portfolio(EURO)).set_index(["factor", "other"])["gamma"]
    assert matrix["Y", "FX"] == pytest.approx(500 / 0.94 * 0.01 * 0.01)


def test_the_underlyings_of_the_largest_gamma_are_shown():
    factors = set(cross_gamma(portfolio(share("Y", 1e6, 50.0, currency="EUR"), option()), top=1)["factor"])
    assert "X" in factors
    assert "Y" not in factors


def test_the_order_of_positions_does_not_matter():
    forth, back = (total(portfolio(*rows))[NUMBERS] for rows in (EVERYTHING, EVERYTHING[::-1]))
    assert forth.to_numpy(dtype=float) == pytest.approx(back.to_numpy(dtype=float))


def test_tenors_are_written_as_desks_write_them():
    assert [tenor(months) for months in (1, 12, 18, 360)] == ["1M", "1Y", "18M", "30Y"]


def test_beta_is_covariance_over_variance_of_daily_returns():
    held = portfolio(share())
    x, y = (held.market.levels[:, held.market.column[f"spot:{name}"]] for name in "XY")
    mine, its = (series[1:] / series[:-1] - 1 for series in (x, y))
    slopes = betas(held.market, benchmark="Y", days=5)
    assert slopes["X"] == pytest.approx(np.cov(mine, its)[0, 1] / np.var(its, ddof=1))
    assert slopes["Y"] == pytest.approx(1.0)


def test_beta_adjusted_exposure_is_delta_adjusted_value_times_beta():
    held = portfolio(share(), option())
    slopes = betas(held.market, benchmark="Y", days=5)
    row = beta_exposure(held, held.market, by=(), benchmark="Y", days=5).iloc[0]
    assert row["delta_exposure"] == pytest.approx(1040 + closed(held).delta * 104, rel=1e-3)
    assert row["beta_exposure"] == pytest.approx(row["delta_exposure"] * slopes["X"])
    assert row["beta"] == pytest.approx(slopes["X"])


def test_what_has_no_beta_is_shown_beside_and_not_counted_as_one():
    held = portfolio(share())
    for asked in ({"benchmark": "NONE", "days": 5}, {"benchmark": "Y", "days": 250}):
        row = beta_exposure(held, held.market, by=(), **asked).iloc[0]
        assert (row["beta_exposure"], row["beta"]) == (0, 0)
        assert row["without_beta"] == pytest.approx(1040)


def test_a_missing_return_is_left_out_of_both_series():
    held = portfolio(share())
    market = held.market
    market.levels[2, market.column["spot:X"]] = np.nan
    pair = pd.DataFrame(market.levels[:, [market.column["spot:X"], market.column["spot:Y"]]])
    returns = (pair / pair.shift() - 1).dropna()
    expected = returns.cov().iloc[0, 1] / returns[1].var()
    assert betas(market, benchmark="Y", days=5)["X"] == pytest.approx(expected)


def test_a_beta_needs_two_days():
    with pytest.raises(ValueError, match="days is 1"):
        betas(portfolio(share()).market, benchmark="Y", days=1)

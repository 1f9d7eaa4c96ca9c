"""Closed forms: the published figures, then the laws. Figures: reference/options_haug.json and py_vollib.csv."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from app.risk import pricing
from app.risk.normal import normal

REFERENCE = Path(__file__).parent / "reference"
HAUG = json.loads((REFERENCE / "options_haug.json").read_text())
VOLLIB = np.genfromtxt(REFERENCE / "py_vollib.csv", delimiter=",", names=True, skip_header=1)
GREEKS = {"D": "delta", "G": "gamma", "T": "theta", "V": "vega", "R": "rho"}
SECOND = ("gamma", "vega", "vanna", "volga")

OPTIONS = st.fixed_dictionaries(
    {
        "spot": st.floats(50, 200),
        "strike": st.floats(50, 200),
        "years": st.floats(0.05, 5),
        "rate": st.floats(-0.02, 0.15),
        "volatility": st.floats(0.05, 1.5),
        "dividend": st.floats(-0.02, 0.15),
        "call": st.booleans(),
    }
)


def terms(rows):
    names = {"spot": "spot", "strike": "strike", "years": "t", "rate": "r", "volatility": "vol", "dividend": "q"}
    columns = {name: np.array([row[short] for row in rows]) for name, short in names.items()}
    return columns | {"call": np.array([row["type"] == "call" for row in rows])}


def test_european_prices_are_those_published_by_haug():
    published = [row["value"] for row in HAUG["european_values"]]
    assert len(published) == 43
    assert pricing.black_scholes(**terms(HAUG["european_values"])) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("row", HAUG["european_greeks"], ids=lambda row: f"{row['type']}-{row['greek']}")
def test_greeks_are_those_published_by_haug(row):
    greeks = pricing.greeks(**terms([row]))
    found = greeks.theta / 365 if row["greek"] == "theta_per_day" else getattr(greeks, row["greek"])
    assert found == pytest.approx([row["value"]], abs=1e-4)
    assert found == pytest.approx([row["closed_form"]], abs=1e-12)


@pytest.mark.parametrize(("call", "price", "letter"), [(True, "bs_call", "C"), (False, "bs_put", "P")])
def test_prices_and_greeks_are_those_of_py_vollib(call, price, letter):
    given = {"rate": VOLLIB["R"], "volatility": VOLLIB["v"], "call": call}
    where = (VOLLIB["S"], VOLLIB["K"], VOLLIB["t"])
    assert len(VOLLIB) == 101
    assert pricing.black_scholes(*where, **given) == pytest.approx(VOLLIB[price], abs=1e-5)
    greeks = pricing.greeks(*where, **given)
    for short, name in GREEKS.items():
        assert getattr(greeks, name) == pytest.approx(VOLLIB[letter + short], abs=1e-5), name


def test_digitals_are_those_published_by_haug():
    given = terms(HAUG["digital"])
    asset, cash = pricing.digital(**given)
    found = [10 * cash[0], asset[1], asset[2] - 57 * cash[2]]
    assert found == pytest.approx([row["value"] for row in HAUG["digital"]], abs=1e-4)


@given(OPTIONS)
@settings(max_examples=60, deadline=None)
def test_a_call_less_a_put_is_a_forward(option):
    pair = pricing.black_scholes(**option | {"call": np.array([True, False])})
    held = {name: option[name] for name in ("spot", "strike", "years", "rate")}
    assert pair[0] - pair[1] == pytest.approx(pricing.forward_value(**held, carry=option["dividend"]), abs=1e-10)


@given(OPTIONS)
@settings(max_examples=60, deadline=None)
def test_an_option_is_the_asset_less_the_cash_it_pays(option):
    asset, cash = pricing.digital(**option)
    sign = 1 if option["call"] else -1
    found = max(sign * (asset - option["strike"] * cash), 0)
    assert found == pytest.approx(pricing.black_scholes(**option), abs=1e-10)


@given(OPTIONS)
@settings(max_examples=60, deadline=None)
def test_greeks_are_what_bump_and_revalue_finds(option):
    greeks = pricing.greeks(**option)

    def slope(of, name, by):
        up, down = (of(**option | {name: option[name] + way * by}) for way in (1, -1))
        return (up - down) / (2 * by)

    def delta(**at):
        return pricing.greeks(**at).delta

    def vega(**at):
        return pricing.greeks(**at).vega

    price = pricing.black_scholes
    bumped = {
        "delta": slope(price, "spot", 1e-3),
        "gamma": slope(delta, "spot", 1e-3),
        "vega": slope(price, "volatility", 1e-5),
        "theta": -slope(price, "years", 1e-5),
        "rho": slope(price, "rate", 1e-5),
        "dividend_rho": slope(price, "dividend", 1e-5),
        "vanna": slope(delta, "volatility", 1e-5),
        "volga": slope(vega, "volatility", 1e-5),
        "charm": -slope(delta, "years", 1e-5),
    }
    for name, value in bumped.items():
        assert getattr(greeks, name) == pytest.approx(value, rel=1e-4, abs=1e-5), name


@given(OPTIONS)
@settings(max_examples=60, deadline=None)
def test_implied_volatility_returns_the_volatility(option):
    price, vega = pricing.black_scholes(**option), pricing.greeks(**option).vega
    if vega > 1e-3:
        found = pricing.implied_volatility(price, **{k: v for k, v in option.items() if k != "volatility"})
        assert found == pytest.approx(option["volatility"], abs=1e-8)


def test_implied_volatility_reaches_from_almost_nothing_to_a_thousand_per_cent():
    volatility = np.array([1e-10, 1e-6, 0.001, 0.2, 3, 10])
    price = pricing.black_scholes(100, 100, 1, rate=0, volatility=volatility)
    assert pricing.implied_volatility(price, 100, 100, 1, rate=0) == pytest.approx(volatility, rel=1e-4, abs=1e-15)


def test_a_price_outside_the_bounds_of_arbitrage_implies_nothing():
    price = np.array([-1.0, 4.9, 5.0, 5.1, 105.0, 106.0, np.nan])
    found = pricing.implied_volatility(price, 105, 100, 1, rate=0)
    assert np.isnan(found).tolist() == [True, True, False, False, True, True, True]
    assert found[2] == 0
    assert np.isnan(pricing.implied_volatility(10, 100, 100, 0, rate=0))
    assert np.isnan(pricing.implied_volatility(10, -5, 100, 1, rate=0))


def test_prices_rise_with_spot_and_volatility_for_a_call_and_fall_with_spot_for_a_put():
    spot, volatility = np.linspace(1, 300, 200), np.linspace(0, 2, 200)
    shape = {"strike": 100, "years": 1, "rate": 0.03}
    assert (np.diff(pricing.black_scholes(spot, volatility=0.3, **shape)) >= 0).all()
    assert (np.diff(pricing.black_scholes(spot, volatility=0.3, call=False, **shape)) <= 0).all()
    assert (np.diff(pricing.black_scholes(100, volatility=volatility, **shape)) > 0).all()


def test_an_expired_option_is_worth_its_intrinsic_value():
    for years in (0, -1):
        assert pricing.black_scholes([80, 100, 120], 100, years, rate=0.1, volatility=0.3).tolist() == [0, 0, 20]
        put = pricing.black_scholes([80, 100, 120], 100, years, rate=0.1, volatility=0.3, call=False)
        assert put.tolist() == [20, 0, 0]


def test_without_volatility_the_price_is_the_discounted_intrinsic_value_of_the_forward():
    forward = pricing.forward_value([80, 100, 120], 100, 1, rate=0.05, carry=0.02)
    found = pricing.black_scholes([80, 100, 120], 100, 1, rate=0.05, dividend=0.02, volatility=[0, 0, -0.1])
    assert found == pytest.approx(np.maximum(forward, 0), abs=1e-12)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_spot_of_zero_or_less_never_gives_nan(kind):
    spot = np.array([0, -36.98], dtype=kind)
    given = {"strike": kind(10), "years": kind(0.5), "rate": kind(0.05), "volatility": kind(0.8)}
    assert pricing.black_scholes(spot, **given).tolist() == [0, 0]
    put = 10 * np.exp(-0.025) - spot
    assert pricing.black_scholes(spot, **given, call=False) == pytest.approx(put, rel=1e-6)


def test_a_strike_of_zero_or_less_is_the_forward_itself():
    assert pricing.black_scholes([50, 0], [0, -10], 1, rate=0, volatility=0.3).tolist() == [50, 10]
    assert pricing.black_scholes([50, -20], [0, -10], 1, rate=0, volatility=0.3, call=False).tolist() == [0, 10]


def test_greeks_where_no_model_is_left_are_those_of_the_intrinsic_value():
    spot = np.array([[80, 100, 120, -5]])
    years, volatility = np.array([[0], [1]]), np.array([[0.3], [0]])
    greeks = pricing.greeks(spot, 100, years, rate=0.0, volatility=volatility)
    assert greeks.delta.tolist() == [[0, 0.5, 1, 0]] * 2
    for name in (*SECOND, "theta", "charm"):
        assert not getattr(greeks, name).any(), name


@pytest.mark.parametrize("name", ["spot", "strike", "years", "rate", "volatility", "dividend"])
@pytest.mark.parametrize("years", [1.0, 0.0])
def test_nan_in_gives_nan_out_at_that_place_only(name, years):
    option = {"spot": 100, "strike": 90, "years": years, "rate": 0.03, "volatility": 0.2, "dividend": 0.01}
    option[name] = np.array([option[name], np.nan])
    assert np.isnan(pricing.black_scholes(**option)).tolist() == [False, True]
    greeks = pricing.greeks(**option)
    for field in greeks.__slots__:
        assert np.isnan(getattr(greeks, field)).tolist() == [False, True], field


def test_float32_stays_float32_and_close_to_float64():
    random = np.random.default_rng(1)
    spot = random.uniform(50, 150, (40, 200)).astype(np.float32)
    strike, years = (random.uniform(*ends, (40, 1)).astype(np.float32) for ends in ((60, 140), (0.01, 3)))
    given = {"rate": 0.03, "volatility": 0.3, "call": random.random((40, 1)) < 0.5}
    fast = pricing.black_scholes(spot, strike, years, dividend=np.float64(0), **given)
    exact = pricing.black_scholes(*(x.astype(float) for x in (spot, strike, years)), **given)
    assert fast.dtype == np.float32
    assert exact.dtype == np.float64
    assert np.abs(fast - exact).max() < 1e-4


def test_the_normal_distribution_in_float32_is_that_of_scipy():
    x = np.concatenate([np.linspace(-14, 14, 20_001), [-np.inf, np.inf, -1e30, 1e30]]).astype(np.float32)
    assert np.abs(normal(x) - ndtr(x.astype(float))).max() < 2e-7
    low = x[(x > -12) & (x < 0)]
    assert normal(low) == pytest.approx(ndtr(low.astype(float)), rel=2e-5)
    assert normal(np.float32([0, -np.inf, np.inf])) == pytest.approx([0.5, 0, 1], abs=1e-35)
    assert np.isnan(normal(np.float32([np.nan])))


def test_empty_in_gives_empty_out():
    assert pricing.black_scholes([], 100, 1, rate=0, volatility=0.2).size == 0
    assert pricing.greeks([], 100, 1, rate=0, volatility=0.2).delta.size == 0
    assert pricing.implied_volatility([], 100, 100, 1, rate=0).size == 0
    assert pricing.bond_value([], [], []) == 0


def test_arguments_broadcast_and_plain_numbers_give_plain_numbers():
    assert pricing.black_scholes(np.ones((1, 3)), np.ones((2, 1)), 1, rate=0, volatility=0.2).shape == (2, 3)
    assert np.ndim(pricing.black_scholes(100, 100, 1, rate=0, volatility=0.2)) == 0


def test_a_forward_at_its_own_price_is_worth_nothing():
    price = pricing.forward_price([100, -36.98], 2, rate=0.05, carry=0.02)
    assert price[0] == pytest.approx(100 * np.exp(0.06))
    assert pricing.forward_value([100, -36.98], price, 2, rate=0.05, carry=0.02) == pytest.approx([0, 0], abs=1e-12)
    assert pricing.forward_value(100, 90, -1, rate=0.05) == 10


def test_a_curve_is_linear_between_its_nodes_and_flat_outside():
    found = pricing.zero_rate([1, 2, 5], [[0.01, 0.02, 0.05], [0, 0, 0]], [0, 1, 1.5, 4, 9, np.nan])
    assert found[0, :5] == pytest.approx([0.01, 0.01, 0.015, 0.04, 0.05])
    assert not found[1, :5].any()
    assert np.isnan(found[:, 5]).all()
    assert pricing.zero_rate([1], [0.03], [0.5, 2]).tolist() == [0.03, 0.03]


@pytest.mark.parametrize("nodes", [[], [1, 1], [2, 1], [[1, 2]]])
def test_nodes_that_do_not_increase_are_refused(nodes):
    with pytest.raises(ValueError, match="nodes_years"):
        pricing.zero_rate(nodes, nodes, 1)


def test_rates_that_do_not_fit_their_nodes_are_refused():
    with pytest.raises(ValueError, match="nodes_rates"):
        pricing.zero_rate([1, 2], [0.01], 1)


def test_cashflows_count_back_from_the_maturity_and_end_with_the_nominal():
    times, amounts = pricing.cashflows(4, 2, date(2026, 8, 31), date(2024, 2, 29))
    days = [184, 365, 549, 730, 914]  # 31 Aug 2024, 28 Feb, 31 Aug, 28 Feb, 31 Aug
    assert (times * 365).tolist() == pytest.approx(days)
    assert amounts.tolist() == [2, 2, 2, 2, 102]
    times, amounts = pricing.cashflows(0, 0, date(2026, 8, 31), date(2025, 8, 31))
    assert (times.tolist(), amounts.tolist()) == ([1], [100])


def test_a_flow_on_the_day_of_settlement_is_the_sellers_and_a_matured_bond_pays_nothing():
    assert pricing.cashflows(4, 1, date(2026, 8, 31), date(2025, 8, 31))[1].tolist() == [104]
    assert not pricing.cashflows(4, 1, date(2026, 8, 31), date(2026, 8, 31))[0].size
    assert not pricing.cashflows(4, 1, date(2026, 8, 31), date(2036, 8, 31))[0].size


def test_a_frequency_that_divides_no_year_is_refused():
    with pytest.raises(ValueError, match="frequency is 5"):
        pricing.cashflows(4, 5, date(2026, 8, 31), date(2025, 8, 31))


def test_a_bond_is_the_sum_of_its_discounted_flows_a_scenario_at_a_time():
    times, amounts = np.array([0.5, 1, 2]), np.array([2.0, 2, 102])
    zeros = np.array([[0.01, 0.02, 0.03], [0.02, 0.02, 0.02]])
    by_hand = [sum(a * np.exp(-z * t) for a, z, t in zip(amounts, row, times, strict=True)) for row in zeros]
    assert pricing.bond_value(amounts, times, zeros) == pytest.approx(by_hand)
    padded = pricing.bond_value([[9.0, *amounts]], [[0, *times]], np.insert(zeros, 0, 5, axis=1))
    assert padded == pytest.approx(by_hand)
    assert (amounts * pricing.discount_factor(zeros, times)).sum(axis=1) == pytest.approx(by_hand)


@pytest.mark.parametrize("spread", [-0.3, 0, 0.0125, 0.5])
def test_the_z_spread_gives_back_the_price(spread):
    times, amounts = pricing.cashflows(4, 2, date(2046, 8, 31), date(2024, 2, 29))
    zeros = pricing.zero_rate([1, 10, 30], [[0.01, 0.02, 0.04], [0.02, 0.02, 0.02]], times)
    price = pricing.bond_value(amounts, times, zeros, [spread, spread])
    assert pricing.z_spread(price, amounts, times, zeros) == pytest.approx([spread, spread], abs=1e-12)


def test_no_spread_explains_a_price_that_is_not_positive_or_a_bond_that_pays_nothing():
    assert np.isnan(pricing.z_spread([-1, np.nan], [2.0, 102], [1, 2], [0.02, 0.02])).all()
    assert np.isnan(pricing.z_spread(5, [], [], []))

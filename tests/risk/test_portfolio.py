"""A portfolio revalued: marks kept at the base, options in full, currencies funded, what cannot be priced named."""

import numpy as np
import pytest

from app.risk.pricing import black_scholes, greeks
from app.risk.returns import historical, shifted
from tests.risk import market_by_hand as by_hand
from tests.risk.market_by_hand import bond, option, portfolio, share


def bumped(held, *, sticky=False, **moves):
    """P&L of every position when the named factors move in their own units, the others standing still."""
    levels = held.market.on(held.as_of).copy()
    for name, move in moves.items():
        place = held.market.column[name]
        levels[place] = levels[place] + move if held.market.absolute[place] else levels[place] * (1 + move)
    return held.pnl(levels[None, :], sticky=sticky, dtype=np.float64)[:, 0]


EVERYTHING = (
    share(),
    share("OIL", 5, 12.0, asset_class="commodity"),
    option(),
    bond(),
    {"symbol": "F", "instrument_type": "future", "underlying": "X", "quantity": 3.0, "price": 105.0}
    | {"multiplier": 50.0, "value": 3 * 105 * 50.0, "expiry": by_hand.date(2024, 6, 21)},
    {"symbol": "EURUSD-F", "instrument_type": "fx_forward", "underlying": "EURUSD", "quantity": 1000.0}
    | {"price": 1.07, "value": 1070.0, "expiry": by_hand.date(2024, 7, 8), "asset_class": "fx"},
    {"symbol": "EURUSD", "instrument_type": "fx_spot", "quantity": 500.0, "price": 1 / 0.94, "value": 500 / 0.94},
)


def test_no_move_is_no_pnl_whatever_is_held():
    held = portfolio(*EVERYTHING)
    assert set(held.reasons) == {""}
    assert np.abs(held.pnl(held.market.on(held.as_of)[None, :], dtype=np.float64)).max() < 1e-9


def test_a_share_makes_its_quantity_times_the_move():
    assert bumped(portfolio(share(quantity=-10)), **{"spot:X": 0.02})[0] == pytest.approx(-10 * 104 * 0.02)


def test_oil_may_fall_below_zero():
    held = portfolio(share("OIL", 5, 12.0, asset_class="commodity"))
    assert bumped(held, **{"spot:OIL": -49})[0] == pytest.approx(-245)


def test_an_option_is_worth_its_mark_and_is_revalued_in_full():
    held = portfolio(option(strike=100, price=8.0, quantity=2))
    years = 91 / 365
    rate = held.market.on(held.as_of)[held.market.column["zero:USD:3"]]
    volatility = held.kernels[0].volatility[0]
    terms = {"rate": rate, "volatility": volatility}
    assert black_scholes(104, 100, years, **terms) == pytest.approx(8.0)
    for move in (-0.3, -0.01, 0.2):
        expected = 200 * (black_scholes(104 * (1 + move), 100, years, **terms) - 8.0)
        assert bumped(held, sticky=True, **{"spot:X": move})[0] == pytest.approx(float(expected))


def test_a_scenario_reads_the_surface_where_the_strike_then_lies():
    held = portfolio(option(strike=100, price=8.0, quantity=2))
    kernel, rate = held.kernels[0], held.market.on(held.as_of)[held.market.column["zero:USD:3"]]
    grid, smiles = [0.9, 1.0, 1.1], [0.27, 0.25, 0.23]
    today, then = (np.interp(100 / (spot * np.exp(rate * 91 / 365)), grid, smiles) for spot in (104, 104 * 0.93))
    assert kernel.smile[0] == pytest.approx(today)
    volatility = kernel.volatility[0] * then / today
    expected = 200 * (black_scholes(104 * 0.93, 100, 91 / 365, rate=rate, volatility=volatility) - 8.0)
    assert bumped(held, **{"spot:X": -0.07})[0] == pytest.approx(float(expected))


def test_a_surface_moves_the_implied_volatility_in_proportion():
    held = portfolio(option())
    nodes = {name: 0.1 for name in held.market.column if name.startswith("vol:X")}
    rate = held.market.on(held.as_of)[held.market.column["zero:USD:3"]]
    volatility = held.kernels[0].volatility[0]
    expected = 200 * (black_scholes(104, 100, 91 / 365, rate=rate, volatility=volatility * 1.1) - 8.0)
    assert bumped(held, **nodes)[0] == pytest.approx(float(expected))


def test_time_alone_costs_an_option_its_theta():
    held = portfolio(option())
    rate = held.market.on(held.as_of)[held.market.column["zero:USD:3"]]
    closed = greeks(104, 100, 91 / 365, rate=rate, volatility=held.kernels[0].volatility[0])
    day = held.pnl(held.market.on(held.as_of)[None, :], days=1, sticky=True, dtype=np.float64)[0, 0]
    assert day == pytest.approx(float(closed.theta) / 365 * 200, rel=0.01)


def test_a_bond_loses_its_duration_when_rates_rise_and_keeps_its_spread():
    held = portfolio(bond())
    rise = {f"zero:USD:{months}": 0.0001 for months in (3, 60, 120)}
    lost, gained = (bumped(held, **{n: s * m for n, m in rise.items()})[0] for s in (1, -1))
    assert lost == pytest.approx(-980 * 6.0 * 0.0001, rel=0.1)
    assert gained == pytest.approx(-lost, rel=0.01)
    assert gained > -lost


def test_a_future_follows_its_index_and_the_rate_to_expiry():
    held = portfolio(EVERYTHING[4])
    assert bumped(held, **{"spot:X": 0.01})[0] == pytest.approx(3 * 105 * 50 * 0.01)
    assert bumped(held, **{"zero:USD:3": 0.001})[0] > 0


def test_a_currency_forward_gains_with_its_pair_and_with_the_rate_it_pays():
    held = portfolio(EVERYTHING[5])
    assert bumped(held, **{"fx:EUR": 0.01})[0] == pytest.approx(10.70)
    assert bumped(held, **{"zero:USD:3": 0.01})[0] == pytest.approx(-bumped(held, **{"zero:EUR:3": 0.01})[0], rel=0.05)


def test_the_rate_moves_the_wealth_of_a_foreign_position_and_the_change_of_its_value():
    held = portfolio(share(currency="EUR", wealth=100.0))
    dollar = 1 / 0.94
    assert bumped(held, **{"fx:EUR": 0.01})[0] == pytest.approx(100 * dollar * 0.01)
    both = bumped(held, **{"fx:EUR": 0.01, "spot:X": 0.02})[0]
    assert both == pytest.approx(100 * dollar * 0.01 + 1040 * 0.02 * dollar * 1.01)


def test_in_its_own_currency_a_position_makes_the_change_of_its_value_whatever_the_rate_does():
    held = portfolio(share(currency="EUR", wealth=100.0), share(currency="XAU"))
    levels = held.market.on(held.as_of).copy()
    levels[held.market.column["spot:X"]] *= 1.02
    levels[held.market.column["fx:EUR"]] *= 1.01
    assert held.own_pnl(levels[None, :])[:, 0] == pytest.approx([1040 * 0.02, 0])


def test_what_cannot_be_valued_is_a_row_with_a_reason_and_without_pnl():
    held = portfolio(
        share(),
        share("GONE"),
        share(value=float("nan"), price=float("nan")),
        share(currency="XAU"),
        bond(currency="JPY"),
    )
    assert held.reasons.tolist() == [
        "",
        "no history of its risk factor",
        "no price",
        "no exchange rate of XAU",
        "no curve of JPY",
    ]
    assert held.rows["reason"].tolist() == held.reasons.tolist()
    levels = shifted(held.market.on(held.as_of), historical(held.market, window=5).moves, held.market.absolute)
    assert not held.pnl(levels)[1:].any()
    assert held.pnl(levels)[0].all()


def test_pnl_adds_up_over_positions_and_doubles_with_the_book():
    one, two = portfolio(share(), option()), portfolio(share(quantity=20), option(quantity=4))
    levels = shifted(one.market.on(one.as_of), historical(one.market, window=5).moves, one.market.absolute)
    assert np.allclose(2 * one.pnl(levels, dtype=np.float64), two.pnl(levels, dtype=np.float64))


def test_an_empty_book_makes_nothing():
    held = portfolio()
    assert held.pnl(held.market.levels).shape == (0, 6)


def test_vectors_of_single_precision_are_those_of_double_precision_rounded():
    held = portfolio(*EVERYTHING)
    levels = shifted(held.market.on(held.as_of), historical(held.market, window=5).moves, held.market.absolute)
    exact, stored = held.pnl(levels, dtype=np.float64), held.pnl(levels)
    assert stored.dtype == np.float32
    assert np.allclose(stored, exact, rtol=2e-4, atol=1e-2)


# Which factors a position reads


def reading(held, *scenarios):
    """The share of scenarios, each a tuple of factors' names, in which each position reads one of them."""
    names = [*held.market.column]
    return held.reading(np.array([[name in chosen for name in names] for chosen in scenarios]))


def test_a_position_reads_the_factors_that_its_pnl_rests_on():
    held = portfolio(*EVERYTHING)
    of_x = reading(held, ("spot:X",))
    assert of_x.tolist() == [1, 0, 1, 0, 1, 0, 0]
    assert reading(held, ("spot:OIL",)).tolist() == [0, 1, 0, 0, 0, 0, 0]
    assert reading(held, ("fx:EUR",)).tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert reading(held, ("spot:Y",)).tolist() == [0, 0, 0, 0, 0, 0, 0]
    assert reading(held, tuple(held.market.column)).tolist() == [1, 1, 1, 1, 1, 1, 1]


def test_its_share_is_that_of_the_scenarios_with_at_least_one_of_them():
    held = portfolio(share(), option())
    vol = tuple(name for name in held.market.column if name.startswith("vol:X"))
    found = reading(held, (), ("spot:X",), ("spot:X", "spot:Y"), vol, ("spot:Y",))
    assert found.tolist() == pytest.approx([0.4, 0.6])


def test_without_scenarios_nothing_is_read():
    held = portfolio(share())
    assert held.reading(np.zeros((0, len(held.market.factors)), dtype=bool)).tolist() == [0]

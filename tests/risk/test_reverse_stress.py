"""Reverse stress: the nearest market that loses an amount, in closed form and under full revaluation."""

import numpy as np
import pytest

from app.risk.reverse_stress import loss_distance, reverse_stress, smallest_shock
from tests.risk.market_by_hand import market, option, portfolio, share

PAST = np.random.default_rng(5).normal(0, 0.01, (400, 3)) @ np.array([[1, 0.4, 0], [0, 1, 0.2], [0, 0, 1]])
DELTA = np.array([3e6, -1e6, 5e5])


def test_the_closed_form_of_a_linear_book():
    covariance = PAST.T @ PAST / len(PAST)
    shock = smallest_shock(PAST, PAST @ DELTA, loss=1e6)
    variance = DELTA @ covariance @ DELTA
    assert shock.moves == pytest.approx(-1e6 * covariance @ DELTA / variance)
    assert shock.distance == pytest.approx(1e6 / np.sqrt(variance))
    assert shock.distance == pytest.approx(np.sqrt(shock.moves @ np.linalg.solve(covariance, shock.moves)))


def test_it_loses_what_was_asked_and_no_other_such_move_is_nearer():
    precision = np.linalg.inv(PAST.T @ PAST / len(PAST))
    shock = smallest_shock(PAST, PAST @ DELTA, loss=1e6)
    assert DELTA @ shock.moves == pytest.approx(-1e6)
    for other in np.random.default_rng(6).normal(0, 0.02, (50, 3)):
        same = shock.moves + other - DELTA * (DELTA @ other) / (DELTA @ DELTA)
        assert DELTA @ same == pytest.approx(-1e6)
        assert same @ precision @ same > shock.distance**2


def test_one_factor_by_hand():
    shock = smallest_shock([[0.01], [-0.01]], [100.0, -100.0], loss=500)
    assert shock.moves.tolist() == pytest.approx([-0.05])
    assert shock.distance == pytest.approx(5)


def test_what_never_moves_is_infinitely_far():
    shock = smallest_shock(PAST, np.zeros(400), loss=1.0)
    assert np.isnan(shock.moves).all()
    assert shock.distance == np.inf


@pytest.mark.parametrize(("given", "message"), [({"loss": 0}, "loss is 0"), ({"loss": -5}, "loss is -5")])
def test_a_loss_is_above_zero(given, message):
    with pytest.raises(ValueError, match=message):
        smallest_shock(PAST, PAST @ DELTA, **given)


def test_moves_and_pnl_are_of_the_same_days():
    with pytest.raises(ValueError, match=r"moves is \(400, 3\) and pnl \(3,\)"):
        smallest_shock(PAST, DELTA, loss=1.0)


def test_a_linear_book_is_as_far_revalued_as_by_its_slope():
    held = portfolio(share())
    (row,) = loss_distance(held, market(), losses=(20.0,), window=5).itertuples()
    levels = held.market.levels[:, held.market.column["spot:X"]]
    returns = levels[1:] / levels[:-1] - 1
    assert row.linear == pytest.approx(20 / (1040 * np.sqrt((returns**2).mean())))
    assert row.distance == pytest.approx(row.linear)
    assert row.revalued == pytest.approx(-20)


def test_gamma_makes_a_short_option_lose_sooner_and_a_long_one_later():
    held_long, held_short = portfolio(option()), portfolio(option(quantity=-2))
    for held, nearer in ((held_long, False), (held_short, True)):
        (row,) = loss_distance(held, market(), losses=(600.0,), window=5).itertuples()
        assert (row.distance < row.linear) == nearer
        assert (row.revalued < -600) == nearer


def test_a_loss_beyond_what_an_option_can_lose_is_not_reached():
    (row,) = loss_distance(portfolio(option()), market(), losses=(1e6,), window=5).itertuples()
    assert np.isnan(row.distance)
    assert row.linear > 0
    assert row.revalued >= -1601


def test_the_moves_close_to_the_loss_under_full_revaluation():
    held = portfolio(option(), share("Y", -20, 50.0), share(currency="EUR", wealth=500.0))
    rows = reverse_stress(held, market(), loss=400.0, window=5, top=3)
    assert rows["pnl"].sum() == pytest.approx(-400)
    assert len(rows) == 4
    assert rows["factor"].tolist()[-1] == "all others, and together"
    assert rows["pnl"].abs().tolist()[:3] == sorted(rows["pnl"].abs()[:3], reverse=True)


def test_factors_are_said_in_the_units_of_a_desk():
    held = portfolio(option(), share("OIL", 5, 12.0, asset_class="commodity"))
    rows = reverse_stress(held, market(), loss=100.0, window=5).set_index("factor")
    assert rows.loc[["X", "OIL", "X volatility", "USD rates"], "unit"].tolist() == ["%", "price", "%", "bp"]


def test_a_book_that_nothing_moves_has_no_reverse_stress():
    for rows in ((), (share(), share(quantity=-10))):
        assert reverse_stress(portfolio(*rows), market(), window=5).empty
        assert loss_distance(portfolio(*rows), market(), window=5).empty

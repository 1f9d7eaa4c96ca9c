"""FRTB's expected shortfall: adjusted over liquidity horizons, scaled from the reduced set to all factors."""

from math import sqrt

import numpy as np
import pytest

from app.risk.frtb import HORIZONS, capital_es, horizon_es, liquidity_adjusted
from app.risk.frtb.rules import rules
from app.risk.var import expected_shortfall


def test_shortfalls_cascade_over_horizons_by_hand():
    """50² + 40²·1 + 30²·2 + 20²·2 + 10²·6: horizons 10, 20, 40, 60, 120 over a base of 10 days."""
    shortfalls = dict(zip(HORIZONS, (50.0, 40.0, 30.0, 20.0, 10.0), strict=True))
    assert liquidity_adjusted(shortfalls) == pytest.approx(sqrt(2500 + 1600 + 1800 + 800 + 600))


def test_factors_of_one_horizon_scale_with_the_root_of_its_length():
    for days in HORIZONS:
        assert liquidity_adjusted({days: 7.0}) == pytest.approx(7 * sqrt(days / 10))
    assert liquidity_adjusted({}) == 0


def test_a_horizon_without_factors_of_its_own_takes_the_next_longer_subset():
    given_all = {10: 9.0, 20: 5.0, 40: 5.0, 60: 5.0, 120: 0.0}
    assert liquidity_adjusted({10: 9.0, 60: 5.0}) == pytest.approx(liquidity_adjusted(given_all))


def test_horizon_shortfalls_are_those_of_the_vectors_for_one_node_or_many():
    vectors = {days: np.random.default_rng(days).normal(scale=100 / days, size=(3, 250)) for days in HORIZONS}
    shortfalls = horizon_es(vectors)
    assert shortfalls[40] == pytest.approx(expected_shortfall(vectors[40], confidence=0.975))
    adjusted = liquidity_adjusted(shortfalls)
    for node in range(3):
        alone = liquidity_adjusted(horizon_es({days: vector[node] for days, vector in vectors.items()}))
        assert adjusted[node] == pytest.approx(alone)


def test_the_reduced_set_is_scaled_up_and_never_down():
    assert capital_es(100.0, 60.0, 50.0) == pytest.approx(120)
    assert capital_es(100.0, 40.0, 50.0) == 100
    assert capital_es(100.0, 0.0, 0.0) == 100


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: liquidity_adjusted({30: 1.0}), "horizons hold 30"),
        (lambda: horizon_es({1: [1.0]}), "horizons hold 1"),
        (lambda: horizon_es({10: [np.nan]}), "1 NaN"),
        (lambda: capital_es(1.0, 1.0, 0.0), "reduced_current is 0"),
        (lambda: capital_es(1.0, np.nan, 1.0), "full_current is nan"),
        (lambda: capital_es(-1.0, 1.0, 1.0), "reduced_stressed is -1"),
        (lambda: rules("credit"), "risk_class is 'credit'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Historical VaR and ES by their definitions, against numpy and against an oracle that shares no code with them."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest

from app.risk.var import (
    METHODS,
    es_scenarios,
    es_weights,
    expected_shortfall,
    filtered_historical_var,
    filtered_scenarios,
    historical_var,
    incremental_var,
    stressed_window,
    var_scenarios,
    var_weights,
)

LEVELS = (0.5, 0.9, 0.95, 0.975, 0.99, 0.995)
COUNTS = (1, 2, 7, 40, 99, 100, 250, 251, 500, 1000)


def heavy(*shape, seed=7):
    return np.random.default_rng(seed).standard_t(3, shape) * 1e4 + 50


def oracle_var(pnl, confidence):
    """Minus the order statistic of rank α(N + 1), in exact arithmetic, interpolated and clipped to the sample."""
    ordered = sorted(float(outcome) for outcome in pnl)
    place = (1 - Fraction(str(confidence))) * (len(ordered) + 1)
    place = min(max(place, Fraction(1)), Fraction(len(ordered)))
    below, above = ordered[floor(place) - 1], ordered[ceil(place) - 1]
    return -(below + float(place - floor(place)) * (above - below))


def oracle_es(pnl, confidence):
    """Minus the mean of the k = αN worst, the last of them in part, in exact arithmetic."""
    ordered = sorted(Fraction(float(outcome)) for outcome in pnl)
    k = (1 - Fraction(str(confidence))) * len(ordered)
    whole = sum(ordered[: floor(k)], Fraction(0))
    return -float((whole + (k - floor(k)) * ordered[ceil(k) - 1]) / k)


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("count", COUNTS)
def test_var_is_the_oracles(count, confidence):
    pnl = heavy(count)
    assert historical_var(pnl, confidence=confidence) == pytest.approx(oracle_var(pnl, confidence), rel=1e-12)


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("count", COUNTS)
def test_es_is_the_oracles(count, confidence):
    pnl = heavy(count)
    assert expected_shortfall(pnl, confidence=confidence) == pytest.approx(oracle_es(pnl, confidence), rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_var_is_numpys_quantile_by_every_method(method):
    for count in COUNTS:
        pnl = heavy(5, count)
        for tail in (0.5, 0.1, 0.05, 0.025, 0.01, 0.005):
            expected = -np.quantile(pnl, tail, axis=-1, method=method)
            assert historical_var(pnl, confidence=1 - tail, method=method) == pytest.approx(expected, rel=1e-9)


def test_ten_scenarios_by_hand():
    pnl = [10, -50, 20, -30, 40, 5, -20, 15, -10, 25]
    assert historical_var(pnl, confidence=0.8) == pytest.approx(30 - 0.2 * 10)  # rank 2.2 lies between −30 and −20
    assert historical_var(pnl, confidence=0.8, method="linear") == pytest.approx(30 - 0.8 * 10)  # rank 2.8
    assert historical_var(pnl, confidence=0.8, method="inverted_cdf") == 30  # rank 2
    assert expected_shortfall(pnl, confidence=0.75) == pytest.approx((50 + 30 + 0.5 * 20) / 2.5)
    assert expected_shortfall(pnl, confidence=0.8, tail="mean") == pytest.approx(40)  # at or below −28
    assert expected_shortfall(pnl, confidence=0.7, tail="mean", method="inverted_cdf") == pytest.approx(100 / 3)


def test_a_discrete_quantile_takes_the_hundredth_part_as_a_decimal():
    """1 − 0.99 is 0.010000000000000009 in binary, and would ask for the second worst of 100 scenarios."""
    pnl = np.arange(-100.0, 0)
    assert historical_var(pnl, confidence=0.99, method="inverted_cdf") == 100
    assert historical_var(np.arange(-500.0, 0), confidence=0.99, method="inverted_cdf") == 496


def test_too_few_scenarios_for_the_confidence_give_the_worst_of_them():
    for count in (1, 10, 98, 99):
        pnl = heavy(count)
        assert historical_var(pnl, confidence=0.99) == -pnl.min()
        assert var_scenarios(pnl, confidence=0.99).indices.tolist() == [pnl.argmin()]
    assert historical_var(heavy(100), confidence=0.99) < -heavy(100).min()
    assert expected_shortfall(heavy(30), confidence=0.975) == pytest.approx(-heavy(30).min())


def test_a_profit_in_the_tail_is_a_negative_var():
    assert historical_var([3.0, 4.0, 5.0]) == -3
    assert expected_shortfall([3.0, 4.0, 5.0]) == -3


def test_ties_at_the_quantile_all_count_in_the_mean_tail():
    pnl = np.r_[np.full(30, -0.1), np.full(70, 1.0)]
    for method in METHODS:
        weights = es_weights(pnl, confidence=0.933, tail="mean", method=method)
        assert np.flatnonzero(weights).tolist() == list(range(30))
        assert expected_shortfall(pnl, confidence=0.933, tail="mean", method=method) == pytest.approx(0.1)


@pytest.mark.parametrize("figure", [historical_var, expected_shortfall, filtered_historical_var])
def test_a_stack_gives_what_its_vectors_give(figure):
    stack = heavy(3, 4, 260)
    together = figure(stack)
    assert together.shape == (3, 4)
    for node in np.ndindex(3, 4):
        assert figure(stack[node]) == pytest.approx(together[node], rel=1e-12)
        assert isinstance(figure(stack[node]), float)


@pytest.mark.parametrize("tail", ["fractional", "mean"])
def test_the_mean_tail_and_the_fractional_tail_both_take_stacks(tail):
    stack = heavy(6, 333)
    singly = [expected_shortfall(row, tail=tail) for row in stack]
    assert expected_shortfall(stack, tail=tail) == pytest.approx(singly, rel=1e-12)


@pytest.mark.parametrize("figure", [historical_var, expected_shortfall])
def test_float32_is_reduced_in_float64(figure):
    single = heavy(20, 500).astype(np.float32)
    exact = figure(single.astype(np.float64))
    assert figure(single).dtype == np.float64
    assert figure(single) == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.975, 0.99, 0.993])
@pytest.mark.parametrize("method", [m for m in METHODS if m not in {"lower", "closest_observation"}])
def test_fractional_es_is_never_below_the_var_of_its_level(method, confidence):
    """Both are weighted sums of ordered losses, so that samples with j equal losses and no other prove it for all."""
    for count in (*range(1, 60), 143, 250, 1000):
        steps = -np.tri(count)
        shortfall = expected_shortfall(steps, confidence=confidence)
        assert (shortfall >= historical_var(steps, confidence=confidence, method=method) - 1e-12).all()


@pytest.mark.parametrize(("method", "count", "confidence"), [("lower", 143, 0.993), ("closest_observation", 124, 0.99)])
def test_two_methods_may_rank_before_the_fractional_tail_ends(method, count, confidence):
    pnl = np.r_[-1.0, np.zeros(count - 1)]
    assert expected_shortfall(pnl, confidence=confidence) < historical_var(pnl, confidence=confidence, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_the_mean_tail_is_never_below_the_var_of_its_method(method):
    for count in (1, 5, 99, 124, 143, 250):
        for confidence in (0.9, 0.975, 0.99, 0.993):
            pnl = heavy(20, count).round(-3)
            shortfall = expected_shortfall(pnl, confidence=confidence, tail="mean", method=method)
            assert (shortfall >= historical_var(pnl, confidence=confidence, method=method) - 1e-7).all()


@pytest.mark.parametrize("method", METHODS)
def test_weights_rebuild_the_figures(method):
    stack = heavy(4, 260).round(-3)
    weights = var_weights(stack, confidence=0.97, method=method)
    assert -(weights * stack).sum(axis=-1) == pytest.approx(historical_var(stack, confidence=0.97, method=method))
    assert weights.sum(axis=-1) == pytest.approx(1)
    for tail in ("fractional", "mean"):
        weights = es_weights(stack, confidence=0.97, tail=tail, method=method)
        shortfall = expected_shortfall(stack, confidence=0.97, tail=tail, method=method)
        assert -(weights * stack).sum(axis=-1) == pytest.approx(shortfall)


def test_scenarios_are_named_worst_first():
    pnl = np.array([5.0, -9, 1, -7, -8, 3, 2, 4, 6, 0])
    assert var_scenarios(pnl, confidence=0.8)[0].tolist() == [4, 3]
    assert var_scenarios(pnl, confidence=0.8)[1] == pytest.approx([0.8, 0.2])
    assert es_scenarios(pnl, confidence=0.75)[0].tolist() == [1, 4, 3]
    assert es_scenarios(pnl, confidence=0.75)[1] == pytest.approx([0.4, 0.4, 0.2])


def test_of_equal_outcomes_the_earlier_scenario_is_named():
    assert var_scenarios([0.0, -1, -1, -1, 0], confidence=0.5).indices.tolist() == [3]
    assert var_scenarios(np.zeros(500), confidence=0.99).indices.tolist() == [4, 5]


def test_scenarios_of_a_stack_have_no_single_name():
    with pytest.raises(ValueError, match=r"pnl has the shape \(2, 3\)"):
        var_scenarios(np.zeros((2, 3)))


def test_incremental_is_var_with_less_var_without():
    book, trades = heavy(260), heavy(3, 260, seed=8)
    expected = [historical_var(book + trade) - historical_var(book) for trade in trades]
    assert incremental_var(book, trades) == pytest.approx(expected)
    assert incremental_var(book, -book) == pytest.approx(-historical_var(book))
    rows = heavy(3, 260)
    whole = rows.sum(axis=0)
    removed = [historical_var(whole) - historical_var(whole - row) for row in rows]
    assert incremental_var(whole - rows, rows) == pytest.approx(removed)
    with pytest.raises(ValueError, match="change has 1 scenarios on its last axis; pnl has 260"):
        incremental_var(book, [5.0])


def test_the_stressed_window_is_the_one_with_the_greatest_var():
    pnl = np.sin(np.arange(900.0)) * 10
    pnl[400:650] *= 5
    window = stressed_window(np.stack([pnl / 2, pnl / 2]), days=250)
    tried = [historical_var(pnl[start : start + 250]) for start in range(651)]
    assert window.start == int(np.argmax(tried))
    assert window.stop == window.start + 250
    assert window.var == pytest.approx(max(tried))
    assert window.expected_shortfall == pytest.approx(expected_shortfall(pnl[window.start : window.stop]))


def test_a_history_shorter_than_the_window_is_one_window():
    pnl = heavy(100)
    assert stressed_window(pnl, days=250)[:2] == (0, 100)
    assert stressed_window(pnl, days=250).var == historical_var(pnl)
    assert stressed_window([]) == (0, 0, 0.0, 0.0)
    with pytest.raises(ValueError, match="days is 0"):
        stressed_window(pnl, days=0)


def test_filtering_scales_a_calm_day_up_in_turbulent_times():
    calm, wild = np.tile([1.0, -1.0], 100), np.tile([4.0, -4.0], 100)
    rescaled = filtered_scenarios(np.r_[calm, wild])
    assert np.abs(rescaled[150:200]) == pytest.approx(4.0, rel=0.05)
    assert np.abs(rescaled[-50:]) == pytest.approx(4.0, rel=0.05)
    assert filtered_historical_var(np.r_[wild, calm]) < historical_var(np.r_[wild, calm])


def test_filtering_follows_its_recursion():
    """Then: the forecast made before the day; the first is the mean square; current: the forecast after the last."""
    pnl, decay = heavy(30).tolist(), 0.9
    forecasts = [sum(outcome**2 for outcome in pnl) / len(pnl)]
    for outcome in pnl:
        forecasts.append(decay * forecasts[-1] + (1 - decay) * outcome**2)
    expected = [outcome * (forecasts[-1] / then) ** 0.5 for outcome, then in zip(pnl, forecasts[:-1], strict=True)]
    assert filtered_scenarios(pnl, decay=decay) == pytest.approx(expected)
    assert filtered_historical_var(pnl, decay=decay, confidence=0.9) == pytest.approx(oracle_var(expected, 0.9))


def test_filtering_leaves_nothing_of_nothing():
    assert filtered_scenarios(np.zeros((2, 5))).tolist() == np.zeros((2, 5)).tolist()
    assert filtered_scenarios([]).shape == (0,)
    with pytest.raises(ValueError, match=r"decay is 1\.0; it lies between 0 and 1"):
        filtered_historical_var([1.0], decay=1.0)

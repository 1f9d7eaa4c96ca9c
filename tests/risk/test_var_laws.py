"""Laws that VaR, ES and their components obey whatever the P&L."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.risk.var import (
    component_es,
    component_var,
    cornish_fisher_var,
    es_scenarios,
    es_weights,
    expected_shortfall,
    filtered_historical_var,
    gaussian_var,
    historical_var,
    incremental_var,
    marginal_var,
    sampled_var,
    stressed_window,
    var_scenarios,
    var_weights,
)


def mean_tail(pnl, *, confidence=0.975):
    return expected_shortfall(pnl, confidence=confidence, tail="mean")


FIGURES = [
    historical_var,
    expected_shortfall,
    mean_tail,
    gaussian_var,
    cornish_fisher_var,
    filtered_historical_var,
]
TIMELESS = FIGURES[:-1]
COMPONENTS = [(component_var, historical_var), (component_es, expected_shortfall)]
METHODS = st.sampled_from(["weibull", "linear", "inverted_cdf", "median_unbiased"])
WHOLE = st.integers(-1_000_000, 1_000_000)
LEVELS = st.sampled_from([0.6, 0.75, 0.9, 0.93, 0.975, 0.99])
VECTORS = arrays(np.int64, st.integers(1, 40), elements=WHOLE).map(lambda cents: cents / 100)
BOOKS = arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 25)), elements=WHOLE).map(
    lambda cents: cents / 100
)
few = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("figure", FIGURES)
@few
@given(pnl=VECTORS, factor=st.floats(0.01, 100), confidence=LEVELS)
def test_homogeneity_a_book_scaled_is_a_risk_scaled(figure, pnl, factor, confidence):
    expected = factor * figure(pnl, confidence=confidence)
    assert figure(pnl * factor, confidence=confidence) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("figure", FIGURES)
@few
@given(pnl=VECTORS, confidence=LEVELS)
def test_doubling_the_book_doubles_the_risk_exactly(figure, pnl, confidence):
    assert figure(pnl * 2, confidence=confidence) == 2 * figure(pnl, confidence=confidence)


@pytest.mark.parametrize("figure", TIMELESS)
@few
@given(pnl=VECTORS, cash=WHOLE, confidence=LEVELS)
def test_translation_sure_cash_lowers_the_risk_by_itself(figure, pnl, cash, confidence):
    whole = (pnl * 100).round()  # sums of whole numbers are exact, so that ties stay ties
    expected = figure(whole, confidence=confidence) - cash
    assert figure(whole + cash, confidence=confidence) == pytest.approx(expected, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("figure", TIMELESS)
@few
@given(pnl=VECTORS, seed=st.integers(0, 99), confidence=LEVELS)
def test_the_order_of_scenarios_does_not_matter(figure, pnl, seed, confidence):
    shuffled = np.random.default_rng(seed).permutation(pnl)
    expected = figure(pnl, confidence=confidence)
    assert figure(shuffled, confidence=confidence) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@few
@given(books=BOOKS, confidence=LEVELS)
def test_sub_additivity_the_es_of_a_sum_is_at_most_the_sum_of_the_es(books, confidence):
    apart = expected_shortfall(books, confidence=confidence).sum()
    assert expected_shortfall(books.sum(axis=0), confidence=confidence) <= apart + 1e-6


def test_var_is_not_sub_additive():
    """Two bonds that default apart: each one's 90 % VaR sees no default, that of both sees one."""
    bonds = np.full((2, 99), 1.0)
    bonds[0, :8] = bonds[1, 8:16] = -100
    assert historical_var(bonds.sum(axis=0), confidence=0.9) > historical_var(bonds, confidence=0.9).sum()
    assert expected_shortfall(bonds.sum(axis=0), confidence=0.9) <= expected_shortfall(bonds, confidence=0.9).sum()


@few
@given(pnl=VECTORS, confidence=LEVELS)
def test_es_is_at_least_the_var_of_its_level(pnl, confidence):
    assert expected_shortfall(pnl, confidence=confidence) >= historical_var(pnl, confidence=confidence) - 1e-6


@pytest.mark.parametrize("figure", [historical_var, expected_shortfall])
@few
@given(pnl=VECTORS)
def test_a_higher_confidence_is_no_smaller_loss(figure, pnl):
    losses = [figure(pnl, confidence=confidence) for confidence in (0.5, 0.9, 0.975, 0.99)]
    assert np.diff(losses).min() >= -1e-6


@pytest.mark.parametrize(("component", "figure"), COMPONENTS)
@few
@given(books=BOOKS, method=METHODS, confidence=LEVELS)
def test_components_add_up_to_the_whole(component, figure, books, method, confidence):
    whole = figure(books.sum(axis=0), method=method, confidence=confidence)
    parts = component(books, method=method, confidence=confidence)
    assert parts.sum() == pytest.approx(whole, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("component", [component_var, component_es])
@few
@given(books=BOOKS, seed=st.integers(0, 99), confidence=LEVELS)
def test_the_order_of_nodes_does_not_matter(component, books, seed, confidence):
    whole = (books * 100).round()  # sums of whole numbers do not depend on their order, so that ties stay ties
    order = np.random.default_rng(seed).permutation(len(whole))
    expected = component(whole, confidence=confidence)[order]
    assert component(whole[order], confidence=confidence) == pytest.approx(expected, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("figure", FIGURES)
@few
@given(books=BOOKS, confidence=LEVELS)
def test_a_netted_book_has_no_risk(figure, books, confidence):
    risk = figure(np.vstack([books, -books]).sum(axis=0).round(6), confidence=confidence)
    assert risk == 0
    assert not np.signbit(risk)


@few
@given(books=BOOKS)
def test_a_hedged_pair_has_components_that_cancel(books):
    pair = np.vstack([books[0], -books[0]])
    for component in (component_var, component_es):
        assert component(pair).sum() == 0


@pytest.mark.parametrize("figure", FIGURES)
def test_no_scenarios_are_no_risk(figure):
    assert figure([], confidence=0.99) == 0.0
    assert isinstance(figure([], confidence=0.99), float)
    assert figure(np.empty((3, 0)), confidence=0.99).tolist() == [0, 0, 0]
    assert figure(np.empty((0, 250)), confidence=0.99).shape == (0,)


def test_no_nodes_have_no_components():
    for component in (component_var, component_es):
        assert component(np.empty((0, 250))).shape == (0,)
        assert component(np.empty((2, 0))).tolist() == [0, 0]
        assert component([]) == 0.0
    assert var_scenarios([]).indices.tolist() == es_scenarios([]).indices.tolist() == []
    assert var_weights([]).size == es_weights([]).size == es_weights([], tail="mean").size == 0


ASKED = [
    *(partial(figure, confidence=0.99) for figure in FIGURES),
    component_var,
    component_es,
    var_weights,
    es_weights,
    var_scenarios,
    es_scenarios,
    stressed_window,
    sampled_var,
    lambda pnl: incremental_var(np.zeros(4), pnl),
    lambda pnl: incremental_var(pnl, np.zeros(4)),
    lambda pnl: marginal_var(np.zeros(4), pnl),
    lambda pnl: marginal_var(pnl, np.zeros(4)),
]


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_missing_outcome_is_refused_and_counted(ask, kind):
    with pytest.raises(ValueError, match="holds 2 NaN and 0 infinite of 4 values"):
        ask(np.array([1.0, np.nan, 3.0, np.nan], dtype=kind))
    with pytest.raises(ValueError, match="holds 0 NaN and 1 infinite of 4 values"):
        ask(np.array([1.0, 2.0, 3.0, -np.inf], dtype=kind))


@pytest.mark.parametrize("figure", [historical_var, expected_shortfall, gaussian_var, component_var, component_es])
@pytest.mark.parametrize("confidence", [0, 1, 99, -0.5, float("nan")])
@pytest.mark.parametrize("pnl", [[1.0, 2.0], []])
def test_a_confidence_outside_nought_and_one_is_refused(figure, confidence, pnl):
    with pytest.raises(ValueError, match=f"confidence is {confidence}; it lies between 0 and 1"):
        figure(pnl, confidence=confidence)


@pytest.mark.parametrize("pnl", [[1.0, 2.0], []])
def test_a_method_or_tail_that_is_not_known_is_refused(pnl):
    with pytest.raises(ValueError, match="method is 'type 7'; it is one of weibull, linear, "):
        historical_var(pnl, method="type 7")
    with pytest.raises(ValueError, match="tail is 'fat'; it is one of fractional, mean"):
        expected_shortfall(pnl, tail="fat")
    with pytest.raises(ValueError, match="tail is 'fat'"):
        es_weights(pnl, tail="fat")


def test_a_single_number_is_no_vector():
    with pytest.raises(ValueError, match="pnl is the single number 3"):
        historical_var(3)

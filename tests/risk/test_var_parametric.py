"""VaR by formula, against scipy's moments and distributions and against exact quadrature."""

from itertools import product

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy import stats

from app.risk.var import cornish_fisher_var, delta_gamma_var, ewma_covariance, gaussian_var, parametric_var

SKEWED = np.random.default_rng(3).gamma(2.0, 1e4, (4, 600)) * -1 + 1.5e4
COVARIANCE = np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
DELTA, GAMMA = np.array([1e6, -4e5]), np.array([[-2e7, 3e6], [3e6, 8e6]])


def expansion(confidence, mean, deviation, skewness, excess):
    z = stats.norm.ppf(1 - confidence)
    level = z + (z**2 - 1) * skewness / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skewness**2 / 36
    return -(mean + level * deviation)


def quadrature_moments():
    """Mean, deviation, skewness and excess kurtosis of δ'x + ½ x'Γx, exact for polynomials of degree 8."""
    nodes, weights = hermegauss(9)
    draws = np.array(list(product(nodes, nodes))) @ np.linalg.cholesky(COVARIANCE).T
    mass = np.array([a * b for a, b in product(weights, weights)]) / (2 * np.pi)
    pnl = draws @ DELTA + np.einsum("ni,ij,nj->n", draws, GAMMA, draws) / 2
    mean = mass @ pnl
    second, third, fourth = (mass @ (pnl - mean) ** power for power in (2, 3, 4))
    return mean, second**0.5, third / second**1.5, fourth / second**2 - 3


@pytest.mark.parametrize("confidence", [0.9, 0.975, 0.99, 0.999])
def test_gaussian_var_is_the_quantile_of_the_fitted_normal(confidence):
    expected = -stats.norm.ppf(1 - confidence, SKEWED.mean(axis=-1), SKEWED.std(axis=-1))
    assert gaussian_var(SKEWED, confidence=confidence) == pytest.approx(expected)
    assert gaussian_var(SKEWED[0], confidence=confidence) == pytest.approx(expected[0])


@pytest.mark.parametrize("confidence", [0.9, 0.975, 0.99, 0.999])
def test_cornish_fisher_takes_population_skewness_and_excess_kurtosis(confidence):
    expected = [expansion(confidence, row.mean(), row.std(), stats.skew(row), stats.kurtosis(row)) for row in SKEWED]
    assert cornish_fisher_var(SKEWED, confidence=confidence) == pytest.approx(expected)
    assert cornish_fisher_var(SKEWED[0], confidence=confidence) == pytest.approx(expected[0])


def test_float32_moments_are_taken_in_float64():
    single = (SKEWED + 1e6).astype(np.float32)
    for figure in (gaussian_var, cornish_fisher_var):
        assert figure(single, confidence=0.99) == pytest.approx(
            figure(single.astype(float), confidence=0.99), rel=1e-14
        )


def test_a_sure_outcome_has_no_deviation():
    for figure in (gaussian_var, cornish_fisher_var):
        assert figure(np.full(10, 3.0), confidence=0.99) == -3
        assert figure([5.0], confidence=0.99) == -5


def test_parametric_is_z_times_the_deviation_of_the_portfolio():
    deviation = (DELTA[0] ** 2 * 4e-4 + DELTA[1] ** 2 * 9e-4 + 2 * DELTA[0] * DELTA[1] * 1e-4) ** 0.5
    expected = stats.norm.ppf(0.99) * deviation
    assert parametric_var(DELTA, COVARIANCE, confidence=0.99) == pytest.approx(expected)
    assert parametric_var([DELTA, -2 * DELTA], COVARIANCE, confidence=0.99) == pytest.approx([expected, 2 * expected])


def test_a_hedge_within_a_singular_covariance_has_no_risk():
    assert parametric_var([1e6, -1e6], np.ones((2, 2)) * 3e-4, confidence=0.99) == pytest.approx(0, abs=1e-3)
    assert parametric_var([], np.empty((0, 0)), confidence=0.99) == 0.0
    assert parametric_var(np.empty((0, 2)), COVARIANCE, confidence=0.99).shape == (0,)


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_delta_gamma_matches_the_moments_that_quadrature_finds(confidence):
    mean, deviation, skewness, excess = quadrature_moments()
    normal = delta_gamma_var(DELTA, GAMMA, COVARIANCE, confidence=confidence, expansion="normal")
    assert normal == pytest.approx(-stats.norm.ppf(1 - confidence, mean, deviation))
    expected = expansion(confidence, mean, deviation, skewness, excess)
    assert delta_gamma_var(DELTA, GAMMA, COVARIANCE, confidence=confidence) == pytest.approx(expected)


def test_pure_gamma_has_the_moments_of_chi_squared():
    """½Γx² with Γ = −2 and unit variance is −χ² of one degree: mean −1, variance 2, skewness −√8, excess 12."""
    mean, variance, skewness, excess = (float(moment) for moment in stats.chi2(1).stats("mvsk"))
    expected = expansion(0.99, -mean, variance**0.5, -skewness, excess)
    assert delta_gamma_var([0.0], [[-2.0]], [[1.0]], confidence=0.99) == pytest.approx(expected)


def test_without_gamma_it_is_the_parametric_var():
    flat = delta_gamma_var(DELTA, np.zeros((2, 2)), COVARIANCE, confidence=0.99)
    assert flat == pytest.approx(parametric_var(DELTA, COVARIANCE, confidence=0.99))
    assert delta_gamma_var([0.0, 0.0], np.zeros((2, 2)), COVARIANCE, confidence=0.99) == 0
    assert delta_gamma_var([], np.empty((0, 0)), np.empty((0, 0)), confidence=0.99) == 0


def test_only_the_symmetric_part_of_gamma_counts():
    lopsided = np.array([[-2e7, 6e6], [0, 8e6]])
    expected = delta_gamma_var(DELTA, GAMMA, COVARIANCE, confidence=0.99)
    assert delta_gamma_var(DELTA, lopsided, COVARIANCE, confidence=0.99) == pytest.approx(expected)


def test_delta_gamma_of_a_stack_is_that_of_its_nodes():
    deltas, gammas = np.stack([DELTA, -DELTA, DELTA / 3]), np.stack([GAMMA, GAMMA / 2, -GAMMA])
    for kind in ("cornish_fisher", "normal"):
        together = delta_gamma_var(deltas, gammas, COVARIANCE, confidence=0.99, expansion=kind)
        singly = [
            delta_gamma_var(delta, gamma, COVARIANCE, confidence=0.99, expansion=kind)
            for delta, gamma in zip(deltas, gammas, strict=True)
        ]
        assert together == pytest.approx(singly)


def test_ewma_covariance_is_its_recursion():
    returns = np.random.default_rng(5).normal(0, 0.01, (60, 3))
    covariance = np.outer(returns[0], returns[0])
    for row in returns[1:]:
        covariance = 0.97 * covariance + 0.03 * np.outer(row, row)
    assert ewma_covariance(returns, decay=0.97) == pytest.approx(covariance, rel=1e-12)
    assert ewma_covariance(returns[:, 0], decay=0.97) == pytest.approx(covariance[0, 0], rel=1e-12)


def test_ewma_covariance_of_no_dates_is_nought():
    assert ewma_covariance([]) == 0.0
    assert ewma_covariance(np.empty((0, 2))).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ewma_covariance([1.0], decay=0), "decay is 0; it lies between 0 and 1"),
        (lambda: ewma_covariance(np.zeros((2, 2, 2))), r"returns has the shape \(2, 2, 2\)"),
        (lambda: ewma_covariance([1.0, np.nan]), "returns holds 1 NaN and 0 infinite of 2 values"),
        (lambda: parametric_var([1.0], COVARIANCE, confidence=0.99), "delta has 1 factors .* covariance has 2"),
        (lambda: parametric_var([1.0], [1.0], confidence=0.99), r"covariance has the shape \(1,\)"),
        (lambda: parametric_var([1.0, np.nan], COVARIANCE, confidence=0.99), "delta holds 1 NaN"),
        (lambda: parametric_var(DELTA, [[1, 2], [0, 1]], confidence=0.99), "covariance is not symmetric"),
        (lambda: parametric_var(DELTA, [[1, 2], [2, 1]], confidence=0.99), "covariance has a negative eigenvalue"),
        (lambda: delta_gamma_var(DELTA, [1, 2], COVARIANCE, confidence=0.99), r"gamma has the shape \(2,\)"),
        (
            lambda: delta_gamma_var(DELTA, GAMMA, COVARIANCE, confidence=0.99, expansion="edgeworth"),
            "expansion is 'edgeworth'; it is one of cornish_fisher, normal",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Monte Carlo VaR: its seed, its error, and full revaluation through a function of the shocks."""

from itertools import islice

import numpy as np
import pytest

from app.risk.var import delta_gamma_var, monte_carlo_var, parametric_var, sampled_var, simulated_pnl

COVARIANCE = np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
DELTA = np.array([1e6, -4e5])


def test_a_seed_is_a_figure():
    first = monte_carlo_var(DELTA, COVARIANCE, paths=5000, seed=3)
    assert first == monte_carlo_var(DELTA, COVARIANCE, paths=5000, seed=3)
    assert first != monte_carlo_var(DELTA, COVARIANCE, paths=5000, seed=4)
    assert first.paths == 5000


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_a_delta_converges_to_the_parametric_var(confidence):
    simulated = monte_carlo_var(DELTA, COVARIANCE, confidence=confidence, paths=100_000, seed=1)
    exact = parametric_var(DELTA, COVARIANCE, confidence=confidence)
    assert abs(simulated.var - exact) < 4 * simulated.standard_error
    assert simulated.standard_error < 0.01 * exact


def test_the_standard_error_is_the_spread_over_seeds():
    runs = [monte_carlo_var(DELTA, COVARIANCE, paths=2000, seed=seed) for seed in range(150)]
    spread = np.std([run.var for run in runs])
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(spread, rel=0.2)


def test_full_revaluation_goes_through_the_function():
    seen = []

    def straddle(shocks):
        seen.append(shocks.shape)
        return -np.abs(shocks[:, 0]) * 1e6

    simulated = monte_carlo_var(straddle, [[4e-4]], confidence=0.99, paths=50_000, seed=2)
    assert simulated.var == pytest.approx(2.5758293 * 0.02 * 1e6, abs=4 * simulated.standard_error)
    assert sum(count for count, _factors in seen) == 50_000
    assert max(count for count, _factors in seen) <= 4096


def test_a_quadratic_book_is_near_its_delta_gamma_var():
    gamma = np.diag([-2e6, -1e6])

    def quadratic(shocks):
        return shocks @ DELTA + np.einsum("ni,ij,nj->n", shocks, gamma, shocks) / 2

    simulated = monte_carlo_var(quadratic, COVARIANCE, paths=60_000, seed=5)
    assert simulated.var == pytest.approx(delta_gamma_var(DELTA, gamma, COVARIANCE, confidence=0.99), rel=0.02)


def test_a_run_that_was_stopped_goes_on_where_it_stood():
    whole = list(simulated_pnl(DELTA, COVARIANCE, paths=10_000, seed=9))
    begun = list(islice(simulated_pnl(DELTA, COVARIANCE, paths=10_000, seed=9), 2))
    rest = list(simulated_pnl(DELTA, COVARIANCE, paths=10_000, seed=9, first=2))
    assert [len(block) for block in whole] == [4096, 4096, 1808]
    assert np.concatenate([*begun, *rest]).tolist() == np.concatenate(whole).tolist()


def test_shocks_have_the_covariance_asked_for_even_if_it_is_singular():
    perfect = np.array([[1.0, 2.0], [2.0, 4.0]])
    apart = np.concatenate(list(simulated_pnl([2.0, -1.0], perfect, paths=4096)))
    assert np.abs(apart).max() < 1e-6
    pnl = np.concatenate(list(simulated_pnl([1.0, 0.0], COVARIANCE, paths=40_000)))
    assert pnl.var() == pytest.approx(4e-4, rel=0.03)


def test_no_paths_are_no_risk():
    assert monte_carlo_var(DELTA, COVARIANCE, paths=0) == (0.0, 0.0, 0)
    assert sampled_var([]) == (0.0, 0.0, 0)
    assert sampled_var([-3.0]) == (3.0, 0.0, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: monte_carlo_var(DELTA, COVARIANCE, paths=-1), "paths is -1; it is 0 or more"),
        (lambda: monte_carlo_var([1.0], COVARIANCE), r"delta has the shape \(1,\); 2 factors need \(2,\)"),
        (lambda: monte_carlo_var(lambda shocks: shocks, COVARIANCE), r"P&L of the revaluation has the shape"),
        (
            lambda: monte_carlo_var(lambda shocks: np.where(shocks[:, 0] > 0, np.nan, 1.0), COVARIANCE, paths=10),
            "P&L of the revaluation holds . NaN",
        ),
        (lambda: sampled_var(np.zeros((2, 2))), r"pnl has the shape \(2, 2\); draws are one vector"),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Simulated moves have the EWMA covariance of the history they are drawn from; VaR and ES of them know their error."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from app.risk.cube import Vectors
from app.risk.measure import measures
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.simulation import BLOCK, LEAST, PATHS, SEED, es_error, simulated_moves, simulated_var
from app.risk.tails import value_at_risk
from app.risk.var import ewma_covariance, expected_shortfall, parametric_var, sampled_var
from app.risk.volatility import ewma_weighted
from tests.risk import market_by_hand as by_hand

ROWS = pd.DataFrame([("A", "a1"), ("A", "a2"), ("B", "b1"), ("A", "a1")], columns=["desk", "book"]).assign(
    reason=["", "", "", "no price"]
)
TREE = ("desk", "book")
MONEY = ["var", "var_error", "es", "es_error", "historical"]


def history(days=60, factors=4, seed=5):
    """Moves of correlated factors, the later ones wilder."""
    draw = np.random.default_rng(seed)
    return (
        draw.normal(0, 0.01, (days, factors)) @ draw.normal(0, 1, (factors, factors)) * np.linspace(1, 3, days)[:, None]
    )


def drawn(moves, paths, seed=1, absolute=True):
    kinds = np.full(moves.shape[1], absolute)
    blocks = range(-(-paths // BLOCK))
    return np.vstack([simulated_moves(moves, kinds, paths=paths, seed=seed, block=block) for block in blocks])


def vectors(paths=2000, rows=ROWS, seed=3, days=None):
    pnl = np.random.default_rng(seed).normal(0, 100, (len(rows), paths)).astype(np.float32)
    pnl[(rows["reason"] != "").to_numpy()] = 0
    return Vectors(rows, pnl, np.full(paths, np.datetime64("NaT", "D")) if days is None else days)


# The draws


@pytest.mark.parametrize(("days", "factors"), [(60, 4), (6, 10)], ids=["regular", "singular"])
def test_simulated_moves_have_the_ewma_covariance_of_history_and_no_mean(days, factors):
    """In every direction: the variance of a sum of squares of normals is known, and so is the error of a mean."""
    moves, paths = history(days, factors), 40_000
    covariance, sample = ewma_covariance(moves), drawn(moves, paths)
    for direction in np.vstack([np.eye(factors), np.random.default_rng(2).normal(0, 1, (5, factors))]):
        variance = direction @ covariance @ direction
        outcome = sample @ direction
        assert np.mean(outcome**2) == pytest.approx(variance, abs=4 * variance * np.sqrt(2 / paths))
        assert abs(outcome.mean()) < 4 * np.sqrt(variance / paths)
        assert sampled_var(outcome).var == pytest.approx(
            parametric_var(direction, covariance, confidence=0.99), abs=4 * sampled_var(outcome).standard_error
        )


def test_weighted_moves_are_a_root_of_the_ewma_covariance():
    weighted = ewma_weighted(history())
    assert weighted.T @ weighted == pytest.approx(ewma_covariance(history()), rel=1e-12, abs=1e-18)


def test_a_block_is_the_same_however_many_are_drawn_and_the_last_has_the_rest():
    moves, kinds = history(), np.full(4, False)
    whole = drawn(moves, 2 * BLOCK + 7, absolute=False)
    assert whole.shape == (2 * BLOCK + 7, 4)
    second = simulated_moves(moves, kinds, paths=10 * BLOCK, seed=1, block=1)
    assert np.array_equal(second, whole[BLOCK : 2 * BLOCK])
    assert not np.array_equal(second, whole[:BLOCK])
    assert simulated_moves(moves, kinds, paths=BLOCK, seed=1, block=1).shape == (0, 4)


def test_another_seed_draws_other_paths():
    assert not np.array_equal(drawn(history(), BLOCK, seed=1), drawn(history(), BLOCK, seed=2))


def test_a_price_never_falls_below_nothing_and_a_rate_may():
    wild = np.array([[2.0, 2.0]])
    paths = simulated_moves(wild, np.array([False, True]), paths=BLOCK, seed=0, block=0)
    assert paths[:, 0].min() == LEAST
    assert paths[:, 1].min() < -2
    assert shifted(np.array([100.0, 0.01]), paths, np.array([False, True]))[:, 0].min() > 0


def test_without_history_nothing_moves():
    assert not drawn(np.zeros((0, 3)), BLOCK).any()


def test_a_linear_book_revalued_in_full_has_its_parametric_var():
    """Shares by ratio, a commodity below zero by difference."""
    book = [by_hand.share("X", 40), by_hand.share("Y", -90, 50.0), by_hand.share("OIL", 25, 12.0)]
    portfolio, market = by_hand.portfolio(*book), by_hand.market()
    moves = historical(market, window=5).moves
    levels = shifted(market.on(by_hand.AS_OF), drawn_of(market, moves), market.absolute)
    pnl = portfolio.pnl(levels).astype(float).sum(axis=0)
    delta = np.zeros(len(market.factors))
    for name, amount in (("X", 40 * 104), ("Y", -90 * 50), ("OIL", 25)):
        delta[market.column[f"spot:{name}"]] = amount
    covariance = ewma_covariance(moves)
    for confidence in (0.95, 0.99):
        simulated = sampled_var(pnl, confidence=confidence)
        exact = parametric_var(delta, covariance, confidence=confidence)
        assert simulated.var == pytest.approx(exact, abs=4 * simulated.standard_error)
        assert simulated.standard_error < 0.04 * exact


def drawn_of(market, moves, paths=PATHS):
    blocks = range(paths // BLOCK)
    return np.vstack([simulated_moves(moves, market.absolute, paths=paths, seed=SEED, block=b) for b in blocks])


def test_options_are_revalued_in_full_on_every_path():
    """A long straddle loses no more than it costs, whatever the path; a delta would lose without end."""
    straddle = [by_hand.option(104.0, 2.0), by_hand.option(104.0, 2.0, option_type="put")]
    market = by_hand.market()
    levels = shifted(
        market.on(by_hand.AS_OF), 20 * drawn_of(market, historical(market, window=5).moves), market.absolute
    )
    pnl = Portfolio(by_hand.positions(*straddle), market, by_hand.AS_OF, "USD").pnl(levels[(levels > 0).all(axis=1)])
    assert pnl.sum(axis=0).min() >= -800 * (1 + 1e-6)


# The error


def test_the_standard_error_of_es_is_its_spread_over_seeds():
    runs = [np.random.default_rng(seed).normal(0, 1, 2000) for seed in range(200)]
    spread = np.std([expected_shortfall(run, confidence=0.975) for run in runs])
    assert np.mean([es_error(run, confidence=0.975) for run in runs]) == pytest.approx(spread, rel=0.2)


def test_the_es_of_normal_paths_is_known_to_its_error():
    paths = np.random.default_rng(4).normal(0, 50, 50_000)
    exact = 50 * norm.pdf(norm.ppf(0.025)) / 0.025
    assert expected_shortfall(paths, confidence=0.975) == pytest.approx(
        exact, abs=4 * es_error(paths, confidence=0.975)
    )


def test_the_error_of_a_stack_is_that_of_each_row_and_zero_where_nothing_varies():
    stack = np.vstack([np.random.default_rng(1).normal(0, 1, 400), np.zeros(400)])
    assert es_error(stack, confidence=0.9)[0] == es_error(stack[0], confidence=0.9) > 0
    assert es_error(stack, confidence=0.9)[1] == 0
    assert es_error(np.zeros((3, 0)), confidence=0.9).tolist() == [0, 0, 0]


# The measure


def test_every_node_has_the_var_es_and_errors_of_its_own_summed_paths():
    held = vectors()
    frame = simulated_var(held, vectors(250), by=TREE, confidence=0.95, es_confidence=0.9)
    own = held.pnl[:2].astype(float).sum(axis=0)
    desk = frame[(frame["level"] == 1) & (frame["desk"] == "A")].iloc[0]
    assert (desk["var"], desk["var_error"]) == sampled_var(own, confidence=0.95)[:2]
    assert desk["es"] == pytest.approx(expected_shortfall(own, confidence=0.9), rel=1e-12)
    assert desk["es_error"] == pytest.approx(es_error(own, confidence=0.9), rel=1e-12)
    assert desk[["positions", "unpriced", "paths", "seed"]].tolist() == [3, 1, 2000, SEED]
    assert frame["var"].iloc[0] < frame.loc[frame["level"] == 1, "var"].sum()


@pytest.mark.parametrize("method", ["weibull", "linear"])
def test_the_historical_var_beside_it_is_the_one_of_the_other_panels(method):
    past = vectors(250, seed=8)
    frame = simulated_var(vectors(), past, by=TREE, confidence=0.95, method=method)
    assert frame["historical"].tolist() == value_at_risk(past, by=TREE, confidence=0.95, method=method)["var"].tolist()


def test_doubling_doubles_an_opposite_book_leaves_nothing_and_order_does_not_matter():
    held, past = vectors(), vectors(250)
    once = simulated_var(held, past, by=TREE)[MONEY].to_numpy()

    def measured(scale, order=slice(None)):
        parts = [
            Vectors(v.rows.iloc[order].reset_index(drop=True), (v.pnl * scale)[order], v.days) for v in (held, past)
        ]
        return simulated_var(*parts, by=TREE)[MONEY].to_numpy()

    assert measured(2) == pytest.approx(2 * once, rel=1e-9)
    assert measured(1, slice(None, None, -1)) == pytest.approx(once, rel=1e-9)
    netted = [
        Vectors(pd.concat([v.rows] * 2, ignore_index=True), np.vstack([v.pnl, -v.pnl]), v.days) for v in (held, past)
    ]
    assert np.abs(simulated_var(*netted, by=TREE)[MONEY].to_numpy()).max() <= 1e-9 * once.max()


def test_without_paths_or_positions_there_is_no_risk():
    none = Vectors(ROWS, np.zeros((4, 0), dtype=np.float32), np.empty(0, dtype="datetime64[D]"))
    assert not simulated_var(none, none, by=TREE)[[*MONEY, "paths"]].to_numpy().any()
    empty = vectors(rows=ROWS.iloc[:0])
    frame = simulated_var(empty, empty, by=TREE)
    assert frame["level"].tolist() == [0]
    assert not frame[MONEY].to_numpy().any()


def test_paths_seed_and_law_are_stated():
    said = dict(measures()["simulated_var"].conventions)
    assert f"{PATHS:,}" in said["Paths"]
    assert f"seed {SEED}" in said["Paths"]
    assert "EWMA" in said["Law"]

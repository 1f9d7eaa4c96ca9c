"""Performance figures are those of hand arithmetic, of plain numpy, and of their own identities."""

from datetime import date
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.risk.performance import (
    beta,
    brinson,
    information_ratio,
    max_drawdown,
    mwr,
    sharpe,
    sortino,
    tracking_error,
    twr,
)

RETURNS = [0.02, -0.01, 0.03, 0.00]
BENCHMARK = [0.01, -0.02, 0.02, 0.01]
SERIES = np.random.default_rng(3).normal(0.0004, 0.01, 500)
INDEX = np.random.default_rng(4).normal(0.0003, 0.008, 500)
shares = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda x: np.array(x) / sum(x))
rates = st.lists(st.floats(-0.5, 0.5), min_size=4, max_size=4).map(np.array)


def test_time_weighting_ignores_what_is_paid_in():
    """100 grows to 110; 90 are paid in; 200 falls to 180: 1.10 × 0.90 − 1."""
    assert twr([100.0, 200.0, 180.0], [100.0, 90.0, 0.0]) == pytest.approx(-0.01)
    assert twr([100.0, 110.0, 99.0]) == pytest.approx(-0.01)


def test_time_weighting_of_one_value_or_none_is_zero():
    assert twr([]) == twr([5.0]) == 0


def test_money_weighting_is_the_rate_that_discounts_the_flows_to_nothing():
    """The example of Excel's XIRR: 0.373362535."""
    dates = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    flows = [-10_000.0, 2_750.0, 4_250.0, 3_250.0, 2_750.0]
    rate = mwr(dates, flows)
    assert rate == pytest.approx(0.373362535, abs=1e-8)
    worth = sum(f / (1 + rate) ** ((d - dates[0]).days / 365) for d, f in zip(dates, flows, strict=True))
    assert worth == pytest.approx(0, abs=1e-5)
    assert mwr(dates[::-1], flows[::-1]) == pytest.approx(rate)


def test_a_year_without_flows_between_is_the_same_money_or_time_weighted():
    assert mwr(pd.to_datetime(["2025-01-01", "2026-01-01"]), [-100.0, 107.0]) == pytest.approx(0.07)
    assert twr([100.0, 107.0]) == pytest.approx(0.07)
    assert mwr([], []) == 0


def test_drawdown_is_the_greatest_fall_from_a_peak():
    values = [100.0, 120.0, 90.0, 130.0, 104.0]
    assert max_drawdown(values) == 0.25
    assert max_drawdown(values, relative=False) == 30
    assert max_drawdown([0.0, 10.0, -25.0, 5.0], relative=False) == 35


def test_drawdown_leaves_out_missing_values_and_is_zero_when_nothing_falls():
    assert max_drawdown([100.0, np.nan, 80.0, 90.0]) == pytest.approx(0.2)
    assert max_drawdown([1.0, 2.0, 3.0]) == max_drawdown([]) == max_drawdown([np.nan]) == 0


def test_sharpe_by_hand():
    """Mean 0.01; deviations 0.01, −0.02, 0.02, −0.01; variance 0.001/3."""
    assert sharpe(RETURNS, periods_per_year=12) == pytest.approx(0.01 / sqrt(0.001 / 3) * sqrt(12))
    assert sharpe(RETURNS, risk_free=0.01) == pytest.approx(0, abs=1e-12)
    assert sharpe(RETURNS, risk_free=[0.01] * 4) == sharpe(RETURNS, risk_free=0.01)


def test_sortino_by_hand():
    """Only −0.01 is below 0; its square is averaged over all four."""
    assert sortino(RETURNS, periods_per_year=1) == pytest.approx(0.01 / sqrt(0.0001 / 4))
    assert sortino(RETURNS, target=0.01, periods_per_year=1) == pytest.approx(0, abs=1e-12)


def test_active_figures_by_hand():
    """Active returns 0.01, 0.01, 0.01, −0.01: mean 0.005, variance 0.0003/3."""
    assert tracking_error(RETURNS, BENCHMARK, periods_per_year=252) == pytest.approx(0.01 * sqrt(252))
    assert information_ratio(RETURNS, BENCHMARK, periods_per_year=252) == pytest.approx(0.5 * sqrt(252))


def test_beta_by_hand_and_by_regression():
    """Deviations 0.01, −0.02, 0.02, −0.01 and 0.005, −0.025, 0.015, 0.005: 0.0008/0.0009."""
    assert beta(RETURNS, BENCHMARK) == pytest.approx(8 / 9)
    assert beta(SERIES, INDEX) == pytest.approx(np.polyfit(INDEX, SERIES, 1)[0])
    assert beta(2.5 * INDEX + 0.001, INDEX) == pytest.approx(2.5)


def test_information_ratio_against_nothing_is_the_sharpe_ratio():
    assert information_ratio(SERIES, np.zeros(500)) == pytest.approx(sharpe(SERIES))
    assert information_ratio(SERIES, INDEX) * tracking_error(SERIES, INDEX) == pytest.approx(
        252 * (SERIES - INDEX).mean()
    )


@pytest.mark.parametrize("ratio", [sharpe, sortino, lambda x, **k: information_ratio(x, INDEX[: len(x)], **k)])
def test_ratios_do_not_depend_on_scale_and_grow_with_the_root_of_time(ratio):
    assert ratio(SERIES, periods_per_year=52) == pytest.approx(ratio(SERIES, periods_per_year=13) * 2)
    if ratio in (sharpe, sortino):
        assert ratio(3 * SERIES) == pytest.approx(ratio(SERIES))


@pytest.mark.parametrize("figure", [sharpe, sortino])
def test_a_missing_return_is_left_out(figure):
    assert figure([0.02, np.nan, -0.01, 0.03, 0.00]) == figure(RETURNS)


@pytest.mark.parametrize("figure", [tracking_error, information_ratio, beta])
def test_a_missing_return_is_left_out_with_its_partner(figure):
    assert figure([0.02, 0.5, -0.01, np.nan, 0.03, 0.0], [0.01, np.nan, -0.02, 0.5, 0.02, 0.01]) == figure(
        RETURNS, BENCHMARK
    )


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.01], [np.nan, 0.01]])
def test_a_ratio_without_risk_is_no_number(returns):
    assert np.isnan(sharpe(returns))
    assert np.isnan(sortino(returns))
    assert np.isnan(information_ratio(returns, [0.0] * len(returns)))
    assert np.isnan(beta([0.5] * len(returns), returns))
    assert np.isnan(tracking_error(returns[:1], returns[:1]))


def test_brinson_by_hand():
    """B = 0.4·0.08 + 0.6·0.03 = 0.05; active 0.06 − 0.05."""
    frame = brinson([0.5, 0.5], [0.10, 0.02], [0.4, 0.6], [0.08, 0.03])
    assert frame["allocation"].tolist() == pytest.approx([0.1 * 0.03, -0.1 * -0.02])
    assert frame["selection"].tolist() == pytest.approx([0.4 * 0.02, 0.6 * -0.01])
    assert frame["interaction"].tolist() == pytest.approx([0.1 * 0.02, -0.1 * -0.01])
    assert frame["total"].sum() == pytest.approx(0.01)


def test_brinson_of_1986_allocates_by_the_segment_alone():
    frame = brinson([0.5, 0.5], [0.10, 0.02], [0.4, 0.6], [0.08, 0.03], method="hood_beebower")
    assert frame["allocation"].tolist() == pytest.approx([0.1 * 0.08, -0.1 * 0.03])
    assert frame["total"].sum() == pytest.approx(0.01)


@settings(max_examples=40)
@given(shares, rates, shares, rates, st.sampled_from(["fachler", "hood_beebower"]))
def test_brinson_adds_up_to_the_active_return(weights, returns, held, earned, method):
    frame = brinson(weights, returns, held, earned, method=method)
    assert frame["total"].sum() == pytest.approx(weights @ returns - held @ earned, abs=1e-14)
    parts = frame[["allocation", "selection", "interaction"]].sum(axis=1)
    assert parts.tolist() == frame["total"].tolist()


def test_brinson_of_the_benchmark_itself_is_nothing():
    assert not brinson([0.3, 0.7], [0.1, 0.2], [0.3, 0.7], [0.1, 0.2]).to_numpy().any()
    assert brinson([], [], [], []).empty


def test_brinson_joins_by_label_and_what_is_not_held_is_allocation():
    frame = brinson(
        pd.Series({"tech": 1.0}),
        pd.Series({"tech": 0.10}),
        pd.Series({"energy": 0.5, "tech": 0.5}),
        pd.Series({"tech": 0.06, "energy": 0.02}),
    )
    assert frame.loc["energy", "allocation"] == pytest.approx(-0.5 * (0.02 - 0.04))
    assert frame.loc["energy", ["selection", "interaction"]].tolist() == [0, 0]
    assert frame["total"].sum() == pytest.approx(0.10 - 0.04)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: twr([100.0, np.nan]), "values holds 1 NaN"),
        (lambda: twr([100.0, 0.0, 5.0]), "values holds 0"),
        (lambda: twr([100.0, 110.0], [0.0]), r"flows has the shape \(1,\)"),
        (lambda: mwr(["2025-01-01", "2026-01-01"], [1.0, 2.0]), "one sign only"),
        (lambda: mwr(["2025-01-01"], [1.0, 2.0]), r"dates has the shape \(1,\)"),
        (lambda: mwr(["2025-01-01", "2026-01-01"], [-1.0, np.nan]), "flows holds 1 NaN"),
        (lambda: max_drawdown([0.0, 10.0]), "values start at 0"),
        (lambda: max_drawdown([[1.0]]), r"shape \(1, 1\)"),
        (lambda: sharpe([1.0, 2.0], risk_free=[1.0]), r"shapes \(2,\) and \(1,\)"),
        (lambda: beta([1.0, 2.0], [1.0]), "one length"),
        (lambda: brinson([1.0], [0.1], [0.9], [0.1]), "weights sum to 1.0"),
        (lambda: brinson([1.0], [np.nan], [1.0], [0.1]), "returns is NaN in 0"),
        (lambda: brinson([1.0], [0.1], [1.0], [np.nan]), "benchmark_returns is NaN in 0"),
        (lambda: brinson([1.0], [0.1], [1.0], [0.1], method="carino"), "method is 'carino'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Backtesting reproduces the published tables and obeys its own definitions.

The figures of reference/backtest_tables.json are those of the Basel Committee (January 1996, table 2; MAR32.9; MAR99)
and of Kupiec (1995) as tabulated by Jorion. Kupiec's region for 255 days at 99 % is printed N < 7, its lower end left
out: no exception at all in 255 days is rejected too (LR = −2·255·ln 0.99 = 5.13).
"""

import json
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.risk.backtest import christoffersen, desk_passes, exceptions, kupiec, pla, traffic_light

PUBLISHED = json.loads((Path(__file__).parent / "reference" / "backtest_tables.json").read_text())
ZONES = PUBLISHED["basel_traffic_light_250_99"]
REGIONS = PUBLISHED["kupiec_nonrejection_regions_95"]["rows"]
CRITICAL = PUBLISHED["chi2_critical"]


@pytest.mark.parametrize("row", ZONES, ids=lambda row: str(row["exceptions"]))
def test_the_traffic_light_is_the_published_one(row):
    light = traffic_light(int(str(row["exceptions"]).rstrip("+")))
    assert light.zone == row["zone"]
    assert light.multiplier == row["multiplier_MAR32"]
    assert light.cumulative_probability == pytest.approx(row["cum_prob"], abs=1e-12)
    assert 100 * light.cumulative_probability == pytest.approx(row["cum_prob_published_pct"], abs=0.0051)


@pytest.mark.parametrize("row", ZONES, ids=lambda row: str(row["exceptions"]))
def test_the_scheme_of_1996_is_kept_apart(row):
    count = int(str(row["exceptions"]).rstrip("+"))
    light = traffic_light(count, scheme="1996")
    assert (light.zone, light.scheme) == (row["zone"], "1996")
    assert light.multiplier == pytest.approx(3 + row["plus_factor_1996"])
    assert traffic_light(count).scheme == "MAR32"


def test_ten_exceptions_or_two_hundred_are_red_alike():
    assert (traffic_light(200).zone, traffic_light(200).multiplier) == ("red", 2.0)


@pytest.mark.parametrize(("observations", "level"), [(500, 0.99), (250, 0.975), (1000, 0.95)])
def test_zones_of_other_samples_start_where_the_probability_does(observations, level):
    binomial = stats.binom(observations, 1 - level)
    amber, red = (next(x for x in range(observations) if binomial.cdf(x) >= p) for p in (0.95, 0.9999))
    zones = [traffic_light(x, observations=observations, level=level).zone for x in (amber - 1, amber, red - 1, red)]
    assert zones == ["green", "amber", "amber", "red"]


def test_no_multiplier_is_made_up_where_none_is_printed():
    assert np.isnan(traffic_light(11, observations=500).multiplier)
    assert traffic_light(3, observations=500).multiplier == 1.5
    assert traffic_light(40, observations=500).multiplier == 2.0


def test_no_exception_is_green_and_no_day_is_no_zone():
    assert traffic_light(0, observations=1).zone == "green"
    assert traffic_light(0, observations=0).zone == "none"
    assert np.isnan(traffic_light(0, observations=0).multiplier)


@pytest.mark.parametrize("row", REGIONS, ids=lambda row: f"{row['p']}-{row['T']}")
def test_kupiec_rejects_outside_the_published_region(row):
    bounds = [int(x) for x in row["computed"].replace("<N<", " ").split()]
    ratios = [kupiec(x, row["T"], level=1 - row["p"]) for x in range(bounds[1] + 2)]
    kept = [x for x, ratio in enumerate(ratios) if ratio.statistic < CRITICAL["1df_95"]]
    assert [kept[0] - 1, kept[-1] + 1] == bounds
    assert all((ratio.p_value > 0.05) == (x in kept) for x, ratio in enumerate(ratios))


def test_kupiec_of_the_first_region_by_hand():
    assert kupiec(0, 255, level=0.99).statistic == pytest.approx(-2 * 255 * log(0.99))
    ratio = kupiec(10, 255, level=0.99)
    null, free = 10 * log(0.01) + 245 * log(0.99), 10 * log(10 / 255) + 245 * log(245 / 255)
    assert ratio.statistic == pytest.approx(2 * (free - null))
    assert ratio.p_value == pytest.approx(stats.chi2.sf(ratio.statistic, 1))


def test_kupiec_is_nothing_at_the_expected_rate_and_finite_at_the_ends():
    assert kupiec(10, 1000, level=0.99).statistic == pytest.approx(0, abs=1e-9)
    assert kupiec(0, 0, level=0.99).p_value == 1
    assert kupiec(20_000, 20_000, level=0.99).statistic == pytest.approx(-2 * 20_000 * log(0.01))
    assert kupiec(0, 20_000, level=0.99).statistic == pytest.approx(-2 * 20_000 * log(0.99))


def test_christoffersen_counts_transitions():
    """Days 0 1 1 0 0 1 0 0 0 1: after a quiet day 3 exceptions of 6, after an exception 1 of 3."""
    test = christoffersen([0, 1, 1, 0, 0, 1, 0, 0, 0, 1], level=0.95)
    free = 6 * log(1 / 2) + log(1 / 3) + 2 * log(2 / 3)
    bound = 4 * log(4 / 9) + 5 * log(5 / 9)
    assert test.independence.statistic == pytest.approx(2 * (free - bound))
    assert test.coverage == kupiec(4, 10, level=0.95)
    assert test.statistic == pytest.approx(test.coverage.statistic + test.independence.statistic)
    assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 2))


def test_clusters_are_seen_and_scattered_exceptions_are_not():
    scattered, clustered = np.zeros(1000), np.zeros(1000)
    scattered[50::100] = 1
    clustered[500:510] = 1
    assert christoffersen(scattered, level=0.99).p_value > 0.5
    assert christoffersen(clustered, level=0.99).statistic > CRITICAL["2df_99"]
    assert christoffersen(clustered, level=0.99).coverage.p_value > 0.99


def test_thousands_of_days_do_not_underflow():
    test = christoffersen(np.tile([0, 0, 1, 1, 0], 4000), level=0.99)
    assert np.isfinite(test.statistic)
    assert test.statistic > 10_000


@pytest.mark.parametrize("hits", [[], [0], [1], [0, 0, 0], [1, 1, 1]])
def test_short_or_uniform_histories_have_no_order_to_test(hits):
    test = christoffersen(hits, level=0.99)
    assert test.independence.statistic == 0
    assert test.statistic == test.coverage.statistic


@settings(max_examples=40)
@given(st.lists(st.booleans(), max_size=60), st.sampled_from([0.95, 0.975, 0.99]))
def test_ratios_are_never_negative_and_conditional_coverage_is_their_sum(hits, level):
    test = christoffersen(hits, level=level)
    assert test.coverage.statistic >= 0
    assert test.independence.statistic >= 0
    assert 0 <= test.p_value <= 1
    assert test.statistic == test.coverage.statistic + test.independence.statistic


def test_a_missing_hit_is_a_hit():
    assert christoffersen([0, np.nan, 0], level=0.99) == christoffersen([0, 1, 0], level=0.99)


def test_an_exception_is_a_loss_beyond_the_var_strictly():
    assert exceptions([-100.0, -100.01, 100.01, 0.0], [100.0, 100.0, 100.0, 0.0]).tolist() == [
        False,
        True,
        False,
        False,
    ]


def test_a_missing_profit_or_forecast_is_an_exception():
    assert exceptions([np.nan, 5.0, np.nan], [1.0, np.nan, np.nan]).all()
    assert exceptions([], []).size == 0


def test_a_desk_fails_above_twelve_or_thirty():
    assert desk_passes(12, 30)
    assert not desk_passes(13, 30)
    assert not desk_passes(12, 31)


def test_attribution_measures_ranks_and_distributions():
    """Ranks 1 2 3 4 against 2 1 4 3: ρ = 1 − 6·4/(4·15); the largest gap of the step functions is 1 of 4."""
    test = pla([1.0, 2.0, 3.0, 4.0], [2.5, 1.5, 9.0, 3.5])
    assert test.correlation == pytest.approx(0.6)
    assert test.distance == 0.25
    assert (test.observations, test.zone) == (4, "red")


def test_attribution_agrees_with_scipy_ties_included():
    draws = np.random.default_rng(7)
    hypothetical = draws.normal(size=250).round(1)
    theoretical = (hypothetical + draws.normal(scale=0.5, size=250)).round(1)
    test = pla(hypothetical, theoretical)
    assert test.correlation == pytest.approx(stats.spearmanr(hypothetical, theoretical).statistic)
    assert test.distance == pytest.approx(stats.ks_2samp(hypothetical, theoretical, method="asymp").statistic)


@pytest.mark.parametrize(("moved", "zone"), [(22, "green"), (23, "amber"), (30, "amber"), (31, "red")])
def test_attribution_zones_by_distance(moved, zone):
    """Lifting the `moved` greatest of 250 days out of the range keeps every rank and makes the distance moved/250."""
    hypothetical = np.arange(250.0)
    theoretical = np.where(hypothetical >= 250 - moved, hypothetical + 1000, hypothetical)
    test = pla(hypothetical, theoretical)
    assert test.correlation == 1
    assert test.distance == moved / 250
    assert test.zone == zone


@pytest.mark.parametrize(
    ("theoretical", "correlation", "zone"),
    [
        ([2.0, 1.0, 3.0, 5.0, 4.0], 0.8, "amber"),
        ([1.0, 2.0, 3.0, 5.0, 4.0], 0.9, "green"),
        ([3.0, 1.0, 2.0, 4.0, 5.0], 0.7, "amber"),
        ([3.0, 2.0, 1.0, 4.0, 5.0], 0.6, "red"),
    ],
)
def test_attribution_zones_by_correlation_have_strict_edges(theoretical, correlation, zone):
    test = pla([1.0, 2.0, 3.0, 4.0, 5.0], theoretical)
    assert (test.correlation, test.distance, test.zone) == (correlation, 0, zone)


def test_attribution_leaves_out_days_that_miss_either_side():
    assert pla([1.0, np.nan, 2.0, 3.0, 9.0], [1.0, 5.0, 2.0, 3.0, np.nan]) == pla([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert pla([], []).zone == "none"
    assert np.isnan(pla([0.0, 0.0], [0.0, 0.0]).correlation)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kupiec(1, 250, level=0.01), "level is 0.01"),
        (lambda: kupiec(251, 250, level=0.99), "exceptions is 251"),
        (lambda: kupiec(-1, 250, level=0.99), "exceptions is -1"),
        (lambda: kupiec(0.5, 250, level=0.99), "exceptions is 0.5"),
        (lambda: kupiec(0, -1, level=0.99), "observations is -1"),
        (lambda: traffic_light(1, scheme="2013"), "scheme is '2013'"),
        (lambda: christoffersen([0, 2], level=0.99), "hits holds 2"),
        (lambda: christoffersen([[0, 1]], level=0.99), r"hits has the shape \(1, 2\)"),
        (lambda: exceptions([1.0], [1.0, 2.0]), r"var has the shape \(2,\)"),
        (lambda: pla([1.0], [1.0, 2.0]), "same days"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

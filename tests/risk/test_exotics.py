"""American and barrier options: the figures of reference/options_haug.json, then the laws."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.risk.pricing import black_scholes
from app.risk.quantlib.exotics import american_option, barrier_option

HAUG = json.loads((Path(__file__).parent / "reference" / "options_haug.json").read_text())
KINDS = {"DownIn": "down_in", "DownOut": "down_out", "UpIn": "up_in", "UpOut": "up_out"}
MARKET = {"rate": 0.05, "volatility": 0.2, "dividend": 0.02}


def column(rows, name):
    return np.array([row[name] for row in rows])


def terms(rows):
    names = {"spot": "spot", "strike": "strike", "years": "t", "rate": "r", "volatility": "vol", "dividend": "q"}
    columns = {name: column(rows, short) for name, short in names.items()}
    return columns | {"call": column(rows, "type") == "call"}


@pytest.mark.parametrize(
    ("table", "method", "count", "tolerance"),
    [
        ("american_baw", "barone_adesi_whaley", 37, 3e-3),
        ("american_bjerksund_stensland", "bjerksund_stensland", 8, 5e-5),
        ("american_ju_quadratic", "exact", 47, 0.08),
    ],
)
def test_american_prices_are_those_published(table, method, count, tolerance):
    rows = HAUG[table]
    assert len(rows) == count
    assert american_option(**terms(rows), method=method) == pytest.approx(column(rows, "value"), abs=tolerance)


def test_barrier_prices_are_those_published_by_haug():
    rows = HAUG["barrier_european_haug"]
    assert len(rows) == 72
    kind = [KINDS[name] for name in column(rows, "barrier_type")]
    given = terms(rows) | {"barrier": column(rows, "barrier"), "rebate": column(rows, "rebate"), "kind": kind}
    assert barrier_option(**given) == pytest.approx(column(rows, "value"), abs=1e-4)


def test_the_right_to_exercise_early_is_worth_something_to_a_put_and_nothing_to_a_call_without_dividends():
    early = american_option(100, [90, 100, 110], 1, rate=0.05, volatility=0.2, call=[[True], [False]])
    late = black_scholes(100, [90, 100, 110], 1, rate=0.05, volatility=0.2, call=[[True], [False]])
    assert early[0] == pytest.approx(late[0], abs=1e-6)
    assert (early[1] > late[1] + 0.05).all()


def test_the_exact_american_price_is_that_of_a_fine_binomial_tree():
    # Cox, Ross and Rubinstein with Leisen and Reimer's probabilities, 1,001 steps, written out in numpy
    steps, spot, strike, years, rate, volatility = 1001, 100.0, 105.0, 0.7, 0.06, 0.3
    dt = years / steps
    up = np.exp(volatility * np.sqrt(dt))
    likely, discount = (np.exp(rate * dt) - 1 / up) / (up - 1 / up), np.exp(-rate * dt)
    value = np.maximum(strike - spot * up ** np.arange(-steps, steps + 1, 2.0), 0)
    for step in range(steps - 1, -1, -1):
        exercise = strike - spot * up ** np.arange(-step, step + 1, 2.0)
        value = np.maximum(discount * (likely * value[1:] + (1 - likely) * value[:-1]), exercise)
    found = american_option(spot, strike, years, rate=rate, volatility=volatility, call=False)
    assert found == pytest.approx(value[0], abs=3e-3)


def test_an_american_price_is_at_least_the_european_and_the_exercise_value_even_at_negative_rates():
    spot, rate = np.array([80.0, 100, 120]), np.array([[-0.02], [0.0], [0.05]])
    early = american_option(spot, 100, 1, rate=rate, volatility=0.2, dividend=0.01, call=False)
    late = black_scholes(spot, 100, 1, rate=rate, volatility=0.2, dividend=0.01, call=False)
    assert (early >= np.maximum(late, 100 - spot) - 1e-3).all()


def test_without_time_volatility_or_a_positive_spot_the_best_of_now_and_expiry_is_left():
    put = american_option([-5, 0, 90, 110], 100, [[1], [0], [-1]], rate=0.05, volatility=0.2, call=False)
    assert put[1].tolist() == put[2].tolist() == [105, 100, 10, 0]
    assert put[0, :2].tolist() == [105, 100]
    late = american_option(100, 100, 1, rate=0.05, volatility=0)
    assert late == pytest.approx(100 - 100 * np.exp(-0.05))


def test_in_and_out_together_are_the_european_option():
    kinds = np.array([["down_in", "down_out"], ["up_in", "up_out"]])
    barrier = np.array([[85.0], [125.0]])
    parts = barrier_option(100, 105, 0.5, barrier=barrier, kind=kinds, call=False, **MARKET)
    assert parts.sum(axis=1) == pytest.approx([black_scholes(100, 105, 0.5, call=False, **MARKET)] * 2, abs=1e-10)


def test_a_touched_barrier_leaves_the_rebate_or_the_european_option():
    given = {"strike": 100, "years": 0.5, "barrier": 90, "rebate": 3, **MARKET}
    european = black_scholes([90, 80], 100, 0.5, **MARKET)
    assert barrier_option([90, 80], kind="down_out", **given).tolist() == [3, 3]
    assert barrier_option([90, 80], kind="down_in", **given).tolist() == european.tolist()


def test_at_expiry_an_untouched_out_is_its_intrinsic_value_and_an_in_its_rebate():
    given = {"strike": 100, "years": 0, "barrier": 90, "rebate": 3, **MARKET}
    assert barrier_option(110, kind=["down_out", "down_in"], **given).tolist() == [10, 3]


def test_nan_in_gives_nan_out_and_a_barrier_without_volatility_has_no_price():
    assert np.isnan(american_option([100, np.nan], 100, 1, **MARKET)).tolist() == [False, True]
    given = {"strike": 100, "years": 1, "kind": "up_in", "rate": 0.05}
    found = barrier_option(100, barrier=[120, np.nan, 120], volatility=[0.2, 0.2, 0], **given)
    assert np.isnan(found).tolist() == [False, True, True]


def test_empty_in_gives_empty_out():
    assert american_option([], 100, 1, **MARKET).size == 0
    assert barrier_option([], 100, 1, barrier=90, kind="up_in", **MARKET).size == 0


def test_an_unknown_method_or_kind_is_refused():
    with pytest.raises(ValueError, match="method is 'guess': it may be one of exact"):
        american_option(100, 100, 1, method="guess", **MARKET)
    with pytest.raises(ValueError, match="kind is sideways: it may be one of down_in"):
        barrier_option(100, 100, 1, barrier=90, kind=["sideways", "up_in"], **MARKET)

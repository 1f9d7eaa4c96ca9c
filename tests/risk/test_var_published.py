"""VaR against published figures: Hull's examples and RiskMetrics' tables."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from app.risk.var import component_var, ewma_covariance, historical_var, parametric_var, var_scenarios

FOLDER = Path(__file__).parent / "reference"
NORMAL, HISTORICAL = json.loads((FOLDER / "hull_var_examples.json").read_text("utf-8"))
RISKMETRICS = json.loads((FOLDER / "riskmetrics_ewma.json").read_text("utf-8"))


def test_two_assets_and_their_diversification_as_hull_prints_them():
    inputs, expected = NORMAL["inputs"], NORMAL["expected"]
    confidence = float(ndtr(inputs["z"]))  # the book rounds z to 2.33
    msft, att = inputs["msft_usd"], inputs["att_usd"]
    deviations, rho = np.array(inputs["daily_vol"]), inputs["rho"]
    daily = np.outer(deviations, deviations) * [[1, rho], [rho, 1]]
    apart = parametric_var([[msft, 0], [0, att]], daily, confidence=confidence)
    assert apart == pytest.approx([expected["msft_1d"], expected["att_1d"]], abs=1)
    fortnight = parametric_var([[msft, 0], [0, att], [msft, att]], daily * 10, confidence=confidence)
    printed = [expected["msft_10d"], expected["att_10d"], expected["portfolio_10d"]]
    assert fortnight == pytest.approx(printed, abs=1)
    assert fortnight[0] + fortnight[1] - fortnight[2] == pytest.approx(expected["diversification_benefit"], abs=1.5)
    deviation = parametric_var([msft, att], daily, confidence=float(ndtr(1.0)))
    assert deviation == pytest.approx(expected["portfolio_sd_1d"], abs=1)


def test_four_indices_by_historical_simulation_as_hull_prints_them():
    levels = {int(day): np.array(row) for day, row in HISTORICAL["levels_usd"].items()}
    holdings = np.array(list(HISTORICAL["portfolio_usd_000"].values()))
    vectors = np.stack([holdings * (levels[day] / levels[day - 1] - 1) for day in (1, 2, 3)], axis=1)
    printed = np.array(list(HISTORICAL["loss"].values()))
    rounding = 0.1  # of the printed levels: half a cent of a Nikkei at 112.82 is 0.09 of its 2,000
    assert -vectors.sum(axis=0) == pytest.approx(printed, abs=rounding)
    assert historical_var(-printed, confidence=0.99) == printed[2]
    assert var_scenarios(vectors.sum(axis=0)).indices.tolist() == [2]
    assert component_var(vectors).sum() == pytest.approx(printed[2], abs=rounding)


def test_a_variance_follows_table_5_3_day_by_day():
    table = RISKMETRICS["table_5_3"]
    returns = table["returns_pct"]
    path = [ewma_covariance(returns[: day + 1], decay=RISKMETRICS["lam"]) for day in range(len(returns))]
    assert path == pytest.approx(table["recursive_variance"], abs=1e-12)


def test_a_covariance_follows_table_5_5_day_by_day():
    table = RISKMETRICS["table_5_5"]
    returns = np.column_stack([table["usddem"], table["sp500"]])
    path = np.array([ewma_covariance(returns[: day + 1]) for day in range(len(returns))])
    assert path[:, 0, 0] == pytest.approx(table["var_usddem"], abs=1e-12)
    assert path[:, 1, 1] == pytest.approx(table["var_sp500"], abs=1e-12)
    assert path[:, 0, 1] == pytest.approx(table["cov"], abs=1e-12)
    assert path[:, 1, 0].tolist() == path[:, 0, 1].tolist()
    correlation = path[:, 0, 1] / np.sqrt(path[:, 0, 0] * path[:, 1, 1])
    assert correlation == pytest.approx(table["rho"], abs=1e-9)


def test_a_volatility_begun_with_nothing_is_that_of_table_5_2():
    table = RISKMETRICS["table_5_2"]
    exponential = ewma_covariance([0.0, *table["returns_pct"]], decay=RISKMETRICS["lam"]) ** 0.5
    assert exponential == pytest.approx(table["exp_weight_vol_pct_unnormalised"], abs=1e-9)

"""The backtest on screen: what was forecast one day is held against the next, by the order of the runs.

The book under test runs from a Wednesday over a weekend: Wed 3, Thu 4, Fri 5, Mon 8, Tue 9 January 2024. Its VaR is
100 on the first day and 10 more on each, so that a VaR says of which day it is.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from app.risk.backtest import christoffersen, kupiec, pla
from app.risk.backtesting import backtest_history, backtest_results, backtest_rolling

DAYS = [date(2024, 1, day) for day in (3, 4, 5, 8, 9)]
FIRM = {"scope_kind": "firm", "node": "", "desk": None}
FX = {"scope_kind": "desk", "node": "FX", "desk": "FX"}
VOL = {"scope_kind": "desk", "node": "Vol", "desk": "Vol"}
CARRY = {"scope_kind": "book", "node": "FX-CARRY", "desk": "FX"}
FLOW = {"scope_kind": "book", "node": "FX-FLOW", "desk": "FX"}
CONFIDENCE = {"var_99": 0.99, "var_975": 0.975, "es_975": 0.975}


def forecasts(node=FIRM, var=(100.0, 110.0, 120.0, 130.0, 140.0), days=DAYS, measure="var_99", base="USD"):
    about = {"measure": measure, "confidence": CONFIDENCE[measure], "base": base, **node}
    return pd.DataFrame([{"as_of": day, "value": value, **about} for day, value in zip(days, var, strict=True)])


def pnls(node=FIRM, actual=(0.0,) * 5, *, hypothetical=None, theoretical=None, days=DAYS, base="USD"):
    columns = {
        "as_of": days,
        "actual": actual,
        "hypothetical": actual if hypothetical is None else hypothetical,
        "theoretical": actual if theoretical is None else theoretical,
    }
    return pd.DataFrame(columns).assign(**node, base=base)


def joined(*frames):
    return pd.concat(frames, ignore_index=True)


def words(made, earned):
    return backtest_history(made, earned)["exception"].tolist()


def row(frame, node):
    (found,) = frame.loc[frame["node"] == node].to_dict("records")
    return found


def test_a_day_is_held_against_the_var_of_the_run_before_over_a_weekend_too():
    history = backtest_history(forecasts(), pnls())
    assert dict(zip(history["day"], history["var"], strict=True)) == dict(
        zip(DAYS[1:], [100.0, 110.0, 120.0, 130.0], strict=True)
    )


def test_the_first_run_of_the_stretch_is_no_day_and_the_last_forecast_is_not_used_yet():
    history = backtest_history(forecasts(), pnls(actual=[-1e9, 0, 0, 0, 0]))
    assert DAYS[0] not in set(history["day"])
    assert not history["exception"].any()
    assert 140.0 not in set(history["var"])


def test_one_run_alone_tests_nothing():
    made, earned = forecasts(var=[100.0], days=DAYS[:1]), pnls(actual=[-500.0], days=DAYS[:1])
    assert backtest_history(made, earned).empty
    assert backtest_results(made, earned).empty


def test_an_exception_is_a_loss_strictly_beyond_the_var_of_the_day_before():
    actual = [0, -100.0, -110.01, -125.0, 0]
    hypothetical = [0, 0, 0, -120.5, -130.01]
    assert words(forecasts(), pnls(actual=actual, hypothetical=hypothetical)) == ["", "actual", "both", "hypothetical"]


@pytest.mark.parametrize("missing", ["actual", "hypothetical"])
def test_a_day_without_one_of_its_amounts_is_an_exception(missing):
    earned = pnls()
    earned.loc[2, missing] = np.nan
    assert words(forecasts(), earned) == ["", "missing", "", ""]
    assert row(backtest_results(forecasts(), earned), "Firm")["counted"] == 1


def test_a_forecast_that_could_not_be_computed_is_an_exception_of_the_next_day():
    made = forecasts(var=[100.0, np.nan, 120.0, 130.0, 140.0])
    assert words(made, pnls()) == ["", "missing", "", ""]


def test_a_forecast_that_was_never_stored_is_an_exception_and_no_older_one_stands_in():
    made = joined(forecasts().drop(index=2), forecasts(FX))
    history = backtest_history(made, joined(pnls(), pnls(FX)))
    assert history["exception"].tolist() == ["", "", "missing", ""]
    assert history["var"].isna().tolist() == [False, False, True, False]


def test_a_day_whose_pnl_was_never_stored_is_an_exception():
    assert words(forecasts(), pnls().drop(index=3)) == ["", "", "missing", ""]


def test_a_forecast_in_another_currency_is_no_forecast():
    made = joined(
        forecasts(var=[100.0, 110.0], days=DAYS[:2], base="EUR"), forecasts(days=DAYS[2:], var=[120, 130, 140])
    )
    earned = joined(pnls(actual=[0, 0], days=DAYS[:2], base="EUR"), pnls(actual=[0, 0, 0], days=DAYS[2:]))
    history = backtest_history(made, earned)
    assert history["exception"].tolist() == ["", "missing", "", ""]
    assert history["currency"].tolist() == ["EUR", "USD", "USD", "USD"]


def test_a_node_is_tested_from_the_day_after_its_first_forecast():
    made = joined(forecasts(), forecasts(CARRY, days=DAYS[2:], var=[50, 50, 50]))
    earned = joined(pnls(), pnls(CARRY, actual=[-900, -900, -60, 0], days=DAYS[1:]))
    results = backtest_results(made, earned)
    assert row(results, "FX-CARRY")["observations"] == 2
    assert row(results, "FX-CARRY")["counted"] == 1
    assert row(results, "Firm")["observations"] == 4


def test_after_a_close_with_nothing_held_a_book_is_not_tested():
    flat = {"actual": [0, 0, -70.0, 5.0, 0], "theoretical": [0, 0, np.nan, np.nan, 0]}
    made = joined(forecasts(), forecasts(FLOW).drop(index=[1, 2]))
    results = backtest_results(made, joined(pnls(), pnls(FLOW, **flat)))
    assert (row(results, "FX-FLOW")["observations"], row(results, "FX-FLOW")["counted"]) == (2, 0)


def test_a_node_that_was_never_forecast_is_not_tested():
    results = backtest_results(forecasts(), joined(pnls(), pnls(FLOW)))
    assert results["node"].tolist() == ["Firm"]


@pytest.mark.parametrize(
    ("nodes", "widest"),
    [
        ([FIRM, FX, CARRY], "Firm"),
        ([VOL, FX, CARRY, FLOW], "FX"),
        ([VOL], "Vol"),
        ([FX, CARRY], "FX-CARRY"),
        ([CARRY, FLOW], "FX-CARRY"),
    ],
    ids=["the firm", "the first desk", "the desk", "the only book", "the first book"],
)
def test_the_history_is_of_the_widest_node_in_sight(nodes, widest):
    made, earned = joined(*map(forecasts, nodes)), joined(*map(pnls, nodes))
    history = backtest_history(made, earned)
    assert set(history["node"]) == {widest}
    assert len(history) == 4


def test_the_firm_stands_first_and_each_desk_before_its_books():
    nodes = [CARRY, VOL, FLOW, FIRM, FX]
    results = backtest_results(joined(*map(forecasts, nodes)), joined(*map(pnls, nodes)))
    assert results["node"].tolist() == ["Firm", "FX", "FX-CARRY", "FX-FLOW", "Vol"]
    assert results["scope"].tolist() == ["firm", "desk", "book", "book", "desk"]


def test_the_order_of_the_rows_does_not_matter():
    nodes = [FIRM, FX, CARRY]
    made, earned = joined(*map(forecasts, nodes)), joined(*(pnls(n, actual=[0, -999, 0, -999, 0]) for n in nodes))
    shuffled = [frame.sample(frac=1, random_state=7) for frame in (made, earned)]
    for measure in (backtest_history, backtest_results):
        pd.testing.assert_frame_equal(measure(made, earned), measure(*shuffled))


def long_run(losses, node=FIRM, measure="var_99", size=300):
    """`size` days of a VaR of 100 and of P&L that is −200 on the days (by place) in `losses`."""
    days = [day.date() for day in pd.bdate_range("2023-01-02", periods=size)]
    actual = np.where(np.isin(np.arange(size), losses), -200.0, np.linspace(-50, 50, size))
    return forecasts(node, [100.0] * size, days, measure), pnls(node, actual, days=days)


def test_exceptions_are_those_of_the_last_250_days():
    made, earned = long_run([10, 49, 50, 120, 299])
    firm = row(backtest_results(made, earned), "Firm")
    assert (firm["actual"], firm["observations"], firm["zone"], firm["multiplier"]) == (3, 250, "green", 1.5)
    assert row(backtest_results(made, earned, observations=299), "Firm")["actual"] == 5


def test_the_greater_of_the_two_is_counted_and_tested():
    made, earned = long_run([100, 101, 102, 150, 200, 250])
    earned["actual"] = 0.0
    firm = row(backtest_results(made, earned), "Firm")
    hits = np.isin(np.arange(50, 300), [100, 101, 102, 150, 200, 250])
    coverage = christoffersen(hits, level=0.99)
    assert (firm["actual"], firm["hypothetical"], firm["counted"]) == (0, 6, 6)
    assert (firm["zone"], firm["multiplier"]) == ("amber", 1.76)
    assert firm["kupiec_p"] == kupiec(6, 250, level=0.99).p_value
    assert (firm["christoffersen_p"], firm["independence_p"]) == (coverage.p_value, coverage.independence.p_value)


def test_the_attribution_test_is_of_hypothetical_against_theoretical():
    made, earned = long_run([])
    earned["theoretical"] = earned["hypothetical"].to_numpy()[::-1]
    expected = pla(earned["hypothetical"].tail(250), earned["theoretical"].tail(250))
    firm = row(backtest_results(made, earned), "Firm")
    assert (firm["pla_spearman"], firm["pla_ks"], firm["pla_zone"]) == (
        pytest.approx(expected.correlation),
        expected.distance,
        "red",
    )


@pytest.mark.parametrize(("at_99", "at_975", "verdict"), [(12, 30, "pass"), (13, 30, "fail"), (12, 31, "fail")])
def test_a_desk_fails_above_12_at_99_or_30_at_975(at_99, at_975, verdict):
    made, earned = long_run(np.arange(100, 100 + at_99), FX)
    wide, _ = long_run([], FX, "var_975")
    wide["value"] = np.where(np.isin(np.arange(300), np.arange(99, 99 + at_975)), -1e6, 1e6)
    assert row(backtest_results(joined(made, wide), earned), "FX")["desk_test"] == verdict


def test_only_desks_are_put_to_the_desk_test_and_only_with_both_forecasts():
    made, earned = joined(*map(forecasts, [FIRM, FX])), joined(*map(pnls, [FIRM, FX]))
    assert backtest_results(made, earned)["desk_test"].tolist() == ["", ""]
    both = joined(made, *(forecasts(node, measure="var_975") for node in (FIRM, FX)))
    assert backtest_results(both, earned)["desk_test"].tolist() == ["", "pass"]


def test_another_forecast_is_tested_at_its_own_confidence():
    made, earned = long_run([100, 101, 102, 150, 200, 250], measure="var_975")
    firm = row(backtest_results(made, earned, forecast="var_975"), "Firm")
    assert (firm["counted"], firm["zone"]) == (6, "green")


@pytest.mark.parametrize("name", ["var_95", "es_975"])
def test_what_was_not_forecast_as_a_var_cannot_be_tested(name):
    made = joined(forecasts(), forecasts(measure="es_975"))
    with pytest.raises(ValueError, match=rf"forecast is '{name}'; the VaRs stored are var_99"):
        backtest_history(made, pnls(), forecast=name)


def test_rolling_counts_begin_when_the_days_are_complete():
    made, earned = long_run([10, 40, 280])
    rolling = backtest_rolling(made, earned)
    assert len(rolling) == 299 - 249
    assert rolling["actual"].iloc[[0, 10, 30, -1]].tolist() == [2, 1, 2, 1]
    assert rolling[["amber", "red"]].drop_duplicates().to_numpy().tolist() == [[5, 10]]
    assert rolling["day"].iloc[-1] == made["as_of"].iloc[-1]


def test_rolling_counts_of_too_few_days_are_none():
    assert backtest_rolling(forecasts(), pnls()).empty


@pytest.mark.parametrize("measure", [backtest_history, backtest_results, backtest_rolling])
def test_nothing_stored_gives_nothing(measure):
    frame = measure(pd.DataFrame(), pd.DataFrame())
    assert frame.empty
    assert frame.columns.tolist() == [column.name for column in measure.measure.columns]

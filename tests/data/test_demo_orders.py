"""From targets to orders, and from orders to a given number of fills."""

import numpy as np
import pandas as pd
import pytest

from data.demo.fills import share_out
from data.demo.orders import follow, lay_out
from data.demo.signals import every, monthly, ranked, stretched

DAYS = pd.to_datetime(["2021-07-30", "2021-08-02", "2021-08-03", "2021-08-04"])
NO_ACTIONS = pd.DataFrame(columns=["instrument", "ex_date", "action", "value"])


def actions(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=NO_ACTIONS.columns)


def traded(targets: list[float], known: pd.DataFrame = NO_ACTIONS) -> dict[str, float]:
    orders = follow(pd.DataFrame({"X": targets}, DAYS), known)
    return {f"{row.day:%m-%d}": row.units / 10_000 for row in orders.itertuples()}


def test_orders_go_from_one_target_to_the_next():
    assert traded([100, 100, -50, 0]) == {"07-30": 100, "08-03": -150, "08-04": 50}


def test_a_split_moves_the_holding_and_only_the_rest_is_ordered():
    assert traded([100, 400, 400, 0], actions(("X", "2021-08-02", "split", 4.0))) == {"07-30": 100, "08-04": -400}


def test_a_reverse_split_leaves_fractions_that_the_next_order_clears():
    assert traded([1300, np.nan, np.nan, 0], actions(("X", "2021-08-02", "split", 0.125))) == {
        "07-30": 1300,
        "08-04": -162.5,
    }


def test_no_target_leaves_the_holding_alone():
    assert traded([100, np.nan, np.nan, 90]) == {"07-30": 100, "08-04": -10}


def test_actions_between_days_count_on_the_next_day_and_those_after_the_last_do_not():
    known = actions(
        ("X", "2021-08-01", "split", 2.0), ("X", "2021-08-02", "split", 3.0), ("X", "2021-08-09", "split", 9.0)
    )
    assert lay_out(known, "split", DAYS, pd.Index(["X", "Y"]))[:, 0].tolist() == [1, 6, 1, 1]
    assert lay_out(known, "dividend", DAYS, pd.Index(["X", "Y"])).sum() == 0


def test_every_counts_back_from_the_last_day_and_monthly_takes_the_first_of_each():
    assert every(DAYS, 3).tolist() == [DAYS[0], DAYS[3]]
    assert monthly(DAYS).tolist() == [DAYS[0], DAYS[1]]


def test_a_ranked_book_is_dollar_neutral_and_uses_yesterdays_score():
    scores = pd.DataFrame(np.nan, DAYS, list("ABCDE"))
    scores.iloc[0] = [5, 4, 3, 2, 1]
    weights = ranked(scores, DAYS, 0.4)
    assert weights.loc[DAYS[1]].tolist() == [0.25, 0.25, 0, -0.25, -0.25]
    assert weights.drop(DAYS[1]).eq(0).all(axis=None)


def test_a_stretched_gap_is_faded_the_day_after():
    gap = pd.DataFrame({"A": [0.0, 0.0, 9.0, 0.0]}, DAYS)
    assert stretched(gap, DAYS, 3)["A"].tolist() == [0, 0, 0, -0.5]


@pytest.mark.parametrize("fills", [4, 5, 11, 60, 1_000, 1_106])
def test_fills_are_shared_out_exactly_within_each_orders_lots(fills):
    lots = np.array([1, 5, 100, 1_000])
    count = share_out(lots, fills)
    assert count.sum() == fills
    assert (count >= 1).all()
    assert (count <= lots).all()


@pytest.mark.parametrize("fills", [3, 1_107])
def test_fewer_fills_than_orders_or_more_than_lots_are_refused(fills):
    with pytest.raises(ValueError, match="give from 4 to 1,106"):
        share_out(np.array([1, 5, 100, 1_000]), fills)

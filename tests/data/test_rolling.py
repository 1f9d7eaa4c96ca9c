"""The position keeper, against a ledger kept one trade at a time with fractions."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.rolling import FIELDS, Events, roll

DAYS = [date(2022, 1, 3) + timedelta(days=k) for k in range(6)]
NOTHING = pd.DataFrame({"day": [], "instrument_id": [], "rate": []})
ONE = 10_000


def flow(day, *, bought=0, paid=0, sold=0, received=0, fees=0):
    amounts = {"bought": bought, "paid": paid, "sold": sold, "received": received, "fees": fees}
    return {
        "day": day,
        "key": 0,
        "trades": 1,
        **{name: round(value * ONE) for name, value in amounts.items()},
    }


def rate(day, value):
    return pd.DataFrame({"day": [day], "instrument_id": [7], "rate": [round(value * 100_000_000)]})


def rolled(flows, splits=NOTHING, incomes=NOTHING, settlements=NOTHING, days=DAYS):
    frame = pd.DataFrame(flows, columns=["day", "key", "trades", "bought", "paid", "sold", "received", "fees"])
    state = {name: np.zeros(1, np.int64) for name in FIELDS}
    frames = list(roll(days, np.array([7]), state, Events(frame, splits, incomes, settlements)))
    whole = pd.concat(frames).set_index("day")
    return whole[["quantity", "cost", "cash", "income", "fees"]] / ONE


def on(frame, day, *names):
    return tuple(frame.loc[day, list(names)])


def test_a_purchase_costs_what_was_paid_for_it():
    end = rolled([flow(DAYS[0], bought=100, paid=1000, fees=2)])
    assert on(end, DAYS[5], "quantity", "cost", "cash", "fees") == (100, 1000, -1000, 2)


def test_a_sale_relieves_cost_at_the_average():
    end = rolled(
        [
            flow(DAYS[0], bought=100, paid=1000),
            flow(DAYS[1], bought=100, paid=1400),
            flow(DAYS[2], sold=50, received=700),
        ]
    )
    assert on(end, DAYS[2], "quantity", "cost", "cash") == (150, 1800, -1700)


def test_selling_through_zero_opens_a_short_at_the_price_of_the_sale():
    end = rolled([flow(DAYS[0], bought=100, paid=1000), flow(DAYS[1], sold=150, received=1800)])
    assert on(end, DAYS[1], "quantity", "cost", "cash") == (-50, -600, 800)


def test_buying_through_zero_opens_a_long_at_the_price_of_the_purchase():
    end = rolled([flow(DAYS[0], sold=100, received=1000), flow(DAYS[1], bought=150, paid=1800)])
    assert on(end, DAYS[1], "quantity", "cost", "cash") == (50, 600, -800)


def test_a_closed_position_stays_with_its_realised_profit_and_no_cost():
    end = rolled([flow(DAYS[0], bought=3, paid=10), flow(DAYS[1], sold=3, received=11)])
    assert on(end, DAYS[5], "quantity", "cost", "cash") == (0, 0, 1)


def test_a_split_multiplies_the_quantity_and_leaves_the_cost():
    end = rolled([flow(DAYS[0], bought=100, paid=1000)], splits=rate(DAYS[2], 4))
    assert on(end, DAYS[1], "quantity") == (100,)
    assert on(end, DAYS[2], "quantity", "cost") == (400, 1000)


def test_a_reverse_split_keeps_the_fraction():
    end = rolled([flow(DAYS[0], bought=100, paid=1000)], splits=rate(DAYS[2], 0.125))
    assert on(end, DAYS[2], "quantity") == (12.5,)


def test_a_dividend_is_paid_on_what_was_held_the_evening_before_and_before_a_split_of_the_same_day():
    flows = [flow(DAYS[0], bought=100, paid=1000), flow(DAYS[2], bought=900, paid=9000)]
    end = rolled(flows, splits=rate(DAYS[2], 2), incomes=rate(DAYS[2], 0.25))
    assert on(end, DAYS[2], "quantity", "income") == (1100, 25)


def test_a_short_pays_the_dividend():
    end = rolled([flow(DAYS[0], sold=100, received=1000)], incomes=rate(DAYS[1], 0.25))
    assert on(end, DAYS[1], "income") == (-25,)


def test_an_expiry_settles_what_is_left_after_the_trades_of_the_day():
    flows = [flow(DAYS[0], bought=10, paid=30), flow(DAYS[3], sold=4, received=8)]
    end = rolled(flows, settlements=rate(DAYS[3], 2.5))
    assert on(end, DAYS[3], "quantity", "cost", "cash") == (0, 0, -30 + 8 + 6 * 2.5)


def test_rolling_on_from_a_day_gives_what_rolling_in_one_go_gives():
    flows = [
        flow(DAYS[0], bought=7, paid=10),
        flow(DAYS[1], sold=3, received=5),
        flow(DAYS[4], sold=6, received=9),
    ]
    whole = rolled(flows)
    frame = pd.DataFrame(flows)
    state = {name: np.zeros(1, np.int64) for name in FIELDS}
    events = Events(frame, NOTHING, NOTHING, NOTHING)
    parts = [pd.concat(roll(days, np.array([7]), state, events)) for days in (DAYS[:3], DAYS[3:])]
    again = pd.concat(parts).set_index("day")[list(whole.columns)] / ONE
    pd.testing.assert_frame_equal(whole, again)


def test_a_key_that_never_traded_has_no_row():
    state = {name: np.zeros(2, np.int64) for name in FIELDS}
    events = Events(pd.DataFrame([flow(DAYS[1], bought=1, paid=1)]), NOTHING, NOTHING, NOTHING)
    counts = [len(frame) for frame in roll(DAYS[:3], np.array([7, 8]), state, events)]
    assert counts == [0, 1, 1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-50, 50).filter(bool), st.integers(1, 90)), max_size=12))
def test_cash_and_cost_agree_with_a_ledger_of_fractions(trades):
    ledger, cost, cash = Fraction(0), Fraction(0), Fraction(0)
    flows = []
    one_a_day = {day: (quantity, price) for day, quantity, price in trades}
    for day, (quantity, price) in sorted(one_a_day.items()):
        amount = abs(quantity) * price
        side = {"bought": quantity, "paid": amount} if quantity > 0 else {"sold": -quantity, "received": amount}
        flows.append(flow(DAYS[day], **side))
        closing = ledger * quantity < 0
        if not closing:
            cost += quantity * price
        elif abs(quantity) <= abs(ledger):
            cost += cost / ledger * quantity
        else:
            cost = (ledger + quantity) * Fraction(price)
        ledger += quantity
        cash -= quantity * price
    if flows:
        quantity, booked, paid = on(rolled(flows), DAYS[5], "quantity", "cost", "cash")
        assert quantity == ledger
        assert paid == cash
        assert booked == pytest.approx(float(cost), abs=0.001)

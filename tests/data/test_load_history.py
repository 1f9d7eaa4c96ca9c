"""Prices, rates, curves, volatilities and corporate actions: appended to, never overwritten."""

from datetime import timedelta
from decimal import Decimal

import pytest

from data.rules import ADJUSTMENT_TOLERANCE
from tests.data.desk import NOW, Desk

LATER = NOW + timedelta(days=1)
PRICES = "instrument,price_date,price\n"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def history(desk):
    return desk.ask("SELECT price_date::VARCHAR, price::DOUBLE, known_from FROM price ORDER BY price_date, known_from")


def counts(summary):
    return summary.rows_loaded, summary.rows_known, summary.rows_rejected


def test_a_value_said_again_is_known(desk):
    desk.load("prices", PRICES + "AAA,2024-05-31,10\n")
    assert counts(desk.load("prices", PRICES + "AAA,2024-05-31,10.0\nAAA,2024-06-03,11\n", now=LATER)) == (1, 1, 0)
    assert history(desk) == [("2024-05-31", 10, NOW), ("2024-06-03", 11, LATER)]


def test_another_value_is_appended_as_a_correction(desk):
    desk.load("prices", PRICES + "AAA,2024-05-31,10\n")
    assert counts(desk.load("prices", PRICES + "AAA,2024-05-31,12\n", now=LATER)) == (1, 0, 0)
    assert history(desk) == [("2024-05-31", 10, NOW), ("2024-05-31", 12, LATER)]


def test_a_correction_may_return_to_an_earlier_value(desk):
    for day, price in enumerate(("10", "12", "10.0")):
        desk.load("prices", f"{PRICES}AAA,2024-05-31,{price}\n", now=NOW + timedelta(days=day))
    assert [price for _, price, _ in history(desk)] == [10, 12, 10]


def test_a_file_loaded_before_does_not_undo_a_correction(desk):
    first = PRICES + "AAA,2024-05-31,10\n"
    desk.load("prices", first)
    desk.load("prices", PRICES + "AAA,2024-05-31,12\n", now=LATER)
    assert desk.load("prices", first, now=LATER + timedelta(days=1)).skipped
    assert [price for _, price, _ in history(desk)] == [10, 12]


def test_a_correction_that_is_not_later_is_rejected(desk):
    desk.load("prices", PRICES + "AAA,2024-05-31,10\n", now=LATER)
    assert counts(desk.load("prices", PRICES + "AAA,2024-05-31,12\n")) == (0, 0, 1)
    (line, column, _, reason), *_ = desk.findings()
    assert (line, column) == (2, "known_from")
    assert reason == "another value was loaded before, known from 2024-06-04 12:00:00+00"


def test_a_file_may_carry_the_versions_of_a_value(desk):
    text = "instrument,price_date,price,known_from\nAAA,2024-05-31,10,2024-06-01\nAAA,2024-05-31,12,2024-06-02\n"
    assert counts(desk.load("prices", text)) == (2, 0, 0)
    assert counts(desk.load("prices", text + "AAA,2024-05-31,13,2024-06-03\n")) == (1, 2, 0)
    assert [price for _, price, _ in history(desk)] == [10, 12, 13]


def test_a_key_repeated_in_the_file_is_rejected_with_the_line_of_the_first(desk):
    desk.load("prices", PRICES + "AAA,2024-05-31,10\nEEE,2024-05-31,10\nAAA,2024-05-31,12\n")
    assert desk.findings()[0] == (4, "instrument", "AAA", "the same instrument and price_date stand on line 2")
    assert len(history(desk)) == 2


@pytest.mark.parametrize("price", ["0", "-36.98"])
def test_only_commodities_stand_at_zero_or_below(desk, price):
    summary = desk.load("prices", f"{PRICES}WTI,2020-04-20,{price}\nAAA,2020-04-20,{price}\n")
    assert counts(summary) == (1, 0, 1)
    assert desk.findings()[0][:2] == (3, "price")


@pytest.mark.parametrize("price", ["nan", "inf", "-Infinity", "", "x", "1e30"])
def test_a_price_is_a_finite_number(desk, price):
    assert counts(desk.load("prices", f"{PRICES}WTI,2020-04-20,{price}\nAAA,2020-04-20,1\n")) == (1, 0, 1)


BREAKS = [
    "instrument,price_date,price,adjusted_close,dividend,split",
    "AAA,2024-05-27,100,50,0,1",
    "EEE,2024-05-27,7,7,0,1",
    "AAA,2024-05-28,52,52,0,2",  # a split that the vendor has adjusted for
    "AAA,2024-05-29,50,51,1,1",  # a dividend too: (50 + 1) / 52 = 51 / 52
    "AAA,2024-05-30,50,60,0,1",  # adjusted close moves by itself
    "AAA,2024-05-31,50,60.05,0,1",  # rounding, within the tolerance
    "EEE,2024-05-28,8,8,0,1",
]


def test_a_close_that_disagrees_with_its_adjusted_close_is_loaded_and_flagged(desk):
    summary = desk.load("prices", "\n".join(BREAKS) + "\n")
    assert (summary.rows_loaded, summary.rows_flagged, summary.rows_rejected) == (7, 1, 0)
    assert desk.findings("source_row, column_name, value, severity") == [(6, "adjusted_close", "60", "flagged")]


def test_flags_do_not_stop_a_strict_load(desk):
    assert desk.load("prices", "\n".join(BREAKS) + "\n", strict=True).rows_flagged == 1


def test_the_order_of_rows_does_not_change_what_is_flagged(desk):
    desk.load("prices", "\n".join([BREAKS[0], *reversed(BREAKS[1:])]) + "\n")
    assert desk.findings("value") == [("60",)]


def test_the_tolerance_lies_between_rounding_and_the_smallest_break_seen():
    assert 2e-6 < ADJUSTMENT_TOLERANCE < 0.0046


FX = "base,quote,rate_date,rate\n"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("EUR,USd,2024-06-03,1.1", "quote"),
        ("EUR,XYZ,2024-06-03,1.1", "quote"),
        ("EUR,EUR,2024-06-03,1", "quote"),
        ("EUR,USD,2024-06-03,0", "rate"),
        ("EUR,USD,2024-06-03,-1", "rate"),
        ("EUR,USD,2024-06-05,1.1", "rate_date"),
        (",USD,2024-06-03,1.1", "base"),
    ],
)
def test_a_bad_rate_is_rejected(desk, row, column):
    assert counts(desk.load("fx", f"{FX}{row}\nEUR,DEM,1999-01-04,1.95583\n")) == (1, 0, 1)
    assert desk.findings()[0][:2] == (2, column)
    assert desk.ask("SELECT quote, rate FROM fx_rate") == [("DEM", Decimal("1.95583"))]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("USD,USD,2024-06-03,0,0.05", "months"),
        ("USD,USD,2024-06-03,1.5,0.05", "months"),
        ("USD,USD,2024-06-03,12,4.5", "rate"),
        ("USD,USD,2024-06-03,12,nan", "rate"),
        ("USD,Dollar,2024-06-03,12,0.05", "currency"),
        ("USD,USD,2024-06-05,12,0.05", "curve_date"),
    ],
)
def test_a_bad_node_of_a_curve_is_rejected(desk, row, column):
    text = f"curve,currency,curve_date,months,rate\n{row}\nEUR,EUR,2021-06-03,12,-0.006\n"
    assert counts(desk.load("curves", text)) == (1, 0, 1)
    assert desk.findings()[0][:2] == (2, column)
    assert desk.ask("SELECT curve, rate, synthetic FROM curve_node") == [("EUR", -0.006, False)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("AAA,2024-06-03,1,1,20", "volatility"),
        ("AAA,2024-06-03,1,1,0", "volatility"),
        ("AAA,2024-06-03,1,0,0.2", "moneyness"),
        ("AAA,2024-06-03,-1,1,0.2", "months"),
        ("ZZZ,2024-06-03,1,1,0.2", "instrument"),
    ],
)
def test_a_bad_node_of_a_surface_is_rejected(desk, row, column):
    text = f"instrument,vol_date,months,moneyness,volatility\n{row}\nAAA,2024-06-03,1,0.9,0.25\n"
    assert counts(desk.load("vols", text)) == (1, 0, 1)
    assert desk.findings()[0][:2] == (2, column)


def test_what_is_simulated_says_so_in_one_of_the_usual_words(desk):
    text = "instrument,ex_date,action,value,synthetic\n"
    rows = [f"AAA,2024-06-{day:02},dividend,1,{word}\n" for day, word in enumerate(("yes", "0", "", "maybe"), 1)]
    assert counts(desk.load("actions", text + "".join(rows))) == (3, 0, 1)
    assert desk.findings()[0] == (5, "synthetic", "maybe", "this is neither true nor false")
    assert desk.ask("SELECT synthetic FROM corporate_action ORDER BY ex_date") == [(True,), (False,), (False,)]


def test_a_dividend_may_be_announced_ahead_and_must_be_worth_something(desk):
    text = (
        "instrument,ex_date,action,value\nAAA,2024-07-01,dividend,0.5\nAAA,2024-07-02,split,0\nAAA,2024-07-02,gift,1\n"
    )
    assert counts(desk.load("actions", text)) == (1, 0, 2)
    assert [finding[:2] for finding in desk.findings()] == [(3, "value"), (4, "action")]

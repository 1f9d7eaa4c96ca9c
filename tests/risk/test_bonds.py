"""Bonds as their markets quote them: the figures of reference/bonds.json, then the laws."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

from app.risk import pricing
from app.risk.quantlib.bonds import Bond, payments, quote_from_price, quote_from_yield
from app.risk.quantlib.evaluation import evaluating

CASES = json.loads((Path(__file__).parent / "reference" / "bonds.json").read_text())["cases"]
TREASURIES = [
    Bond(2.5, 2, date(2004, 10, 31), date(2006, 10, 31), end_of_month=True),
    Bond(3.5, 2, date(2004, 11, 15), date(2009, 11, 15)),
]
GILT = Bond(8, 2, date(1996, 2, 29), date(2021, 6, 7), calendar="UK", ex_coupon_days=6)
TEN_YEARS = Bond(4.5, 2, date(2023, 11, 15), date(2033, 8, 15), day_count="30/360 US", stub="last")


@pytest.mark.parametrize(("bond", "case"), zip(TREASURIES, CASES[:2], strict=True), ids=["2006", "2009"])
def test_prices_and_yields_of_treasuries_are_those_published(bond, case):
    given, expected = case["inputs"], case["expected"]
    settle = date.fromisoformat(given["settlement_date"])
    from_yield = quote_from_yield(bond, settle, given["market_yield_semi"])
    assert from_yield.clean == pytest.approx(expected["clean_from_yield"], abs=1e-6)
    market = given["market_clean"]
    assert quote_from_price(bond, settle, market).yield_ == pytest.approx(expected["yield_semi"], abs=1e-6)
    continuous = quote_from_price(bond, settle, market, continuous=True).yield_
    assert continuous == pytest.approx(expected["yield_cont"], abs=1e-6)
    days, amounts = payments(bond, settle)
    times = np.array([(day - settle).days / 360 for day in days])
    on_curve = pricing.bond_value(amounts, times, np.full(times.size, 0.03)) - from_yield.accrued
    assert on_curve == pytest.approx(expected["clean_flat3pct_A360_cont"], abs=1e-6)


@pytest.mark.parametrize("case", CASES[2:5], ids=lambda case: case["inputs"]["settlement"])
def test_a_gilt_around_its_ex_coupon_day_is_as_published(case):
    quote = quote_from_price(GILT, date.fromisoformat(case["inputs"]["settlement"]), case["inputs"]["clean"])
    expected = case["expected"]
    assert quote.accrued == pytest.approx(expected["accrued"], abs=1e-6)
    assert quote.dirty == pytest.approx(expected["dirty"], abs=1e-6)
    assert quote.yield_ == pytest.approx(expected["yield_semi"], abs=1e-6)
    assert quote.modified_duration == pytest.approx(expected["mod_duration"], abs=1e-6)
    assert quote.convexity == pytest.approx(expected["convexity"], abs=1e-6)


def test_the_dv01_is_as_published():
    face, expected = 10_000, CASES[5]["expected"]
    quote = quote_from_price(TEN_YEARS, date(2024, 1, 30), CASES[5]["inputs"]["clean"])
    assert quote.dirty * face == pytest.approx(expected["dirty"], abs=1e-4)
    assert quote.yield_ == pytest.approx(expected["yield_semi"], abs=1e-6)
    assert quote.modified_duration == pytest.approx(expected["mod_duration"], abs=1e-8)
    assert quote.convexity == pytest.approx(expected["convexity"], abs=1e-6)
    assert quote.dv01 * face == pytest.approx(expected["dv01_linear"], abs=1e-4)
    assert -1 / (quote.dv01 * face) == pytest.approx(expected["yield_value_bp"], abs=1e-9)
    second_order = face * quote.dirty * (-quote.modified_duration * 1e-4 + quote.convexity * 1e-8 / 2)
    assert second_order == pytest.approx(expected["pv_change_plus1bp_2nd_order"], abs=1e-4)


@pytest.mark.parametrize("bond", [*TREASURIES, TEN_YEARS, replace(TREASURIES[1], payments="following", calendar="US")])
def test_yield_and_price_are_each_others_inverse(bond):
    settle = date(2024, 1, 30) if bond is TEN_YEARS else date(2005, 3, 1)
    quote = quote_from_yield(bond, settle, 0.041)
    assert quote_from_price(bond, settle, quote.clean).yield_ == pytest.approx(0.041, abs=1e-10)


def test_duration_and_convexity_are_derivatives_of_the_dirty_price():
    at, up, down = (quote_from_yield(TREASURIES[1], date(2005, 3, 1), 0.04 + by) for by in (0, 1e-4, -1e-4))
    assert at.modified_duration == pytest.approx((down.dirty - up.dirty) / 2e-4 / at.dirty, rel=1e-6)
    assert at.convexity == pytest.approx((down.dirty - 2 * at.dirty + up.dirty) / 1e-8 / at.dirty, rel=1e-5)


def test_a_buyer_on_the_ex_coupon_day_does_not_get_the_coupon():
    assert payments(GILT, date(2013, 5, 29))[0][0] == date(2013, 6, 7)
    assert payments(GILT, date(2013, 5, 30))[0][0] == date(2013, 12, 7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frequency": 5}, "frequency is 5"),
        ({"payments": "sometimes"}, "payments is 'sometimes'"),
        ({"stub": "middle"}, "stub is 'middle'"),
        ({"day_count": "13/37"}, "convention is '13/37'"),
        ({"calendar": "Mars"}, "calendar is 'Mars'"),
        ({"maturity": date(2013, 5, 29)}, "settle is 2013-05-29"),
    ],
)
def test_terms_that_do_not_exist_are_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        quote_from_yield(replace(GILT, **change), date(2013, 5, 29), 0.05)


def test_a_price_no_yield_explains_is_refused():
    with pytest.raises(ValueError, match="clean is -50"):
        quote_from_price(GILT, date(2013, 5, 29), -50.0)


def test_the_evaluation_date_is_given_back_even_after_an_error():
    before = ql.Settings.instance().evaluationDate
    with pytest.raises(KeyError), evaluating(date(2001, 2, 3)) as day:
        assert ql.Settings.instance().evaluationDate == day == ql.Date(3, 2, 2001)
        raise KeyError
    assert ql.Settings.instance().evaluationDate == before


def test_threads_do_not_see_each_others_evaluation_date():
    settles = [date(2004 + year, 12, 1) for year in range(4)] * 10
    alone = [quote_from_yield(TREASURIES[1], settle, 0.04) for settle in settles]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda settle: quote_from_yield(TREASURIES[1], settle, 0.04), settles))
    assert together == alone

"""A bootstrapped curve gives back the quotes it was made from."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from app.risk.pricing import bond_value, discount_factor, zero_rate
from app.risk.quantlib.bonds import Bond, payments
from app.risk.quantlib.bootstrap import zero_curve
from app.risk.quantlib.market_dates import add_business_days, roll, year_fraction

ON = date(2024, 3, 15)


def discount(curve, day):
    years = (day - ON).days / 365
    return float(discount_factor(zero_rate(*curve, years), years))


def test_par_bonds_are_worth_par_on_their_curve():
    yields = {6: 0.053, 12: 0.05, 24: 0.047, 60: 0.043, 120: 0.042, 360: 0.044}
    curve = zero_curve(ON, bonds=yields)
    assert len(curve[0]) == len(yields)
    for months, rate in yields.items():
        maturity = date(2024 + (months + 2) // 12, (months + 2) % 12 + 1, 15)
        days, amounts = payments(Bond(rate * 100, 2, ON, maturity), ON)
        times = np.array([(day - ON).days / 365 for day in days])
        assert bond_value(amounts, times, zero_rate(*curve, times)) == pytest.approx(100, abs=1e-9)


def test_deposits_and_swaps_are_worth_nothing_on_their_curve():
    curve = zero_curve(ON, deposits={3: 0.039, 6: 0.0385}, swaps={24: 0.033, 60: 0.028})
    spot = add_business_days(ON, 2, "TARGET")
    end = roll(date(2024, 6, 19), "TARGET")
    grown = 1 + 0.039 * year_fraction(spot, end, "Act/360")
    assert discount(curve, spot) / discount(curve, end) == pytest.approx(grown, abs=1e-10)
    ends = [spot, *(roll(date(2024 + year, 3, 19), "TARGET") for year in range(1, 6))]
    for years, rate in ((2, 0.033), (5, 0.028)):
        fixed = [year_fraction(*pair, "30E/360") * discount(curve, pair[1]) for pair in pairwise(ends)]
        floating = discount(curve, spot) - discount(curve, ends[years])
        assert rate * sum(fixed[:years]) == pytest.approx(floating, abs=1e-8)


def test_a_flat_market_gives_a_flat_curve():
    _, zeros = zero_curve(ON, bonds=dict.fromkeys((12, 60, 120, 360), 0.04))
    assert zeros == pytest.approx([2 * np.log(1.02)] * 4, abs=1e-4)


def test_a_market_below_zero_has_a_curve():
    _, zeros = zero_curve(ON, deposits={6: -0.005}, swaps={24: -0.004, 120: 0.001})
    assert zeros[0] < 0 < zeros[-1]


def test_no_quotes_and_quotes_no_curve_meets_are_refused():
    with pytest.raises(ValueError, match="all empty"):
        zero_curve(ON)
    with pytest.raises(ValueError, match="no curve of 2024-03-15"):
        zero_curve(ON, deposits={3: float("nan")})

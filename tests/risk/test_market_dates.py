"""Day counts and calendars: the examples of reference/daycounts.json (ISDA), and known holidays."""

import json
from datetime import date
from pathlib import Path

import pytest

from app.risk.quantlib.market_dates import add_business_days, days_between, is_business_day, roll, year_fraction

EXAMPLES = json.loads((Path(__file__).parent / "reference" / "daycounts.json").read_text())
NAMES = {
    "ActualActual(ISDA)": "Act/Act ISDA",
    "ActualActual(ISMA)": "Act/Act ICMA",
    "ActualActual(AFB)": "Act/Act AFB",
    "30/360 BondBasis": "30/360",
    "30/360 USA": "30/360 US",
}


def day(row, name):
    return date.fromisoformat(row[name]) if row.get(name) else None


@pytest.mark.parametrize("convention", ["ActualActual(ISDA)", "ActualActual(ISMA)", "ActualActual(AFB)"])
def test_actual_actual_is_as_published(convention):
    rows = [row for row in EXAMPLES["actual_actual"] if row["convention"] == convention]
    assert len(rows) == 7
    for row in rows:
        period = (day(row, "ref_start"), day(row, "ref_end")) if row["ref_start"] else None
        found = year_fraction(day(row, "start"), day(row, "end"), NAMES[convention], period=period)
        assert found == pytest.approx(row["year_fraction"], abs=1e-10)


@pytest.mark.parametrize(
    ("convention", "count"),
    [("30/360 BondBasis", 27), ("30/360 USA", 27), ("30E/360", 33), ("30E/360 ISDA", 33), ("30/365", 4)],
)
def test_thirty_day_months_are_as_published(convention, count):
    rows = [row for row in EXAMPLES["thirty_360"] if row["convention"] == convention]
    assert len(rows) == count
    for row in rows:
        given = (day(row, "start"), day(row, "end"), NAMES.get(convention, convention))
        assert days_between(*given, maturity=day(row, "termination_date")) == row["days"], row


def test_a_year_of_actual_days():
    assert year_fraction(date(2023, 1, 1), date(2024, 1, 1), "Act/365") == 1
    assert year_fraction(date(2024, 1, 1), date(2025, 1, 1), "Act/360") == pytest.approx(366 / 360)
    assert days_between(date(2024, 3, 1), date(2024, 2, 1), "Act/365") == -29


def test_icma_without_a_period_and_an_unknown_convention_are_refused():
    with pytest.raises(ValueError, match="period is missing"):
        year_fraction(date(2024, 1, 1), date(2024, 7, 1), "Act/Act ICMA")
    with pytest.raises(ValueError, match="convention is 'Act/Moon': it may be one of Act/360"):
        year_fraction(date(2024, 1, 1), date(2024, 7, 1), "Act/Moon")


def test_holidays_are_those_of_the_market():
    assert not is_business_day(date(2024, 7, 4), "NYSE")
    assert is_business_day(date(2024, 7, 4), "UK")
    assert not is_business_day(date(2024, 5, 1), "TARGET")
    assert add_business_days(date(2024, 7, 3), 1, "NYSE") == date(2024, 7, 5)
    assert add_business_days(date(2024, 7, 5), -1, "NYSE") == date(2024, 7, 3)
    assert add_business_days(date(2024, 7, 6), 0, "weekends") == date(2024, 7, 8)


def test_a_day_is_rolled_but_not_out_of_its_month():
    sunday = date(2024, 3, 31)
    assert roll(sunday, "weekends") == date(2024, 3, 29)
    assert roll(sunday, "weekends", "following") == date(2024, 4, 1)
    assert roll(sunday, "none") == sunday


def test_an_unknown_calendar_or_roll_is_refused():
    with pytest.raises(ValueError, match="calendar is 'Mars': it may be one of none"):
        roll(date(2024, 3, 31), "Mars")
    with pytest.raises(ValueError, match="convention is 'sideways': it may be one of unadjusted"):
        roll(date(2024, 3, 31), "UK", "sideways")

"""Schedules: which moment of them is the latest."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.schedule import EVERY, checked, latest


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "now", "moment"),
    [
        ("day", "2022-12-28 18:30", "2022-12-28 18:30"),
        ("day", "2022-12-28 18:29", "2022-12-27 18:30"),
        ("day", "2022-12-25 20:00", "2022-12-23 18:30"),
        ("week", "2022-12-28 09:00", "2022-12-26 18:30"),
        ("week", "2022-12-26 18:00", "2022-12-19 18:30"),
        ("month", "2022-12-28 09:00", "2022-12-01 18:30"),
        ("month", "2022-10-20 09:00", "2022-10-03 18:30"),
        ("month", "2022-10-03 18:29", "2022-09-01 18:30"),
    ],
)
def test_the_latest_moment_is_at_or_before_now_and_on_a_weekday(every, now, moment):
    assert latest(every, "18:30", at(now)) == at(moment)


@pytest.mark.parametrize("every", EVERY)
def test_every_month_of_forty_years_has_its_moments(every):
    """A day has one a weekday, a week one a Monday, a month exactly one."""
    days = [date(2000, 1, 3) + timedelta(days=n) for n in range(40 * 366)]
    moments = {latest(every, "00:00", datetime(d.year, d.month, d.day, tzinfo=UTC)).date() for d in days}
    assert all(day.weekday() < 5 for day in moments)
    counts = {"day": sum(d.weekday() < 5 for d in days), "week": sum(d.weekday() == 0 for d in days)}
    months = len({(d.year, d.month) for d in days})
    assert len(moments) == counts.get(every, months)


def test_another_zone_means_the_same_moment():
    now = datetime.fromisoformat("2022-12-28T20:30:00+02:00")
    assert latest("day", "18:30", now) == at("2022-12-28 18:30")


@pytest.mark.parametrize(("every", "when"), [("hour", "18:30"), ("day", "24:00"), ("day", "6pm"), ("day", "")])
def test_what_is_no_schedule_is_refused_with_the_remedy(every, when):
    with pytest.raises(ValueError, match=r"every day, week or month|write it as 18:30"):
        checked(every, when)

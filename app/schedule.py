"""When a report is due: the moments of a schedule, in UTC, of which only the latest counts.

A report that was missed for a week is made once, for the latest moment, and not seven times.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

Every = Literal["day", "week", "month"]
EVERY: tuple[Every, ...] = get_args(Every)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def checked(every: str, at: str) -> tuple[Every, str]:
    """A schedule that can be kept: `every` of EVERY, `at` an hour and minute in UTC; else ValueError."""
    if every not in EVERY:
        raise ValueError(f"a report is made every {', '.join(EVERY[:-1])} or {EVERY[-1]}, not every {every!r}")
    if not _TIME.fullmatch(at):
        raise ValueError(f"{at!r} is not a time of the day; write it as 18:30")
    return every, at


def latest(every: Every, at: str, now: datetime) -> datetime:
    """The latest moment of a schedule at or before `now`: each weekday, each Monday, or each month's first weekday."""
    day, when = now.astimezone(UTC).date(), time.fromisoformat(at)
    while not (_falls(every, day) and datetime.combine(day, when, UTC) <= now):
        day -= timedelta(days=1)
    return datetime.combine(day, when, UTC)


def _falls(every: Every, day: date) -> bool:
    weekday = day.weekday()
    if every == "week":
        return weekday == 0
    return weekday < 5 and (every == "day" or day.day == 1 or (weekday == 0 and day.day <= 3))

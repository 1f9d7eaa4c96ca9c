"""When a question is about: the snapshot it reads and the business dates it compares."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

from app.filters import BadFilterError, Filters


@dataclass(frozen=True, slots=True)
class Moment:
    """`as_of` and the earlier business days it is compared with; all of them in the calendar of one snapshot."""

    as_of: date
    vs: date
    month_start: date
    year_start: date
    first: date
    a_year_ago: date

    @classmethod
    def find(cls, days: list[date], before_first: date, filters: Filters) -> "Moment":
        """From the business days in ascending order; a date between two of them means the earlier one.

        Raises BadFilterError for a date before the first. Periods that began before the first day start at the
        business day before it, when nothing was held.
        """
        as_of = _on_or_before(days, filters.as_of or days[-1], "as_of")

        def last_before(day: date) -> date:
            place = bisect_left(days, day)
            return days[place - 1] if place else before_first

        vs = _on_or_before(days, filters.vs, "vs") if filters.vs else last_before(as_of)
        if vs >= as_of:
            raise BadFilterError(f"vs: {vs} is not before as_of {as_of}; choose an earlier date")
        return cls(
            as_of=as_of,
            vs=vs,
            month_start=last_before(as_of.replace(day=1)),
            year_start=last_before(as_of.replace(month=1, day=1)),
            first=before_first,
            a_year_ago=last_before(as_of - timedelta(days=365)),
        )

    def start(self, period: str) -> date:
        """The day a period is measured from; KeyError for an unknown period."""
        return {
            "day": self.vs,
            "mtd": self.month_start,
            "ytd": self.year_start,
            "1y": self.a_year_ago,
            "inception": self.first,
        }[period]


def _on_or_before(days: list[date], wanted: date, name: str) -> date:
    place = bisect_right(days, wanted)
    if not place:
        raise BadFilterError(
            f"{name}: {wanted} is before the first business day loaded, {days[0]}; choose a later date"
        )
    return days[place - 1]

"""What a pivot may show: keys to group by, and the numbers that measures have at every node, named as in an address."""

from collections.abc import Collection, Iterable
from functools import lru_cache

from app.risk.measure import KEYS, Column, Measure, measures
from app.risk.simulation import waits_for_run

MOST_KEYS, MOST_NUMBERS = 4, 8
DOWN = "desk,book"
SHOW = "value_at_risk.var,value_at_risk.es,pnl.day,exposure.gross,exposure.net"
TREND = "pnl.day"
NO_TREND = "none"
_NUMBERS = {"money", "price", "quantity", "ratio", "count"}
_SEVERAL = {"key_rates", "stress_map"}  # a row a group and tenor or scenario: a group has no number of its own


@lru_cache
def numbers() -> dict[str, tuple[Measure, Column]]:
    """`measure.column` of every number of every measure that is grouped by keys and answers at once.

    Left out are what-if measures, as the pivot itself compares the official book with the imagined one, and those made
    of limits or of other measures' answers, whose numbers are here under their own names.
    """
    made = ("limit_values", *measures())
    return {
        f"{measure.name}.{column.name}": (measure, column)
        for measure in measures().values()
        if "by" in measure.takes and measure.name not in _SEVERAL and not waits_for_run(measure)
        if not any(need.startswith("whatif_") or need.removesuffix("_before") in made for need in measure.needs)
        for column in measure.columns
        if column.kind in _NUMBERS
    }


def keys(text: str, *, most: int) -> str:
    """The keys of a text in one spelling; ValueError for one that there is not, that is there twice, or too many."""
    return _listed(text, KEYS, "key", most)


def shown(text: str) -> str:
    """The numbers of a text in one spelling; ValueError as for keys."""
    return _listed(text, numbers(), "number", MOST_NUMBERS)


def lined(show: str, trend: str) -> tuple[str, ...]:
    """Which of the numbers that a pivot shows have a line, in the order in which they stand."""
    wanted = trend.split(",")
    return tuple(name for name in show.split(",") if name in wanted)


def measured(names: Iterable[str]) -> dict[str, Measure]:
    """The measures of some numbers, each once, by name."""
    return {measure.name: measure for measure, _column in map(numbers().__getitem__, names)}


def _listed(text: str, known: Collection[str], what: str, most: int) -> str:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise ValueError(f"there is no {what} {name[:80]!r}; there are {', '.join(sorted(known))}")
    if not names or len(set(names)) < len(names) or len(names) > most:
        raise ValueError(f"{text[:80]!r} is not a list of 1 to {most} different {what}s")
    return ",".join(names)

"""A question in full: the permitted panel with all that decides its numbers; and what a reader may choose."""

from dataclasses import dataclass
from datetime import date

from app.filters import Filters
from app.jobs import PendingError
from app.moment import Moment
from app.risk.measure import Measure
from app.table import Coverage
from app.view import Panel, View
from data.relations import Ask
from data.scope import DeniedError, Scope
from data.warehouse import EmptyError, NoSnapshotError, Snapshot

__all__ = [
    "Choices",
    "DeniedError",
    "EmptyError",
    "NoSnapshotError",
    "PendingError",
    "Question",
    "Status",
    "UnknownError",
]


class UnknownError(LookupError):
    """There is no such panel."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader may choose: desks with their books, business days newest first, snapshots, currencies."""

    books: tuple[tuple[str, tuple[str, ...]], ...]
    days: tuple[date, ...]
    snapshots: tuple[Snapshot, ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What the bar on top states of everything below it."""

    as_of: date
    vs: date
    snapshot: Snapshot
    latest: bool
    newest_day: date
    base: str
    coverage: Coverage
    synthetic: int


@dataclass(frozen=True, slots=True)
class Question:
    """A permitted panel with everything that decides its numbers."""

    view: View
    panel: Panel
    measure: Measure
    snapshot: Snapshot
    moment: Moment
    ask: Ask
    scope: Scope
    filters: Filters
    applied: bool = False
    """Whether the filters' imagined trades count as done."""

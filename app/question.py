"""A question in full: the permitted panel with all that decides its numbers; and what a reader may choose."""

from dataclasses import dataclass
from datetime import date

from app.filters import Filters
from app.jobs import Progress
from app.moment import Moment
from app.risk.measure import Measure
from app.table import Coverage
from app.view import Panel, View
from data.relations import Ask
from data.scope import Scope
from data.warehouse import EmptyError, Snapshot

__all__ = ["Choices", "DeniedError", "EmptyError", "PendingError", "Question", "Status", "UnknownError"]


class DeniedError(PermissionError):
    """The reader may not see this; says nothing of whether it exists."""


class UnknownError(LookupError):
    """There is no such panel."""


class PendingError(LookupError):
    """The numbers come from a run that is not complete; `run` says of what, `progress` how far it is, if begun."""

    def __init__(self, key: str, run: str, progress: Progress | None) -> None:
        going = progress is not None and progress.going
        state = f"is going: {progress.done} of {progress.total} steps" if progress and going else "is not complete"
        remedy = "ask again when it is done" if going else "open the panel on its page and press Run"
        super().__init__(f"the run of {run} {state}; {remedy}")
        self.key = key
        self.run = run
        self.progress = progress


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

"""What may be asked and of what: every question is permitted and settled here before anything is answered.

Settled are the snapshot, the dates and the base currency; permitted is the page by role, and a desk or book by scope.
"""

from datetime import date
from typing import Any

from app.coverage import covered, holes
from app.filters import BadFilterError, Filters
from app.kept import Kept
from app.moment import Moment
from app.question import Choices, DeniedError, Question, Status, UnknownError
from app.risk.measure import measures
from app.rows import Rows
from app.view import Panel, panel_of
from app.where import filtered
from auth.permissions import may, permit
from data.bound import BoundScope
from data.relations import Ask
from data.scope import Scope
from data.warehouse import EmptyError, NoSnapshotError, Snapshot, Warehouse

TRADES = frozenset({"trades", "day_trades"})
"""Relations whose rows are trades."""
SEARCHED = "audit_trail"
"""The measure that the search of the trail narrows."""


def hold(filters: Filters, scope: Scope, page: str = "") -> None:
    """Pass what keeps to a portal's frame: its page, and the choices that are fixed there; DeniedError for the rest."""
    if not isinstance(scope, BoundScope):
        return
    if page not in {"", scope.page}:
        raise DeniedError("this frame is for another page")
    if Filters.parse({**dict(filters.chosen()), **dict(scope.fixed)}) != filters:
        raise DeniedError("the portal has fixed what this frame shows")


class Questions:
    """Questions to one warehouse."""

    def __init__(self, warehouse: Warehouse, kept: Kept, base_currency: str) -> None:
        self.warehouse = warehouse
        self.kept = kept
        self.base_currency = base_currency
        self.rows = Rows(warehouse, kept)

    def version(self) -> str:
        """The number of the current snapshot; EmptyError before the first load."""
        return self.warehouse.current().number

    def choices(self, filters: Filters, scope: Scope) -> Choices:
        """What the reader may choose in the snapshot that the filters name."""
        snapshot, days, _first = self._snapshot(filters)
        books = self.rows.fixed("books", snapshot.number, scope)
        desks: dict[str, list[str]] = {}
        for desk, book in zip(books["desk"], books["book"], strict=True):
            desks.setdefault(desk, []).append(book)
        return Choices(
            books=tuple((desk, tuple(names)) for desk, names in desks.items()),
            days=tuple(reversed(days)),
            snapshots=tuple(self.warehouse.snapshots()),
            currencies=tuple(self.rows.fixed("currencies", snapshot.number)["currency"]),
        )

    def names(self, scope: Scope) -> dict[str, set[str]]:
        """The desks, books and legal entities that there are, for whom they are open."""
        books = self.rows.fixed("books", self.version(), scope)
        return {kind: set(books[kind]) for kind in ("desk", "book", "legal_entity")}

    def find(self, text: str, filters: Filters, scope: Scope) -> dict[str, list[dict[str, Any]]]:
        """Instruments and trades of the open books whose names begin with the text; trades for readers of the blotter.

        The filters say when (`as_of`, `known`); what else they narrow does not count. Few of each, and no totals.
        """
        hold(filters, scope)
        snapshot, days, before_first = self._snapshot(filters)
        ask = Ask({"as_of": Moment.find(days, before_first, filters).as_of}, "", values={"text": text})
        kinds = {"instruments": "found_instruments"}
        if may(scope, "see trades"):
            kinds["trades"] = "found_trades"
        return {kind: self.rows.read(name, snapshot.number, scope, ask).to_pylist() for kind, name in kinds.items()}

    def status(self, filters: Filters, scope: Scope) -> Status:
        """What the bar on top states; DeniedError for a desk or book that the scope does not open."""
        hold(filters, scope)
        snapshot, moment, ask = self._settle(filters, scope)
        return Status(
            as_of=moment.as_of,
            vs=moment.vs,
            snapshot=snapshot,
            latest=snapshot.number == self.version(),
            newest_day=self.rows.calendar(snapshot.number)[0][-1],
            base=ask.base,
            coverage=covered([self.rows.holdings(snapshot.number, scope, ask)]),
            synthetic=int(self.rows.fixed("synthetic", snapshot.number)["instruments"].sum()),
        )

    def holes(self, filters: Filters, scope: Scope) -> dict[str, tuple[str, ...]]:
        """The instruments held without a price of the day, by the reason that the status counts them under."""
        snapshot, _moment, ask = self._settle(filters, scope)
        return holes(self.rows.holdings(snapshot.number, scope, ask))

    def question(self, key: str, filters: Filters, scope: Scope) -> Question:
        """Permit and settle: the first line of every answer."""
        try:
            view, panel = panel_of(key)
        except KeyError:
            raise UnknownError(f"there is no panel {key}") from None
        view.admit(scope)
        hold(filters, scope, view.name)
        measure, filters = measures()[panel.measure], filters if panel.figure == "pivot" else filters.unpivoted()
        if measure.name != SEARCHED:
            filters = filters.unsearched()
        filters = filters.of_panel(key)
        if filters.where and not filtered(panel.figure, measure.name):
            raise BadFilterError(f"where: {panel.title} is no table whose rows are filtered")
        if TRADES & set(measure.needs):
            permit(scope, "see trades")
        snapshot, moment, ask = self._settle(filters, scope, panel)
        return Question(view, panel, measure, snapshot, moment, ask, scope, filters)

    def _settle(self, filters: Filters, scope: Scope, panel: Panel | None = None) -> tuple[Snapshot, Moment, Ask]:
        snapshot, days, before_first = self._snapshot(filters)
        self._permit(filters, scope, snapshot)
        moment = Moment.find(days, before_first, filters)
        base = filters.ccy or self.base_currency
        known = set(self.rows.fixed("currencies", snapshot.number)["currency"])
        if base not in known:
            raise BadFilterError(
                f"ccy: there are no exchange rates for {base}; choose one of {', '.join(sorted(known))}"
            )
        dates = {name: getattr(moment, name) for name in ("as_of", "vs", "month_start", "year_start")}
        dates["start"] = moment.start(panel.params.get("period", "inception") if panel else "day")
        return snapshot, moment, Ask(dates, base, filters.rows())

    def _permit(self, filters: Filters, scope: Scope, snapshot: Snapshot) -> None:
        if masked := scope.masked & filters.rows().keys():
            raise DeniedError(f"{min(masked).replace('_', ' ')} is masked for your role; it narrows nothing")
        if not (filters.desk or filters.book):
            return
        books = self.rows.fixed("books", snapshot.number, scope)
        for name in ("desk", "book"):
            value = getattr(filters, name)
            if value and value not in set(books[name]):
                raise DeniedError(f"{name} {value!r} is not open to you")

    def _snapshot(self, filters: Filters) -> tuple[Snapshot, list[date], date]:
        newest = self.warehouse.current()
        if filters.known > newest.number:
            raise NoSnapshotError(f"there is no snapshot {filters.known}; the newest is {newest.number}")
        snapshot = self.warehouse.snapshot(filters.known) if filters.known else newest
        days, before_first = self.rows.calendar(snapshot.number)
        if not days:
            raise EmptyError("no trades are loaded yet; run `parapet load trades FILE`")
        return snapshot, days, before_first

"""The path from a question to numbers: permit → cache → read → measure.

Every page, file, embed and limit asks here. The cache key is a JSON string of the release, the snapshot, the
measure, its parameters, dates, base currency, narrowing and the scope's rows; a load changes the snapshot, so
nothing stale survives and nothing needs a time-out. Kept are Arrow bytes and drawn JSON, never objects. What is held
is kept besides, under a key without measure, grouping and base, so that one reading serves every panel of a page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
from flask_caching import Cache

from app.coverage import covered
from app.engine import Engine
from app.filters import BadFilterError, Filters
from app.kept import Kept
from app.moment import Moment
from app.needs import LIMITED, Needs, rests_on_vectors, settings, stated
from app.paging import locate
from app.question import Choices, DeniedError, Question, Status, UnknownError
from app.risk.measure import KEYS, Column, measures
from app.rows import Rows
from app.table import Coverage, Provenance, Table
from app.view import Panel, panel_of
from data.relations import Ask
from data.scope import Scope
from data.warehouse import EmptyError, Snapshot, Warehouse

PAGE_ROWS = 100_000


class Answers:
    """Answers panels from one warehouse through one cache; what needs more than `at_once` numbers made has a job."""

    def __init__(
        self, warehouse: Warehouse, cache: Cache, *, base_currency: str, release: str, at_once: float = inf
    ) -> None:
        self.warehouse = warehouse
        self.cache = cache
        self.base_currency = base_currency
        self.kept = Kept(cache, release)
        self.rows = Rows(warehouse, self.kept)
        self.engine = Engine(warehouse.folder.parent / "vectors", warehouse.cursor, release, at_once=at_once)
        self.needs = Needs(self.rows, self.engine, self._measured)

    @property
    def release(self) -> str:
        """The version of the program that answers."""
        return self.kept.release

    def version(self) -> str:
        """The number of the current snapshot; EmptyError before the first load."""
        return self.warehouse.current().number

    def table(self, key: str, filters: Filters, scope: Scope) -> Table:
        """The panel's numbers; DeniedError, UnknownError, BadFilterError or EmptyError instead of a guess."""
        question = self.question(key, filters, scope)
        if question.measure.name == "trades":
            return self.trades(key, filters, scope, start=0, end=200)[0]
        return _titled(self._numbers(question), question)

    def drawn(self, key: str, filters: Filters, scope: Scope, theme: str) -> dict[str, Any]:
        """The panel drawn in a theme, as the plain dictionary that the browser gets."""
        from app.figures import draw, themed  # noqa: PLC0415 figures are needed by screens only

        question = self.question(key, filters, scope)
        dress = theme if themed(question.panel.figure) else "any"
        name = ["drawn", *self._decisive(question), key, dress, filters.scale, filters.query()]

        def make() -> bytes:
            panel = question.panel
            table = self.table(key, filters, scope)
            return orjson.dumps(
                draw(panel.figure, table, theme=theme, scale=filters.scale, **panel.options),
                option=orjson.OPT_SERIALIZE_NUMPY,
            )

        drawn: dict[str, Any] = orjson.loads(self.kept.once(name, make))
        return drawn

    def run(self, key: str, filters: Filters, scope: Scope) -> None:
        """Run in the background what the panel's numbers wait for, or go on with it; errors as for its numbers."""
        self.needs.run(self._waiting(key, filters, scope))

    def cancel(self, key: str, filters: Filters, scope: Scope) -> None:
        """Stop that run; what is done of it stays done."""
        self.needs.cancel(self._waiting(key, filters, scope))

    def trades(self, key: str, filters: Filters, scope: Scope, *, start: int, end: int) -> tuple[Table, int]:
        """Rows `start` to `end` of the blotter, and how many there are in all."""
        question = self.question(key, filters, scope)
        counts = self._trade_counts(question)
        total = int(counts["trades"].sum())
        frame = self._page(question, counts, start, min(end, total)).to_pandas()
        about = self._about(question, Coverage())
        return _titled(Table(frame, question.measure.columns, about), question), total

    def stream(
        self, key: str, filters: Filters, scope: Scope
    ) -> tuple[tuple[Column, ...], Provenance, Iterator[pa.RecordBatch]]:
        """Columns, provenance and batches of every row of a panel: what a file holds, however long it is."""
        question = self.question(key, filters, scope)
        if question.measure.name != "trades":
            table = self.table(key, filters, scope)
            batches = iter(pa.Table.from_pandas(table.frame, preserve_index=False).to_batches())
            return table.columns, table.about, batches
        counts = self._trade_counts(question)
        total = int(counts["trades"].sum())
        about = _titled(
            Table(pd.DataFrame(), question.measure.columns, self._about(question, Coverage())), question
        ).about
        steps = range(0, max(total, 1), PAGE_ROWS)
        pages = (self._page(question, counts, step, min(step + PAGE_ROWS, total)) for step in steps)
        batches = (batch for page in pages for batch in page.to_batches())
        return question.measure.columns, about, batches

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

    def status(self, filters: Filters, scope: Scope) -> Status:
        """What the bar on top states; DeniedError for a desk or book that the scope does not open."""
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

    def question(self, key: str, filters: Filters, scope: Scope) -> Question:
        """Permit and settle: the first line of every answer."""
        try:
            view, panel = panel_of(key)
        except KeyError:
            raise UnknownError(f"there is no panel {key}") from None
        if not view.roles & scope.roles:
            raise DeniedError(f"{view.title} is not open to your role")
        measure = measures()[panel.measure]
        snapshot, moment, ask = self._settle(filters, scope, panel)
        return Question(view, panel, measure, snapshot, moment, ask, scope, filters)

    def _waiting(self, key: str, filters: Filters, scope: Scope) -> Question:
        question = self.question(key, filters, scope)
        if not rests_on_vectors(question.measure):
            raise UnknownError(f"panel {key} has nothing to run")
        return question

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
            raise EmptyError(f"there is no snapshot {filters.known}; the newest is {newest.number}")
        snapshot = self.warehouse.snapshot(filters.known) if filters.known else newest
        days, before_first = self.rows.calendar(snapshot.number)
        if not days:
            raise EmptyError("no trades are loaded yet; run `parapet load trades FILE`")
        return snapshot, days, before_first

    def _numbers(self, question: Question) -> Table:
        fresh: list[Table] = []

        def make() -> bytes:
            fresh.append(self._answer(question))
            return fresh[0].to_bytes()

        raw = self.kept.once(["table", *self._decisive(question)], make)
        return fresh[0] if fresh else Table.from_bytes(raw)

    def _decisive(self, question: Question) -> list[Any]:
        """All that decides the numbers of an answer."""
        measure, panel, scope = question.measure, question.panel, question.scope
        files = self.engine.scenario_files() if {"scenarios", *LIMITED} & {*measure.needs} else ()
        chosen = settings(question)
        return [question.snapshot.number, measure.name, panel.by, panel.params, question.ask, scope.key, chosen, files]

    def _answer(self, question: Question) -> Table:
        measure, panel, base = question.measure, question.panel, question.ask.base
        needs = [self.needs.find(name, question) for name in measure.needs]
        given = {"by": panel.by, "base": base, **question.filters.risk(), **panel.params}
        frame = measure.compute(*needs, **{name: given[name] for name in measure.takes if name in given})
        columns = tuple(KEYS[name] for name in panel.by) + tuple(
            replace(column, unit=column.unit.replace("ccy", base))
            for column in measure.columns
            if column.name not in panel.by
        )
        levels = ["level"] if "level" in frame.columns and panel.by else []
        wanted = [*levels, *(column.name for column in columns)]
        if list(frame.columns) != wanted:
            frame = frame[wanted]
        return Table(frame.reset_index(drop=True), columns, self._about(question, covered(needs)))

    def _measured(self, question: Question, name: str, by: tuple[str, ...], rows: Mapping[str, str]) -> pd.DataFrame:
        """The frame of another measure in the question's place, grouped and narrowed as given."""
        panel = Panel(question.panel.key, "", "", name, "grid", by)
        ask = replace(question.ask, rows=rows)
        return self._numbers(replace(question, panel=panel, measure=measures()[name], ask=ask)).frame

    def _about(self, question: Question, coverage: Coverage) -> Provenance:
        measure, snapshot, ask = question.measure, question.snapshot, question.ask
        return Provenance(
            key="",
            title="",
            definition=measure.definition,
            as_of=question.moment.as_of.isoformat(),
            compared_with=question.moment.vs.isoformat(),
            known_at=snapshot.created_at,
            snapshot=snapshot.number,
            base_currency=ask.base,
            conventions=measure.conventions,
            sources=self.rows.sources(snapshot.number),
            coverage=coverage,
            release=self.release,
        )

    def _trade_counts(self, question: Question) -> pd.DataFrame:
        of_books = {"desk", "book", "business_unit", "legal_entity", "strategy", "trader"}
        name = "trades_by_book" if question.ask.rows.keys() <= of_books else "trades_by_day"
        return self.rows.frame(name, question.snapshot.number, question.scope, question.ask)

    def _page(self, question: Question, counts: pd.DataFrame, start: int, end: int) -> pa.Table:
        span = locate(counts, start, end)
        ask = Ask(
            {**question.ask.dates, "first": span.first, "last": span.last},
            question.ask.base,
            rows=question.ask.rows,
            values={"skip": span.skip, "take": span.take},
        )
        return self.rows.read("trades", question.snapshot.number, question.scope, ask)


def _titled(table: Table, question: Question) -> Table:
    named = {"key": question.panel.key, "title": question.panel.title}
    return table.titled(**named, filters=question.filters.chosen(), settings=stated(question))

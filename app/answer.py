"""The path from a question to numbers: permit → cache → read → measure.

Every page, file, embed and limit asks here. The cache key is a JSON string of the release, the snapshot, the
measure, its parameters, dates, base currency, narrowing and the scope's rows; a load changes the snapshot, so
nothing stale survives and nothing needs a time-out. Kept are Arrow bytes and drawn JSON, never objects. What is held
is kept besides, under a key without measure, grouping and base, so that one reading serves every panel of a page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
from flask_caching import Cache

from app.coverage import covered
from app.engine import Engine
from app.fields import lined
from app.filters import BadFilterError, Filters
from app.kept import Kept
from app.needs import LIMITED, Needs, Page, in_store, needed, rests_on_vectors, settings, stated
from app.pivot import DAYS, Answer, Answered, Find, Side, lines, pivot, remembered, sides
from app.question import Question, UnknownError
from app.questions import Questions, hold
from app.risk.measure import KEYS, Column, Measure, measures
from app.risk.tails import IN_SCENARIO
from app.table import Coverage, Provenance, Table
from app.trades import days, trades
from app.view import Panel
from app.where import conditions, kept
from auth.permissions import permit
from data.scope import Scope
from data.store import Store
from data.warehouse import Warehouse

PAGE_ROWS = 100_000
PAGED = "blotter"
"""The figure of panels of any length, of which no more rows are read than are shown."""


class Answers(Questions):
    """Answers panels from one warehouse through one cache; what needs more than `at_once` numbers made has a job."""

    def __init__(  # noqa: PLR0913 what it stands on, and what the settings say
        self,
        warehouse: Warehouse,
        cache: Cache,
        *,
        base_currency: str,
        release: str,
        at_once: float = inf,
        store: Store | None = None,
    ) -> None:
        super().__init__(warehouse, Kept(cache, release), base_currency)
        self.cache = cache
        self.engine = Engine(warehouse.folder.parent / "vectors", warehouse.cursor, release, at_once=at_once)
        self.needs = Needs(
            self.rows, self.engine, self._measured, grouped=self._grouped, earlier=self._earlier, store=store
        )

    @property
    def release(self) -> str:
        """The version of the program that answers."""
        return self.kept.release

    def table(self, key: str, filters: Filters, scope: Scope) -> Table:
        """The panel's numbers; DeniedError, UnknownError, BadFilterError or EmptyError instead of a guess."""
        question = self.question(key, filters, scope)
        if question.panel.figure == PAGED:
            return self.trades(key, filters, scope, start=0, end=200)[0]
        if question.panel.figure == "pivot":
            return self._lined(question)[0]
        return _kept(_titled(self._numbers(question), question), question)

    def beside(self, key: str, filters: Filters, scope: Scope, measure: str, by: tuple[str, ...]) -> Table:
        """A measure in a panel's place, grouped as given: for the same reader, at the same dates and settings."""
        question = self.question(key, filters, scope)
        panel = replace(question.panel, measure=measure, by=by)
        return _titled(self._numbers(replace(question, panel=panel, measure=measures()[measure])), question)

    def behind(self, relation: str, filters: Filters, scope: Scope, **values: Any) -> pd.DataFrame:
        """What numbers rest on: the rows of a relation that the reader may see, narrowed and dated as they are."""
        hold(filters, scope)
        snapshot, _moment, ask = self._settle(filters, scope)
        found: pd.DataFrame = self.rows.read(relation, snapshot.number, scope, replace(ask, values=values)).to_pandas()
        return found

    def drawn(self, key: str, filters: Filters, scope: Scope, theme: str) -> bytes:
        """The panel drawn in a theme, as the JSON that the browser gets; errors as for its numbers."""
        from app.figures import draw  # noqa: PLC0415 figures are needed by screens only

        question = self.question(key, filters, scope)

        def make() -> bytes:
            panel, laid = question.panel, question.panel.figure == "pivot"
            table = self._pivot(question) if laid else self.table(key, filters, scope)
            options = _options(panel, question.measure, table)
            options |= {"trends": lined(question.filters.show, question.filters.trend)} if laid else {}
            if panel.figure == PAGED and not in_store(question.measure):
                options["days"] = days(self.rows, question)
            return orjson.dumps(
                draw(panel.figure, table, theme=theme, scale=filters.scale, **options),
                option=orjson.OPT_SERIALIZE_NUMPY,
            )

        if in_store(question.measure):
            return make()
        return self.kept.once(self._drawing(question, theme), make)

    def ready(self, key: str, filters: Filters, scope: Scope, theme: str) -> bytes | None:
        """The same where it is kept, None where it has to be made: an answer in a millisecond."""
        question = self.question(key, filters, scope)
        return None if in_store(question.measure) else self.kept.find(self._drawing(question, theme))

    def _drawing(self, question: Question, theme: str) -> list[Any]:
        """All that decides how a panel is drawn."""
        from app.figures import themed  # noqa: PLC0415 as above

        filters, panel = question.filters, question.panel
        dress = theme if themed(panel.figure) else "any"
        return ["drawn", *self._decisive(question), panel.key, dress, filters.scale, filters.query()]

    def lines(self, key: str, filters: Filters, scope: Scope) -> dict[str, Any]:
        """What a pivot draws as small lines: `days`, `rows` (path → number → its value on each day) and who `waits`."""
        from app.figures.pivot import lines as draw_lines  # noqa: PLC0415 figures are needed by screens only

        question = self.question(key, filters, scope)
        names = lined(question.filters.show, question.filters.trend)
        name = ["lines", *self._decisive(question), key, replace(question.filters, heat="0", scale="k").query()]

        def make() -> bytes:
            table, waits = self._lined(question)
            return orjson.dumps(draw_lines(table, names, waits))

        return orjson.loads(self.kept.once(name, make)) if names else {}

    def run(self, key: str, filters: Filters, scope: Scope) -> None:
        """Run in the background what the panel's numbers wait for, or go on with it; errors as for its numbers."""
        for side in self._sides(self._waiting(key, filters, scope)):
            self.needs.run(side.question)

    def cancel(self, key: str, filters: Filters, scope: Scope) -> None:
        """Stop that run; what is done of it stays done."""
        for side in self._sides(self._waiting(key, filters, scope)):
            self.needs.cancel(side.question)

    def trades(self, key: str, filters: Filters, scope: Scope, *, start: int, end: int) -> tuple[Table, int]:
        """Rows `start` to `end` of the blotter or the audit trail, and how many there are in all."""
        question = self.question(key, filters, scope)
        total, page, about = self._pages(question)
        return Table(page(start, min(end, total)).to_pandas(), question.measure.columns, about), total

    def part(self, key: str, filters: Filters, scope: Scope, *, start: int, end: int) -> tuple[Table, int]:
        """Rows `start` to `end` of a panel, and how many there are in all; of the blotter no others are read."""
        permit(scope, "export")
        if self.question(key, filters, scope).panel.figure == PAGED:
            return self.trades(key, filters, scope, start=start, end=end)
        table = self.table(key, filters, scope)
        return replace(table, frame=table.frame.iloc[start:end]), len(table.frame)

    def mark(self, question: Question) -> str:
        """A digest of all that decides a panel's answer: the rows open to its reader among it, never his name."""
        parts = [question.panel.key, question.filters.query(), *self._decisive(question)]
        return self.kept.mark(parts)

    def stream(
        self, key: str, filters: Filters, scope: Scope
    ) -> tuple[tuple[Column, ...], Provenance, Iterator[pa.RecordBatch]]:
        """Columns, provenance and batches of every row of a panel: what a file holds, however long it is."""
        permit(scope, "export")
        question = self.question(key, filters, scope)
        if question.panel.figure != PAGED:
            table = self.table(key, filters, scope)
            batches = iter(pa.Table.from_pandas(table.frame, preserve_index=False).to_batches())
            return table.columns, table.about, batches
        total, page_of, about = self._pages(question)
        steps = range(0, max(total, 1), PAGE_ROWS)
        pages = (page_of(step, min(step + PAGE_ROWS, total)) for step in steps)
        batches = (batch for page in pages for batch in page.to_batches())
        return question.measure.columns, about, batches

    def _pivot(self, question: Question) -> Table:
        return pivot(question, self._sides(question), self._together())

    def _lined(self, question: Question) -> tuple[Table, tuple[str, ...]]:
        """The pivot with its numbers of the last days, and those of them that would have to be waited for."""
        table = self._pivot(question)
        if not lined(question.filters.show, question.filters.trend):
            return table, ()
        before = [day for day in self.rows.calendar(question.snapshot.number)[0] if day <= question.moment.as_of]
        asked = {
            day: self.question(question.panel.key, replace(question.filters, as_of=day, vs=None), question.scope)
            for day in before[-DAYS:]
        }
        return lines(table, question, asked, self._together())

    def _waiting(self, key: str, filters: Filters, scope: Scope) -> Question:
        permit(scope, "start runs")
        question = self.question(key, filters, scope)
        if not rests_on_vectors(question.measure):
            raise UnknownError(f"panel {key} has nothing to run")
        return question

    def _sides(self, question: Question) -> tuple[Side, ...]:
        return sides(question, lambda filters: self.question(question.panel.key, filters, question.scope))

    def _numbers(self, question: Question, answer: Answer | None = None) -> Table:
        """The table as it is kept, for who asks first as for all that follow."""
        if in_store(question.measure):
            return self._answer(question)
        make = answer or self._answer
        return Table.from_bytes(self.kept.once(["table", *self._decisive(question)], lambda: make(question).to_bytes()))

    def _decisive(self, question: Question) -> list[Any]:
        """All that decides the numbers of an answer."""
        measure, panel, scope = question.measure, question.panel, question.scope
        on_files = bool({"scenarios", *LIMITED} & needed(measure)) or panel.figure == "pivot"
        files = self.engine.scenario_files() if on_files else ()
        chosen = settings(question)
        return [question.snapshot.number, measure.name, panel.by, panel.params, question.ask, scope.key, chosen, files]

    def _answer(self, question: Question, find: Find | None = None) -> Table:
        measure, panel, base = question.measure, question.panel, question.ask.base
        needs = [(find or self.needs.find)(name, question) for name in measure.needs]
        chosen = {**question.filters.risk(), "scenario": question.filters.scenario}
        given = {"by": panel.by, "base": base, **chosen, **panel.params}
        frames = [need.frame if isinstance(need, Table) else need for need in needs]
        frame = measure.compute(*frames, **{name: given[name] for name in measure.takes if name in given})
        columns = tuple(KEYS[name] for name in panel.by) + tuple(
            replace(column, unit=column.unit.replace("ccy", base))
            for column in measure.columns
            if column.name not in panel.by and (column != IN_SCENARIO or chosen["scenario"])
        )
        levels = ["level"] if "level" in frame.columns and panel.by else []
        wanted = [*levels, *(column.name for column in columns)]
        if list(frame.columns) != wanted:
            frame = frame[wanted]
        return Table(frame.reset_index(drop=True), columns, self._about(question, covered(needs)))

    def _measured(self, question: Question, name: str, by: tuple[str, ...], rows: Mapping[str, str]) -> pd.DataFrame:
        """The frame of another measure in the question's place, grouped and narrowed as given."""
        return self._grouped(replace(question, ask=replace(question.ask, rows=rows)), name, by).frame

    def _earlier(self, question: Question) -> Question:
        """The same question as of the day it compares with; of the first day, before which nothing was, itself."""
        if question.moment.vs <= question.moment.first:
            return question
        filters = replace(question.filters, as_of=question.moment.vs, vs=None)
        _, moment, ask = self._settle(filters, question.scope, question.panel)
        return replace(question, filters=filters, moment=moment, ask=replace(ask, rows=question.ask.rows))

    def _grouped(self, question: Question, name: str, by: tuple[str, ...], answer: Answer | None = None) -> Table:
        """Another measure in the question's place, grouped as given; `answer` answers what is not kept."""
        panel = Panel(question.panel.key, "", "", name, "grid", by)
        return self._numbers(replace(question, panel=panel, measure=measures()[name]), answer)

    def _together(self) -> Answered:
        """The same for several measures, of which what they share is found once."""
        return partial(self._grouped, answer=partial(self._answer, find=remembered(self.needs.find)))

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

    def _pages(self, question: Question) -> tuple[int, Page, Provenance]:
        """How many rows a panel of any length has, what reads some of them, and what defends them."""
        about = _titled(
            Table(pd.DataFrame(), question.measure.columns, self._about(question, Coverage())), question
        ).about
        if in_store(question.measure):
            return *self.needs.pages(question), about
        total, page, said = trades(self.rows, question)
        return total, page, replace(about, shown=said.shown, notes=(*about.notes, *said.notes))


def _options(panel: Panel, measure: Measure, table: Table) -> dict[str, Any]:
    """The panel's options without the columns that the answer leaves out."""
    absent = {column.name for column in measure.columns} - {column.name for column in table.columns}
    shown = tuple(name for name in panel.options.get("columns_shown", ()) if name not in absent)
    return {**panel.options, "columns_shown": shown} if shown else panel.options


def _kept(table: Table, question: Question) -> Table:
    """The table with the rows that the filters' conditions leave."""
    try:
        return kept(table, conditions(question.filters.where))
    except ValueError as error:
        raise BadFilterError(f"where: {error}") from None


def _titled(table: Table, question: Question) -> Table:
    named = {"key": question.panel.key, "title": question.panel.title}
    return table.titled(**named, filters=question.filters.chosen(), settings=stated(question))

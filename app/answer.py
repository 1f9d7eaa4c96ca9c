"""The path from a question to numbers: permit → cache → read → measure.

Every page, file, embed and limit asks here. The cache key is a JSON string of the release, the snapshot, the
measure, its parameters, dates, base currency, narrowing and the scope's rows; a load changes the snapshot, so
nothing stale survives and nothing needs a time-out. Kept are Arrow bytes and drawn JSON, never objects.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
from flask_caching import Cache

from app.filters import BadFilterError, Filters
from app.flight import Flight
from app.moment import Moment
from app.paging import locate
from app.question import Choices, DeniedError, Question, Status, UnknownError
from app.risk.measure import KEYS, Column, measures
from app.table import Coverage, Provenance, Table
from app.view import Panel, panel_of
from data.relations import Ask, read
from data.scope import NOBODY, Scope
from data.warehouse import EmptyError, Snapshot, Warehouse

PAGE_ROWS = 100_000


class Answers:
    """Answers panels from one warehouse through one cache."""

    def __init__(self, warehouse: Warehouse, cache: Cache, *, base_currency: str, release: str) -> None:
        self.warehouse = warehouse
        self.cache = cache
        self.base_currency = base_currency
        self.release = release
        self._flight = Flight()
        self._calendars = lru_cache(maxsize=16)(self._calendar)
        self._shared = lru_cache(maxsize=64)(self._read_shared)
        self._sources = lru_cache(maxsize=16)(self._name_sources)

    def version(self) -> str:
        """The number of the current snapshot; EmptyError before the first load."""
        return self.warehouse.current().number

    def table(self, key: str, filters: Filters, scope: Scope) -> Table:
        """The panel's numbers; DeniedError, UnknownError, BadFilterError or EmptyError instead of a guess."""
        question = self.question(key, filters, scope)
        if question.measure.name == "trades":
            return self.trades(key, filters, scope, start=0, end=200)[0]
        fresh: list[Table] = []

        def make() -> bytes:
            fresh.append(self._answer(question))
            return fresh[0].to_bytes()

        raw = self._kept(_key("table", self.release, question), make)
        return _titled(fresh[0] if fresh else Table.from_bytes(raw), question)

    def drawn(self, key: str, filters: Filters, scope: Scope, theme: str) -> dict[str, Any]:
        """The panel drawn in a theme, as the plain dictionary that the browser gets."""
        from app.figures import draw, themed  # noqa: PLC0415 figures are needed by screens only

        question = self.question(key, filters, scope)
        dress = theme if themed(question.panel.figure) else "any"
        name = _key("drawn", self.release, question, key, dress, filters.scale, filters.query())

        def make() -> bytes:
            panel = question.panel
            table = self.table(key, filters, scope)
            return orjson.dumps(
                draw(panel.figure, table, theme=theme, scale=filters.scale, **panel.options),
                option=orjson.OPT_SERIALIZE_NUMPY,
            )

        drawn: dict[str, Any] = orjson.loads(self._kept(name, make))
        return drawn

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
        ask = Ask({}, self.base_currency)
        books = self._frame("books", snapshot, scope, ask)
        currencies = self._shared(snapshot.number, "currencies")["currency"]
        grouped = books.groupby("desk", sort=True)["book"].agg(tuple)
        return Choices(
            books=tuple((str(desk), names) for desk, names in grouped.items()),
            days=tuple(reversed(days)),
            snapshots=tuple(self.warehouse.snapshots()),
            currencies=tuple(currencies),
        )

    def status(self, filters: Filters, scope: Scope) -> Status:
        """What the bar on top states; DeniedError for a desk or book that the scope does not open."""
        snapshot, moment, ask = self._settle(filters, scope)
        frame = self._frame("exposures", snapshot, scope, ask)
        count = self._shared(snapshot.number, "synthetic")["instruments"].sum()
        return Status(
            as_of=moment.as_of,
            vs=moment.vs,
            snapshot=snapshot,
            latest=snapshot.number == self.version(),
            newest_day=self._calendars(snapshot.number)[0][-1],
            base=ask.base,
            coverage=_coverage([frame]),
            synthetic=int(count),
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

    def _settle(self, filters: Filters, scope: Scope, panel: Panel | None = None) -> tuple[Snapshot, Moment, Ask]:
        snapshot, days, before_first = self._snapshot(filters)
        self._permit(filters, scope, snapshot)
        moment = Moment.find(days, before_first, filters)
        base = filters.ccy or self.base_currency
        known = set(self._shared(snapshot.number, "currencies")["currency"])
        if base not in known:
            raise BadFilterError(
                f"ccy: there are no exchange rates for {base}; choose one of {', '.join(sorted(known))}"
            )
        dates = {name: getattr(moment, name) for name in ("as_of", "vs", "month_start", "year_start")}
        dates["start"] = moment.start(panel.params.get("period", "inception") if panel else "day")
        return snapshot, moment, Ask(dates, base, panel.by if panel else (), filters.rows())

    def _permit(self, filters: Filters, scope: Scope, snapshot: Snapshot) -> None:
        if not (filters.desk or filters.book):
            return
        books = self._frame("books", snapshot, scope, Ask({}, self.base_currency))
        for name in ("desk", "book"):
            value = getattr(filters, name)
            if value and value not in set(books[name]):
                raise DeniedError(f"{name} {value!r} is not open to you")

    def _snapshot(self, filters: Filters) -> tuple[Snapshot, list[date], date]:
        newest = self.warehouse.current()
        if filters.known > newest.number:
            raise EmptyError(f"there is no snapshot {filters.known}; the newest is {newest.number}")
        snapshot = self.warehouse.snapshot(filters.known) if filters.known else newest
        days, before_first = self._calendars(snapshot.number)
        if not days:
            raise EmptyError("no trades are loaded yet; run `parapet load trades FILE`")
        return snapshot, days, before_first

    def _calendar(self, number: str) -> tuple[list[date], date]:
        rows = read(self.warehouse.cursor(number), "days", NOBODY, Ask({}, "")).to_pylist()
        days = [row["day"] for row in reversed(rows)]
        return days, (rows[-1]["previous_day"] if rows else date.min)

    def _read_shared(self, number: str, relation: str) -> pd.DataFrame:
        """A relation that every reader may see; small, asked for by every answer, and fixed with its snapshot."""
        frame: pd.DataFrame = read(self.warehouse.cursor(number), relation, NOBODY, Ask({}, "")).to_pandas()
        return frame

    def _name_sources(self, number: str) -> tuple[str, ...]:
        batches = self._shared(number, "sources")
        return tuple(batches["table_name"] + ": " + batches["file_name"] + ", sha256 " + batches["sha256"].str[:12])

    def _answer(self, question: Question) -> Table:
        cursor = self.warehouse.cursor(question.snapshot.number)
        frames = [read(cursor, name, question.scope, question.ask).to_pandas() for name in question.measure.needs]
        given = {"by": question.panel.by, **question.panel.params}
        keywords = {name: given[name] for name in question.measure.takes if name in given}
        frame = question.measure.compute(*frames, **keywords)
        columns = tuple(KEYS[name] for name in question.panel.by) + tuple(
            Column(**{**asdict(column), "unit": question.ask.base}) if column.unit == "ccy" else column
            for column in question.measure.columns
        )
        kept = [column.name for column in columns]
        levels = ["level"] if "level" in frame.columns and question.panel.by else []
        about = self._about(question, _coverage(frames))
        return Table(frame[levels + kept].reset_index(drop=True), columns, about)

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
            sources=self._sources(snapshot.number),
            coverage=coverage,
            release=self.release,
        )

    def _trade_counts(self, question: Question) -> pd.DataFrame:
        of_books = {"desk", "book", "business_unit", "legal_entity", "strategy", "trader"}
        name = "trades_by_book" if question.ask.rows.keys() <= of_books else "trades_by_day"
        return self._frame(name, question.snapshot, question.scope, question.ask)

    def _page(self, question: Question, counts: pd.DataFrame, start: int, end: int) -> pa.Table:
        span = locate(counts, start, end)
        ask = Ask(
            {**question.ask.dates, "first": span.first, "last": span.last},
            question.ask.base,
            rows=question.ask.rows,
            values={"skip": span.skip, "take": span.take},
        )
        cursor = self.warehouse.cursor(question.snapshot.number)
        return read(cursor, "trades", question.scope, ask)

    def _frame(self, relation: str, snapshot: Snapshot, scope: Scope, ask: Ask) -> pd.DataFrame:
        """A whole relation, kept in the cache like any answer."""
        name = json.dumps(["frame", self.release, snapshot.number, relation, asdict(ask), scope.key], default=str)

        def make() -> bytes:
            return _packed(read(self.warehouse.cursor(snapshot.number), relation, scope, ask))

        with pa.ipc.open_stream(self._kept(name, make)) as reader:
            frame: pd.DataFrame = reader.read_all().to_pandas()
        return frame

    def _kept(self, key: str, make: Callable[[], bytes]) -> bytes:
        def made() -> bytes:
            value = make()
            self.cache.set(key, value, timeout=0)
            return value

        return self._flight.once(key, lambda: self.cache.get(key), made)


def _key(what: str, release: str, question: Question, *more: str) -> str:
    parts = [
        what,
        release,
        question.snapshot.number,
        question.measure.name,
        question.panel.params,
        asdict(question.ask),
        question.scope.key,
        more,
    ]
    return json.dumps(parts, default=str, sort_keys=True)


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _coverage(frames: list[pd.DataFrame]) -> Coverage:
    """Counts of the first frame that has them, its total row where it has levels."""
    for frame in frames:
        if "held" in frame.columns:
            whole = frame[frame["level"] == 0] if "level" in frame.columns else frame
            names = ["held", "priced", "carried", "no_price", "no_rate"]
            counts = dict(zip(names, whole[names].to_numpy().sum(axis=0).astype(int).tolist(), strict=True))
            reasons = {"no price": counts["no_price"], "no exchange rate": counts["no_rate"]}
            missing = tuple((reason, count) for reason, count in reasons.items() if count)
            return Coverage(counts["held"], counts["priced"], counts["carried"], missing)
    return Coverage()


def _titled(table: Table, question: Question) -> Table:
    return table.titled(key=question.panel.key, title=question.panel.title, filters=question.filters.chosen())

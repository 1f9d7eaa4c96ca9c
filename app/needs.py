"""What a measure asks for by the names of its parameters, and the reader's settings that it then rests on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pandas as pd
import pyarrow as pa

from app.engine import NEEDS, Engine, Setting
from app.filters import told
from app.limit_values import limit_values
from app.question import DeniedError, Question
from app.risk.applied import applied
from app.risk.measure import Measure, measures
from app.risk.simulation import SIMULATED, waits_for_run
from app.rows import Rows
from app.simulation import Simulations
from app.table import Table
from app.whatif import whatif_portfolio, whatif_vectors
from auth import chain
from data import records
from data.relations import relations
from data.store import Store, utc_now

LIMITED = ("limit_values", "whatif_limit_values")
WHATIF = {"whatif_vectors": whatif_vectors, "whatif_portfolio": whatif_portfolio}
VECTORS = ("pnl_vectors", "whatif_vectors", SIMULATED)
LABELS = {"confidence": "VaR level", "es_confidence": "ES level", "window": "Scenarios", "method": "Quantile"}
BEFORE = "_before"
"""Ends the name of a need that is the answer of a measure as of the day compared with."""

Page = Callable[[int, int], pa.Table]
"""From the first row wanted to the one after the last."""

Measured = Callable[[Question, str, tuple[str, ...], Mapping[str, str]], pd.DataFrame]
Grouped = Callable[[Question, str, tuple[str, ...]], Table]


class Needs:
    """Finds what measures need; `measured` asks another measure in a question's place, grouped and narrowed.

    `grouped` asks it with the question's own narrowing; `earlier` is the question as of the day it compares with;
    `store` is what the app itself remembers.
    """

    def __init__(  # noqa: PLR0913 what answers are made of, by keyword
        self,
        rows: Rows,
        engine: Engine,
        measured: Measured,
        *,
        grouped: Grouped,
        earlier: Callable[[Question], Question],
        store: Store | None,
    ) -> None:
        self.rows = rows
        self.grouped = grouped
        self.earlier = earlier
        self.store = store
        self.engine = engine
        self.simulations = Simulations(engine)
        self.measured = measured

    def find(self, name: str, question: Question) -> Any:
        """The need of that name, with the imagined trades done if the question says so."""
        scope, ask, whatif = question.scope, question.ask, question.filters.whatif
        if name in LIMITED:
            limits = self.rows.frame("limits", question.snapshot.number, scope, ask)
            asked = replace(question, applied=bool(whatif) and name == "whatif_limit_values")
            return limit_values(limits, partial(self.measured, asked))
        if name in records.RECORDS:
            return self._record(name, question)
        if of := asked_of(name):
            return self._answer_of(of, name, question)
        found = self._official(name, question)
        if not question.applied:
            return found
        given = (self.engine, setting(question), scope, ask.rows, whatif)
        return applied(found, partial(whatif_portfolio, *given), partial(whatif_vectors, *given))

    def _answer_of(self, measure: str, name: str, question: Question) -> Table:
        """The answer of another measure to the same question, grouped alike if it groups at all."""
        asked = self.earlier(question) if name.endswith(BEFORE) else question
        by = question.panel.by if "by" in measures()[measure].takes else ()
        table = self.grouped(asked, measure, by)
        nothing = name.endswith(BEFORE) and asked is question  # before the first day nothing was held
        return replace(table, frame=table.frame.iloc[:0]) if nothing else table

    def _record(self, name: str, question: Question) -> Any:
        store = self._store()
        if name == "audit_checks" and records.opens(question.scope):
            chain.check(store, utc_now)
        return records.read(store, name, question.scope)

    def pages(self, question: Question) -> tuple[int, Page]:
        """How many rows of the audit trail the reader's search finds, and what reads some of them, newest first."""
        store, asked = self._store(), question.filters
        search = records.Search(asked.who, asked.event, asked.text, asked.since, asked.until)

        def page(start: int, end: int) -> pa.Table:
            found = records.search(store, search, question.scope, start, end)
            return pa.Table.from_pandas(question.measure.compute(found), preserve_index=False)

        return records.count(store, search, question.scope), page

    def _store(self) -> Store:
        if self.store is None:
            raise DeniedError("what the app remembers is not read here")
        return self.store

    def _official(self, name: str, question: Question) -> Any:
        """Holdings, what the engine has, or a relation."""
        number, scope, ask = question.snapshot.number, question.scope, question.ask
        if name in WHATIF:
            return WHATIF[name](self.engine, setting(question), scope, ask.rows, question.filters.whatif)
        if name == SIMULATED:
            return self.simulations.vectors(setting(question), scope, ask.rows)
        if name in NEEDS:
            return self.engine.need(name, setting(question), question.moment.vs, scope, ask.rows)
        if name == "holdings":
            return self.rows.holdings(number, scope, ask)
        return self.rows.frame(name, number, scope, ask)

    def run(self, question: Question) -> None:
        """Make in the background what the question's numbers wait for, or go on with it."""
        for each in self._settings(question):
            self._maker(question).start(each)

    def cancel(self, question: Question) -> None:
        """Stop what is being made for it; what is done stays done."""
        for each in self._settings(question):
            self._maker(question).cancel(each)

    def _settings(self, question: Question) -> list[Setting]:
        """Whose vectors the question waits for: of its day and, if it compares VaR with it, of the day before."""
        compares = any(name.endswith(BEFORE) and asked_of(name) for name in needed(question.measure))
        return [setting(question), *([setting(self.earlier(question))] if compares else [])]

    def _maker(self, question: Question) -> Engine | Simulations:
        simulated = waits_for_run(question.measure) and not self.simulations.complete(setting(question))
        return self.simulations if simulated else self.engine


@cache
def asked_of(name: str) -> str:
    """The measure whose answer a need of that name is; empty where it is something else, such as a relation."""
    of = name.removesuffix(BEFORE)
    other = {*relations(), *records.RECORDS, *NEEDS, *WHATIF, *LIMITED, SIMULATED, "holdings"}
    return of if of in measures() and name not in other else ""


@cache
def reach(measure: Measure) -> tuple[Measure, ...]:
    """The measure and those whose answers it asks for, down to the last."""
    asked = [measures()[of] for name in measure.needs if (of := asked_of(name))]
    return (measure, *(each for other in asked for each in reach(other)))


@cache
def needed(measure: Measure) -> frozenset[str]:
    """All that the measure needs, itself or through the measures that it asks."""
    return frozenset(name for each in reach(measure) for name in each.needs)


@cache
def taken(measure: Measure) -> frozenset[str]:
    """All that the measure takes, itself or through the measures that it asks."""
    return frozenset(name for each in reach(measure) for name in each.takes)


def in_store(measure: Measure) -> bool:
    """Whether the answer rests on what the app itself writes, which changes at any moment and is kept nowhere."""
    return bool({*records.RECORDS} & needed(measure))


def rests_on_vectors(measure: Measure) -> bool:
    """Whether the measure's numbers may wait for vectors, itself or through what it needs."""
    return bool({*VECTORS, *LIMITED} & needed(measure))


def stated(question: Question) -> tuple[tuple[str, str], ...]:
    """The conventions of VaR and ES that the numbers rest on, as label and text; limits may rest on any."""
    limited = {*LIMITED} & needed(question.measure)
    names = LABELS if limited else conventions(question.measure)
    return tuple((LABELS[name], told(name, getattr(question.filters, name))) for name in names)


def conventions(measure: Measure) -> tuple[str, ...]:
    """The conventions of VaR and ES that decide a measure's numbers, by their names in Filters, as they are said."""
    from_vectors, takes = bool({*VECTORS} & needed(measure)), taken(measure)
    return tuple(name for name in LABELS if (from_vectors if name == "window" else name in takes))


def setting(question: Question) -> Setting:
    """What P&L vectors of the question depend on beside their positions."""
    return Setting(question.snapshot.number, question.moment.as_of, question.ask.base, question.filters.window)


def settings(question: Question) -> dict[str, Any]:
    """The reader's settings that the measure rests on, itself or through what it needs."""
    needs, takes, chosen = needed(question.measure), taken(question.measure), question.filters
    every = bool({*LIMITED} & needs)
    found: dict[str, Any] = {n: value for n, value in chosen.risk().items() if every or n in takes}
    if {*LIMITED, *NEEDS, SIMULATED} & needs:
        found["window"] = chosen.window
    if "scenario" in takes:
        found["scenario"] = chosen.scenario
    if {*WHATIF, "whatif_limit_values"} & needs or question.applied:
        found["whatif"] = chosen.whatif
    return found | {"applied": question.applied}

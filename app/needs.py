"""What a measure asks for by the names of its parameters, and the reader's settings that it then rests on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from app.engine import NEEDS, Engine, Setting
from app.filters import told
from app.limit_values import limit_values
from app.question import Question
from app.risk.applied import applied
from app.risk.measure import Measure
from app.risk.simulation import SIMULATED, waits_for_run
from app.rows import Rows
from app.simulation import Simulations
from app.whatif import whatif_portfolio, whatif_vectors

LIMITED = ("limit_values", "whatif_limit_values")
WHATIF = {"whatif_vectors": whatif_vectors, "whatif_portfolio": whatif_portfolio}
VECTORS = ("pnl_vectors", "whatif_vectors", SIMULATED)
LABELS = {"confidence": "VaR level", "es_confidence": "ES level", "window": "Scenarios", "method": "Quantile"}
Measured = Callable[[Question, str, tuple[str, ...], Mapping[str, str]], pd.DataFrame]


class Needs:
    """Finds what measures need; `measured` asks another measure in a question's place, grouped and narrowed."""

    def __init__(self, rows: Rows, engine: Engine, measured: Measured) -> None:
        self.rows = rows
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
        found = self._official(name, question)
        if not question.applied:
            return found
        given = (self.engine, setting(question), scope, ask.rows, whatif)
        return applied(found, partial(whatif_portfolio, *given), partial(whatif_vectors, *given))

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
        self._maker(question).start(setting(question))

    def cancel(self, question: Question) -> None:
        """Stop what is being made for it; what is done stays done."""
        self._maker(question).cancel(setting(question))

    def _maker(self, question: Question) -> Engine | Simulations:
        simulated = waits_for_run(question.measure) and not self.simulations.complete(setting(question))
        return self.simulations if simulated else self.engine


def rests_on_vectors(measure: Measure) -> bool:
    """Whether the measure's numbers may wait for vectors, itself or through what it needs."""
    return bool({*VECTORS, *LIMITED} & {*measure.needs})


def stated(question: Question) -> tuple[tuple[str, str], ...]:
    """The conventions of VaR and ES that the numbers rest on, as label and text; limits may rest on any."""
    limited = {*LIMITED} & {*question.measure.needs}
    names = LABELS if limited else conventions(question.measure)
    return tuple((LABELS[name], told(name, getattr(question.filters, name))) for name in names)


def conventions(measure: Measure) -> tuple[str, ...]:
    """The conventions of VaR and ES that decide a measure's numbers, by their names in Filters, as they are said."""
    from_vectors = bool({*VECTORS} & {*measure.needs})
    return tuple(name for name in LABELS if (from_vectors if name == "window" else name in measure.takes))


def setting(question: Question) -> Setting:
    """What P&L vectors of the question depend on beside their positions."""
    return Setting(question.snapshot.number, question.moment.as_of, question.ask.base, question.filters.window)


def settings(question: Question) -> dict[str, Any]:
    """The reader's settings that the measure rests on, itself or through what it needs."""
    needs, chosen = {*question.measure.needs}, question.filters
    every = bool({*LIMITED} & needs)
    found = {name: value for name, value in chosen.risk().items() if every or name in question.measure.takes}
    if {*LIMITED, *NEEDS, SIMULATED} & needs:
        found["window"] = chosen.window
    if {*WHATIF, "whatif_limit_values"} & needs or question.applied:
        found["whatif"] = chosen.whatif
    return found | {"applied": question.applied}

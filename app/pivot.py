"""A pivot: numbers of any measures at every node of the rows, as a whole and within each column, beside a comparison.

Nothing is added up here. A cell is asked of its measure grouped by the column's key and then the rows', a total by the
rows' alone, so that what does not add up is taken from the node's own positions everywhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, compress, pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.fields import lined, measured, numbers
from app.filters import BadFilterError, Filters
from app.needs import stated
from app.question import PendingError, Question
from app.risk.measure import KEYS, Column
from app.table import Provenance, Table

MOST_VALUES = 50
TOTAL = "Total"
BETWEEN = " · "
DAYS = 20
CONVENTIONS = {
    "Pivot": "every cell and every total is its measure's own number for its positions; none is a sum of other cells",
    "Rows": "what is held, and what has a number other than 0",
}
LINES = ("Lines", "each day's number is what a page of that day says, against its own day before")
WAITS = "its numbers of earlier days would each need a run"
CHANGE = "the first less the second; % change is of the size of the second; both are missing where either side is"
Answered = Callable[[Question, str, tuple[str, ...]], Table]
Asked = Mapping[tuple[str, tuple[str, ...]], Table]
Answer = Callable[[Question], Table]
Find = Callable[[str, Question], Any]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared: a question and what it is called; the only one has no title."""

    title: str
    question: Question


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers by name at nodes of the rows, within one value of the columns; without a value, in whole."""

    value: str
    paths: list[str]
    amounts: Mapping[str, Array]


def sides(question: Question, settled: Callable[[Filters], Question]) -> tuple[Side, ...]:
    """The question's side and, if it compares, the other; `settled` permits and settles the other's filters.

    BadFilterError where nothing is imagined that official numbers could be compared with; errors of `settled`.
    """
    filters, moment = question.filters, question.moment
    kind, _, name = filters.compare.partition(":")
    if kind == "vs":
        before = settled(replace(filters, as_of=moment.vs, vs=None))
        return Side(str(moment.as_of), question), Side(str(moment.vs), before)
    if kind == "whatif":
        if not filters.whatif:
            raise BadFilterError("compare: no trade is imagined; write one on the what-if page, or compare otherwise")
        return Side("What-if", replace(question, applied=True)), Side("Official", question)
    if name:
        desk, book = (name, "") if kind == "desk" else ("", name)
        own = filters.book or filters.desk or ("Firm" if question.scope.firm else "All")
        return Side(own, question), Side(name, settled(replace(filters, desk=desk, book=book)))
    return (Side("", question),)


def remembered(find: Find) -> Find:
    """As `find`, but what a side's measures share is found once: positions, vectors, portfolios."""
    known: dict[tuple[Any, ...], Any] = {}

    def found(name: str, question: Question) -> Any:
        key = (name, repr(question.ask), question.applied)
        if key not in known:
            known[key] = find(name, question)
        return known[key]

    return found


def pivot(question: Question, compared: tuple[Side, ...], answered: Answered) -> Table:
    """A tree by the rows' keys; columns `measure.column`, then `:other`, `:change`, `:percent`, then `@value`.

    `answered(question, measure, by)` is the one path. Without `@value` a column is the row's total over all columns.
    BadFilterError for more column values than fit beside each other.
    """
    filters = question.filters
    down, across, show = tuple(filters.down.split(",")), filters.across, filters.show.split(",")
    groupings = (down, (across, *down)) if across else (down,)
    asked: list[Asked] = [
        {(name, by): answered(side.question, name, by) for name in measured(show) for by in groupings}
        for side in compared
    ]
    found = [[part for key, table in tables.items() for part in _parts(*key, table, down, show)] for tables in asked]
    values = sorted({part.value for parts in found for part in parts} - {""})
    if len(values) > MOST_VALUES:
        raise BadFilterError(f"cols: there are {len(values):,} values of {across}, at most {MOST_VALUES} fit beside")
    paths = _shown(found, lambda: [answered(side.question, "exposure", down).frame for side in compared], down)
    texts = [path.split("\t") if path else [] for path in paths]
    frame: dict[str, Array] = {"level": np.array([len(text) for text in texts], dtype=np.int64)}
    for depth, key in enumerate(down):
        frame[key] = np.array([text[depth] if depth < len(text) else None for text in texts], dtype=object)
    columns = [KEYS[key] for key in down]
    laid = [_laid(parts, paths) for parts in found]
    for value in ["", *values] if across else [""]:
        for name in show:
            lead = [*([value or TOTAL] if across else []), _label(name, show)]
            for column, amounts in _compared(laid, compared, name, f"@{value}" if value else ""):
                label = BETWEEN.join([*lead, column.label] if column.label else lead)
                columns.append(replace(column, label=label, unit=column.unit.replace("ccy", question.ask.base)))
                frame[column.name] = amounts
    return Table(pd.DataFrame(frame), tuple(columns), _about(question, compared, asked[0]))


def lines(
    table: Table, question: Question, days: Mapping[date, Question], answered: Answered
) -> tuple[Table, tuple[str, ...]]:
    """A pivot with its numbers of `trend` on each of the days, a column `number~day` each; and what has no line.

    A day's number is what a page of that day says at the row, against its own day before: never a sum of others. It is
    missing where there was no such node, and so is the line of a number that earlier days would wait for.
    """
    filters = question.filters
    down, names = tuple(filters.down.split(",")), lined(filters.show, filters.trend)
    paths = _paths(table.frame, down, down)
    found: dict[str, Array] = {}
    waiting: set[str] = set()
    for day, then in days.items():
        tables = {}
        for measure in measured(name for name in names if name not in waiting):
            try:
                tables[measure, down] = answered(then, measure, down)
            except PendingError:
                waiting |= {name for name in names if name.startswith(f"{measure}.")}
        laid = _laid((part for key, own in tables.items() for part in _parts(*key, own, down, names)), paths)
        found |= {f"{name}~{day}": laid.get(name, laid[""]) for name in names}
    columns = []
    for name in (name for name in names if name not in waiting):
        column, label = numbers()[name][1], _label(name, filters.show.split(","))
        unit = column.unit.replace("ccy", question.ask.base)
        columns += [replace(column, name=f"{name}~{day}", label=f"{label}{BETWEEN}{day}", unit=unit) for day in days]
    more = pd.DataFrame({column.name: found[column.name] for column in columns}, index=table.frame.index)
    lacking = tuple(name for name in names if name in waiting)
    about = table.about
    notes = tuple(f"{_label(name, filters.show.split(','))} has no line: {WAITS}" for name in lacking)
    about = replace(about, conventions=(*about.conventions, LINES), notes=about.notes + notes)
    frame = pd.concat([table.frame, more], axis=1)
    return replace(table, frame=frame, columns=table.columns + tuple(columns), about=about), lacking


def _parts(
    measure: str, by: tuple[str, ...], table: Table, down: tuple[str, ...], show: Iterable[str]
) -> Iterator[Part]:
    """The numbers of one answer, apart for each value of the columns."""
    frame = table.frame
    own = {name: name.partition(".")[2] for name in show if name.startswith(f"{measure}.")}
    amounts = {name: frame[column].to_numpy(float, na_value=np.nan) for name, column in own.items() if column in frame}
    paths = _paths(frame, down, by)
    if by == down:
        yield Part("", paths, amounts)
        return
    values = frame[by[0]].to_numpy(dtype=object)
    starts = [*np.flatnonzero(frame["level"].to_numpy() == 1).tolist(), len(frame)]
    for start, end in pairwise(starts):
        within = slice(start, end)
        yield Part(str(values[start]), paths[within], {name: every[within] for name, every in amounts.items()})


def _paths(frame: pd.DataFrame, down: tuple[str, ...], by: tuple[str, ...]) -> list[str]:
    """The rows' keys of each node, joined by tabs; empty for a total."""
    levels = (frame["level"] - (len(by) - len(down))).tolist()
    texts = [frame[key].tolist() for key in down]
    return ["\t".join(map(str, names[: max(level, 0)])) for level, *names in zip(levels, *texts, strict=True)]


def _shown(found: list[list[Part]], exposures: Callable[[], list[pd.DataFrame]], down: tuple[str, ...]) -> list[str]:
    """The paths to show, in tree order: parents before children, siblings by name. The total is always there.

    Nodes without any number but 0 are closed positions, unless they are held, as the exposure knows.
    """
    every, some = {""}, {""}
    for part in (part for parts in found for part in parts):
        every.update(part.paths)
        nonzero = np.zeros(len(part.paths), dtype=bool)
        for amounts in part.amounts.values():
            nonzero |= np.nan_to_num(amounts) != 0
        some.update(compress(part.paths, nonzero.tolist()))
    if len(some) < len(every):
        some.update(path for frame in exposures() for path in _paths(frame, down, down))
    some.update(above for path in tuple(some) for above in accumulate(path.split("\t"), "{}\t{}".format))
    return sorted(some)


def _laid(parts: Iterable[Part], paths: list[str]) -> dict[str, Array]:
    """The numbers of one side on the paths shown, missing where it has none; by name and `@value`, `` for no number."""
    place = {path: at for at, path in enumerate(paths)}
    laid = {"": np.full(len(paths), np.nan)}
    for part in parts:
        at = np.array([place.get(path, -1) for path in part.paths], dtype=np.intp)
        for name, amounts in part.amounts.items():
            on_paths = np.full(len(paths) + 1, np.nan)
            on_paths[at] = amounts
            laid[name + (f"@{part.value}" if part.value else "")] = on_paths[:-1]
    return laid


def _compared(
    laid: list[dict[str, Array]], compared: tuple[Side, ...], name: str, where: str
) -> Iterator[tuple[Column, Array]]:
    """The columns of one number: of each side, and how they differ."""
    column = numbers()[name][1]
    first, *others = (side.get(name + where, side[""]) for side in laid)
    yield replace(column, name=name + where, label=compared[0].title), first
    for side, second in zip(compared[1:], others, strict=True):
        if compared[0].question.filters.compare != "vs":
            yield replace(column, name=f"{name}:other{where}", label=side.title), second
        change = first - second
        yield replace(column, name=f"{name}:change{where}", label="Change", signed=True), change
        if column.kind != "ratio":
            share = np.divide(change, np.abs(second), out=np.full(len(change), np.nan), where=second != 0)
            relative = Column(f"{name}:percent{where}", "% change", "ratio", "%", additive=False, signed=True)
            yield relative, share


def _label(name: str, show: Iterable[str]) -> str:
    """The column's label, with its measure's where two of those shown have the same."""
    measure, column = numbers()[name]
    alike = [other for other in show if numbers()[other][1].label == column.label]
    return column.label if len(alike) == 1 else f"{column.label} ({measure.label})"


def _about(question: Question, compared: tuple[Side, ...], asked: Asked) -> Provenance:
    """What defends the table: the definitions and conventions of every measure in it, and the least coverage."""
    shown = measured(question.filters.show.split(","))
    conventions = dict(CONVENTIONS)
    for measure in shown.values():
        for name, text in measure.conventions:
            conventions[name if conventions.get(name, text) == text else f"{name} ({measure.label})"] = text
    settings = [pair for measure in shown.values() for pair in stated(replace(question, measure=measure))]
    titles = [side.title for side in compared]
    about: Provenance = next(iter(asked.values())).about
    return replace(
        about,
        key=question.panel.key,
        title=question.panel.title,
        definition="\n\n".join(f"{measure.label}: {measure.definition}" for measure in shown.values()),
        filters=question.filters.chosen(),
        settings=tuple(dict.fromkeys(settings)),
        conventions=tuple(conventions.items()),
        coverage=min((table.about.coverage for table in asked.values()), key=lambda coverage: coverage.share),
        notes=(f"{titles[0]} beside {titles[1]}: the change is {CHANGE}",) if len(titles) > 1 else (),
    )

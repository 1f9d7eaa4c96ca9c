"""A panel's chart as Excel's own: which cells of its sheet it draws, and the parts of the file that say so."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from zipfile import ZipFile

import numpy as np
import pandas as pd
import xlsxwriter

from app.table import Column, Table

ACCENT, MUTE, WARN, BREACH, GAIN, LOSS = "#1B69CC", "#8A96A3", "#B27A10", "#C0161A", "#0B7C54", "#C8362D"
"""The inks of the light theme, dark enough for paper."""

_INKS = (ACCENT, MUTE, WARN, GAIN, LOSS, "#6B4FBB", "#17202B", "#3FA7B8")
_SIZE = {"width": 960, "height": 420}
_BINS = 60
_LABELS = 10
_MOST = 8


@dataclass(frozen=True, slots=True)
class Series:
    """One column of the sheet as a line or as columns; without an ink it only holds up what stands on it."""

    column: str
    kind: Literal["line", "column"]
    ink: str = ACCENT
    dashed: bool = False
    second: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn over the column `along`: the last `rows` of the first `ends`, counted without the header.

    `aside` counts the columns at the right that are a block of their own, not a part of the rows on their left.
    """

    along: str
    series: tuple[Series, ...]
    rows: int
    ends: int
    dated: bool = False
    stacked: bool = False
    aside: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A chart on its sheet: the sheet's name, the columns that it really has, and the numbers."""

    sheet: str
    columns: tuple[Column, ...]
    chart: Chart
    table: Table


Charted = tuple[Table, Chart]


def charted(figure: str, table: Table, options: Mapping[str, Any]) -> tuple[Table, Chart | None]:
    """The table, with columns added where the drawing needs them, and its chart; None where a table says it better."""
    draw = DRAWN.get(figure)
    if draw is None or table.frame.empty:
        return table, None
    drawn = draw(table, options)
    return drawn or (table, None)


def parts(placed: Sequence[Placed]) -> dict[str, bytes]:
    """The drawing and chart parts of a workbook, the n-th drawing and chart being those of the n-th placed."""
    raw = io.BytesIO()
    with xlsxwriter.Workbook(raw, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for each in placed:
            _draw(book, each)
    with ZipFile(raw) as made:
        paths = [path for path in made.namelist() if path.startswith(("xl/charts/", "xl/drawings/"))]
        return {path: made.read(path) for path in paths}


def _draw(book: Any, placed: Placed) -> None:
    sheet, chart, frame = book.add_worksheet(placed.sheet), placed.chart, placed.table.frame
    places = {column.name: place for place, column in enumerate(placed.columns)}
    named = {column.name: column for column in placed.columns}
    first = chart.ends - chart.rows
    for name in (chart.along, *(series.column for series in chart.series)):
        cells = frame[name].iloc[first : chart.ends]
        cells = pd.to_datetime(cells).dt.date if chart.dated and name == chart.along else cells
        sheet.write_column(first + 1, places[name], cells.astype(object).where(cells.notna(), None))
    kinds = {series.kind: _started(book, chart, series.kind) for series in chart.series}
    for series in chart.series:
        across = [placed.sheet, first + 1, places[chart.along], chart.ends, places[chart.along]]
        values = [placed.sheet, first + 1, places[series.column], chart.ends, places[series.column]]
        label = named[series.column].label.removeprefix(_OF_CHART)
        kinds[series.kind].add_series({"name": label, "categories": across, "values": values, **_look(series)})
    main, *others = kinds.values()
    for other in others:
        other.set_y2_axis({"num_format": "#,##0", "line": {"none": True}})
        main.combine(other)
    _finish(main, chart, placed.table, named[chart.series[0].column])
    sheet.insert_chart(1, len(placed.columns) + 1, main, {"object_position": 3})


def _started(book: Any, chart: Chart, kind: str) -> Any:
    return book.add_chart({"type": kind, **({"subtype": "stacked"} if chart.stacked else {})})


def _look(series: Series) -> dict[str, Any]:
    if not series.ink:
        return {"fill": {"none": True}, "border": {"none": True}}
    second = {"y2_axis": True} if series.second else {}
    if series.kind == "line":
        dash = {"dash_type": "dash"} if series.dashed else {}
        return {"line": {"color": series.ink, "width": 1.75, **dash}, **second}
    return {"fill": {"color": series.ink}, "border": {"none": True}, "gap": 40, **second}


def _finish(main: Any, chart: Chart, table: Table, value: Column) -> None:
    months = max(1, round(chart.rows / 21 / _LABELS))
    dates = {"date_axis": True, "num_format": "yyyy-mm-dd", "major_unit": months, "major_unit_type": "months"}
    along = dates if chart.dated else {"num_format": "#,##0"}
    quiet = {"line": {"color": "#B8C0C9"}, "major_gridlines": {"visible": False}}
    main.set_title({"name": table.about.title, "name_font": {"size": 13}, "overlay": False})
    main.set_x_axis({**quiet, "label_position": "low", "num_font": {"rotation": 0}, **along})
    unit = value.unit if value.unit != "%" else ""
    number = "0.0%" if value.unit == "%" else "#,##0.######" if value.kind == "ratio" else "#,##0"
    grid = {"visible": True, "line": {"color": "#E2E6EA"}}
    main.set_y_axis({"name": unit, "num_format": number, "major_gridlines": grid, "line": {"none": True}})
    hidden = [place for place, series in enumerate(chart.series) if not series.ink]
    alone = len(chart.series) - len(hidden) < 2
    main.set_legend({"none": True} if alone or chart.stacked else {"position": "bottom", "delete_series": hidden})
    main.set_size(_SIZE)


_OF_CHART = "Chart: "


def _added(table: Table, columns: Iterable[tuple[Column, Iterable[Any]]]) -> Table:
    """The table with columns of its chart at the right, longer than itself if need be."""
    named = {column.name: pd.Series(list(values)) for column, values in columns}
    frame = pd.concat([table.frame.reset_index(drop=True), pd.DataFrame(named)], axis=1)
    return replace(table, frame=frame, columns=(*table.columns, *(column for column, _ in columns)))


def _extra(name: str, label: str, like: Column | None = None) -> Column:
    kind, unit = (like.kind, like.unit) if like else ("text", "")
    return Column(f"chart_{name}", f"{_OF_CHART}{label}", kind, unit)


def _span(table: Table, last: int = 0) -> dict[str, Any]:
    return {"rows": min(last or len(table.frame), len(table.frame)), "ends": len(table.frame), "dated": True}


def _line(table: Table, options: Mapping[str, Any]) -> Charted:
    numbers = [column.name for column in table.columns if column.kind not in {"text", "date", "time"}]
    names = [*(options.get("y") or numbers)]
    marks = [*options.get("levels", ())]
    lines = [Series(name, "line", _INKS[place % len(_INKS)]) for place, name in enumerate(names)]
    levels = [Series(name, "line", ink, dashed=True) for name, ink in zip(marks, (WARN, BREACH), strict=False)]
    return table, Chart("day", (*lines, *levels), **_span(table))


def _bars(table: Table, options: Mapping[str, Any]) -> Charted:
    series = (Series("pnl", "column", MUTE), Series("cumulative", "line", ACCENT, second=True))
    return table, Chart("day", series, **_span(table, options.get("last", 0)))


def _exceptions(table: Table, options: Mapping[str, Any]) -> Charted:
    below = _extra("var", f"−{table.column('var').label}", table.column("var"))
    table = _added(table, [(below, -table.frame["var"])])
    series = (Series("actual", "column", MUTE), Series(below.name, "line", LOSS))
    return table, Chart("day", series, **_span(table, options.get("last", 0)))


def _waterfall(table: Table, _: Mapping[str, Any]) -> Charted:
    """Steps as stacked columns: an unseen base on each side of zero, and on it what the step adds there."""
    value = table.column("amount")
    steps = table.frame["amount"].fillna(0.0).to_numpy(float)
    starts = np.append(np.cumsum(steps[:-1]) - steps[:-1], 0.0)
    low, high = np.minimum(starts, starts + steps), np.maximum(starts, starts + steps)
    base = np.maximum(low, 0.0) + np.minimum(high, 0.0)
    sides = {
        "above": np.maximum(high, 0.0) - np.maximum(low, 0.0),
        "below": np.minimum(low, 0.0) - np.minimum(high, 0.0),
    }
    total = np.arange(len(steps)) == len(steps) - 1
    looks = {"gain": (GAIN, (steps > 0) & ~total), "loss": (LOSS, (steps < 0) & ~total), "total": (ACCENT, total)}
    columns: list[tuple[Column, Iterable[Any]]] = [(_extra("base", "base", value), base)]
    series = [Series("chart_base", "column", "")]
    for word, (ink, chosen) in looks.items():
        for side, heights in sides.items():
            seen = np.where(chosen & (heights != 0), heights, np.nan)
            if not np.isnan(seen).all():
                columns.append((_extra(f"{word}_{side}", f"{word} {side} zero", value), seen))
                series.append(Series(f"chart_{word}_{side}", "column", ink))
    return _added(table, columns), Chart("part", tuple(series), len(steps), len(steps), stacked=True)


def _histogram(table: Table, options: Mapping[str, Any]) -> Charted | None:
    value = table.column(options.get("pnl", "pnl"))
    known = table.frame[value.name].dropna().to_numpy(float)
    if not len(known):
        return None
    edges = np.histogram_bin_edges(known, "fd")
    edges = edges if len(edges) <= _BINS + 1 else np.histogram_bin_edges(known, _BINS)
    counts, _ = np.histogram(known, edges)
    columns = [
        (_extra("from", f"{value.label} from", value), edges[:-1]),
        (_extra("to", f"{value.label} to", value), edges[1:]),
        (Column("chart_count", f"{_OF_CHART}scenarios", "count"), counts),
    ]
    series = (Series("chart_count", "column"),)
    return _added(table, columns), Chart("chart_from", series, len(counts), len(counts), aside=3)


def _term(table: Table, options: Mapping[str, Any]) -> Charted | None:
    """One column a series, side by side at each tenor."""
    frame = table.frame[table.frame["level"] == table.frame["level"].max()] if "level" in table.frame else table.frame
    texts = [column.name for column in table.columns if column.kind == "text" and column.name != "tenor"]
    split = options.get("series") or next(iter(texts), "")
    numbers = (column.name for column in table.columns if column.kind not in {"text", "date", "time"})
    value = table.column(options.get("value") or next(numbers))
    tenors = list(dict.fromkeys(frame["tenor"].astype(str)))
    groups = dict(iter(frame.groupby(split, sort=False))) if split else {value.label: frame}
    if len(groups) > _MOST:
        return None
    columns: list[tuple[Column, Iterable[Any]]] = [(_extra("tenor", "tenor"), tenors)]
    series = []
    for place, (name, part) in enumerate(groups.items()):
        sums = part.groupby(part["tenor"].astype(str))[value.name].sum().reindex(tenors)
        columns.append((_extra(str(place), str(name), value), sums.to_numpy(float)))
        series.append(Series(f"chart_{place}", "column", _INKS[place]))
    return _added(table, columns), Chart("chart_tenor", tuple(series), len(tenors), len(tenors), aside=len(columns))


DRAWN: dict[str, Callable[[Table, Mapping[str, Any]], Charted | None]] = {
    "bars": _bars,
    "exceptions": _exceptions,
    "histogram": _histogram,
    "line": _line,
    "term": _term,
    "waterfall": _waterfall,
}

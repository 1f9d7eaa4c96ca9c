"""One or more columns as lines over days."""

from typing import Any

from app.figures.number import divisor, exact
from app.figures.theme import HOVER_DATE, graph, tokens
from app.table import Column, Table

THEMED = True


def draw(
    table: Table, *, theme: str, scale: str, y: tuple[str, ...] = (), levels: tuple[str, ...] = (), **_: Any
) -> dict[str, Any]:
    """Columns `y` (default: every number of the table) over the column `day`; counts move in steps.

    `levels` are up to two more columns, which the others should stay below: dashed and named, the first in the colour
    of a warning, the second in that of a breach.
    """
    names = y or tuple(column.name for column in table.columns if column.kind not in {"text", "date", "time"})
    days = [str(day)[:10] for day in table.frame["day"]]
    colours = _colours(tokens(theme))
    lines = [_line(table, table.column(name), days, colours[i % len(colours)], scale) for i, name in enumerate(names)]
    if len(lines) == 1:
        lines[0] |= {"fill": "tozeroy", "fillcolor": _faded(colours[0])}
    layout: dict[str, Any] = {
        "xaxis": {"type": "date", "tickformat": "%Y" if len(days) > 1500 else "%Y-%m"},
        "hovermode": "x",
    }
    if len(lines) > 1:
        lines[1]["line"]["dash"] = "dot"
        layout["showlegend"] = True
        layout["legend"] = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"}
        layout["margin"] = {"l": 12, "r": 14, "t": 24, "b": 8}
    named = zip(levels, ("warn", "breach"), strict=False)
    marks = [_level(_line(table, table.column(name), days, tokens(theme)[ink], scale)) for name, ink in named]
    layout["annotations"] = [_named(mark) for mark in marks]
    return graph(table, [*lines, *marks], layout, theme=theme, scale=scale)


def _line(table: Table, column: Column, days: list[str], colour: str, scale: str) -> dict[str, Any]:
    values = table.frame[column.name]
    unit = table.about.base_currency if column.kind == "money" else column.unit
    places = 0 if column.kind in {"money", "quantity", "count"} else 2
    return {
        "type": "scatter",
        "mode": "lines",
        "name": column.label,
        "x": days,
        "y": [None if value != value else round(value, 6) for value in (values / divisor(column, scale)).tolist()],  # noqa: PLR0124
        "customdata": exact(values / 0.01 if unit == "%" else values, places),
        "hovertemplate": f"{HOVER_DATE}  <b>%{{customdata}}</b> {unit}<extra></extra>",
        "line": {"color": colour, "width": 1.6, **({"shape": "hv"} if column.kind == "count" else {})},
    }


def _level(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "showlegend": False, "line": {**line["line"], "width": 1.2, "dash": "dash"}}


def _named(line: dict[str, Any]) -> dict[str, Any]:
    """The name of a level under its beginning, instead of in the legend."""
    place = {"x": line["x"][0], "y": line["y"][0], "xanchor": "left", "yshift": -9, "showarrow": False}
    return {**place, "text": line["name"], "font": {"size": 11, "color": line["line"]["color"]}}


def _colours(ink: dict[str, str]) -> list[str]:
    return [ink["accent"], ink["mute"], ink["warn"], ink["text"]]


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.10)"

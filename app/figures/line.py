"""One or more columns as lines over days."""

from typing import Any

from app.figures.number import divisor, exact
from app.figures.theme import HOVER_DATE, graph, tokens
from app.table import Column, Table

THEMED = True


def draw(table: Table, *, theme: str, scale: str, y: tuple[str, ...] = (), x: str = "day", **_: Any) -> dict[str, Any]:
    """Columns `y` (default: every number of the table) over the date column `x`."""
    names = y or tuple(column.name for column in table.columns if column.kind not in {"text", "date", "time"})
    days = [str(day)[:10] for day in table.frame[x]]
    colours = _colours(tokens(theme))
    lines = [_line(table, table.column(name), days, colours[i % len(colours)], scale) for i, name in enumerate(names)]
    if len(lines) == 1:
        lines[0] |= {"fill": "tozeroy", "fillcolor": _faded(colours[0])}
    layout: dict[str, Any] = {
        "xaxis": {"type": "date", "tickformat": "%Y" if len(days) > 1500 else "%Y-%m"},
        "hovermode": "x",
    }
    if len(lines) > 1:
        layout["showlegend"] = True
        layout["legend"] = {"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    return graph(table, lines, layout, theme=theme, scale=scale)


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
        "line": {"color": colour, "width": 1.6},
    }


def _colours(ink: dict[str, str]) -> list[str]:
    return [ink["accent"], ink["mute"], ink["warn"], ink["text"]]


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.10)"

"""Rows × columns × one value: a signed value around zero in two colours, any other in shades of one."""

from typing import Any

from app.figures.cross import Narrowing, is_chosen, narrowing
from app.figures.name import name
from app.figures.number import divisor, exact, results, text, unit_of
from app.figures.theme import STRONGEST, graph, tint, tokens
from app.table import Column, Table

THEMED = True
_PRINTED = 240
_DOWN, _ACROSS = 3, 2
"""Room for at least so many cells, so that a single one does not fill the panel."""

_NUMBERS = {"money", "price", "quantity", "ratio", "count"}


def draw(
    table: Table, *, theme: str, scale: str, of: tuple[str, ...] = (), sided: bool = False, **_: Any
) -> dict[str, Any]:
    """A long table: `of` names what stands down, what across and the value (default: the first three columns).

    Of a tree the deepest rows are drawn. Rows and columns stand in the order in which they first appear. Results are
    drawn in gain and loss, amounts whose sign is a side (or all, if `sided`) in accent and grey.
    Values are printed in the cells while there are at most 240; in more, a negative cell keeps its minus sign. A
    pair that is not in the table is an empty cell; of one that is there twice, the last counts. A click on a cell
    narrows the page to its row and column where they are filters.
    """
    ink = tokens(theme)
    down, across, what = [table.column(chosen) for chosen in of] or table.columns[:3]
    items = table.frame[table.frame["level"] == table.frame["level"].max()] if "level" in table.frame else table.frame
    sides = [_side(items[side.name].tolist(), side, scale) for side in (down, across)]
    cells: dict[tuple[str, str], float] = dict(
        zip(
            zip(
                _labels(items[down.name].tolist(), down, scale),
                _labels(items[across.name].tolist(), across, scale),
                strict=True,
            ),
            items[what.name].tolist(),
            strict=True,
        )
    )
    matrix = [[_number(cells.get((row, column))) for column in sides[1]] for row in sides[0]]
    known = [cell for row in matrix for cell in row if cell is not None]
    exactly, places = (0.01, 2) if what.unit == "%" else (1.0, 0 if what.kind in {"money", "count"} else 4)
    few = len(sides[0]) * len(sides[1]) <= _PRINTED
    heat = {
        "type": "heatmap",
        "x": list(sides[1]),
        "y": list(sides[0]),
        "z": [[None if cell is None else round(cell / divisor(what, scale), 6) for cell in row] for row in matrix],
        "text": [[_said(cell, what, scale, few=few) for cell in row] for row in matrix],
        "texttemplate": "%{text}",
        "textfont": {"color": ink["text"], "size": 11},
        "customdata": [exact([cell if cell is None else cell / exactly for cell in row], places) for row in matrix],
        "hovertemplate": f"{down.label} %{{y}} · {across.label} %{{x}}  <b>%{{customdata}}</b> {what.unit}"
        "<extra></extra>",
        "meta": {"down": list(sides[0].values()), "across": list(sides[1].values())},
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        **_colours(ink, what, known, divisor(what, scale), sided=sided),
        "showscale": not few,
        "colorbar": {"thickness": 8, "outlinewidth": 0, "title": {"text": unit_of(what, scale)}, "nticks": 5},
    }
    category = {"type": "category", "showgrid": False, "zeroline": False, "dtick": 1}
    layout = {
        "xaxis": {**category, "range": [-0.5, max(len(sides[1]), _ACROSS) - 0.5]},
        "yaxis": {**category, "range": [max(len(sides[0]), _DOWN) - 0.5, -0.5]},
        "annotations": [_sides(ink, down, across)],
        "shapes": [
            _frame(ink, axis, place)
            for axis, side in zip("yx", sides, strict=True)
            for place, wanted in enumerate(side.values())
            if is_chosen(table, wanted)
        ],
        "margin": {"l": 12, "r": 14, "t": 24, "b": 8},
    }
    return graph(table, [heat], layout, theme=theme, scale=scale)


def _colours(ink: dict[str, str], what: Column, known: list[float], size: float, *, sided: bool) -> dict[str, Any]:
    """The scale of colours, zero in its middle where values have signs, and its ends."""
    largest = max((abs(cell) / size for cell in known), default=0.0) or 1.0
    if what.signed or min(known, default=0.0) < 0:
        low, high = ("loss", "gain") if results(what) and not sided else ("mute", "accent")
        steps = [[0, tint(ink, low)], [0.5, ink["panel2"]], [1, tint(ink, high)]]
        return {"colorscale": steps, "zmin": -largest, "zmax": largest}
    steps = [[0, ink["panel2"]], [1, tint(ink, "accent", STRONGEST)]]
    return {"colorscale": steps, "zmin": 0, "zmax": largest}


def _labels(values: list[Any], column: Column, scale: str) -> list[str]:
    if column.kind not in _NUMBERS:
        return [str(value)[:10] if column.kind == "date" else name(value, column) for value in values]
    return [text(value, column, scale).replace(".0%", "%") for value in values]


def _side(values: list[Any], column: Column, scale: str) -> dict[str, Narrowing | None]:
    """Each label of a side, in the order of first appearance, with what a click on it narrows."""
    labels = _labels(values, column, scale)
    found: dict[str, Narrowing | None] = {}
    for label, value in zip(labels, values, strict=True):
        found.setdefault(label, narrowing(column, value))
    return found


def _frame(ink: dict[str, str], axis: str, place: int) -> dict[str, Any]:
    """A line around the row or column that the reader chose."""
    other = "x" if axis == "y" else "y"
    ends = {f"{axis}0": place - 0.5, f"{axis}1": place + 0.5, f"{other}ref": "paper", f"{other}0": 0, f"{other}1": 1}
    return {"type": "rect", **ends, "line": {"color": ink["accent"], "width": 2}}


def _number(cell: float | None) -> float | None:
    return None if cell is None or cell != cell else float(cell)  # noqa: PLR0124


def _said(cell: float | None, what: Column, scale: str, *, few: bool) -> str:
    if cell is None:
        return ""
    if not few:
        return "\N{MINUS SIGN}" if cell < 0 else ""
    said = text(cell, what, scale)
    return said if any(digit in said for digit in "123456789") else "0"


def _sides(ink: dict[str, str], down: Column, across: Column) -> dict[str, Any]:
    """What stands down and what across, said above the cells: no label is turned on its side."""
    named = [column.label if column.unit == "%" else column.header for column in (down, across)]
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 4}
    font = {"size": 11, "color": ink["faint"]}
    return {**place, "text": f"{named[0]} ↓   {named[1]} →", "showarrow": False, "font": font}

"""A value by tenor, one bar a node in the order of the curve, one series a curve."""

from typing import Any

import pandas as pd

from app.figures.name import name
from app.figures.number import divisor, exact, text
from app.figures.theme import graph, tokens
from app.table import Column, Table

THEMED = True
_COLOURS = ("accent", "mute", "warn", "text")
_PATTERNS = ("", "/", ".", "x", "\\", "-", "+", "|")
_PRINTED = 16


def draw(table: Table, *, theme: str, scale: str, series: str = "", value: str = "", **_: Any) -> dict[str, Any]:
    """The column `tenor` in the order given, one bar a `series`, as high as `value`.

    Defaults: the other text column, if any, and the first number. Of a tree the deepest rows are drawn. Each series
    has a colour and a pattern of its own; a tenor that a series lacks has no bar there. A single series of few bars
    says its numbers.
    """
    ink = tokens(theme)
    frame = table.frame[table.frame["level"] == table.frame["level"].max()] if "level" in table.frame else table.frame
    texts = [column for column in table.columns if column.kind == "text" and column.name != "tenor"]
    split = table.column(series) if series else next(iter(texts), None)
    what = table.column(value) if value else next(c for c in table.columns if c.kind not in {"text", "date", "time"})
    tenors = list(dict.fromkeys(frame["tenor"].astype(str)))
    groups = [(what.label, frame)]
    if split:
        groups = [(name(key, split), part) for key, part in frame.groupby(split.name, sort=False, dropna=False)]
    few = len(groups) == 1 and len(tenors) <= _PRINTED
    bars = [
        {**_bars(part.set_index("tenor")[what.name], what, scale, few=few), "name": label, "marker": _look(ink, place)}
        for place, (label, part) in enumerate(groups)
    ]
    layout = {
        "xaxis": {"type": "category", "categoryorder": "array", "categoryarray": tenors, "dtick": 1},
        "yaxis": {"nticks": 6},
        "barmode": "group",
        "bargroupgap": 0.08,
        "bargap": max(0.32, 1 - 0.15 * len(tenors)),
        "showlegend": len(groups) > 1,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "margin": {"l": 12, "r": 14, "t": 24 if len(groups) > 1 else 12, "b": 8},
    }
    return graph(table, bars, layout, theme=theme, scale=scale)


def _bars(values: "pd.Series[Any]", what: Column, scale: str, *, few: bool) -> dict[str, Any]:
    values = values.dropna()
    bars = {
        "type": "bar",
        "x": values.index.astype(str).tolist(),
        "y": (values / divisor(what, scale)).round(6).tolist(),
        "customdata": exact(values, 0 if what.kind == "money" else 2),
        "hovertemplate": f"%{{fullData.name}} %{{x}}  <b>%{{customdata}}</b> {what.unit}<extra></extra>",
        "cliponaxis": False,
    }
    if few:
        bars |= {"text": [text(value, what, scale) for value in values], "textposition": "outside"}
        bars |= {"textangle": 0, "constraintext": "none", "textfont": {"size": 11}}
    return bars


def _look(ink: dict[str, str], place: int) -> dict[str, Any]:
    pattern = {
        "shape": _PATTERNS[place % len(_PATTERNS)],
        "fgcolor": ink["panel"],
        "size": 6,
        "solidity": 0.25,
        "fillmode": "overlay",
    }
    return {"color": ink[_COLOURS[place % len(_COLOURS)]], "line": {"width": 0}, "pattern": pattern, "opacity": 0.9}

"""Long and short side by side of zero, one rung an item, with a mark at the net."""

from typing import Any

from app.figures.cross import narrowing
from app.figures.name import name
from app.figures.number import DIVISORS, exact
from app.figures.theme import graph, tokens
from app.table import Table

THEMED = True


def draw(table: Table, *, theme: str, scale: str, top: int = 14, ticks: int = 5, **_: Any) -> dict[str, Any]:
    """First text column, `long`, `short` (≤ 0) and `net`; the `top` largest by gross, the largest above.

    `ticks` is how many labels the axis has at most.
    """
    ink = tokens(theme)
    item = next(column for column in table.columns if column.kind == "text")
    rows = table.frame[table.frame["level"] > 0] if "level" in table.frame else table.frame
    frame = rows.loc[rows["gross"].abs().sort_values(ascending=False).index].head(top).iloc[::-1]
    rungs = [name(value, item) for value in frame[item.name].tolist()]
    crossing = {"cross": [narrowing(item, value) for value in frame[item.name]]}
    sides = [("long", "accent", 0.9), ("short", "mute", 0.65)]
    hover = f"%{{y}}  <b>%{{customdata}}</b> {table.about.base_currency}"
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": side,
            "y": rungs,
            "x": (frame[side] / DIVISORS[scale]).round(6).tolist(),
            "customdata": exact(frame[side]),
            "width": min(0.62, 0.12 * len(rungs)),
            "marker": {"color": ink[colour], "opacity": opacity, "line": {"width": 0}},
            "hovertemplate": f"{hover} {side}<extra></extra>",
            "meta": crossing,
        }
        for side, colour, opacity in sides
    ]
    net = {
        "type": "scatter",
        "mode": "markers",
        "name": "net",
        "y": rungs,
        "x": (frame["net"] / DIVISORS[scale]).round(6).tolist(),
        "customdata": exact(frame["net"]),
        "marker": {"symbol": "line-ns", "size": 13, "color": ink["text"], "line": {"width": 2.5, "color": ink["text"]}},
        "hovertemplate": f"{hover} net<extra></extra>",
        "meta": crossing,
    }
    layout = {
        "barmode": "relative",
        "xaxis": {"showgrid": True, "zeroline": True, "nticks": ticks},
        "yaxis": {"type": "category", "showgrid": False, "zeroline": False, "dtick": 1},
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1.0,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "margin": {"l": 12, "r": 14, "t": 24, "b": 8},
    }
    return graph(table, [*data, net], layout, theme=theme, scale=scale)

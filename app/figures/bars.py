"""Daily P&L as bars coloured by sign, with the cumulative P&L as a line above; a click on a day goes to it."""

from typing import Any

from app.figures.cross import is_chosen
from app.figures.number import DIVISORS, exact
from app.figures.theme import HOVER_DATE, graph, tokens
from app.table import Table

THEMED = True


def draw(table: Table, *, theme: str, scale: str, last: int = 0, **_: Any) -> dict[str, Any]:
    """`day`, `pnl` and `cumulative`; only the `last` days are drawn, and the line counts from their beginning."""
    frame = table.frame.tail(last) if last else table.frame
    ink = tokens(theme)
    days = [str(day)[:10] for day in frame["day"]]
    pnl = frame["pnl"].fillna(0.0)
    narrowings = [{"as_of": day} for day in days]
    hover = f"{HOVER_DATE}  <b>%{{customdata}}</b> {table.about.base_currency}"
    daily = {
        "type": "bar",
        "x": days,
        "y": (pnl / DIVISORS[scale]).round(6).tolist(),
        "customdata": exact(pnl),
        "meta": {"cross": narrowings},
        "hovertemplate": f"{hover}<extra></extra>",
        "marker": {
            "color": (pnl >= 0).astype(int).tolist(),
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, ink["loss"]], [1, ink["gain"]]],
            "showscale": False,
            "line": {"width": [2 * is_chosen(table, wanted) for wanted in narrowings], "color": ink["text"]},
            "opacity": 0.88,
        },
    }
    running = pnl.cumsum()
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": days,
        "y": (running / DIVISORS[scale]).round(6).tolist(),
        "customdata": exact(running),
        "hovertemplate": f"{hover} since {days[0]}<extra></extra>",
        "line": {"color": ink["accent"], "width": 1.6},
        "yaxis": "y2",
    }
    layout = {
        "xaxis": {
            "type": "date",
            "anchor": "y",
            "rangebreaks": [{"bounds": ["sat", "mon"]}],
            "tickformat": _ticks(len(days)),
        },
        "yaxis": {"domain": [0, 0.56], "nticks": 6},
        "yaxis2": {"domain": [0.7, 1], "anchor": "x", "nticks": 3, "rangemode": "tozero"},
        "annotations": [_label("daily", 0.56, ink), _label("cumulative", 1.0, ink)],
        "margin": {"l": 12, "r": 14, "t": 22, "b": 8},
        "hovermode": "x",
        "bargap": 0.25,
    }
    return graph(table, [daily, line], layout, theme=theme, scale=scale)


def _ticks(days: int) -> str:
    return "%Y" if days > 1500 else "%Y-%m" if days > 60 else "%m-%d"


def _label(text: str, y: float, ink: dict[str, str]) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom", "xshift": 3}
    return {**place, "text": text, "showarrow": False, "font": {"size": 11, "color": ink["faint"]}}

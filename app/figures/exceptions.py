"""P&L by day against the VaR of the day before: the days that lost more are marked, and a mark leads to its day."""

from typing import Any

import pandas as pd

from app.figures.number import divisor, exact, unit
from app.figures.theme import HOVER_DATE, graph, tokens
from app.table import Column, Table

THEMED = True
_SHAPES = {"hypothetical": "diamond-open", "both": "circle-cross-open"}
_SHAPE = "circle-open"
_NO = {"", "no", "false", "none", "nan", "<na>", "0"}


def draw(table: Table, *, theme: str, scale: str, last: int = 0, **_: Any) -> dict[str, Any]:
    """`day`, `actual`, `hypothetical`, `var` (a positive loss, already the forecast for the day) and `exception`.

    `exception` is true or a word (`actual`, `hypothetical`, `both`); the hypothetical one has another shape. A day
    without a P&L that is an exception is marked on the VaR line. `hypothetical` may be absent; `last` limits days.
    """
    frame = table.frame.tail(last) if last else table.frame
    ink, said = tokens(theme), unit(table, "1")
    days = [str(day)[:10] for day in frame["day"]]
    actual = _series(table.column("actual"), frame["actual"], days, scale, said)
    signs = frame["actual"].fillna(0.0) >= 0
    bars = {
        **actual,
        "type": "bar",
        "marker": {
            "color": [ink["gain"] if gain else ink["loss"] for gain in signs],
            "line": {"width": 0},
            "opacity": 0.88,
        },
    }
    lines = [bars]
    if "hypothetical" in frame:
        dots = _series(table.column("hypothetical"), frame["hypothetical"], days, scale, said)
        marker = {"symbol": "line-ew", "size": 3, "line": {"width": 1, "color": ink["faint"]}}
        lines.append({**dots, "type": "scatter", "mode": "markers", "marker": marker})
    var = _series(table.column("var"), -frame["var"], days, scale, said)
    line = {"color": ink["accent"], "width": 1.6, "shape": "hv"}
    lines.append({**var, "name": f"−{table.column('var').label}", "type": "scatter", "mode": "lines", "line": line})
    layout = {
        "xaxis": {
            "type": "date",
            "spikecolor": ink["faint"],
            "spikethickness": 1,
            "spikedash": "solid",
            "rangebreaks": [{"bounds": ["sat", "mon"]}],
            "tickformat": "%Y" if len(days) > 1500 else "%Y-%m" if len(days) > 60 else "%m-%d",
        },
        "yaxis": {"nticks": 7},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "hovermode": "x unified",
        "bargap": 0.25,
        "margin": {"l": 12, "r": 14, "t": 24, "b": 8},
    }
    return graph(table, [*lines, *_marks(table, frame, days, scale, ink)], layout, theme=theme, scale=scale)


def _series(column: Column, values: "pd.Series[Any]", days: list[str], scale: str, said: str) -> dict[str, Any]:
    return {
        "name": column.label,
        "x": days,
        "y": _plain((values / divisor(column, scale)).round(6)),
        "customdata": exact(values),
        "hovertemplate": f"<b>%{{customdata}}</b> {said}",
        "xhoverformat": HOVER_DATE.partition("|")[2].rstrip("}"),
    }


def _marks(table: Table, frame: pd.DataFrame, days: list[str], scale: str, ink: dict[str, str]) -> list[dict[str, Any]]:
    """One trace a kind of exception, at the lowest of what was lost that day."""
    lost = [name for name in ("actual", "hypothetical") if name in frame]
    lowest = frame[lost].min(axis=1).fillna(-frame["var"]) / divisor(table.column("actual"), scale)
    words = [_word(value) for value in frame["exception"]]
    found: list[dict[str, Any]] = []
    for kind in sorted({word for word in words if word}):
        chosen = [place for place, word in enumerate(words) if word == kind]
        symbol = _SHAPES.get(kind, _SHAPE)
        found.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "exception" if kind == "exception" else f"exception, {kind}",
                "x": [days[place] for place in chosen],
                "y": [round(float(lowest.iloc[place]), 6) for place in chosen],
                "marker": {"symbol": symbol, "size": 10, "color": ink["breach"], "line": {"width": 2}},
                "hovertemplate": "loss beyond the VaR" if kind == "exception" else f"{kind} loss beyond the VaR",
                "meta": {"cross": [{"as_of": days[place]} for place in chosen]},
                "cliponaxis": False,
            }
        )
    return found


def _word(value: Any) -> str:
    """The kind of exception as a word; empty for none."""
    word = str(value).strip().lower()
    return "" if word in _NO else "exception" if word in {"true", "yes", "1", "exception"} else word


def _plain(values: "pd.Series[Any]") -> list[Any]:
    return values.astype(object).where(values.notna(), None).tolist()

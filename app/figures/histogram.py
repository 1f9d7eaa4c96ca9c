"""How often a P&L falls where: scenarios by size, the tail beyond the VaR marked, VaR and ES as lines."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from app.figures.cross import chosen
from app.figures.number import divisor, exact, text
from app.figures.theme import graph, tokens
from app.table import Column, Table

THEMED = True
_BINS = 60


def draw(
    table: Table,
    *,
    theme: str,
    scale: str,
    pnl: str = "pnl",
    marks: tuple[str, ...] = ("var", "es"),
    **_: Any,
) -> dict[str, Any]:
    """One row a scenario: `pnl`, profit positive, and its `day`, which the hover of the tail reads.

    `marks` are columns that repeat one positive loss each (VaR, ES); a line stands at its negative under the
    column's label, and what lies beyond the first of them is the tail. Missing marks are left out. A click on a
    scenario of the tail, or on a bar of it for the worst that it counts, chooses that scenario.
    """
    ink = tokens(theme)
    column = table.column(pnl)
    scenarios = table.frame.dropna(subset=[pnl])
    levels = {name: _level(table, name) for name in marks}
    known = {name: level for name, level in levels.items() if level is not None}
    cut = -next(iter(known.values())) if known else -np.inf
    size = divisor(column, scale)
    bins = _bins(scenarios[pnl].to_numpy(float), cut)
    tail = bins[1:] <= cut
    bars = _bars(scenarios[pnl], bins, size, column.unit)
    bars["meta"] = {"cross": _worst(scenarios, column, bins[: tail.sum() + 1])}
    bars["marker"] = {
        "color": [ink["loss"] if beyond else ink["accent"] for beyond in tail],
        "opacity": 0.85,
        "line": {"width": 0},
        "pattern": {
            "shape": ["/" if beyond else "" for beyond in tail],
            "fgcolor": ink["panel"],
            "size": 5,
            "fillmode": "overlay",
        },
    }
    lines = [
        _mark(ink, -level / size, f"{table.column(name).label}  <b>{text(level, table.column(name), scale)}</b>", place)
        for place, (name, level) in enumerate(known.items())
    ]
    lines += [
        _mark(ink, x / size, f"{day}  <b>{text(x, column, scale)}</b>", len(lines))
        for day, x in _chosen(table, scenarios, column)
    ]
    layout = {
        "xaxis": {"zeroline": True, "nticks": 9},
        "yaxis": {"nticks": 5, "rangemode": "tozero"},
        "bargap": 0.06,
        "shapes": [
            *([_shade(ink, float(bins[0]) / size, cut / size)] if known else []),
            *(line for line, _label in lines),
        ],
        "annotations": [label for _line, label in lines] + [_counted(ink, len(scenarios))],
        "margin": {"l": 12, "r": 14, "t": 10 + 15 * max(2, len(lines)), "b": 8},
    }
    beyond = _tail(scenarios[scenarios[pnl] < cut], column, size, ink)
    return graph(table, [bars, *beyond], layout, theme=theme, scale=scale)


def _level(table: Table, name: str) -> float | None:
    values = table.frame[name].dropna() if name in table.frame else pd.Series(dtype=float)
    return float(values.iloc[0]) if len(values) else None


def _bins(values: Any, cut: float) -> Any:
    """Freedman–Diaconis edges, at most 60 bins, moved so that the VaR is an edge and no bar straddles it."""
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    spread = float(np.subtract(*np.percentile(values, [75, 25])))
    width = max(2 * spread / len(values) ** (1 / 3), (high - low) / _BINS) or max(abs(high), 1.0) / _BINS
    anchor = cut if np.isfinite(cut) else low
    first, last = int(np.floor((low - anchor) / width)), int(np.floor((high - anchor) / width)) + 1
    return anchor + width * np.arange(min(first, 0), max(last, 1) + 1)


def _bars(values: "pd.Series[Any]", bins: Any, size: float, unit: str) -> dict[str, Any]:
    places = np.clip(np.searchsorted(bins, values.to_numpy(float), side="right") - 1, 0, len(bins) - 2)
    return {
        "type": "bar",
        "x": ((bins[:-1] + bins[1:]) / 2 / size).round(6).tolist(),
        "width": float(bins[1] - bins[0]) / size * 0.94,
        "y": np.bincount(places, minlength=len(bins) - 1).tolist(),
        "customdata": [list(ends) for ends in zip(exact(bins[:-1]), exact(bins[1:]), strict=True)],
        "hovertemplate": f"<b>%{{y}}</b> from %{{customdata[0]}} to %{{customdata[1]}} {unit}<extra></extra>",
    }


def _days(scenarios: pd.DataFrame) -> list[str]:
    return scenarios["day"].astype(str).str[:10].tolist() if "day" in scenarios else [""] * len(scenarios)


def _worst(scenarios: pd.DataFrame, column: Column, edges: Any) -> list[dict[str, str] | None]:
    """What a click on each bar of the tail chooses: the worst scenario in it; nothing for an empty one."""
    ordered = scenarios.sort_values(column.name)
    losses, days = ordered[column.name].to_numpy(float), _days(ordered)
    firsts = np.searchsorted(losses, edges)
    return [
        {"scenario": days[first]} if first < following and days[first] else None
        for first, following in pairwise(firsts)
    ]


def _tail(lost: pd.DataFrame, column: Column, size: float, ink: dict[str, str]) -> list[dict[str, Any]]:
    """Each scenario beyond the VaR as a tick on the axis, so that the mouse reads its day and its loss."""
    days = _days(lost)
    tick = {"symbol": "line-ns", "size": 12, "line": {"width": 1.6, "color": ink["loss"]}}
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "x": (lost[column.name] / size).round(6).tolist(),
        "y": [0] * len(lost),
        "customdata": [list(pair) for pair in zip(days, exact(lost[column.name]), strict=True)],
        "hovertemplate": f"%{{customdata[0]}}  <b>%{{customdata[1]}}</b> {column.unit}<extra></extra>",
        "marker": tick,
        "meta": {"cross": [{"scenario": day} if day else None for day in days]},
        "cliponaxis": False,
    }
    return [ticks] if len(lost) else []


def _shade(ink: dict[str, str], start: float, end: float) -> dict[str, Any]:
    """The ground of the tail, from the worst scenario to the VaR."""
    ends = {"xref": "x", "x0": min(start, end), "x1": end, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "rect", **ends, "fillcolor": ink["loss"], "opacity": 0.1, "line": {"width": 0}, "layer": "below"}


def _mark(ink: dict[str, str], x: float, label: str, place: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A vertical line at a loss and its label above, one row a mark so that near marks do not collide."""
    name, dash = (("loss", "solid"), ("text", "dash"), ("accent", "solid"))[min(place, 2)]
    colour = ink[name]
    line = {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1}
    said = {"x": x, "yref": "paper", "y": 1, "yshift": 3 + 15 * place, "yanchor": "bottom", "xanchor": "left"}
    font = {"size": 11.5, "color": colour}
    return {**line, "line": {"color": colour, "width": 1.5, "dash": dash}}, {
        **said,
        "text": label,
        "showarrow": False,
        "xshift": -3,
        "font": font,
    }


def _chosen(table: Table, scenarios: pd.DataFrame, column: Column) -> list[tuple[str, float]]:
    """The day and the P&L of the scenario that the reader chose, if it is one of these."""
    day = chosen(table).get("scenario", "")
    found = zip(_days(scenarios), scenarios[column.name].tolist(), strict=True)
    return [one for one in found if day and one[0] == day][-1:]


def _counted(ink: dict[str, str], scenarios: int) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom"}
    return {
        **place,
        "text": f"{scenarios:,} scenarios",
        "showarrow": False,
        "font": {"size": 11, "color": ink["faint"]},
    }

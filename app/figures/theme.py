"""The look of the charts: the tokens of assets/tokens.css as one plotly template, and the graph that wears it."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from dash import dcc, html

from app.figures.number import separators, unit
from app.figures.plain import plain
from app.table import Table

STYLESHEET = Path(__file__).resolve().parents[2] / "assets" / "tokens.css"
CONFIG = {
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "doubleClick": "reset",
    "responsive": True,
}
HOVER_DATE = "%{x|%Y-%m-%d}"
STRONGEST = 0.53
"""The most of a colour that a surface may take and still carry text that can be read, in both themes."""

_CLEAR = "rgba(0,0,0,0)"


@lru_cache
def tokens(theme: str) -> dict[str, str]:
    """The tokens of a theme and palette (`light blue-orange`) by name without dashes; the later block overrides."""
    wanted = set(theme.split())
    found: dict[str, str] = {}
    for selector, body in re.findall(r"^([^\s{}/@][^{}/]*)\{([^}]*)\}", STYLESHEET.read_text("utf-8"), re.MULTILINE):
        if set(re.findall(r'"([\w-]+)"', selector)) <= wanted:
            found |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))
    return found


def tint(ink: dict[str, str], colour: str, share: float = STRONGEST) -> str:
    """The panel's surface with a share (0–1) of the named colour in it; text stays legible up to STRONGEST."""
    mixed = (
        round((1 - share) * int(ink["panel"][i : i + 2], 16) + share * int(ink[colour][i : i + 2], 16))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


@lru_cache
def template(theme: str) -> dict[str, Any]:
    """The plotly template of a theme: horizontal labels, a visible zero line, nothing that is not data."""
    ink = tokens(theme)
    font = {"family": ink["font"], "size": 11.5, "color": ink["mute"]}
    axis = {
        "gridcolor": ink["line"],
        "zerolinecolor": ink["faint"],
        "zerolinewidth": 1,
        "tickangle": 0,
        "exponentformat": "none",
        "separatethousands": True,
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": _CLEAR,
        "automargin": True,
        "fixedrange": False,
    }
    hover = {"bgcolor": ink["panel2"], "bordercolor": ink["line"], "font": {**font, "size": 12, "color": ink["text"]}}
    layout = {
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": font,
        "margin": {"l": 12, "r": 14, "t": 8, "b": 8},
        "xaxis": {**axis, "showgrid": False, "zeroline": False},
        "yaxis": {**axis, "showgrid": True, "zeroline": True},
        "hoverlabel": {**hover, "align": "right"},
        "hovermode": "closest",
        "showlegend": False,
        "dragmode": "zoom",
        "bargap": 0.32,
        "transition": {"duration": 0},
    }
    return {"layout": layout}


def graph(
    table: Table, data: list[dict[str, Any]], layout: dict[str, Any], *, theme: str, scale: str
) -> dict[str, Any]:
    """The chart as a plain component tree that fills its panel and says its unit."""
    short = {"tickformat": "~s"} if scale == "1" else {}
    money = {name: {**short, **axis} for name, axis in layout.items() if name[1:].startswith("axis")}
    whole = {**layout, **money, "separators": separators()[::-1], "template": template(theme), "autosize": True}
    figure = {"data": data, "layout": whole}
    chart = dcc.Graph(id=f"{table.about.key}-graph", figure=figure, config=CONFIG, responsive=True, className="chart")
    label = f"{table.about.title}, {unit(table, scale)}, {table.about.as_of}"
    wrap = html.Div(chart, className="figure", role="img", **{"data-unit": unit(table, scale), "aria-label": label})
    drawn: dict[str, Any] = plain(wrap)
    return drawn

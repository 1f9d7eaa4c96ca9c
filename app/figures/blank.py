"""What stands in a panel that has no rows: which question was asked, and what to do about it."""

from typing import Any

from dash import dcc, html

from app.figures.plain import plain
from app.table import Provenance, Table

_NARROWING = ("as_of", "vs", "known", "ccy", "scale", "confidence", "es_confidence", "window", "method", "where")


def blank(table: Table, remedy: str = "") -> dict[str, Any]:
    """A sentence in place of the figure: the `remedy`, and a way out when choices narrowed the answer."""
    about = table.about
    if about.shown:
        return _filtered_away(about)
    narrowed = [f"{name.replace('_', ' ')} {value}" for name, value in about.filters if name not in _NARROWING]
    where = f" in {', '.join(narrowed)}" if narrowed else ""
    way = [dcc.Link("Show everything", href="?"), " or choose another date."] if narrowed else ["Choose another date."]
    if remedy:
        way = [f"{remedy} ", *way] if narrowed else [remedy]
    children = [html.B(f"Nothing{where} on {about.as_of}"), html.P(way)]
    answer: dict[str, Any] = plain(html.Div(children, className="figure blank", role="status", **{"data-unit": ""}))
    return answer


def _filtered_away(about: Provenance) -> dict[str, Any]:
    way = html.Button("Show all rows", className="chip", **{"data-unfilter": about.key})
    told = {"data-unit": "", "data-shown": about.shown}
    children = [html.B("No row passes the filter"), html.P(f"{about.shown} are shown."), html.P(way)]
    answer: dict[str, Any] = plain(html.Div(children, className="figure blank", role="status", **told))
    return answer

"""The conventions of VaR and ES: which of them a panel rests on, how they are said and how they are chosen."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from app import needs
from app.filters import Filters, told
from app.risk.measure import measures
from app.risk.var import METHODS
from app.screen.menu import choice, menu
from app.view import Panel

LEVELS = (0.9, 0.95, 0.975, 0.99, 0.995)
WINDOWS = (250, 500, 750, 1000)
_CHOICES: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("confidence", "VaR", LEVELS),
    ("es_confidence", "ES", LEVELS),
    ("window", "Days", WINDOWS),
    ("method", "Quantile", METHODS),
)


def decisive(panels: Iterable[Panel]) -> tuple[str, ...]:
    """The conventions that decide a number of these panels, in the order in which they are said."""
    names = {name for panel in panels for name in needs.conventions(measures()[panel.measure])}
    return tuple(name for name, _label, _options in _CHOICES if name in names)


def stated(filters: Filters, names: Iterable[str]) -> list[str]:
    """The conventions in words: `VaR 99%`, `ES 97.5%`, `500 days`, `weibull`."""
    return [_said(name, getattr(filters, name)) for name in names]


def conventions(panels: Iterable[Panel], filters: Filters) -> list[Component]:
    """The menu of the conventions that these panels rest on; nothing where they rest on none."""
    names = decisive(panels)
    if not names:
        return []
    said = stated(filters, names)
    rest = zip(names[1:], said[1:], strict=True)
    summary = [html.B(said[0]), *(html.Span([" · ", part], className=name) for name, part in rest)]
    rows = [_row(name, label, options, filters) for name, label, options in _CHOICES if name in names]
    return [menu(summary, rows, label=f"Conventions: {', '.join(said)}", kind="conventions")]


def _row(name: str, label: str, options: tuple[Any, ...], filters: Filters) -> Component:
    chosen = getattr(filters, name)
    among = options if chosen in options else sorted((*options, chosen))
    links = [choice(told(name, option), replace(filters, **{name: option}), on=option == chosen) for option in among]
    return html.Div(
        [html.Span(label, className="faint"), html.Div(links, className=f"options {name}")], className="item"
    )


def _said(name: str, value: Any) -> str:
    label = {"confidence": "VaR ", "es_confidence": "ES "}.get(name, "")
    return f"{label}{told(name, value)}{' days' if name == 'window' else ''}"

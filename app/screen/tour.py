"""The tour of a new reader: a few steps, each beside the thing it speaks of; the role decides which."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from data.scope import Scope


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `at` are selectors of what it points at, the first that is on the page and visible counts."""

    title: str
    text: str
    at: tuple[str, ...]


_ROWS = ".ag-center-cols-container .ag-row:has(.drill)"
_DATES = Step(
    "Two dates",
    "“As of” is the day that the numbers describe, “vs” the day they are compared with. Choose others and everything "
    "on the page follows.",
    (".chip.day",),
)
_KNOWN = Step(
    "Known at",
    "Every load makes a new snapshot and keeps the old. Choose one to see a number as it was known that evening.",
    ("summary[aria-label^='Known at']",),
)
_COVERAGE = Step(
    "How complete it is",
    "The share of positions that are priced. It opens the reasons of every hole; nothing is dropped silently.",
    ("#bar-state a[href='#coverage=reasons']",),
)
_EXPLAIN = Step(
    "A number explains itself",
    "Click any number: what it means, what it is made of, the conventions it rests on, and the files it came from.",
    ("a.tile", ".actions a[href^='#explain=']"),
)
_DRILL = Step(
    "From a row to what it is made of",
    "The arrow → of a row opens what stands behind it: desk, book, instrument, trade. Back brings you here again.",
    (_ROWS,),
)
_EXPORT = Step(
    "Take it away",
    "Every panel as Excel, CSV, JSON or Parquet, in full units, with its provenance.",
    (".exports summary", ".actions .menu summary"),
)
_FIND = Step(
    "Go anywhere",
    "Find a page, a book, an instrument or a trade by its name. Ctrl K, or ⌘ K, opens it from everywhere.",
    ("#palette-open",),
)


def _limits(text: str) -> Step:
    return Step("Limits", text, ("[id*='limit'].panel", "#navigation a[href^='/limits']"))


TRADER = (
    _DATES,
    _KNOWN,
    _EXPLAIN,
    _DRILL,
    _limits("How much of each limit of your desk and books is used, and the head-room that is left."),
    _EXPORT,
    _FIND,
)
RISK_MANAGER = (
    _KNOWN,
    _COVERAGE,
    _EXPLAIN,
    _DRILL,
    _limits("Every limit of the firm, its desks and books: breaches first, then warnings, then by use."),
    _EXPORT,
    _FIND,
)


def steps(scope: Scope) -> tuple[Step, ...]:
    """The tour of this reader: whoever sees the firm takes the risk manager's."""
    return RISK_MANAGER if scope.firm else TRADER


def link() -> Component:
    """The link of the reader's menu."""
    return html.A("Take the tour", href="#tour", **{"data-tours": "start"})


def card() -> list[Component]:
    """What stands in the page for the tour: the card that offers it to a new reader, and what carries the steps."""
    offer = html.Aside(
        [
            html.B("New here?"),
            html.Button("✕", className="close", **{"data-tours": "never", "aria-label": "Close: no tour"}),
            html.Button(["Take the tour ", html.Span("(2 min)")], className="start", **{"data-tours": "start"}),
        ],
        id="welcome",
        className="welcome",
        hidden=True,
        **{"aria-label": "Tour"},
    )
    return [offer, dcc.Store(id="tour-asked"), dcc.Store(id="tour")]


def install(app: Dash, reader: Callable[[], Scope]) -> None:
    """The steps are sent when they are asked for: who never takes the tour never loads it."""

    def send(_: Any) -> list[dict[str, Any]]:
        return [asdict(step) for step in steps(reader())]

    app.callback(Output("tour", "data"), Input("tour-asked", "data"), prevent_initial_call=True)(send)
    app.clientside_callback(
        ClientsideFunction("tour", "begin"),
        Output("welcome", "title"),
        Input("tour", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("tour", "welcome"), Output("welcome", "lang"), Input("tour", "storage_type")
    )

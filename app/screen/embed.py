"""A page in a portal's frame: the same panels under a bar of one line, without what leads to other pages."""

import json
from collections.abc import Callable, Collection
from html import escape
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app import files
from app.answer import Answers
from app.filters import Filters
from app.question import Status
from app.screen import bar, exports, page, panels, shell
from app.screen.drawn import Drawn
from app.screen.failure import explain_failure
from app.screen.menu import href
from app.screen.page import filters_of
from app.screen.trail import cleared, narrowings
from app.view import View, discover
from data.bound import BoundScope

WORKED_ON = frozenset({"pivot", "whatif"})
"""Pages that a reader works on with more than a look; they are not embedded."""

PORTALS = "%PORTALS%"
"""Where the document says which portals may talk to it."""


def embeddable() -> list[str]:
    """The names of the pages that a portal can show: none that is for operators alone, or worked on."""
    return [name for name, view in discover().items() if name not in WORKED_ON and view.section != "Control"]


def build(app: Dash, answers: Answers, reader: Callable[[], BoundScope]) -> None:
    """Give the frame's app its document, layout and callbacks: those of its panels, and four of its own."""
    early = files.addressed(app, "embed.js")
    document = shell.document(app, ahead=()).replace("</title>", f'</title><script src="{early}"></script>', 1)
    app.index_string = document.replace("<html ", f'<html data-embedded data-portals="{PORTALS}" ', 1)
    app.layout = _layout(app)
    page.install(app, answers, reader, lambda _scope: None)
    panels.install(app, answers, reader)
    _install(app, answers, reader)


def named(document: str, portals: dict[str, Any]) -> str:
    """The document of a page that these portals may show."""
    return document.replace(PORTALS, escape(json.dumps(portals)), 1)


def _layout(app: Dash) -> html.Div:
    return html.Div(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            *(dcc.Store(id=name) for name in ("version", "theme", "dressed", "told")),
            dcc.Store(id="poll-address", data=app.get_relative_path("/version")),
            dcc.Interval(id="poll", interval=shell.POLL_MILLISECONDS),
            html.Header(Drawn([], id="frame-bar"), className="top"),
            html.Main(id="page", tabIndex="-1"),
        ],
        className="shell",
    )


def _install(app: Dash, answers: Answers, reader: Callable[[], BoundScope]) -> None:
    def client(room: str, name: str, *wires: Input | Output | State, initially: bool = True) -> None:
        app.clientside_callback(ClientsideFunction(room, name), *wires, prevent_initial_call=not initially)

    version, search = Output("version", "data"), Input("url", "search")
    client(
        "parapet",
        "version",
        version,
        Input("poll", "n_intervals"),
        State("version", "data"),
        State("poll-address", "data"),
    )
    client("embed", "wear", Output("theme", "data"), Input("url", "pathname"))
    client("embed", "told", Output("told", "data"), search)

    def fill_bar(query: str | None, _: str | None) -> Any:
        scope = reader()
        view = discover()[scope.page]
        filters, _wrong = filters_of((query or "").removeprefix("?"))
        try:
            status = answers.status(filters, scope)
        except Exception as error:  # noqa: BLE001 whatever fails, the panels say their own
            return Drawn(
                [html.B(view.title), html.Span(": ".join(explain_failure("bar", error)), className="warn")]
            ).tree
        away = exports.page_menu(app, view, filters, status, scope, answers.release)
        return Drawn([*_said(view, filters, status, dict(scope.fixed)), *away]).tree

    app.callback(Output("frame-bar", "tree"), search, Input("version", "data"))(fill_bar)


def _said(view: View, filters: Filters, status: Status, fixed: Collection[str]) -> list[Component]:
    """The title, what narrows the page, its dates and currency, how fresh and how complete it is."""
    priced = f"priced {min(status.coverage.share * 100, 99.9):.1f}%" if status.coverage.share < 1 else "priced 100%"
    days = f"as of {status.as_of} vs {status.vs}"
    return [
        html.B(view.title, className="frame-title"),
        *(_narrowing(filters, name, value, fixed=name in fixed) for name, value in narrowings(filters).items()),
        html.Span([days, " ", html.B(status.base)], className="frame-days"),
        *bar.freshness(status),
        html.Span(priced, className="faint" if status.coverage.share == 1 else "warn"),
        *([html.Span("synthetic prices", className="warn")] if status.synthetic else []),
    ]


def _narrowing(filters: Filters, name: str, value: str, *, fixed: bool) -> Component:
    label = [f"{name.replace('_', ' ')} ", html.B(value)]
    if fixed:
        return html.Span(label, className="chip", title="Fixed by this portal")
    return dcc.Link([*label, " ✕"], href=href(cleared(filters, name)), className="chip", title=f"Leave {value}")

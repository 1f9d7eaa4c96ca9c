"""Seeing as another reader on screen: the drawer's page that begins it, and the banner that never leaves meanwhile."""

from collections.abc import Callable, Mapping

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app.filters import Filters
from app.screen.drawer import Open, leaf
from app.screen.permitted import permitted
from auth.permissions import permit
from auth.readers import Readers
from auth.seeing import BEGIN, END
from data.scope import Scope

_MEANS = (
    "You see exactly what that reader sees, and nothing of your own; you change nothing and take nothing away. "
    "The beginning, the end and every request between are in the audit trail under your name."
)


def pages(app: Dash, readers: Readers) -> dict[str, Open]:
    """The drawer's page `#see-as=reader`."""

    def choose(_asked: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        permit(scope, "see as others")
        known = [html.Option(each.name, value=each.reader) for each in readers.all() if each.reader != scope.reader]
        whom = dcc.Input(id="see-as-reader", name="reader", list="seen", placeholder="name or id", required=True)
        fields = [
            html.Label([html.Span("Reader"), whom]),
            html.Datalist(known, id="seen"),
        ]
        form = html.Form(
            [html.Div(fields, className="order"), html.Button("See as this reader", type="submit", className="chip")],
            action=app.get_relative_path(BEGIN),
            method="post",
        )
        return leaf("See as", "another reader", [html.P(_MEANS), form])

    return {"see-as": choose}


def place() -> Component:
    """Where the banner stands on every page."""
    return html.Div(id="seen-as")


def links(scope: Scope) -> list[Component]:
    """What the reader's menu has for administrators."""
    return [
        *permitted(scope, "grant access", html.A("Grants", href="#grants=all")),
        *permitted(scope, "see as others", html.A("See as …", href="#see-as=reader")),
    ]


def install(app: Dash, reader: Callable[[], Scope]) -> None:
    """The banner says who is seen, and leads back."""

    def show(_path: str | None, _version: str | None) -> list[Component]:
        return banner(app, reader())

    app.callback(Output("seen-as", "children"), Input("url", "pathname"), Input("version", "data"))(show)


def banner(app: Dash, scope: Scope) -> list[Component]:
    """Nothing for whoever sees as himself."""
    if not scope.seen_by:
        return []
    back = html.Form(
        html.Button("Back to yourself", type="submit", className="chip"),
        action=app.get_relative_path(END),
        method="post",
    )
    said = [
        html.B(f"You see as {scope.name}"),
        f" ({scope.reader}): you look and change nothing; all of it is audited.",
    ]
    return [html.Div([html.Span(said), back], className="seen-as", role="alert")]

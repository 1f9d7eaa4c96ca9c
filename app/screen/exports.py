"""The menus by which numbers leave the screen: files, the clipboard, a picture, paper, an address for Excel."""

from typing import Any

from dash import Dash, html
from dash.development.base_component import Component

from app.figures.plain import element
from app.filters import Filters
from app.question import Status
from app.screen.menu import menu
from app.screen.permitted import permitted
from app.view import View
from data.scope import Scope

FORMATS = ("xlsx", "csv", "json", "parquet")


def panel_menu(app: Dash, key: str, scope: Scope) -> list[Component]:
    """What a panel may be taken away as; `data-asks` names what the browser puts the choices of its numbers behind."""
    files = [_file(app, kind.upper(), f"/export/{key}.{kind}", "", **{"data-asks": "href"}) for kind in FORMATS]
    address = {"data-address": app.get_relative_path(f"/api/v1/panels/{key}.csv"), "data-asks": "data-address"}
    excel = _button("Address for Excel", address, title="For Data › From web; the password is a token")
    return [
        *files,
        html.Hr(),
        _button("Copy as table", {"data-copy": key}),
        _button("PNG", {"data-picture": "png"}, "of-chart"),
        _button("SVG", {"data-picture": "svg"}, "of-chart"),
        *permitted(scope, "make tokens", excel),
    ]


def file_links(app: Dash, key: str, query: str) -> list[dict[str, Any]]:
    """One link a file format of a panel, to the numbers of these choices."""
    return [_file(app, kind.upper(), f"/export/{key}.{kind}", query) for kind in FORMATS]


def page_menu(  # noqa: PLR0913, PLR0917 what is taken away, and what is said of it
    app: Dash, view: View, filters: Filters, status: Status, scope: Scope, release: str
) -> list[Component]:
    """The page as a whole, its panels one by one, the tokens by which programs read them; and the imprint.

    Who may take nothing away has the imprint alone.
    """
    query = filters.query()
    book = _file(app, "Workbook", f"/export/page/{view.name}.xlsx", query)
    whole = [book, _button("Print or PDF", {"data-print": view.name})]
    items: list[Component] = [
        html.Div([html.B("This page"), html.Span(whole, className="files")], className="item whole")
    ]
    for panel in view.panels:
        links = html.Span(file_links(app, panel.key, query), className="files")
        items.append(html.Div([html.Span(panel.title), links], className="item"))
    items += permitted(
        scope, "make tokens", html.A("Tokens for Excel and programs", href="#tokens=mine", className="tokens-link")
    )
    shown = menu(["↓", html.Span(" Export")], items, label="Export this page", kind="exports")
    return [*permitted(scope, "export", shown), imprint(view, filters, status, scope, release)]


def imprint(view: View, filters: Filters, status: Status, scope: Scope, release: str) -> Component:
    """What every picture and printed page says of itself; seen only on paper."""
    choices = [f"{name.replace('_', ' ')} {value}" for name, value in filters.chosen() if name not in _SAID]
    reach = "Firm" if scope.firm else scope.reach
    parts = [
        *(choices or [reach]),
        f"as of {status.as_of} vs {status.vs}",
        status.base,
        f"snapshot {status.snapshot.number}",
        scope.name,
        f"Parapet {release}",
    ]
    return html.Div([html.B(view.title), html.Span(" · ".join(parts))], id="imprint")


def _file(app: Dash, label: str, path: str, query: str, **more: str) -> dict[str, Any]:
    href = app.get_relative_path(path) + (f"?{query}" if query else "")
    return element(html.A, label, href=href, download="", **more)


def _button(label: str, data: dict[str, str], kind: str = "", title: str = "") -> html.Button:
    return html.Button(label, className=kind or None, title=title or None, **data)


_SAID = {"as_of", "vs", "known", "ccy", "scale"}

"""A page: which view an address means, and its panels laid out on a grid, with the numbers that are kept."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.answer import Answers
from app.figures.plain import element, written
from app.filters import BadFilterError, Filters
from app.screen import audit, exports, filtering, panels, pivot, whatif
from app.screen.drawn import PanelCard
from app.screen.permitted import permitted
from app.view import Panel, View, discover, home_of, panel_of
from data.bound import BoundScope
from data.scope import Scope

NARROW = 3
"""Columns of the page's twelve up to which a panel has room for one tile, or for a title alone on a small screen."""


def install(
    app: Dash, answers: Answers, reader: Callable[[], Scope], homeward: Callable[[Scope], Component | None]
) -> None:
    """The route: the address decides the page, the reader's roles whether it opens.

    A browser says beside the address in which `dress` figures are to be drawn.
    `homeward` says of `/` without choices where its reader wants to be: a link that the browser follows, or a sentence.
    """

    def open_page(pathname: str, dress: str | None, search: str | None) -> list[Component]:
        bare = not (app.strip_relative_path(pathname) or "").strip("/") and not search
        way = homeward(reader()) if bare else None
        return [way] if isinstance(way, html.A) else [*filter(None, [way]), *shown(pathname, search, dress)]

    def shown(pathname: str, search: str | None, dress: str | None) -> list[Component]:
        scope = reader()
        view = view_at(app.strip_relative_path(pathname), scope.roles)
        if view is None:
            return [_message("There is no such page", "Choose one from the navigation.")]
        if not scope.roles & view.roles:
            return [_message("This page is not open to your role", "Ask an administrator if you need it.")]
        query = (search or "").removeprefix("?")
        kept = panels.kept(answers, scope, view, query, dress)
        cards = [_card(app, panel, scope, kept[panel.key]) for panel in view.panels]
        return [
            dcc.Store(id=f"{view.name}-question", data=query),
            *_layout(view, pathname, [*_worked_on(app, view, query, scope), *cards]),
        ]

    address = Input("url", "pathname")
    app.clientside_callback(ClientsideFunction("parapet", "dress"), Output("dressed", "data"), address)
    app.callback(Output("page", "children"), address, Input("dressed", "data"), State("url", "search"))(open_page)


def view_at(path: str | None, roles: frozenset[str]) -> View | None:
    """The view whose page is there, at `/` the home of these roles; None if there is none."""
    wanted = f"/{(path or '').strip('/')}"
    if wanted == "/":
        return home_of(roles)
    return next((view for view in discover().values() if view.path == wanted), None)


def open_views(scope: Scope) -> list[View]:
    """The views of this reader's navigation, in its order: those that his roles open, but for homes of other roles."""
    opened = [view for view in discover().values() if scope.roles & view.roles]
    if isinstance(scope, BoundScope):
        return [view for view in opened if view.name == scope.page]
    return [view for view in opened if not view.home or scope.roles & view.home]


def _layout(view: View, pathname: str, parts: list[Any]) -> list[Component]:
    kind = "panels tiled" if view.panels[0].figure == "kpi" else "panels"
    asks = {"data-question": f"{view.name}-question", "data-path": pathname}
    return [html.H1(view.title, className="unseen"), html.Div(parts, className=kind, **asks)]


def _worked_on(app: Dash, view: View, query: str, scope: Scope) -> list[Component]:
    """What stands above the panels of a page on which a question is put together."""
    if view.name == "whatif":
        return [whatif.editor(query, scope)]
    if view.name == "audit":
        return [audit.search(app, query)]
    return [pivot.bar()] if view.name == "pivot" else []


def _card(app: Dash, panel: Panel, scope: Scope, kept: dict[str, Any]) -> dict[str, Any]:
    head, actions = _header(app, panel.key, scope)
    return element(
        PanelCard,
        None,
        id=panel.key,
        className=f"panel {'bare' if panel.figure == 'kpi' else 'card'}{' narrow' if panel.width <= NARROW else ''}",
        style={"gridArea": f"span {panel.height} / span {panel.width}"},
        label=panel.title,
        kind=panel.figure,
        head=head,
        actions=actions,
        kept=kept,
    )


@lru_cache(maxsize=2000)
def _header(app: Dash, key: str, scope: Scope) -> tuple[orjson.Fragment, orjson.Fragment]:
    """What stands above a panel's numbers for this reader: what it is, and what may be done with it."""
    _, panel = panel_of(key)
    head = [html.H2(_title(app, panel, scope)), html.Span(panel.about, className="about")]
    return written(head), written(_actions(app, panel, scope))


def _title(app: Dash, panel: Panel, scope: Scope) -> Component | str:
    """The title, which leads to the page that says more, if there is one for this reader, with his choices."""
    if panel.page not in {view.name for view in open_views(scope)}:
        return panel.title
    href = app.get_relative_path(discover()[panel.page].path)
    return html.A([panel.title, html.I(" ›")], href=href, className="more", **{"data-carries": href})


def _columns(panel: Panel) -> Component:
    """The menu of a grid's columns, which the browser fills; of a panel without a grid it is not seen."""
    label = f"Columns of {panel.title}"
    summary = html.Summary("▥", title="Columns", **{"aria-label": label})
    return html.Details([summary, html.Div(className="list")], className="menu columns")


def _actions(app: Dash, panel: Panel, scope: Scope) -> list[Component]:
    """What this reader may do with a panel; the list of files is empty (`data-of`) while it has no numbers.

    In a frame there is no drawer, hence nothing that opens it.
    """
    files = html.Div(exports.panel_menu(app, panel.key, scope), id=f"{panel.key}-files", className="list files")
    expand = {"title": "Expand (esc closes)", "aria-label": f"Expand {panel.title}"}
    download = html.Summary("↓", title="Download", **{"aria-label": f"Download {panel.title}"})
    explain = {"title": "Explain", "aria-label": f"Explain {panel.title}"}
    return [
        *filtering.menu(panel),
        _columns(panel),
        html.A("⤢", href=f"#expand={panel.key}", **expand),
        *permitted(scope, "export", html.Details([download, files], className="menu", **{"data-of": "numbers"})),
        *([] if isinstance(scope, BoundScope) else [html.A("?", href=f"#explain={panel.key}", **explain)]),
    ]


def _message(title: str, text: str) -> Component:
    return html.Div([html.H1(title), html.P(text)], className="message", role="alert")


def filters_of(query: str) -> tuple[Filters, str]:
    """The choices of an address, and what is wrong with them: unreadable choices count as none."""
    try:
        return Filters.parse(query), ""
    except BadFilterError as error:
        return Filters(), str(error)

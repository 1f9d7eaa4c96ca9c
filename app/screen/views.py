"""Saved views on screen: a menu of the bar, a page of the drawer to keep them in order, and the way home from `/`."""

from collections.abc import Callable, Iterable, Mapping
from textwrap import shorten
from time import time_ns
from typing import Any

import orjson
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.filters import BadFilterError, Filters
from app.preferences import Home
from app.saved_views import EVERYONE, BadViewError, SavedView, SavedViews
from app.screen.drawer import Open, leaf
from app.screen.failure import explain_failure
from app.screen.own import Own
from app.screen.page import view_at
from app.screen.permitted import permitted
from app.view import discover
from auth.permissions import may
from data.scope import Scope
from data.store import LONGEST_NAME

HOME_WAY = "home-way"
_DO, _NAME = "view-do", "view-name"


def parts() -> list[Component]:
    """What every page has of saved views: the menu, filled when it is opened, and where is said what was done."""
    opened = html.Summary("Views ▾", id="views-switch", className="chip", **{"aria-label": "Saved views"})
    return [html.Details([opened, html.Div(id="views-list", className="list")], className="menu views")]


def stores() -> list[Component]:
    """What is wanted, what was changed last, and the line that says so."""
    said = html.Div(id="views-said", className="said", role="status")
    return [dcc.Store(id="view-wanted"), dcc.Store(id="views-kept"), said]


def pages(own: Own) -> dict[str, Open]:
    """The drawer's page `#views=mine`."""

    def views(_asked: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        name = dcc.Input(id="view-called", type="text", placeholder="Name", maxLength=LONGEST_NAME, autoComplete="off")
        form = html.Div(
            [
                html.Label([html.Span("Name of the view", className="unseen"), name]),
                html.Button("Save", id="view-save", className="chip", title="Keep this page with its choices"),
            ],
            className="view-form",
        )
        hint = html.P("A view is this page with its choices and the columns of its tables.", className="faint hint")
        kept = html.Div(kept_views(own, scope), id="views-mine", className="views-mine")
        return leaf("Views", "saved under a name", [*permitted(scope, "save views", form, hint), kept])

    return {"views": views}


def install(app: Dash, own: Own, reader: Callable[[], Scope]) -> None:
    """The menu follows a click, the drawer's list every change; buttons and names are obeyed."""

    def fill_menu(_: Any) -> list[Component]:
        return listed(app, own, reader())

    def refill(_: Any) -> list[Component]:
        return kept_views(own, reader())

    def change(*wires: Any) -> tuple[int, str]:
        if not ctx.triggered[0]["value"]:  # a button that has just appeared
            raise PreventUpdate
        path, search = wires[-2:]
        view = view_at(app.strip_relative_path(path or "/"), reader().roles)
        here = (view.name if view else "", (search or "").removeprefix("?"))
        try:
            return time_ns(), _done(own, reader(), wires[0], here)
        except PreventUpdate:
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return time_ns(), _said(error)

    app.callback(Output("views-list", "children"), Input("views-switch", "n_clicks"), prevent_initial_call=True)(
        fill_menu
    )
    app.callback(Output("views-mine", "children"), Input("views-kept", "data"), prevent_initial_call=True)(refill)
    app.clientside_callback(
        ClientsideFunction("views", "refocus"),
        Output("views-mine", "title"),
        Input("views-mine", "children"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("views", "wanted"),
        Output("view-wanted", "data"),
        Input("view-save", "n_clicks"),
        Input("view-called", "n_submit"),
        State("view-called", "value"),
        prevent_initial_call=True,
    )
    app.callback(
        Output("views-kept", "data"),
        Output("views-said", "children"),
        Input("view-wanted", "data"),
        Input({"type": _DO, "verb": ALL, "what": ALL}, "n_clicks"),
        Input({"type": _NAME, "what": ALL}, "value"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )(change)
    app.clientside_callback(
        ClientsideFunction("views", "home"), Output("views-said", "title"), Input("page", "children")
    )
    app.clientside_callback(
        ClientsideFunction("views", "said"),
        Output("views-said", "className"),
        Input("views-kept", "data"),
        State("views-said", "className"),
        prevent_initial_call=True,
    )


def listed(app: Dash, own: Own, scope: Scope) -> list[Component]:
    """The menu: mine, shared with me, and what can be done with the page on screen."""
    mine, shared = own.views.mine(scope), own.views.shared(scope)
    found: list[Component] = []
    if mine:
        found += [html.H6("My views"), *(link(app, view) for view in mine)]
    if shared:
        found += [html.H6("Shared with me"), *(link(app, view, by=view.owner_name) for view in shared)]
    if not found:
        found = [html.P("No view is saved yet.", className="item faint")]
    share = ", share" if may(scope, "share views") else ""
    order = [html.A(f"Rename{share}, delete…", href="#views=mine")] if mine else []
    back = [_button("home-forget", "", "Back to the usual home")] if _has_home(own, scope) else []
    done = [
        *permitted(scope, "save views", html.A("Save this view…", href="#views=mine"), *order),
        *permitted(scope, "choose settings", _button("home-here", "", "Set as my home"), *back),
    ]
    return [*found, html.Hr(), *done] if done else found


def link(app: Dash, view: SavedView, *, by: str = "") -> Component:
    """A view's address, with what its columns were, which the browser puts on when it follows the link."""
    about = f"{discover()[view.page].title}: {view.query or 'as it opens'}" if view.page in discover() else "gone"
    maker = [html.Span(f" {by}", className="faint")] if by else []
    return html.A(
        [view.name, *maker],
        href=address(app, view.page, view.query),
        className="view",
        title=shorten(about, 300),
        **{"data-page": view.page.replace("_", "-"), "data-grids": orjson.dumps(dict(view.grids)).decode()},
    )


def address(app: Dash, page: str, query: str) -> str:
    """Where a page with its choices is."""
    path = app.get_relative_path(discover()[page].path if page in discover() else f"/{page}")
    return f"{path}?{query}" if query else path


def kept_views(own: Own, scope: Scope) -> list[Component]:
    """One entry a view of the reader's own: its name to change, with whom it is shared, home and delete."""
    mine, offers = own.views.mine(scope), own.views.offers(scope)
    if not mine:
        return [html.P("No view is saved yet.", className="faint")]
    home = _home(own, scope)
    at_home = home.view.view_id if home and home.view else None
    return [_entry(view, offers, scope, home=view.view_id == at_home) for view in mine]


def homeward(app: Dash, own: Own) -> Callable[[Scope], Component | None]:
    """For `/`: a link to the home that the reader set, a sentence if it no longer opens, None if he set none."""

    def way(scope: Scope) -> Component | None:
        try:
            home = own.preferences.home(scope)
        except LookupError as lost:
            text = str(lost)
            return html.P(f"{text[:1].upper()}{text[1:]}.", className="lost-home", role="status")
        if home is None:
            return None
        grids = orjson.dumps(dict(home.view.grids)).decode() if home.view else ""
        about = {"data-page": home.page.replace("_", "-"), "data-grids": grids}
        return html.A("Home", id=HOME_WAY, href=address(app, home.page, home.query), className="unseen", **about)

    return way


def _entry(view: SavedView, offers: Iterable[str], scope: Scope, *, home: bool) -> Component:
    name = dcc.Input(id={"type": _NAME, "what": view.view_id}, value=view.name, maxLength=LONGEST_NAME, debounce=True)
    called = permitted(scope, "save views", html.Label([html.Span("Name", className="unseen"), name]))
    shares = html.Div(
        [html.Span("Seen by", className="faint"), *(_share(view, audience) for audience in ("", *offers))],
        className="shares",
        role="group",
        **{"aria-label": f"Share {view.name}"},
    )
    at_home = _button("home-forget", "", "✓ Home", on=True) if home else _button("home", view.view_id, "Set as home")
    verbs = [
        *permitted(scope, "choose settings", at_home),
        *permitted(scope, "save views", _button("delete", view.view_id, "Delete")),
    ]
    where = f"{discover()[view.page].title if view.page in discover() else view.page} · {view.query or 'as it opens'}"
    return html.Section(
        [
            *(called or [html.B(view.name)]),
            html.P(where, className="faint"),
            *permitted(scope, "share views", shares),
            html.Div(verbs, className="verbs"),
        ],
        **{"aria-label": view.name},
    )


def _share(view: SavedView, audience: str) -> Component:
    kind, _, who = audience.partition(":")
    label = {"": "Only me", EVERYONE: "Everyone"}.get(kind, who.replace("_", " "))
    label = f"{label.capitalize()}s" if kind == "role" else label
    return _button("share", f"{view.view_id} {audience}", label, on=view.audience == audience)


def _button(verb: str, what: str, text: str, *, on: bool = False) -> Component:
    """A button that does something; `what` goes as hex, since Dash stumbles over some characters in an id."""
    wire = {"type": _DO, "verb": verb, "what": what.encode().hex()}
    return html.Button(text, id=wire, className="on" if on else "", **{"aria-pressed": "true" if on else "false"})


def _done(own: Own, scope: Scope, wanted: Any, here: tuple[str, str]) -> str:
    """Do what was asked, on the page and query `here`, and say so."""
    wire, views = ctx.triggered_id, own.views
    if wire == "view-wanted":
        return _save(views, scope, wanted, here)
    if wire["type"] == _NAME:
        return _rename(views, scope, wire["what"], str(ctx.triggered[0]["value"]))
    what, _, audience = bytes.fromhex(wire["what"]).decode().partition(" ")
    if wire["verb"].startswith("home"):
        return _set_home(own, scope, wire["verb"], what, here)
    if wire["verb"] == "delete":
        return f"“{views.forget(scope, what).name}” is deleted."
    view = views.share(scope, what, audience)
    return f"“{view.name}” is shared." if audience else f"“{view.name}” is yours alone."


def _set_home(own: Own, scope: Scope, verb: str, view_id: str, here: tuple[str, str]) -> str:
    if verb == "home":
        own.preferences.set_home_view(scope, view_id)
        return f"“{own.views.find(scope, view_id).name}” is your home now."
    if verb == "home-here":
        own.preferences.set_home(scope, *_page(here))
        return "This page is your home now."
    own.preferences.forget_home(scope)
    return "Your home is the usual one again."


def _save(views: SavedViews, scope: Scope, wanted: Any, here: tuple[str, str]) -> str:
    name, grids = str(wanted.get("name") or ""), wanted.get("grids")
    replaced = views.save(scope, name, *_page(here), grids if isinstance(grids, dict) else {})
    return f"“{name.strip()}” is {'replaced' if replaced else 'saved'}."


def _rename(views: SavedViews, scope: Scope, view_id: str, name: str) -> str:
    if name.strip() in {view.name for view in views.mine(scope) if view.view_id == view_id}:
        raise PreventUpdate
    return f"It is called “{views.rename(scope, view_id, name).name}” now."


def _page(here: tuple[str, str]) -> tuple[str, str]:
    """The page on screen with its query; BadViewError where there is none."""
    if not here[0]:
        raise BadViewError("there is no page here to save; open one first")
    return here


def _home(own: Own, scope: Scope) -> Home | None:
    try:
        return own.preferences.home(scope)
    except LookupError:
        return None


def _has_home(own: Own, scope: Scope) -> bool:
    try:
        return own.preferences.home(scope) is not None
    except LookupError:
        return True


def _said(error: Exception) -> str:
    if isinstance(error, BadFilterError | BadViewError):
        text = str(error)
        return f"{text[:1].upper()}{text[1:]}."
    return ": ".join(explain_failure("views", error))

"""The reader's settings on screen: a page of the drawer, and the document that wears them from its first paint."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from zoneinfo import available_timezones

from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.filters import Filters
from app.preferences import OPTIONS, BadChoiceError, Look, Preferences
from app.screen.drawer import Open, leaf
from app.screen.failure import explain_failure
from app.view import discover
from auth.permissions import may
from data.scope import Scope

_WIRE = "setting"
LABELS = {
    "theme": ("Theme", {"": "As this device", "dark": "Dark", "light": "Light"}),
    "palette": ("Gain and loss", {"": "Green and red", "blue-orange": "Blue and orange"}),
    "numbers": (
        "Numbers",
        {
            "": "As this browser",
            "comma-point": "1,234.5",
            "point-comma": "1.234,5",
            "space-comma": "1\u202f234,5",
            "apostrophe-point": "1’234.5",
        },
    ),
    "density": ("Density", {"": "Comfortable", "compact": "Compact"}),
}


def stores() -> list[Component]:
    """What was chosen last in this window, and the theme that its switch chose."""
    return [dcc.Store(id="settings-kept"), dcc.Store(id="theme-switched")]


def link() -> Component:
    """What opens the settings."""
    return html.A("Settings", href="#settings=you")


def pages(preferences: Preferences) -> dict[str, Open]:
    """The drawer's page `#settings=you`."""

    def settings(_asked: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        if not may(scope, "choose settings"):
            return leaf("Settings", "yours, wherever you sign in", [html.P("Settings are not yours to choose here.")])
        form = html.Div(choices(preferences.look(scope)), id="settings-form", className="settings")
        return leaf("Settings", "yours, wherever you sign in", [form])

    return {"settings": settings}


def install(app: Dash, preferences: Preferences, reader: Callable[[], Scope]) -> None:
    """Each choice is kept and worn at once; the document of the next visit wears it from its first paint."""

    def choose(*_: Any) -> tuple[Any, Any]:
        wire, value = ctx.triggered_id, ctx.triggered[0]["value"]
        if wire == "settings-zone":
            name, value = "zone", value or ""
        elif not value:  # a button that has just appeared
            raise PreventUpdate
        else:
            name, value = wire["name"], wire["value"]
        if getattr(preferences.look(reader()), name, None) == value:
            raise PreventUpdate
        try:
            look = preferences.choose(reader(), name, value)
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            told = f"{error}." if isinstance(error, BadChoiceError) else ": ".join(explain_failure("settings", error))
            return no_update, [*choices(preferences.look(reader())), html.P(told, className="warn", role="alert")]
        return worn(look), choices(look)

    def switch(theme: str | None) -> Any:
        if not theme or not may(reader(), "choose settings") or preferences.look(reader()).theme in {"", theme}:
            raise PreventUpdate
        preferences.choose(reader(), "theme", theme)
        return f"{theme.capitalize()}, wherever you sign in"

    app.callback(
        Output("settings-kept", "data"),
        Output("settings-form", "children"),
        Input({"type": _WIRE, "name": ALL, "value": ALL}, "n_clicks"),
        Input("settings-zone", "value"),
        prevent_initial_call=True,
    )(choose)
    app.callback(
        Output("theme-switch", "title"),
        Input("theme-switched", "data"),
        prevent_initial_call=True,
    )(switch)
    app.clientside_callback(
        ClientsideFunction("views", "refocus"),
        Output("settings-form", "title"),
        Input("settings-form", "children"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("settings", "wear"),
        Output("theme", "data"),
        Output("theme-switched", "data"),
        Input("theme-switch", "n_clicks"),
        Input("settings-kept", "data"),
    )


def dress(app: Dash, preferences: Preferences, reader: Callable[[], Scope]) -> None:
    """Make the app's document say on its root element whose it is, which pages he opens, how he wants to see."""
    plain = app.interpolate_index

    def dressed(**parts: Any) -> str:
        scope = reader()
        opened = " ".join(name for name, view in discover().items() if view.roles & scope.roles)
        wear = {**worn(preferences.look(scope)), "reader": scope.reader, "opens": opened}
        attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in wear.items() if value)
        return str(plain(**parts)).replace("<html ", f"<html {attributes} ", 1)

    app.interpolate_index = dressed


def worn(look: Look) -> dict[str, str]:
    """What the root element wears, by the names of its data attributes; a chosen theme stands apart from the worn."""
    chosen = {name: getattr(look, name) for name in Look.__slots__}
    return {"chosen": chosen.pop("theme"), **chosen}


def choices(look: Look) -> list[Component]:
    """One row a setting; what is chosen is pressed."""
    rows = [_row(name, getattr(look, name)) for name in OPTIONS]
    zones = html.Datalist([html.Option(value=zone) for zone in sorted(available_timezones())], id="zones")
    entry = dcc.Input(
        id="settings-zone",
        value=look.zone,
        placeholder="As this browser",
        list="zones",
        debounce=True,
        autoComplete="off",
    )
    note = html.P("Times in tables are shown in it; business dates have none.", className="faint")
    zone = html.Div(
        [html.H3("Time zone"), html.Label([html.Span("Time zone", className="unseen"), entry]), zones, note]
    )
    return [*rows, zone]


def _row(name: str, chosen: str) -> Component:
    title, options = LABELS[name]
    buttons = [
        html.Button(
            label,
            id={"type": _WIRE, "name": name, "value": value},
            className="on" if value == chosen else "",
            **{"aria-pressed": "true" if value == chosen else "false"},
        )
        for value, label in options.items()
    ]
    return html.Div([html.H3(title), html.Div(buttons, className="options", role="group", **{"aria-label": title})])

"""A reader's own sessions in the drawer: since when each is open, and the way out of all of them at once."""

from collections.abc import Callable, Mapping
from typing import Any

from dash import Dash, Input, Output, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.filters import Filters
from app.screen.drawer import Open, leaf
from app.screen.failure import explain_failure
from app.screen.permitted import permitted
from auth import audit
from auth.sessions import OwnSession, OwnSessions
from data.scope import Scope


def pages(sessions: OwnSessions) -> dict[str, Open]:
    """The drawer's page `#sessions=mine`."""

    def mine(_asked: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        found = sessions.of(scope)
        parts = [
            html.Table([html.Tbody([_line(each) for each in found])], className="pairs"),
            *permitted(
                scope,
                "end sessions",
                html.P("A session you do not know is a reason to end them all, and to tell your security officers."),
                html.Button("Sign out everywhere", id="sessions-end", className="chip"),
                html.P(id="sessions-problem", className="warn", role="alert"),
            ),
        ]
        return leaf("Sessions", "where you are signed in", parts)

    return {"sessions": mine}


def install(app: Dash, sessions: OwnSessions, reader: Callable[[], Scope]) -> None:
    """The button ends every session of the reader's, this one too; the page then leads to the login."""

    def end(clicks: int | None) -> tuple[Any, str]:
        if not clicks:
            raise PreventUpdate
        try:
            scope = reader()
            audit.record("signed_out_everywhere", scope, sessions=sessions.end(scope))
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return [], ": ".join(explain_failure("sessions", error))
        return [html.A("Signed out. Sign in again", href=app.get_relative_path("/"))], ""

    app.callback(
        Output("sessions-end", "children"),
        Output("sessions-problem", "children"),
        Input("sessions-end", "n_clicks"),
        prevent_initial_call=True,
    )(end)


def _line(session: OwnSession) -> Component:
    since = f"since {session.created_at:%Y-%m-%d %H:%M}Z, ends by {session.ends_at:%Y-%m-%d %H:%M}Z"
    return html.Tr([html.Td("this one" if session.current else "another"), html.Td(since)])

"""Personal access tokens on screen: a page of the drawer that makes one, shows it once, lists and revokes them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.filters import Filters
from app.screen.drawer import Open, leaf
from app.screen.failure import explain_failure
from app.screen.page import open_views
from app.view import discover
from auth.permissions import may
from auth.tokens import LONGEST_DAYS, BadTokenError, Token, Tokens
from data.scope import Scope
from data.store import LONGEST_NAME

REVOKE = "token-revoke"
_DAYS = 90
_MEANS = (
    "A token lets Excel or a program read panels as you, with what your last login opened, and change nothing. "
    "Give it as a bearer token, or as the password beside any user name."
)


def pages(tokens: Tokens) -> dict[str, Open]:
    """`#tokens=mine`: the reader's own."""

    def mine(_: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        if (
            ctx.triggered_id == "version"
        ):  # a new snapshot changes nothing here, and what is being written would be lost
            unchanged: list[Component] = no_update
            return unchanged
        if not may(scope, "make tokens"):
            return leaf("Tokens", "for Excel and programs", [html.P("Tokens are not for your role.")])
        return leaf("Tokens", "for Excel and programs", [_form(scope), *_kept(tokens.of(scope))])

    return {"tokens": mine}


def install(app: Dash, tokens: Tokens, reader: Callable[[], Scope]) -> None:
    """A click makes a token or revokes one; the list follows."""

    def change(*wires: Any) -> tuple[Any, Any, str]:
        name, days, chosen = wires[-3:]
        if not ctx.triggered[0]["value"]:  # a button that has just appeared
            raise PreventUpdate
        scope = reader()
        try:
            if isinstance(ctx.triggered_id, dict):
                tokens.revoke(scope, ctx.triggered_id["token"])
                return no_update, listed(tokens.of(scope)), ""
            shown = tokens.make(scope, name or "", days, checked(chosen or (), scope))
        except BadTokenError as error:
            return no_update, no_update, f"{error}."
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return no_update, no_update, ": ".join(explain_failure("tokens", error))
        return once(shown), listed(tokens.of(scope)), ""

    app.callback(
        Output("token-shown", "children"),
        Output("token-list", "children"),
        Output("token-problem", "children"),
        Input("token-make", "n_clicks"),
        Input({"type": REVOKE, "token": ALL}, "n_clicks"),
        State("token-name", "value"),
        State("token-days", "value"),
        State("token-pages", "value"),
        prevent_initial_call=True,
    )(change)


def checked(chosen: Sequence[str], scope: Scope) -> list[str]:
    """The chosen pages; BadTokenError for one that is not open to the reader."""
    mine = {view.name for view in open_views(scope)}
    for page in chosen:
        if page not in mine:
            raise BadTokenError(f"the page {page!r} is not open to you; choose others")
    return list(chosen)


def once(shown: str) -> list[Component]:
    """A token just made: it cannot be shown again."""
    copy = html.Button("Copy", className="chip", **{"data-text": shown})
    return [html.P("Copy it now: it is not shown again."), html.Div([html.Code(shown), copy], className="secret")]


def listed(tokens: Sequence[Token]) -> Component:
    """One line a token; where there is none, a line that says so."""
    if not tokens:
        return html.P("You have no token.", className="faint")
    return html.Ul([_line(token) for token in tokens], className="tokens")


def _form(scope: Scope) -> Component:
    choices = [{"label": view.title, "value": view.name} for view in open_views(scope)]
    name = dcc.Input(id="token-name", type="text", maxLength=LONGEST_NAME, placeholder="What it is for")
    days = dcc.Input(id="token-days", type="number", value=_DAYS, min=1, max=LONGEST_DAYS, step=1)
    return html.Div(
        [
            html.P(_MEANS),
            html.Label([html.Span("Name"), name]),
            html.Label([html.Span("Days until it ends"), days]),
            html.Details(
                [
                    html.Summary("Only some pages (else all)"),
                    dcc.Checklist(id="token-pages", options=choices, value=[], className="choices"),
                ]
            ),
            html.Button("Make a token", id="token-make", className="chip"),
            html.P(id="token-problem", className="warn", role="alert"),
            html.Div(id="token-shown", role="status"),
        ],
        className="token-form",
    )


def _kept(tokens: Sequence[Token]) -> list[Component]:
    return [html.H3("Your tokens"), html.Div(listed(tokens), id="token-list")]


def _line(token: Token) -> Component:
    titles = {view.name: view.title for view in discover().values()}
    pages = ", ".join(titles.get(page, page) for page in sorted(token.pages)) or "all pages"
    used = [html.Span(**{"data-at": token.used_at.isoformat()}), " ago"] if token.used_at else ["never"]
    said = f"Revoke {token.name}"
    return html.Li(
        [
            html.B(token.name),
            html.Button(
                "Revoke", id={"type": REVOKE, "token": token.token_id}, className="chip", **{"aria-label": said}
            ),
            html.Div([f"{token.token_id} · {pages}"], className="faint"),
            html.Div([f"ends {token.ends_at:%Y-%m-%d} · last used ", *used], className="faint"),
        ]
    )

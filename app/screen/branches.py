"""Named branches on screen: a reader's own, each a link that puts its trades into the address."""

from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.branches import BadBranchError, Branch, Branches
from app.filters import BadFilterError
from app.screen.failure import explain_failure
from app.screen.permitted import permitted
from app.screen.whatif import carrying, lined, written
from data.scope import Scope

FORGET = "whatif-forget"


def install(app: Dash, branches: Branches, reader: Callable[[], Scope]) -> None:
    """The list follows the address and every change; a name and a click save, a cross deletes."""

    def show(search: str | None, _: Any) -> Component:
        try:
            return listed(branches.all(reader()), search, reader())
        except Exception as error:  # noqa: BLE001 the editor beside the list must live
            return html.P(_said(error), className="warn")

    def change(*wires: Any) -> tuple[list[Component] | str, str]:
        name, text, search = wires[-3:]
        if not ctx.triggered[0]["value"]:  # a cross that has just appeared
            raise PreventUpdate
        try:
            if isinstance(ctx.triggered_id, dict):
                name = bytes.fromhex(ctx.triggered_id["name"]).decode()
                return _gone(branches.forget(reader(), name), search), ""
            replaced = branches.save(reader(), name or "", text or "")
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return "", _said(error)
        return [html.Span(f"“{name.strip()}” is {'replaced' if replaced else 'saved'}.")], ""

    app.callback(Output("whatif-branches", "children"), Input("url", "search"), Input("whatif-kept", "children"))(show)
    app.callback(
        Output("whatif-kept", "children"),
        Output("whatif-problem", "children", allow_duplicate=True),
        Input("whatif-save", "n_clicks"),
        Input("whatif-name", "n_submit"),
        Input({"type": FORGET, "name": ALL}, "n_clicks"),
        State("whatif-name", "value"),
        State("whatif-text", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )(change)


def listed(branches: Sequence[Branch], search: str | None, scope: Scope) -> Component:
    """One line a branch, the one in the address marked; where there is none, a line that says so."""
    if not branches:
        return html.P("No branch is saved yet.", className="faint")
    here = written(search)
    return html.Ul([_line(branch, search, scope, on=lined(branch.text) == here) for branch in branches])


def _line(branch: Branch, search: str | None, scope: Scope, *, on: bool) -> Component:
    word = "trade" if branch.trades == 1 else "trades"
    about = f"{branch.name}: {shorten(branch.text, 300, placeholder=' …')}"
    saved = html.Span(**{"data-at": branch.saved_at.isoformat()})
    delete = f"Delete {branch.name}"
    cross = {"type": FORGET, "name": branch.name.encode().hex()}  # Dash stumbles over some characters in an id
    return html.Li(
        [
            dcc.Link(branch.name, href=carrying(search, branch.text), className="on" if on else "", title=about),
            html.Span(
                [str(branch.trades), html.Span(f" {word}", className="means"), " · ", saved],
                title=f"saved {branch.saved_at:%Y-%m-%d %H:%M}Z",
            ),
            *permitted(scope, "save what-ifs", html.Button("✕", id=cross, title=delete, **{"aria-label": delete})),
        ]
    )


def _gone(branch: Branch, search: str | None) -> list[Component]:
    return [html.Span(f"“{branch.name}” is deleted."), dcc.Link("Show its trades", href=carrying(search, branch.text))]


def _said(error: Exception) -> str:
    if isinstance(error, BadFilterError | BadBranchError):
        return f"{error}."
    return ": ".join(explain_failure("whatif-branches", error))

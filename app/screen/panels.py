"""The panels' callbacks: one a page for all that is kept, one a panel for what has to be made.

Both ask the one path with the reader's scope. A page's answer says of each of its panels either the numbers or that
they are to be asked for; then the panel's own callback makes them, and a failure stays inside that panel. Which of the
two a panel shows is decided where it is drawn (`assets/drawn.js`): what answers its newest question.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from time import time_ns
from typing import Any

import orjson
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from app import figures
from app.answer import Answers
from app.figures.plain import plain
from app.filters import Filters
from app.question import DeniedError, PendingError
from app.screen import jobs
from app.screen.failure import explain_failure
from app.view import Panel, View, discover
from data.scope import Scope

BLOTTER = "blotter"
"""The figure whose grid asks for its rows: a component that Dash has to know."""


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """A callback a page, one a panel, and one more where a grid asks for its rows block by block."""
    for view in discover().values():
        _show(app, answers, reader, view)
        for panel in view.panels:
            _make(app, answers, reader, view, panel)
            if jobs.runs(panel):
                jobs.watch(app, panel)
            if panel.figure == BLOTTER:
                _scroll(app, answers, reader, view, panel)


def _show(app: Dash, answers: Answers, reader: Callable[[], Scope], view: View) -> None:
    def show_kept(query: str | None, _: str | None, theme: str | None) -> dict[str, Any]:
        query, now = query or "", time_ns()
        kept = {panel.key: _kept(answers, reader(), panel, query, theme) for panel in view.panels}
        asked = {key: no_update if len(answer) > 1 else now for key, answer in kept.items()}
        return {"kept": kept, "asked": asked}

    keys = [panel.key for panel in view.panels]
    wires = {
        "kept": {key: Output(key, "kept") for key in keys},
        "asked": {key: Output(key, "asked", allow_duplicate=True) for key in keys},
    }
    dressed = Input if any(figures.themed(panel.figure) for panel in view.panels) else State
    question = (Input(f"{view.name}-question", "data"), Input("version", "data"), dressed("theme", "data"))
    app.callback(wires, *question, prevent_initial_call="initial_duplicate")(show_kept)


def _kept(answers: Answers, scope: Scope, panel: Panel, query: str, theme: str | None) -> dict[str, Any]:
    """The panel as it is kept, or that its reader may not see it; nothing but the query where it is to be asked for."""
    try:
        body = answers.ready(panel.key, Filters.parse(query), scope, _dress(theme))
    except DeniedError as error:
        return _failed(panel.key, query, error)
    except Exception:  # noqa: BLE001 the panel's own callback meets it again, and says what is wrong
        return {"query": query}
    if body is None or panel.figure == BLOTTER:
        return {"query": query}
    return _numbers(query, body)


def _make(app: Dash, answers: Answers, reader: Callable[[], Scope], view: View, panel: Panel) -> None:
    key, blotter = panel.key, panel.figure == BLOTTER
    wires = {"made": Output(key, "made")}
    if blotter or jobs.runs(panel):
        wires["children"] = Output(key, "children")

    def make_panel(_: int | None, query: str | None, theme: str | None) -> dict[str, Any]:
        query = query or ""
        said: dict[str, Any] = {}
        try:
            body = answers.drawn(key, Filters.parse(query), reader(), _dress(theme))
            said["made"] = _numbers(query, b"null" if blotter else body)
            if blotter:
                said["children"] = orjson.Fragment(body)
                said["made"]["shown"] = orjson.loads(body)["props"].get("data-shown")
        except PendingError as error:
            said = {"made": {"query": query}, "children": jobs.card(key, error, reader())}
        except Exception as error:  # noqa: BLE001 whatever fails, the other panels of the page must live
            said["made"] = _failed(key, query, error)
        return {name: said.get(name) for name in wires}

    app.callback(
        wires,
        Input(key, "asked"),
        State(f"{view.name}-question", "data"),
        State("theme", "data"),
        prevent_initial_call=True,
    )(make_panel)


def _dress(theme: str | None) -> str:
    return str(figures.Dress.read(theme or figures.THEMES[0]))


def _numbers(query: str, body: bytes) -> dict[str, Any]:
    """What a panel is told: the question that its numbers answer, when, and the drawing as it was made."""
    return {"query": query, "at": datetime.now(UTC).isoformat(timespec="seconds"), "body": orjson.Fragment(body)}


def _failed(key: str, query: str, error: Exception) -> dict[str, Any]:
    """What went wrong; numbers on screen that answer the same question stay, as stale, but for those refused."""
    title, remedy = explain_failure(key, error)
    problem = plain(html.Div([html.B(title), html.P(remedy)], className="figure problem", role="alert"))
    stale = "" if isinstance(error, DeniedError) else f"{title}. {remedy}"
    return {"query": query, "problem": problem, "stale": stale}


def _scroll(app: Dash, answers: Answers, reader: Callable[[], Scope], view: View, panel: Panel) -> None:
    key = panel.key

    def send_rows(block: dict[str, Any] | None, query: str | None) -> dict[str, Any]:
        if not block:
            raise PreventUpdate
        filters = Filters.parse(query or "")
        start, end = int(block["startRow"]), int(block["endRow"])
        table, total = answers.trades(key, filters, reader(), start=start, end=min(end, start + 1000))
        return {"rowData": figures.rows(table), "rowCount": total}

    app.callback(
        Output(f"{key}-grid", "getRowsResponse"),
        Input(f"{key}-grid", "getRowsRequest"),
        State(f"{view.name}-question", "data"),
        prevent_initial_call=True,
    )(send_rows)

"""The panels' callbacks: one a page for all that is kept, one a panel for what has to be made.

Both ask the one path with the reader's scope. A page comes with the numbers of its panels that are kept, and so does
the answer to its next question; where none are, the panel asks its own callback to make them, and a failure stays
inside that panel. Which of the two a panel shows is decided where it is drawn (`assets/drawn.js`): what answers its
newest question.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from dash import Dash, Input, Output, State, html
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


def kept(answers: Answers, scope: Scope, view: View, query: str, dress: str | None) -> dict[str, dict[str, Any]]:
    """What each panel of a page shows at once, by its key; nothing but the query where it has to ask for more.

    A drawing that differs with the dress says which it is in: a reader may have another by the time it comes.
    """
    return {
        panel.key: _kept(answers, scope, panel, query, dress)
        | ({"dress": dress} if figures.themed(panel.figure) else {})
        for panel in view.panels
    }


def _show(app: Dash, answers: Answers, reader: Callable[[], Scope], view: View) -> None:
    def show_kept(query: str | None, _: str | None, theme: str | None) -> dict[str, Any]:
        return kept(answers, reader(), view, query or "", theme)

    wires = {panel.key: Output(panel.key, "kept") for panel in view.panels}
    dressed = Input if any(figures.themed(panel.figure) for panel in view.panels) else State
    question = (Input(f"{view.name}-question", "data"), Input("version", "data"), dressed("theme", "data"))
    app.callback(wires, *question, prevent_initial_call=True)(show_kept)


def _kept(answers: Answers, scope: Scope, panel: Panel, query: str, theme: str | None) -> dict[str, Any]:
    """The panel as it is kept, or that its reader may not see it."""
    if panel.figure == BLOTTER:
        return {"query": query}
    try:
        body = answers.ready(panel.key, Filters.parse(query), scope, _dress(theme))
    except DeniedError as error:
        return _failed(panel.key, query, error)
    except Exception:  # noqa: BLE001 the panel's own callback meets it again, and says what is wrong
        return {"query": query}
    return {"query": query} if body is None else _numbers(query, body)


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

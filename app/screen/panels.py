"""The panels' callbacks: each asks the one path for its drawing, and a failure stays inside its own panel."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from app import figures
from app.answer import Answers
from app.filters import Filters
from app.question import PendingError
from app.screen import exports, jobs
from app.screen.failure import explain_failure
from app.view import Panel, View, discover
from data.scope import Scope


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """One callback a panel of every view, and one more where a grid asks for its rows block by block."""
    for view in discover().values():
        for panel in view.panels:
            _draw(app, answers, reader, view, panel)
            if panel.figure == "blotter":
                _scroll(app, answers, reader, view, panel)


def _draw(app: Dash, answers: Answers, reader: Callable[[], Scope], view: View, panel: Panel) -> None:
    key = panel.key
    question = [Input(f"{view.name}-question", "data"), Input("version", "data")]
    if themed := figures.themed(panel.figure):
        question.append(Input("theme", "data"))
    if jobs.runs(panel):
        question.append(Input(f"{key}-asked", "data"))

    def draw_panel(query: str | None, _: str | None, *rest: Any) -> tuple[Any, ...]:
        shown, theme = rest[-1], rest[0] if themed else figures.THEMES[0]
        query = query or ""
        try:
            drawn = answers.drawn(key, Filters.parse(query), reader(), str(figures.Dress.read(theme)))
        except PendingError as error:
            return jobs.card(key, error), "body", "", "", None, []
        except Exception as error:  # noqa: BLE001 whatever fails, the other panels of the page must live
            return _failed(key, query, shown, error)
        unit = drawn["props"].get("data-unit")
        body = orjson.Fragment(orjson.dumps(drawn))  # spares Dash a walk through every number
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return body, "body", unit, "", {"query": query, "at": now}, exports.panel_menu(app, key, query)

    app.callback(
        Output(f"{key}-body", "children"),
        Output(f"{key}-body", "className"),
        Output(f"{key}-unit", "children"),
        Output(f"{key}-notice", "children"),
        Output(f"{key}-shown", "data"),
        Output(f"{key}-files", "children"),
        *question,
        State(f"{key}-shown", "data"),
    )(draw_panel)


def _failed(key: str, query: str, shown: dict[str, str] | None, error: Exception) -> tuple[Any, ...]:
    """Numbers that still answer the same question stay, greyed, with their age; else the panel says what is wrong."""
    title, remedy = explain_failure(key, error)
    if shown and shown["query"] == query:
        notice = html.Span(["not refreshed for ", html.Span(**{"data-at": shown["at"]})], title=f"{title}. {remedy}")
        return no_update, "body stale", no_update, notice, no_update, no_update
    problem = html.Div([html.B(title), html.P(remedy)], className="figure problem", role="alert")
    return problem, "body", "", "", None, []


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

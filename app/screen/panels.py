"""The panels' callbacks: each asks the one path for its drawing, and a failure stays inside its own panel."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from app import figures
from app.answer import Answers
from app.figures.plain import plain
from app.filters import Filters
from app.question import PendingError
from app.screen import filtering, jobs
from app.screen.failure import explain_failure
from app.view import Panel, View, discover
from data.scope import Scope

EMPTY = {"body": None, "unit": "", "notice": None, "state": "", "shown": None}
"""What every answer says of a panel (`PanelCard`), before it has said anything."""


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
        question.append(Input(key, "asked"))
    managed = jobs.runs(panel) or panel.figure == "blotter"
    wires = {name: Output(key, name) for name in (*EMPTY, *(["children"] if managed else []))}

    def draw_panel(query: str | None, _: str | None, *rest: Any) -> dict[str, Any]:
        shown, theme = rest[-1], rest[0] if themed else figures.THEMES[0]
        query = query or ""
        said: dict[str, Any] = dict(EMPTY)
        try:
            drawn = answers.drawn(key, Filters.parse(query), reader(), str(figures.Dress.read(theme)))
            body = orjson.Fragment(orjson.dumps(drawn))  # spares Dash a walk through every number
            said |= {"children" if panel.figure == "blotter" else "body": body}
            now = datetime.now(UTC).isoformat(timespec="seconds")
            said |= {
                "unit": drawn["props"].get("data-unit"),
                "notice": filtering.notice(key, drawn),
                "shown": {"query": query, "at": now},
            }
        except PendingError as error:
            said |= {"children": jobs.card(key, error)}
        except Exception as error:  # noqa: BLE001 whatever fails, the other panels of the page must live
            title, remedy = explain_failure(key, error)
            if shown and shown["query"] == query:
                stale = {"state": "stale", "notice": _age(shown["at"], f"{title}. {remedy}")}
                return {name: stale.get(name, no_update) for name in wires}
            said |= {"body": _problem(title, remedy)}
        return {name: said.get(name) for name in wires}

    app.callback(wires, *question, State(key, "shown"))(draw_panel)


def _age(moment: str, why: str) -> Any:
    """Of numbers that stay, greyed, since they still answer the same question: how old they are."""
    return plain(html.Span(["not refreshed for ", html.Span(**{"data-at": moment})], title=why))


def _problem(title: str, remedy: str) -> Any:
    return plain(html.Div([html.B(title), html.P(remedy)], className="figure problem", role="alert"))


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

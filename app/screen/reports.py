"""Scheduled reports on screen: a reader's own with what became of them, and the order of another for this page."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.filters import Filters
from app.reports import BadReportError, Report, Reports, Run
from app.screen.drawer import Open, leaf
from app.screen.failure import explain_failure
from app.screen.page import view_at
from app.view import discover
from auth.permissions import may
from auth.readers import Reader
from data.scope import Scope
from data.store import LONGEST_NAME

END = "report-end"
RHYTHMS = {"day": "every weekday", "week": "every Monday", "month": "the first weekday of a month"}
WAYS = {"mail": "by mail", "folder": "into the reports folder"}
_STATES = {"made": "made", "waiting": "will be tried again", "failed": "not made"}


class Desk(NamedTuple):
    """What the screen works with: the reports, and the readers that a report can be for."""

    reports: Reports
    readers: Callable[[], Iterable[Reader]]


def pages(desk: Desk) -> dict[str, Open]:
    """The drawer's page `#reports=mine`."""

    def mine(_asked: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        if not may(scope, "schedule reports"):
            return leaf("Reports", "this page, by schedule", [html.P("Reports by schedule are not for your role.")])
        recipients = desk.readers() if may(scope, "schedule reports for others") else ()
        parts = [
            html.P("A report is a page as a workbook, made as its recipient may see it when it is made."),
            html.Div(listed(desk.reports, scope), id="reports-listed"),
            html.H3("Order this page"),
            *_form([(each.reader, each.name) for each in recipients if each.reader != scope.reader]),
        ]
        return leaf("Reports", "this page, by schedule", parts)

    return {"reports": mine}


def install(app: Dash, desk: Desk, reader: Callable[[], Scope]) -> None:
    """A click orders the page at the address, a cross ends a report; both show the list anew."""

    def change(*wires: Any) -> tuple[Any, ...]:
        name, every, at, into, recipient, path, search = wires[-7:]
        if not ctx.triggered[0]["value"]:  # a cross that has just appeared
            raise PreventUpdate
        try:
            scope = reader()
            if isinstance(ctx.triggered_id, dict):
                said = f"“{desk.reports.end(scope, int(ctx.triggered_id['id']))}” is ended."
            else:
                view = view_at(app.strip_relative_path(path), scope.roles)
                order = {"every": every, "at": at or "", "into": into, "recipient": recipient or ""}
                query = (search or "").removeprefix("?")
                desk.reports.order(scope, name or "", page=view.name if view else "", query=query, **order)
                said = f"“{(name or '').strip()}” is ordered."
            return listed(desk.reports, scope), said, ""
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return no_update, "", _said(error)

    app.callback(
        Output("reports-listed", "children"),
        Output("reports-said", "children"),
        Output("reports-problem", "children"),
        Input("report-order", "n_clicks"),
        Input({"type": END, "id": ALL}, "n_clicks"),
        State("report-name", "value"),
        State("report-every", "value"),
        State("report-at", "value"),
        State("report-into", "value"),
        State("report-for", "value"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )(change)


def listed(reports: Reports, scope: Scope) -> list[Component]:
    """The reader's reports, and what became of the latest of them."""
    mine, history = reports.of(scope), reports.history(scope)
    if not mine:
        return [html.P("You have no report yet.", className="faint")]
    parts: list[Component] = [html.H3("Yours"), html.Ul([_line(each, scope) for each in mine])]
    if history:
        parts += [html.H3("What became of them"), html.Ul([_run(*each) for each in history], className="runs")]
    return parts


def _line(report: Report, scope: Scope) -> Component:
    view = discover().get(report.page)
    title = f"End {report.name}"
    whose = "" if report.recipient == scope.reader else f", for {report.recipient}"
    return html.Li(
        [
            dcc.Link(report.name, href=f"{view.path if view else '/'}?{report.query}".rstrip("?")),
            html.Span(f"{RHYTHMS[report.every]} at {report.at} UTC, {WAYS[report.into]}{whose}", className="faint"),
            html.Button("✕", id={"type": END, "id": report.report_id}, title=title, **{"aria-label": title}),
        ]
    )


def _run(report: Report, run: Run) -> Component:
    tries = f", try {run.tries}" if run.tries > 1 else ""
    about = f"{run.due_at:%Y-%m-%d %H:%M}Z {_STATES[run.state]}{tries}: {run.message}"
    return html.Li([html.B(report.name), html.Span(about, className="warn" if run.state == "failed" else "faint")])


def _form(recipients: list[tuple[str, str]]) -> list[Component]:
    """The order's fields; a recipient can be named by those who may order for others."""
    whom = html.Datalist([html.Option(name, value=reader) for reader, name in recipients], id="report-readers")
    fields = [
        _field("Name", dcc.Input(id="report-name", type="text", maxLength=LONGEST_NAME)),
        _field("When", _choice("report-every", RHYTHMS)),
        _field("At (UTC)", dcc.Input(id="report-at", type="text", value="18:30", maxLength=5)),
        _field("How", _choice("report-into", WAYS)),
        html.Div(
            [_field("For", dcc.Input(id="report-for", type="text", list="report-readers", placeholder="me")), whom],
            hidden=not recipients,
        ),
    ]
    return [
        html.Div(fields, className="order"),
        html.Button("Order the report", id="report-order", className="chip"),
        html.P(id="reports-said", role="status"),
        html.P(id="reports-problem", className="warn", role="alert"),
    ]


def _field(label: str, control: Component) -> Component:
    return html.Label([html.Span(label), control])


def _choice(name: str, options: Mapping[str, str]) -> Component:
    items = [{"value": value, "label": label} for value, label in options.items()]
    return dcc.RadioItems(items, items[0]["value"], id=name, className="choice")


def _said(error: Exception) -> str:
    if isinstance(error, BadReportError):
        return f"{error}."
    return ": ".join(explain_failure("reports", error))

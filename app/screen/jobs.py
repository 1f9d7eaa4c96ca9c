"""The card in place of numbers that a run has to make first: what would run, how far it is, Run, Cancel and Go on."""

from collections.abc import Callable
from time import time_ns
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.answer import Answers
from app.filters import Filters
from app.jobs import Progress
from app.needs import rests_on_vectors
from app.question import PendingError
from app.risk.measure import measures
from app.screen.failure import explain_failure
from app.screen.permitted import permitted
from app.view import Panel, View, discover
from auth import audit
from auth.permissions import may
from data.scope import Scope

LOOK_AGAIN = 1_000  # milliseconds


def runs(panel: Panel) -> bool:
    """Whether the panel's numbers may wait for a run."""
    return rests_on_vectors(measures()[panel.measure])


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """One callback a panel that runs: its buttons start and stop the run and ask for the panel anew."""
    for view in discover().values():
        for panel in filter(runs, view.panels):
            _obey(app, answers, reader, view, panel)


def watch(app: Dash, panel: Panel) -> None:
    """While the run is going its clock asks for the panel anew."""
    app.clientside_callback(
        ClientsideFunction("parapet", "now"),
        Output(panel.key, "asked", allow_duplicate=True),
        Input(f"{panel.key}-clock", "n_intervals"),
        prevent_initial_call=True,
    )


def card(key: str, pending: PendingError, scope: Scope) -> Component:
    """What stands in the panel's body; a button that does not apply now is hidden, as is the clock."""
    progress = pending.progress
    going = progress is not None and progress.going
    title, text = _said(pending)
    whose = [] if may(scope, "start runs") or going else [html.P("Who may start runs in Parapet begins it.")]
    bar = [html.Progress(value=str(progress.done), max=str(progress.total))] if progress else []
    verb = "Go on" if progress and progress.done else "Run"
    buttons = permitted(
        scope,
        "start runs",
        html.Button(verb, id=f"{key}-run", className="chip", hidden=going),
        html.Button("Cancel", id=f"{key}-cancel", className="chip", hidden=not going),
    )
    children = [
        html.B(title),
        html.P(text),
        *whose,
        *bar,
        html.Div(buttons, className="buttons"),
        html.P(id=f"{key}-refused", className="warn", role="alert"),
        dcc.Interval(id=f"{key}-clock", interval=LOOK_AGAIN, disabled=not going),
    ]
    return html.Div(children, className="figure blank job", role="status")


def _said(pending: PendingError) -> tuple[str, str]:
    """A title and a sentence of the run's state."""
    progress, run = pending.progress, f"{pending.run[:1].upper()}{pending.run[1:]}"
    if not progress:
        return "Not run yet", f"{run}. It runs in the background, once for every reader."
    steps = f"{progress.done} of {progress.total} steps"
    if progress.going:
        return f"{'Running' if progress.status == 'running' else 'Waiting for its turn'}: {steps}", f"{run}."
    return f"{progress.status.capitalize()} after {steps}", f"{run}. {_why(pending.key, progress)}"


def _why(key: str, progress: Progress) -> str:
    """Why it does not go on."""
    if progress.status == "failed":
        return f"{progress.message.capitalize()}; if it fails again, tell the operators reference {key}."
    return f"{progress.message.capitalize()}. What is done is kept." if progress.message else "What is done is kept."


def _obey(app: Dash, answers: Answers, reader: Callable[[], Scope], view: View, panel: Panel) -> None:
    key = panel.key

    def obey(run: int | None, cancel: int | None, query: str | None) -> tuple[Any, Any]:
        pressed = {wire["prop_id"].partition(".")[0] for wire in ctx.triggered if wire["value"]}
        if not (run or cancel) or not pressed:
            raise PreventUpdate
        try:
            for verb, told in (("run", answers.run), ("cancel", answers.cancel)):
                if f"{key}-{verb}" in pressed:
                    told(key, Filters.parse(query or ""), reader())
                    audit.record(f"job_{verb}", reader(), panel=key, filters=query or "")
        except Exception as error:  # noqa: BLE001 what fails is said on the card
            title, remedy = explain_failure(key, error)
            return no_update, f"{title}. {remedy}"
        return time_ns(), ""

    app.callback(
        Output(key, "asked"),
        Output(f"{key}-refused", "children"),
        Input(f"{key}-run", "n_clicks"),
        Input(f"{key}-cancel", "n_clicks"),
        State(f"{view.name}-question", "data"),
        prevent_initial_call=True,
    )(obey)

"""Annotations on screen: marks on the cells of grids, and a page of the drawer with the notes of one number."""

from collections.abc import Callable, Iterable, Mapping
from time import time_ns
from typing import Any
from urllib.parse import parse_qs, urlencode

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.annotations import LONGEST, Annotations, BadNoteError, Note, Number
from app.filters import Filters
from app.place import SEPARATOR
from app.screen.drawer import Open, leaf, part
from app.screen.failure import explain_failure
from app.screen.permitted import permitted
from app.view import panel_of
from auth.permissions import may
from data.scope import Scope

_GONE = "note-delete"


def stores() -> list[Component]:
    """The marks of the day on screen, and what was changed last."""
    return [dcc.Store(id="notes"), dcc.Store(id="notes-kept")]


def pages(annotations: Annotations) -> dict[str, Open]:
    """The drawer's page `#note=<panel>&at=<row>&column=<column>`."""

    def note(asked: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        number = Number(asked["note"], asked.get("at", ""), asked.get("column", ""))
        notes = annotations.of(number, filters, scope)
        form = permitted(scope, "pin notes", _form())
        where = number.at.replace(SEPARATOR, " › ") or "total"
        kept = html.Div(written(notes, scope), id="note-list")
        return leaf("Notes", f"{panel_of(number.panel)[1].title}: {where} · {number.column}", [kept, *form])

    return {"note": note}


def beside(explain: Open, annotations: Annotations) -> Open:
    """The drawer's page that explains a number, with the number's notes below and the way to pin one."""

    def explained(asked: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        page = explain(asked, filters, scope)
        if not asked.get("column"):
            return page
        number = Number(asked["explain"], asked.get("at", ""), asked["column"])
        notes = annotations.of(number, filters, scope)
        lines = [html.Ul([_line(note, own=False) for note in notes], className="notes-list")] if notes else []
        pin = permitted(scope, "pin notes", html.P(html.A("Pin a note", href=address(number))))
        return [*page, *part("Notes of readers", [*lines, *pin])]

    return explained


def install(app: Dash, annotations: Annotations, reader: Callable[[], Scope]) -> None:
    """Marks follow the address, the version and every change; a button pins, a cross deletes."""

    def mark(*wires: Any) -> Any:
        try:
            return annotations.marks(Filters.parse((wires[-1] or "").removeprefix("?")), reader())
        except (ValueError, LookupError, PermissionError):  # the panels say what is wrong with the address
            return {}

    def change(*wires: Any) -> tuple[Any, str, Any, Any]:
        text, fragment, search = wires[-3:]
        if not ctx.triggered[0]["value"]:  # a cross that has just appeared
            raise PreventUpdate
        number, filters, scope = _asked(fragment), Filters.parse((search or "").removeprefix("?")), reader()
        try:
            if isinstance(ctx.triggered_id, dict):
                annotations.unpin(ctx.triggered_id["note"], scope)
            else:
                annotations.pin(number, text or "", filters, scope)
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return no_update, _said(error), no_update, no_update
        return time_ns(), "", written(annotations.of(number, filters, scope), scope), ""

    app.callback(
        Output("notes", "data"),
        Input("rested", "data"),
        Input("version", "data"),
        Input("notes-kept", "data"),
        State("url", "search"),
    )(mark)
    app.clientside_callback(
        ClientsideFunction("notes", "mark"), Output("notes", "modified_timestamp"), Input("notes", "data")
    )
    app.callback(
        Output("notes-kept", "data"),
        Output("note-said", "children"),
        Output("note-list", "children"),
        Output("note-text", "value"),
        Input("note-pin", "n_clicks"),
        Input({"type": _GONE, "note": ALL}, "n_clicks"),
        State("note-text", "value"),
        State("url", "hash"),
        State("url", "search"),
        prevent_initial_call=True,
    )(change)


def written(notes: Iterable[Note], scope: Scope) -> list[Component]:
    """Each note with its author and age, the reader's own with a way to delete it; where there is none, a line."""
    deletes = may(scope, "pin notes")
    lines = [_line(note, own=deletes and note.author == scope.reader) for note in notes]
    return [html.Ul(lines, className="notes-list")] if lines else [html.P("Nobody has pinned a note.")]


def _form() -> Component:
    return html.Div(
        [
            dcc.Textarea(id="note-text", placeholder="What is to be said of this number", maxLength=LONGEST),
            html.Button("Pin the note", id="note-pin", className="chip"),
            html.P(id="note-said", className="warn", role="alert"),
        ],
        className="note-form",
    )


def address(number: Number) -> str:
    """The hash that opens the notes of a number, for links beside it."""
    return f"#{urlencode({'note': number.panel, 'at': number.at, 'column': number.column})}"


def _line(note: Note, *, own: bool) -> Component:
    made = html.Span(**{"data-at": note.made_at.isoformat()})
    about = html.Span(
        [f"{note.author_name} · ", made, " ago"], className="faint", title=f"{note.made_at:%Y-%m-%d %H:%M}Z"
    )
    cross = html.Button("Delete", id={"type": _GONE, "note": note.note_id}, **{"aria-label": "Delete your note"})
    return html.Li([html.P(note.text), about, *([cross] if own else [])])


def _asked(fragment: str | None) -> Number:
    asked = {name: values[0] for name, values in parse_qs((fragment or "").removeprefix("#")).items()}
    return Number(asked.get("note", ""), asked.get("at", ""), asked.get("column", ""))


def _said(error: Exception) -> str:
    if isinstance(error, BadNoteError):
        text = str(error)
        return f"{text[:1].upper()}{text[1:]}."
    return ": ".join(explain_failure("notes", error))

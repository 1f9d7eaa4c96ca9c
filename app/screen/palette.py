"""The palette behind ⌘K: what it finds without asking the server, and where it asks for instruments and trades."""

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.answer import Answers
from app.filters import DIMENSIONS
from app.question import Choices
from app.screen.bar import SCALES
from app.screen.page import filters_of, open_views
from app.view import panel_of
from data.scope import Scope

OF_BOOK = ("desk", "book", "business_unit", "legal_entity", "strategy", "trader")
OF_INSTRUMENT = ("instrument", *(name for name in DIMENSIONS if name not in OF_BOOK))
Item = dict[str, Any]


def button() -> Component:
    """The chip of the bar that opens the palette, for those who do not know the keys."""
    return html.Button("⌘K", id="palette-open", className="chip", **{"aria-label": "Find", "aria-haspopup": "dialog"})


def store() -> Component:
    """Where the browser keeps what can be found."""
    return dcc.Store(id="palette-index")


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """What can be found follows the version of the data, and the reader."""

    def fill(_: str | None, search: str | None) -> Item:
        scope = reader()
        filters, _wrong = filters_of((search or "").removeprefix("?"))
        try:
            choices = answers.choices(filters, scope)
        except Exception:  # noqa: BLE001 pages are found even where there is no book
            choices = Choices((), (), (), ())
        return index(app, choices, scope)

    app.callback(Output("palette-index", "data"), Input("version", "data"), State("url", "search"))(fill)
    app.clientside_callback(
        ClientsideFunction("palette", "known"), Output("palette-open", "title"), Input("palette-index", "data")
    )


def index(app: Dash, choices: Choices, scope: Scope) -> Item:
    """All that is found by name alone: items, and what the browser needs to make items of what the server finds.

    An item has `kind`, `name` and `about`, and where it leads: `path` (default: the page on screen), `set` (choices of
    the query; an empty one is taken away) and `hash`.
    """
    return {
        "reader": scope.reader,
        "find": app.get_relative_path("/find"),
        "blotter": app.get_relative_path(panel_of("blotter-trades")[0].path),
        "ofBook": OF_BOOK,
        "ofInstrument": OF_INSTRUMENT,
        "items": [*_pages(app, scope), *_books(choices), *_panels(app, scope), *_money(choices)],
    }


def _pages(app: Dash, scope: Scope) -> list[Item]:
    return [
        _item("page", view.title, view.section, path=app.get_relative_path(view.path)) for view in open_views(scope)
    ]


def _panels(app: Dash, scope: Scope) -> list[Item]:
    """The panels of the open pages but for tiles, which cannot be larger than they are."""
    return [
        _item("panel", panel.title, view.title, path=app.get_relative_path(view.path), hash=f"expand={panel.key}")
        for view in open_views(scope)
        for panel in view.panels
        if panel.figure != "kpi"
    ]


def _books(choices: Choices) -> list[Item]:
    """Desks and books; choosing one leaves whatever else narrows the books."""
    free = dict.fromkeys(OF_BOOK, "")
    desks = [_item("desk", desk, "", set={**free, "desk": desk}) for desk, _ in choices.books]
    return desks + [
        _item("book", book, desk, set={**free, "desk": desk, "book": book})
        for desk, books in choices.books
        for book in books
    ]


def _money(choices: Choices) -> list[Item]:
    currencies = [_item("currency", code, "show money in", set={"ccy": code}) for code in choices.currencies]
    return currencies + [_item("scale", label, "show money in", set={"scale": scale}) for scale, label in SCALES]


def _item(kind: str, name: str, about: str, **leads: Any) -> Item:
    return {"kind": kind, "name": name, "about": about, **leads}

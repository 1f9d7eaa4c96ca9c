"""The field bar of the pivot: chips of its rows, columns and numbers, drawn in the browser from the address alone."""

from collections.abc import Callable
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.answer import Answers
from app.fields import DOWN, MOST_KEYS, MOST_NUMBERS, SHOW, numbers
from app.filters import Filters
from app.risk.measure import KEYS
from data.scope import Scope

PANEL = "pivot-tree"


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """The bar follows the address; the desks and books that can be compared with are the reader's own."""

    def find_books(_: str | None, search: str | None) -> list[dict[str, Any]]:
        try:
            books = answers.choices(Filters.parse((search or "").removeprefix("?")), reader()).books
        except Exception:  # noqa: BLE001 the panel says what is wrong; the bar stays of use
            return []
        return [{"desk": desk, "books": names} for desk, names in books]

    app.callback(Output("pivot-books", "data"), Input("version", "data"), State("url", "search"))(find_books)
    app.clientside_callback(
        ClientsideFunction("pivot", "draw"),
        Output("pivot-fields", "title"),
        Input("url", "search"),
        Input("pivot-books", "data"),
    )


def bar() -> Component:
    """The bar's place, with all that may be chosen."""
    return html.Section(
        [dcc.Store(id="pivot-books"), html.Div(id="pivot-fields", **{"data-fields": catalogue(), "data-panel": PANEL})],
        className="fields",
        **{"aria-label": "Rows, columns and numbers of the pivot"},
    )


def catalogue() -> str:
    """Keys, numbers by measure, how many of each and what is shown at first, as JSON for the browser."""
    measures: dict[str, list[tuple[str, str]]] = {}
    for name, (measure, column) in numbers().items():
        measures.setdefault(measure.label, []).append((name, column.label))
    return orjson.dumps(
        {
            "keys": [(name, column.label) for name, column in KEYS.items()],
            "numbers": list(measures.items()),
            "most": {"rows": MOST_KEYS, "cols": 1, "show": MOST_NUMBERS},
            "usual": {"rows": DOWN, "cols": "", "show": SHOW},
        }
    ).decode()

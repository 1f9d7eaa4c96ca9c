"""The pivot's field bar, which the browser draws from the address; and its lines, which come after its numbers."""

from collections.abc import Callable
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.answer import Answers
from app.fields import DOWN, MOST_KEYS, MOST_NUMBERS, SHOW, TREND, numbers
from app.filters import Filters
from app.risk.measure import KEYS
from data.scope import Scope

PANEL = "pivot-tree"


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """The bar follows the address; the desks and books that can be compared with are the reader's own.

    Lines are asked for apart from the numbers, which do not wait for them.
    """

    def find_books(_: str | None, search: str | None) -> list[dict[str, Any]]:
        try:
            books = answers.choices(Filters.parse((search or "").removeprefix("?")), reader()).books
        except Exception:  # noqa: BLE001 the panel says what is wrong; the bar stays of use
            return []
        return [{"desk": desk, "books": names} for desk, names in books]

    def find_lines(query: str | None, _: str | None) -> dict[str, Any]:
        try:
            return answers.lines(PANEL, Filters.parse(query or ""), reader())
        except Exception:  # noqa: BLE001 the panel says what is wrong; there are no lines then
            return {}

    app.callback(Output("pivot-lines", "data"), Input("pivot-question", "data"), Input("version", "data"))(find_lines)
    app.clientside_callback(
        ClientsideFunction("pivotCells", "line"),
        Output("pivot-lines", "modified_timestamp"),
        Input("pivot-lines", "data"),
    )
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
        [
            dcc.Store(id="pivot-books"),
            dcc.Store(id="pivot-lines"),
            html.Div(id="pivot-fields", **{"data-fields": catalogue(), "data-panel": PANEL}),
            html.P(id="pivot-waits", role="status"),
        ],
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
            "usual": {"rows": DOWN, "cols": "", "show": SHOW, "trend": TREND},
        }
    ).decode()

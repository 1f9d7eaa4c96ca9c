"""The badge beside Limits in the navigation: how many of the limits in the reader's scope are in breach."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from app.answer import Answers
from app.filters import Filters
from app.screen.page import filters_of
from data.scope import Scope

PAGE = "limits"
PANEL = "limits-summary"


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """The number follows the address and the version; it never keeps the bar waiting."""

    def count(_: str | None, __: str | None, search: str | None) -> int:
        filters, _wrong = filters_of((search or "").removeprefix("?"))
        return breaches(answers, filters, reader())

    app.callback(Output("breaches", "data"), Input("rested", "data"), Input("version", "data"), State("url", "search"))(
        count
    )
    app.clientside_callback(ClientsideFunction("homes", "badge"), Input("breaches", "data"), Input("bar-pages", "tree"))


def store() -> dcc.Store:
    """Where the number lies while pages change."""
    return dcc.Store(id="breaches")


def mark() -> html.Span:
    """The place of the number beside the page's name; empty without a breach."""
    return html.Span(id="limits-breaches", className="badge")


def breaches(answers: Answers, filters: Filters, scope: Scope) -> int:
    """How many limits of the whole scope are in breach at the filters' date and settings; 0 where that is unknown."""
    narrowing: dict[str, Any] = dict.fromkeys((*filters.rows(), "whatif"), "")
    try:
        frame = answers.table(PANEL, replace(filters, **narrowing), scope).frame
    except Exception:  # noqa: BLE001 what is wrong is said on the page itself
        return 0
    return int(frame["breach"].iloc[0])

"""A menu of the bar: a chip that opens a list, and the addresses that its choices lead to."""

from collections.abc import Iterable
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.figures.plain import element
from app.filters import Filters


def menu(summary: Any, items: Iterable[Any], *, label: str, kind: str = "") -> Component:
    """A chip and what it opens; `label` is what a screen reader says of it, `kind` a class."""
    head = html.Summary(summary, className="chip", **{"aria-label": label})
    return html.Details([head, html.Div(list(items), className="list")], className=f"menu {kind}".strip())


def choice(label: Any, filters: Filters, *, on: bool = False, kind: str = "") -> dict[str, Any]:
    """A link to the same page under other choices, marked if they are the present ones; `kind` is a class."""
    return element(dcc.Link, label, href=href(filters), className="on" if on else kind)


def href(filters: Filters) -> str:
    """The address of the same page under these choices."""
    return query(filters) or "?"


def query(filters: Filters) -> str:
    """The choices behind a path: `?desk=Vol`, or nothing."""
    text = filters.query()
    return f"?{text}" if text else ""

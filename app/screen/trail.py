"""The path of what narrows the page, firm › desk › book › instrument …: each step a link back, left with one click."""

from dataclasses import replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.filters import Filters
from app.question import Choices
from app.screen.menu import choice, href, menu
from data.scope import Scope

OUTER = ("desk", "book")
"""The steps that the menu of books shows; every other narrowing is a chip of its own."""


def trail(filters: Filters, choices: Choices, scope: Scope) -> Component:
    """Whose book, as steps back and a menu, then what else narrows the page, and a way to leave all of it."""
    narrowed = narrowings(filters)
    rest = [_chip(filters, name, value) for name, value in narrowed.items() if name not in OUTER]
    clear = [dcc.Link("Clear all", href=href(cleared(filters, *narrowed)), className="clear")]
    parts = [*_books(filters, choices, scope), *rest, *(clear if len(narrowed) > 1 else [])]
    return html.Nav(parts, className="trail", **{"aria-label": "What narrows the page"})


def narrowings(filters: Filters) -> dict[str, str]:
    """What narrows the page, outermost first, and the scenario that it looks into."""
    scenario = {"scenario": str(filters.scenario)} if filters.scenario else {}
    return filters.rows() | scenario


def cleared(filters: Filters, *names: str) -> Filters:
    """The choices without these."""
    blank: dict[str, Any] = {name: None if name == "scenario" else "" for name in names}
    return replace(filters, **blank)


def _books(filters: Filters, choices: Choices, scope: Scope) -> list[Component]:
    """Whose book: the firm for those who see it, else the reader's own desks; a book's desk is a step though unsaid."""
    whole = "Firm" if scope.firm else " + ".join(desk for desk, _of_desk in choices.books) or "No desk"
    links = [choice(whole, cleared(filters, *OUTER), kind="strong")]
    for desk, books in choices.books:
        if desk != whole:
            links.append(choice(desk, replace(filters, desk=desk, book=""), kind="strong"))
        links += [choice(book, replace(filters, desk=desk, book=book), kind="in") for book in books]
    of_book = next((desk for desk, books in choices.books if filters.book in books), "")
    desk = filters.desk or of_book
    path = [part for part in (desk, filters.book) if part and part != whole]
    steps = [_step(whole, cleared(filters, *OUTER))] if path else []
    steps += [_step(desk, replace(filters, desk=desk, book="")) for desk in path[:-1]]
    search = dcc.Input(placeholder="Find a desk or book", type="search", id="find-book", autoComplete="off")
    here = html.B(path[-1] if path else whole)
    return [*steps, menu([here, " ▾"], [search, *links], label="Whose book", kind="crumb")]


def _step(name: str, filters: Filters) -> Component:
    return dcc.Link(name, href=href(filters), className="step", title=f"Back to {name}")


def _chip(filters: Filters, name: str, value: str) -> Component:
    label = name.replace("_", " ")
    title = "Leave the scenario" if name == "scenario" else f"Show every {label}"
    return dcc.Link(
        [f"{label} ", html.B(value), " ✕"], href=href(cleared(filters, name)), className="chip", title=title
    )

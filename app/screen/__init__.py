"""Views on screen: the shell around them, the route from an address to a page, and one callback a panel."""

from collections.abc import Callable

from dash import Dash

from app.answer import Answers
from app.screen import (
    bar,
    branches,
    drawer,
    glossary,
    grants,
    jobs,
    news,
    notes,
    number,
    page,
    palette,
    panels,
    pivot,
    reports,
    seeing,
    sessions,
    settings,
    shell,
    tokens,
    tour,
    views,
    whatif,
)
from app.screen.own import Own
from data.scope import Scope

__all__ = ["build"]


def build(app: Dash, answers: Answers, own: Own, reader: Callable[[], Scope]) -> None:
    """Give the app its document, its layout and its callbacks; `reader` says who asks, inside a request.

    Every callback asks `answers` or what readers have of their `own`, with that scope and nothing else. The page
    expects `GET /version` (JSON `{"version": …}`, it changes with the snapshot and the reader's rights) and the files
    under `/export/`.
    """
    app.index_string = shell.document(app)
    numbers = drawer.pages(answers) | number.pages(app, answers)
    numbers["explain"] = notes.beside(numbers["explain"], own.notes)
    forms = glossary.pages(app) | news.pages() | views.pages(own) | notes.pages(own.notes)
    forms |= tokens.pages(own.tokens) | sessions.pages(own.sessions) | reports.pages(own.reports)
    forms |= settings.pages(own.preferences) | grants.pages(own.access, own.readers, answers)
    forms |= seeing.pages(app, own.readers)
    app.layout = shell.layout(app, {**numbers, **forms})
    shell.install(app)
    bar.install(app, answers, reader)
    palette.install(app, answers, reader)
    page.install(app, answers, reader, views.homeward(app, own))
    panels.install(app, answers, reader)
    drawer.install(app, numbers, forms, reader)
    jobs.install(app, answers, reader)
    whatif.install(app)
    branches.install(app, own.branches, reader)
    pivot.install(app, answers, reader)
    tokens.install(app, own.tokens, reader)
    sessions.install(app, own.sessions, reader)
    reports.install(app, own.reports, reader)
    views.install(app, own, reader)
    notes.install(app, own.notes, reader)
    settings.install(app, own.preferences, reader)
    settings.dress(app, own.preferences, reader)
    grants.install(app, own.access, answers, reader)
    seeing.install(app, reader)
    glossary.install(app)
    news.install(app)
    tour.install(app, reader)

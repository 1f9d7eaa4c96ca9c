"""Views on screen: the shell around them, the route from an address to a page, and one callback a panel."""

from collections.abc import Callable

from dash import Dash

from app.answer import Answers
from app.branches import Branches
from app.screen import bar, branches, drawer, jobs, page, panels, shell, whatif
from data.scope import Scope

__all__ = ["build"]


def build(app: Dash, answers: Answers, kept: Branches, reader: Callable[[], Scope]) -> None:
    """Give the app its document, its layout and its callbacks; `reader` says who asks, inside a request.

    Every callback asks `answers`, or the `kept` branches, with that scope and nothing else. The page expects
    `GET /version` (JSON `{"version": …}`, it changes when a snapshot does) and the files under `/export/`.
    """
    app.index_string = shell.document(app)
    leaves = drawer.pages(answers)
    app.layout = shell.layout(app, leaves)
    shell.install(app)
    bar.install(app, answers, reader)
    page.install(app, reader)
    panels.install(app, answers, reader)
    drawer.install(app, leaves, reader)
    jobs.install(app, answers, reader)
    whatif.install(app)
    branches.install(app, kept, reader)

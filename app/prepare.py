"""Answers made before anyone asks: every page as it opens, and the homes of every desk and book.

What is made is kept where a page would keep it (`app.kept`): the first reader after a load waits no longer than the
second. Whoever asks for less or more than that, another day or another sector, has it made for him.
"""

from collections.abc import Callable, Iterator

import structlog

from app.answer import Answers
from app.figures import THEMES, themed
from app.filters import Filters
from app.needs import in_store
from app.question import EmptyError, PendingError
from app.risk.measure import measures
from app.view import View, discover
from data.scope import ROLES, Scope

FIRM_HOMES = frozenset({"risk_manager"})
DESK_HOMES = frozenset({"trader"})
_log = structlog.get_logger()


def prepare(answers: Answers, tell: Callable[[str, float], None]) -> int:
    """Ask all of it of the current snapshot and say how many panels were answered; `tell` hears of the progress.

    A panel that waits for a run of its own is left to its readers; one that fails is named in the log.
    """
    try:
        asked = list(questions(answers))
    except EmptyError:
        return 0
    answered = 0
    for number, (view, filters, scope) in enumerate(asked, 1):
        for panel in view.panels:
            if in_store(measures()[panel.measure]):  # what the app itself writes is never kept
                continue
            try:
                for theme in THEMES if themed(panel.figure) else THEMES[:1]:
                    answers.drawn(panel.key, filters, scope, theme)
            except PendingError:
                continue
            except Exception as error:  # noqa: BLE001 the others are of use, and readers are told on the page
                _log.warning("panel not prepared", panel=panel.key, query=filters.query(), cause=str(error))
            else:
                answered += 1
        tell("Preparing pages", number / len(asked))
    return answered


def questions(answers: Answers) -> Iterator[tuple[View, Filters, Scope]]:
    """Pages with choices and the rows that are open: those of the firm, then those of each desk; homes come first."""
    firm = Scope("", "", frozenset(ROLES), firm=True)
    desks = answers.choices(Filters(), firm).books
    readers = [(firm, FIRM_HOMES, desks)]
    readers += [(Scope("", "", frozenset(ROLES), frozenset({desk})), DESK_HOMES, ((desk, of),)) for desk, of in desks]
    for scope, roles, own in readers:
        homes = [view for view in discover().values() if view.home & roles]
        for view in homes:
            yield view, Filters(), scope
            for desk, books in own:
                yield view, Filters(desk=desk), scope
                yield from ((view, Filters(desk=desk, book=book), scope) for book in books)
        yield from ((view, Filters(), scope) for view in discover().values() if not view.home)

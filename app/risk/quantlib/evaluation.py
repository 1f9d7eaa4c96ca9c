"""QuantLib's evaluation date, which is one for the whole process, lent to one thread at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import RLock

import QuantLib as ql  # noqa: N813 its own documentation calls it so

_turn = RLock()


@contextmanager
def evaluating(on: date) -> Iterator[ql.Date]:
    """Hold the evaluation date at `on`, given as QuantLib's date; other threads wait, the date before comes back."""
    with _turn:
        settings = ql.Settings.instance()
        before = settings.evaluationDate
        settings.evaluationDate = day = ql.Date.from_date(on)
        try:
            yield day
        finally:
            settings.evaluationDate = before

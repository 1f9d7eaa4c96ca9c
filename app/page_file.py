"""A page taken away: every panel of a view asked through the one path, bound into one workbook."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from app.answer import Answers
from app.filters import BadFilterError, Filters
from app.question import DeniedError, EmptyError, PendingError, Question, UnknownError
from app.view import Panel, discover
from app.write import bundle
from app.write.batches import LEVEL, from_frame
from app.write.chart import DRAWN, charted
from data.scenarios import ScenarioError
from data.scope import Scope

EXPECTED = (DeniedError, UnknownError, BadFilterError, PendingError, EmptyError, ScenarioError)
NOTHING = "Nothing here up to this date"
_log = structlog.get_logger()


def question_of(answers: Answers, page: str, filters: Filters, scope: Scope) -> Question:
    """What is asked when a page is taken away, filters of all its tables among it.

    UnknownError for no such page, else errors as for its first panel.
    """
    view = discover().get(page)
    if view is None:
        raise UnknownError(f"there is no page {page}; choose one of {', '.join(discover())}")
    asked = answers.question(view.panels[0].key, filters, scope)
    return replace(asked, filters=replace(asked.filters, where=filters.where))


def workbook(answers: Answers, asked: Question, address: str, exported_at: datetime) -> Iterator[bytes]:
    """The page's file in pieces, all of it of one snapshot; a panel without an answer is a line with its reason."""
    filters = replace(asked.filters, known=asked.snapshot.number)
    cover = bundle.Cover(asked.view.title, address, asked.scope.name, exported_at)
    return bundle.write(cover, (_part(answers, panel, filters, asked.scope) for panel in asked.view.panels))


def file_name(asked: Question) -> str:
    """`overview_2022-12-28_000017.xlsx`."""
    return f"{asked.view.name.replace('_', '-')}_{asked.moment.as_of}_{asked.snapshot.number}.xlsx"


def _part(answers: Answers, panel: Panel, filters: Filters, scope: Scope) -> bundle.Part:
    try:
        return _answered(answers, panel, filters, scope)
    except EXPECTED as error:
        return bundle.Part(panel.title, panel.about, reason=f"{error}")
    except Exception as error:  # noqa: BLE001 whatever fails, the other panels of the page are worth having
        _log.error("failed", panel=panel.key, exc_info=error)
        return bundle.Part(panel.title, panel.about, reason="This could not be computed; the operators can see why")


def _answered(answers: Answers, panel: Panel, filters: Filters, scope: Scope) -> bundle.Part:
    shown = bundle.Part(panel.title, panel.about)
    columns, about, batches = answers.stream(panel.key, filters, scope)
    first = next(batches, None)
    if first is None or _bare(first):
        return replace(shown, reason=panel.options.get("empty") or NOTHING)
    if panel.figure not in DRAWN:
        return replace(shown, columns=columns, about=about, batches=chain((first,), batches))
    table, chart = charted(panel.figure, answers.table(panel.key, filters, scope), panel.options)
    return replace(shown, columns=table.columns, about=about, batches=(from_frame(table),), chart=chart, table=table)


def _bare(batch: pa.RecordBatch) -> bool:
    """Whether there is no row, or in a tree none but the total."""
    return not batch.num_rows or (LEVEL.name in batch.schema.names and pc.max(batch[LEVEL.name]).as_py() == 0)

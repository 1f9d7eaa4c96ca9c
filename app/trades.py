"""The trades of a question, a page at a time: of any number, filtered by the warehouse, no more are read than shown."""

from functools import partial
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from app.filters import BadFilterError
from app.needs import Page
from app.paging import locate
from app.question import Question
from app.rows import Rows
from app.table import Column
from app.where import Test, conditions, tests, told
from data.relations import Ask

OF_BOOKS = {"desk", "book", "business_unit", "legal_entity", "strategy", "trader"}
"""What narrows trades book by book, which are counted when they are loaded."""


class Said(NamedTuple):
    """How many rows a filter leaves of how many, and that with its conditions; both empty without a filter."""

    shown: str = ""
    notes: tuple[str, ...] = ()


def trades(rows: Rows, question: Question) -> tuple[int, Page, Said]:
    """How many trades there are, what reads some of them, and what a filter leaves; BadFilterError for a bad one."""
    columns, found = _conditions(question)
    ask = _narrowed(question, found)
    counts = _counts(rows, question, ask)
    total = int(counts["trades"].sum())
    page = partial(_page, rows, question, ask, counts)
    if not found:
        return total, page, Said()
    of = int(_counts(rows, question, question.ask)["trades"].sum())
    shown, note = told(found, columns, total, of, whole=False)
    return total, page, Said(shown, (note,))


def days(rows: Rows, question: Question) -> dict[str, list[Any]]:
    """The `days` on which there are trades, newest first, and the place in the list at which each `begins`."""
    counts = _counts(rows, question, _narrowed(question, _conditions(question)[1]))
    begins = counts["trades"].cumsum() - counts["trades"]
    return {"days": [str(day)[:10] for day in counts["trade_date"]], "begins": begins.astype(int).tolist()}


def _conditions(question: Question) -> tuple[dict[str, Column], list[Test]]:
    columns = {column.name: column for column in question.measure.columns}
    try:
        return columns, tests(conditions(question.filters.where), columns)
    except ValueError as error:
        raise BadFilterError(f"where: {error}") from None


def _narrowed(question: Question, found: list[Test]) -> Ask:
    return Ask(question.ask.dates, question.ask.base, question.ask.rows, where=tuple(map(tuple, found)))


def _counts(rows: Rows, question: Question, ask: Ask) -> pd.DataFrame:
    by_book = ask.rows.keys() <= OF_BOOKS and not ask.where
    name = "trades_by_book" if by_book else "trades_by_day"
    return rows.frame(name, question.snapshot.number, question.scope, ask)


def _page(rows: Rows, question: Question, ask: Ask, counts: pd.DataFrame, start: int, end: int) -> pa.Table:  # noqa: PLR0913, PLR0917 what is read, and which of it
    span = locate(counts, start, end)
    dates = {**ask.dates, "first": span.first, "last": span.last}
    page = Ask(dates, ask.base, ask.rows, {"skip": span.skip, "take": span.take}, ask.where)
    return rows.read("trades", question.snapshot.number, question.scope, page)

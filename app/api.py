"""Panels for programs: what is open to a reader, its description, and the numbers as files, whole or by pages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Never

import pyarrow as pa
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound

from app import write
from app.answer import Answers
from app.cursor import Cursor
from app.filters import BadFilterError, Filters
from app.needs import in_store
from app.openapi import API, MOST_ROWS, columns_of, document
from app.question import NoSnapshotError, Question, UnknownError
from app.questions import TRADES
from app.risk.measure import measures
from app.view import Panel, View, discover, panel_of
from app.write.batches import from_frame
from app.write.document import write as write_rows
from auth import audit
from auth.guard import PageOf, current_scope, opens
from auth.permissions import may, permit
from data.scope import Scope


def register(server: Flask, answers: Answers) -> None:
    """Add the addresses under /api/v1, and those of files on screen, which are the same."""

    @server.get(f"{API}/views", endpoint="api_views")
    def views() -> Response:
        """The pages that are open to the reader and to his token, with their panels."""
        found = [_described(view) for view in _open_views(current_scope())]
        return jsonify(release=answers.release, views=found)

    @server.get(f"{API}/openapi.json", endpoint="api_document")
    def openapi() -> Response:
        """The same as an OpenAPI document."""
        return jsonify(document(_open_views(current_scope()), answers.release))

    @server.get("/api/<path:rest>", endpoint="api_nothing")
    @server.get("/export/<path:rest>", endpoint="export_nothing")
    def nothing(**_: str) -> Never:
        """Any other address there, which would else be a page."""
        raise NotFound

    @server.get("/export/<key>.<form>", endpoint="export")
    @server.get(f"{API}/panels/<key>.<form>", endpoint="api_panel")
    def panel(key: str, form: str) -> Response:
        """A panel as a file: the same answer as on screen, in full units; nothing where the program has it already."""
        permit(current_scope(), "export")
        asked = _asked(request.args.to_dict(), form)
        filters = asked.filters
        if asked.limit:  # a walk stays with the snapshot that it began with
            filters = replace(filters, known=filters.known or answers.version())
        question = _question(answers, key, filters, asked.walk)
        mark = answers.mark(question)
        if asked.walk:
            asked.walk.check(mark)
        tag = "" if in_store(question.measure) else "-".join((mark, form, f"{asked.start}", f"{asked.limit}"))
        if tag and request.if_none_match.contains_weak(tag):
            return _tagged(Response(status=304), tag)
        if asked.limit:
            return _tagged(_page(answers, question, filters, asked, mark), tag)
        return _tagged(_whole(answers, question, filters, form), tag)


def page_of(key: str, **_: str) -> str:
    """The page of a panel, by the arguments of its address; empty if there is no such panel."""
    try:
        return panel_of(key)[0].name
    except KeyError:
        return ""


def any_page(**_: str) -> None:
    """What is of no one page, and keeps to those that the token is for."""


TOKEN_ENDPOINTS: dict[str, PageOf] = {
    "api_panel": page_of,
    "api_views": any_page,
    "api_document": any_page,
    "api_nothing": any_page,
}
"""What a personal access token opens, and how to tell the page that it must be for."""


def _open_views(scope: Scope) -> list[View]:
    """The views that are open to the reader and to what he showed, with those of their panels that are."""
    views = (view for view in discover().values() if view.roles & scope.roles and opens(view.name))
    trades = may(scope, "see trades")
    return [replace(view, panels=tuple(p for p in view.panels if trades or not _of_trades(p))) for view in views]


def _of_trades(panel: Panel) -> bool:
    return bool(TRADES & set(measures()[panel.measure].needs))


def _described(view: View) -> dict[str, Any]:
    panels = [_panel_described(panel) for panel in view.panels]
    return {"name": view.name, "title": view.title, "section": view.section, "panels": panels}


def _panel_described(panel: Panel) -> dict[str, Any]:
    return {
        "key": panel.key,
        "title": panel.title,
        "about": panel.about,
        "measure": panel.measure,
        "by": panel.by,
        "formats": list(write.FORMATS),
        "columns": columns_of(panel),
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address says: the filters, and where it asks for a page, of how many rows and from where."""

    filters: Filters
    limit: int = 0
    walk: Cursor | None = None

    @property
    def start(self) -> int:
        return self.walk.start if self.walk else 0


def _asked(query: dict[str, str], form: str) -> _Asked:
    """UnknownError for a format that there is not, BadFilterError for what cannot be read or does not go together."""
    if form not in write.FORMATS:
        raise UnknownError(f"there is no format {form[:20]}; choose one of {', '.join(write.FORMATS)}")
    limit, cursor = query.pop("limit", ""), query.pop("cursor", "")
    filters = Filters.parse(query)
    if not (limit or cursor):
        return _Asked(filters)
    if form != "json":
        raise BadFilterError("limit: only JSON comes by pages; leave out limit and cursor, the file is whole")
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 5 and 1 <= int(limit) <= MOST_ROWS):
        raise BadFilterError(f"limit: {limit[:20]!r} is not a number of rows from 1 to {MOST_ROWS:,}")
    if not cursor:
        return _Asked(filters, int(limit))
    walk = Cursor.parse(cursor)
    if filters.known not in ("", walk.snapshot):
        raise BadFilterError(f"known: {filters.known} is not the snapshot of this cursor; leave it as it was")
    return _Asked(replace(filters, known=walk.snapshot), int(limit), walk)


def _question(answers: Answers, key: str, filters: Filters, walk: Cursor | None) -> Question:
    try:
        return answers.question(key, filters, current_scope())
    except NoSnapshotError:
        if walk is None:
            raise
        raise BadFilterError("cursor: its snapshot is not kept; begin again without a cursor") from None


def _whole(answers: Answers, question: Question, filters: Filters, form: str) -> Response:
    scope, now = question.scope, datetime.now(UTC)
    columns, about, batches = answers.stream(question.panel.key, filters, scope)
    told = {"filters": filters.query(), "reach": scope.reach, "snapshot": about.snapshot}
    audit.record("export", scope, panel=about.key, form=form, **told)
    body = write.stream_batches(_started(batches), columns, about, form, reader=scope.name, exported_at=now)
    response = Response(body, content_type=write.FORMATS[form].mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{write.file_name(about, form)}"'
    response.headers.update(write.headers(write.Note(about, scope.name, now)))
    return response


def _page(answers: Answers, question: Question, filters: Filters, asked: _Asked, mark: str) -> Response:
    scope, key, number = question.scope, question.panel.key, question.snapshot.number
    end = asked.start + asked.limit
    table, total = answers.part(key, filters, scope, start=asked.start, end=end)
    here = {"filters": filters.query(), "snapshot": number, "start": asked.start, "rows": len(table.frame)}
    audit.record("export", scope, panel=key, form="json", reach=scope.reach, **here)
    after = str(Cursor.at(number, end, mark)) if end < total else None
    note = write.Note(table.about, scope.name, datetime.now(UTC))
    body = write_rows([from_frame(table)], table.columns, note, {"next": after, "total": total})
    response = Response(b"".join(body), mimetype="application/json")
    response.headers.update(write.headers(note))
    return response


def _tagged(response: Response, tag: str) -> Response:
    """The answer with its tag: weak, as a file says besides who exported it and when."""
    if tag:
        response.set_etag(tag, weak=True)
    response.vary.update(("Authorization", "Cookie"))
    return response


def _started(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches with the first already read, so that a failure is an answer and not a broken file."""
    first = [batch for batch in [next(batches, None)] if batch is not None]
    return chain(first, batches)

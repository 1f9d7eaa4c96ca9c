"""The same panels outside the page: as files, with their health and version beside them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

import pyarrow as pa
import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from app import page_file, write
from app.answer import Answers
from app.filters import BadFilterError, Filters
from app.question import DeniedError, EmptyError, PendingError, UnknownError
from app.view import panel_of
from auth import audit
from auth.guard import current_scope
from data.scenarios import ScenarioError

STATUS = {
    DeniedError: 403,
    UnknownError: 404,
    BadFilterError: 400,
    PendingError: 409,
    EmptyError: 503,
    ScenarioError: 503,
}
WORKBOOK = write.FORMATS["xlsx"].mimetype
SHORTEST, LONGEST = 2, 60
"""How much of a name is looked for."""

_log = structlog.get_logger()


def register(server: Flask, answers: Answers) -> None:
    """Add the addresses of files, version and health, and one shape for every error."""

    @server.get("/health")
    def health() -> Response:
        """Open to everyone: that the process answers, and which snapshot it reads; none before the first load."""
        try:
            return jsonify(status="ok", snapshot=answers.version())
        except EmptyError:
            return jsonify(status="ok", snapshot="")

    @server.get("/version")
    def version() -> Response:
        """The number of the current snapshot, for pages that watch for a newer one."""
        current_scope()
        return jsonify(version=answers.version(), release=answers.release)

    @server.get("/export/page/<page>.xlsx")
    def page(page: str) -> Response:
        """A page as one workbook: a sheet a panel, and first what they are."""
        scope, filters = current_scope(), Filters.parse(request.args.to_dict())
        asked = page_file.question_of(answers, page, filters, scope)
        number = asked.snapshot.number
        audit.record("export", scope, page=page, form="xlsx", filters=filters.query(), snapshot=number)
        address = f"{asked.view.path}?{filters.query()}".rstrip("?")
        body = page_file.workbook(answers, asked, address, datetime.now(UTC))
        response = Response(body, mimetype=WORKBOOK)
        response.headers["Content-Disposition"] = f'attachment; filename="{page_file.file_name(asked)}"'
        return response

    @server.get("/export/<key>.<form>", endpoint="export")
    @server.get("/api/v1/panels/<key>.<form>", endpoint="api_panel")
    def export(key: str, form: str) -> Response:
        """A panel as a file: the same answer as on screen, in full units, streamed; to programs by a token."""
        scope = current_scope()
        if form not in write.FORMATS:
            raise UnknownError(f"there is no format {form}; choose one of {', '.join(write.FORMATS)}")
        filters = Filters.parse(request.args.to_dict())
        columns, about, batches = answers.stream(key, filters, scope)
        audit.record("export", scope, panel=key, form=form, filters=filters.query(), snapshot=about.snapshot)
        now = datetime.now(UTC)
        body = write.stream_batches(_started(batches), columns, about, form, reader=scope.name, exported_at=now)
        response = Response(body, mimetype=write.FORMATS[form].mimetype)
        response.headers["Content-Disposition"] = f'attachment; filename="{write.file_name(about, form)}"'
        response.headers.update(write.headers(write.Note(about, scope.name, now)))
        return response

    @server.get("/find")
    def find() -> Response:
        """Instruments and trades by the beginning of their names, for readers who type one; `q` is the text."""
        scope = current_scope()
        asked = request.args.to_dict()
        text = asked.pop("q", "").strip()
        if not SHORTEST <= len(text) <= LONGEST or not text.isprintable():
            raise BadFilterError(f"q: write {SHORTEST} to {LONGEST} printable characters of a name")
        return jsonify(answers.find(text, Filters.parse(asked), scope))

    for error, status in STATUS.items():
        server.register_error_handler(error, lambda problem, status=status: _problem(status, str(problem)))
    server.register_error_handler(Exception, _unexpected)


def page_of(key: str, **_: str) -> str:
    """The page of a panel, by the arguments of its address; empty if there is no such panel."""
    try:
        return panel_of(key)[0].name
    except KeyError:
        return ""


TOKEN_ENDPOINTS = {"api_panel": page_of}
"""What a personal access token opens, and how to tell the page that it must be for."""


def _started(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches with the first already read, so that a failure is an answer and not a broken file."""
    first = [batch for batch in [next(batches, None)] if batch is not None]
    return chain(first, batches)


def _problem(status: int, message: str) -> Response:
    if status == 403:
        audit.deny(message)
    response = jsonify(error=message)
    response.status_code = status
    return response


def _unexpected(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    _log.error("failed", path=request.path, exc_info=error)
    return _problem(500, "this failed on our side and was logged; try again, or tell the operators the time")

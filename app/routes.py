"""The same panels outside the page: as files, with their health and version beside them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

import pyarrow as pa
import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from app import write
from app.answer import Answers
from app.filters import BadFilterError, Filters
from app.question import DeniedError, EmptyError, PendingError, UnknownError
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

    @server.get("/export/<key>.<form>")
    def export(key: str, form: str) -> Response:
        """A panel as a file: the same answer as on screen, in full units, streamed."""
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

    for error, status in STATUS.items():
        server.register_error_handler(error, lambda problem, status=status: _problem(status, str(problem)))
    server.register_error_handler(Exception, _unexpected)


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

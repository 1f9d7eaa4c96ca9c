"""What is beside the pages: a page as a file, search, health and version, and one shape for every error."""

from datetime import UTC, datetime

import structlog
from dash import Dash
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from app import api, files, page_file, write
from app.answer import Answers
from app.filters import BadFilterError, Filters
from app.question import DeniedError, EmptyError, NoSnapshotError, PendingError, UnknownError
from auth import audit, problem
from auth.guard import current_scope, navigates
from auth.permissions import permit
from data.scenarios import ScenarioError

STATUS = {
    DeniedError: 403,
    UnknownError: 404,
    BadFilterError: 400,
    PendingError: 409,
    EmptyError: 503,
    NoSnapshotError: 404,
    ScenarioError: 503,
}
WORKBOOK = write.FORMATS["xlsx"].mimetype
SHORTEST, LONGEST = 2, 60
"""How much of a name is looked for."""

_log = structlog.get_logger()


def send_files(app: Dash) -> None:
    """Add the addresses of the app's own scripts and styles, each kind as one file, and have its pages load them."""
    for file in files.join(app):
        route = f"{app.config.routes_pathname_prefix}{app.config.assets_url_path}/{file.name}"
        app.server.add_url_rule(route, f"{app.config.name}-{file.name}".replace(".", "-"), file.send)


def register(server: Flask, answers: Answers) -> None:
    """Add the addresses of files, the interface for programs, version and health, and one shape for every error."""
    api.register(server, answers)

    @server.get("/health")
    def health() -> Response:
        """Open to everyone: that the process answers, and which snapshot it reads; none before the first load."""
        try:
            return jsonify(status="ok", snapshot=answers.version())
        except EmptyError:
            return jsonify(status="ok", snapshot="")

    @server.get("/version")
    def version() -> Response:
        """One word for what a page on screen rests on: it changes with the snapshot and the reader's rights."""
        scope = current_scope()
        rests = [answers.version(), scope.key, sorted(scope.roles)]
        return jsonify(version=answers.kept.mark(rests), release=answers.release)

    @server.get("/export/page/<page>.xlsx")
    def page(page: str) -> Response:
        """A page as one workbook: a sheet a panel, and first what they are."""
        scope, filters = current_scope(), Filters.parse(request.args.to_dict())
        permit(scope, "export")
        asked = page_file.question_of(answers, page, filters, scope)
        number = asked.snapshot.number
        told = {"filters": filters.query(), "reach": scope.reach, "snapshot": number}
        audit.record("export", scope, page=page, form="xlsx", **told)
        address = f"{asked.view.path}?{filters.query()}".rstrip("?")
        body = page_file.workbook(answers, asked, address, datetime.now(UTC))
        response = Response(body, mimetype=WORKBOOK)
        response.headers["Content-Disposition"] = f'attachment; filename="{page_file.file_name(asked)}"'
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

    for error in STATUS:
        server.register_error_handler(error, _expected)
    server.register_error_handler(HTTPException, _refused)
    server.register_error_handler(Exception, _unexpected)


def _expected(error: Exception) -> Response:
    """What the answer path says of itself; it is written for readers, and tells nothing that is closed to them."""
    status = next(status for kind in type(error).__mro__ if (status := STATUS.get(kind)))
    if status == 403:
        audit.deny(str(error))
    details = {"parameter": error.parameter} if isinstance(error, BadFilterError) else {}
    return problem.answer(status, str(error), details=details)


def _refused(error: HTTPException) -> Response | HTTPException:
    """What Flask refuses: in the one shape, but to people who open a page, and where it brings its own answer."""
    return error if error.response or navigates() else problem.of_http(error)


def _unexpected(error: Exception) -> Response:
    _log.error("failed", path=request.path, exc_info=error)
    return problem.answer(500, "this failed on our side and was logged; try again, or tell the operators the time")

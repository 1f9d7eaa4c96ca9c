"""What went wrong, in the reader's words, with what to do about it; the unexpected is logged under a reference."""

import secrets

import structlog
from flask import has_request_context

from app.filters import BadFilterError
from app.question import DeniedError, EmptyError, PendingError, UnknownError
from auth import audit
from data.scenarios import ScenarioError

log = structlog.get_logger()
_TITLES = {
    DeniedError: "Not open to you",
    UnknownError: "There is no such panel",
    BadFilterError: "A choice in the address cannot be used",
    PendingError: "These numbers come from a run",
    ScenarioError: "A scenario file cannot be used",
    EmptyError: "There are no numbers to show",
}


def explain_failure(where: str, error: Exception) -> tuple[str, str]:
    """A title and a sentence; expected errors speak for themselves, and a refusal leaves its row in the trail."""
    if isinstance(error, DeniedError) and has_request_context():
        audit.deny(str(error))
    for kind, title in _TITLES.items():
        if isinstance(error, kind):
            return title, f"{error}."
    reference = secrets.token_hex(4)
    log.error("screen failed", where=where, reference=reference, exc_info=error)
    return "This could not be computed", f"Reload the page; if it stays, tell the operators reference {reference}."

"""A problem is what a program is told that gets no answer: one shape, a stable code, a sentence with the remedy."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "wrong_method",
    409: "not_ready",
    413: "too_large",
    415: "wrong_type",
    429: "too_many",
    500: "failed",
    503: "no_data",
}
"""The code of a status that has no closer one; programs tell problems apart by it, and it never changes."""


def answer(status: int, message: str, code: str = "", details: Mapping[str, object] = MappingProxyType({})) -> Response:
    """`{"error": {"code", "message", "details"}}`: `details` are for programs, such as the parameter that was wrong."""
    response = jsonify(error={"code": code or _code(status), "message": message, "details": {**details}})
    response.status_code = status
    return response


def slow_down(seconds: int, message: str, details: Mapping[str, object] = MappingProxyType({})) -> Response:
    """429, and when to ask again: in the words, for programs in `details`, for browsers in `Retry-After`."""
    told = f"{message}; wait {seconds} seconds, then try again"
    response = answer(429, told, details={**details, "retry_after": seconds})
    response.headers["Retry-After"] = str(seconds)
    return response


def of_http(error: HTTPException) -> Response:
    """What the server itself refuses, in the same shape, with the headers of that refusal (such as `Allow`)."""
    status = error.code or 500
    message, details = _told(error, status)
    response = answer(status, message, details=details)
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def _code(status: int) -> str:
    return CODES.get(status, "bad_request" if status < 500 else "failed")


def _told(error: HTTPException, status: int) -> tuple[str, dict[str, object]]:
    if status == 404:
        return "there is nothing at this address; /api/v1/openapi.json lists what there is", {}
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        return f"this address does not take {request.method[:20]}; use {' or '.join(allowed)}", {"allowed": allowed}
    if status == 413:
        most = current_app.config["MAX_CONTENT_LENGTH"]
        return f"the request is larger than {most:,} bytes; send less at once", {"most_bytes": most}
    return error.description or error.name, {}

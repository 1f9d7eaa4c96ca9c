"""The audit trail: one appended row for each login, logout, denied request, export, change of a branch and run."""

import json

import structlog
from flask import Flask, current_app, g, has_request_context, request

from auth import seals
from data.scope import Scope
from data.store import Clock, Store

_log = structlog.get_logger()


class Audit:
    """Appends to the store's audit trail; within a request it notes the client's address and the path."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def record(self, event: str, scope: Scope, **details: object) -> None:
        """Append one row; `details` become JSON text, and no token or query string belongs in them."""
        here: dict[str, object] = {}
        if has_request_context():
            here |= {"method": request.method, "path": request.path[:500]}
        if scope.seen_by:
            here |= {"seen_as": scope.reader}
        row = {
            "at": self._clock(),
            "event": event,
            "reader": scope.seen_by or scope.reader,
            "address": (request.remote_addr or "") if has_request_context() else "",
            "details": json.dumps(here | details, default=str),
        }
        with self._store.engine.begin() as connection:
            seals.append(connection, row)
        _log.info(event, reader=row["reader"], **here, **details)


def install(server: Flask, audit: Audit) -> None:
    """Make `record` write to this trail in every request of the server."""
    server.extensions["parapet_audit"] = audit


def record(event: str, scope: Scope, **details: object) -> None:
    """Append one row to the trail of the current app; outside an app RuntimeError."""
    current_app.extensions["parapet_audit"].record(event, scope, **details)


def deny(reason: str) -> None:
    """Say why the current request is refused; the guard appends exactly one `denied` row for it."""
    g.denied = reason[:300]

"""Rates: how often one reader may ask, by what is asked; whoever is not signed in is counted by address.

The gate stands before this: what it refuses is not counted here. Counts live in the memory of the process, or in
Redis for all nodes together; while Redis is away each node counts for itself.
"""

import time
from dataclasses import asdict, dataclass
from math import ceil

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits import parse_many

from auth import audit, problem
from data.scope import NOBODY, Scope

KINDS: dict[str, tuple[str, ...]] = {
    "login": ("/login", "/callback", "/embed/exchange"),
    "export": ("/export/", "/embed/export/"),
    "api": ("/api/",),
    "callback": ("/_dash-update-component", "/find", "/embed/_dash-update-component"),
}
"""What is counted together, by the beginning of its path."""

STORAGES = ("redis://", "rediss://", "unix://")


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a kind of request may come from one reader: `600 per minute`, `20/second; 600/minute`; empty: any."""

    login: str = ""
    export: str = ""
    api: str = ""
    callback: str = ""


def checked(text: str) -> str:
    """The rate as it is written; ValueError for one that cannot be read."""
    try:
        parse_many(text) if text else None
    except ValueError:
        raise ValueError(f"{text[:80]!r} is not a rate; write one such as 600 per minute, or nothing") from None
    return text


def install(server: Flask, rates: Rates, storage: str = "") -> Limiter:
    """Count the requests of a server, each kind against its rate; `storage` is the address of a Redis, or empty."""
    shared = storage.startswith(STORAGES)
    rate = {"": "", **asdict(rates)}
    limiter = Limiter(
        _asker,
        application_limits=[ApplicationLimit(lambda: rate[_kind()], _asker, scope=_kind)],
        strategy="fixed-window",
        storage_uri=storage if shared else "memory://",
        in_memory_fallback_enabled=shared,
        on_breach=lambda limit: _refuse(limiter, limit),
        key_prefix="parapet",
    )
    limiter.init_app(server)
    return limiter


def _asker() -> str:
    """Who is counted: the reader of a session (who looks, not as whom), the owner of a token, else the address."""
    scope: Scope = g.get("reader", NOBODY)
    reader = scope.seen_by or scope.reader
    return f"reader {reader}" if reader else f"address {request.remote_addr}"


def _kind(_endpoint: str = "") -> str:
    """What the current request is counted as; empty for what is not counted."""
    return next((kind for kind, paths in KINDS.items() if request.path.startswith(paths)), "")


def _refuse(limiter: Limiter, limit: RequestLimit) -> Response:
    """429 with the time to wait; a row in the audit trail for the first refusal of a window and not for each."""
    *_, kind = limit.request_args
    if limiter.limiter.hit(type(limit.limit)(1, limit.limit.multiples), "told", *limit.request_args):
        audit.deny(f"too many requests of kind {kind}: more than {limit.limit}")
    seconds = max(1, ceil(limit.window.reset_time - time.time()))
    return problem.slow_down(seconds, f"more than {limit.limit}", {"kind": kind, "limit": str(limit.limit)})

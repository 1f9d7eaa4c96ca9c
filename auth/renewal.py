"""Renewal: what a login server said of a reader grows old, and is asked for again without him (`prompt=none`).

The moment of the next renewal is in the session. It is put off before the browser leaves, so that whatever comes back,
or never does, no reader is sent round in circles.
"""

from datetime import timedelta

from flask import request, session

from auth.login import LoginSettings
from data.store import Clock

AWAY = timedelta(minutes=2)
"""How long a renewal that is under way keeps others from beginning."""

SHORTLY = timedelta(minutes=5)
"""When a login server that was down is asked again."""

NEEDS_READER = frozenset({"login_required", "interaction_required", "consent_required", "account_selection_required"})
PASSING = frozenset({"temporarily_unavailable", "server_error"})
"""Errors of a login server (OpenID Connect Core 3.1.2.6, RFC 6749 4.1.2.1)."""

_NEXT = "renew_at"


class Renewal:
    """When the session of the current request is to be renewed."""

    def __init__(self, login: LoginSettings, clock: Clock) -> None:
        self._after = login.renew
        self._strict = login.strict
        self._clock = clock

    def first(self) -> dict[str, float]:
        """What a new session keeps: when it is to be renewed."""
        return {_NEXT: (self._clock() + self._after).timestamp()}

    def due(self) -> bool:
        """Whether a reader who opens a page is to be sent on for a renewal: only whole pages, never in a frame."""
        document = request.headers.get("Sec-Fetch-Dest", "document") == "document"
        return bool(self._after) and document and request.method == "GET" and self._late(timedelta())

    def overdue(self) -> bool:
        """Whether nothing more is to be answered before a renewal; only where the settings are strict."""
        return bool(self._after) and self._strict and self._late(self._after)

    def put_off(self, by: timedelta | None = None) -> None:
        """Renew later: after that time, or the usual one."""
        session[_NEXT] = (self._clock() + (self._after if by is None else by)).timestamp()

    def _late(self, by: timedelta) -> bool:
        at = session.get(_NEXT)
        return at is not None and self._clock().timestamp() >= at + by.total_seconds()

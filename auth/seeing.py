"""Seeing as another reader: an administrator looks with that reader's scope, nothing of his own, and changes nothing.

It begins and ends with an audit row and is over with the session; every request meanwhile is in the trail, as the
administrator's and as whom he saw.
"""

from dataclasses import replace
from typing import cast

from flask import Flask, g, redirect, request, session
from werkzeug.wrappers import Response

from auth import audit, notice
from auth.notice import Notice
from auth.permissions import permit
from auth.readers import Readers
from auth.stepup import require_fresh
from data.scope import DeniedError, Scope

BEGIN, END = "/see-as", "/see-as/end"
UNTOLD = ("/assets/", "/_dash-component-suites/", "/_favicon.ico", "/version")
"""What tells nothing of the reader and is asked all the time."""

_KEY = "seen_as"


class Seeing:
    """Who may see as whom; the session remembers the reader chosen, and each request decides anew what that opens."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def permitted(self, by: Scope, reader: str) -> Scope:
        """What an administrator sees as that reader; DeniedError for himself, for administrators and for strangers."""
        permit(by, "see as others")
        seen = self._readers.scope(reader)
        if seen is None:
            raise DeniedError(f"{reader[:60]!r} has not signed in for too long, or never")
        if "admin" in seen.roles or reader == by.reader:
            raise DeniedError("nobody sees as an administrator")
        return replace(seen, seen_by=by.reader)

    def scope(self, own: Scope) -> Scope:
        """The scope of the current request: the reader's whom its session chose, if any, else its own."""
        if _KEY not in session:
            return own
        try:
            seen = self.permitted(own, session[_KEY])
        except DeniedError as error:
            audit.record("see_as_ended", own, of=session.pop(_KEY), reason=str(error))
            return own
        if not request.path.startswith(UNTOLD):
            audit.record("seen_as", seen, **_asked())
        return seen

    def begin(self) -> Response:
        """POST: see as the reader that the form names."""
        own, reader = cast("Scope", g.scope), request.form.get("reader", "").strip()
        try:
            seen = self.permitted(own, reader)
        except DeniedError as error:
            audit.deny(str(error))
            text = "You go on as yourself."
            return notice.show(Notice("You cannot see as this reader", text, f"{error}.", "Go on", "/"), 403)
        require_fresh("see as another reader")
        session[_KEY] = reader
        audit.record("see_as_begun", seen)
        return redirect("/")

    def end(self) -> Response:
        """POST: see as oneself again."""
        if session.pop(_KEY, None):
            audit.record("see_as_ended", cast("Scope", g.scope))
        return redirect("/")


def register(server: Flask, seeing: Seeing) -> None:
    """Add the two addresses; whoever comes there is signed in, and from one of our own pages."""
    server.add_url_rule(BEGIN, "see_as", seeing.begin, methods=["POST"])
    server.add_url_rule(END, "see_as_end", seeing.end, methods=["POST"])


def _asked() -> dict[str, str]:
    """Which panel a callback fills; the path of everything else says enough."""
    body = request.get_json(silent=True) if request.is_json else None
    filled = str(body.get("output", "")) if isinstance(body, dict) else ""
    return {"asked": filled.strip(".").partition(".")[0][:200]} if filled else {}

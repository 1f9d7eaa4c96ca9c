"""Step-up: what is too weighty for a login of this morning asks the reader to prove himself again, just now."""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, g, request, session

from auth import audit, notice, problem
from auth.notice import Notice
from auth.target import safe_target
from data.scope import NOBODY, DeniedError
from data.store import Clock

_NAME = "parapet_stepup"


class StaleLoginError(DeniedError):
    """The reader's login is not recent enough for this; `link` signs in again and leads back."""

    def __init__(self, message: str, link: str) -> None:
        super().__init__(message)
        self.link = link


class StepUp:
    """How recent a login has to be."""

    def __init__(self, clock: Clock, within: timedelta) -> None:
        self.clock = clock
        self.within = within


def install(server: Flask, stepup: StepUp) -> None:
    """Make `require_fresh` count by this in every request of the server, and answer who has to sign in again."""
    server.extensions[_NAME] = stepup
    server.register_error_handler(StaleLoginError, _stale)


def require_fresh(action: str, within: timedelta | None = None) -> None:
    """Return where the reader proved himself within that time (else the setting's); StaleLoginError otherwise.

    What counts is the moment that the login server names (`auth_time`), not that of our session. `action` completes
    "sign in again to …", in the answer and the audit row. A token of a program never passes.
    """
    stepup: StepUp = current_app.extensions[_NAME]
    allowed = stepup.within if within is None else within
    mine = bool(session.get("sub")) and g.get("reader", NOBODY).reader == session["sub"] and "token" not in g
    if mine and stepup.clock().timestamp() - session.get("auth_time", 0) <= allowed.total_seconds():
        return
    minutes = int(allowed.total_seconds() // 60)
    reason = f"sign in again to {action}: this needs a login within the last {minutes} minutes"
    audit.deny(reason)
    raise StaleLoginError(reason, f"/login?{urlencode({'fresh': 1, 'next': _here()})}")


def _here() -> str:
    """The page that the reader is on, which is not the address of a callback or a form."""
    if request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate":
        return safe_target(request.full_path.removesuffix("?"))
    came = urlsplit(request.headers.get("Referer", ""))
    ours = came.netloc == urlsplit(request.host_url).netloc
    return safe_target(f"{came.path}?{came.query}".removesuffix("?")) if ours else "/"


def _stale(error: StaleLoginError) -> Response:
    if request.headers.get("Sec-Fetch-Mode") == "navigate":
        text = "Your login is too long ago for this. Sign in again; you come back to where you are."
        return notice.show(Notice("Sign in again", text, str(error), "Sign in again", error.link), 403)
    return problem.answer(403, str(error), code="login_too_old", details={"remedy": error.link})

"""The gate of what a frame in a portal asks: no cookie and no session count there, only a bearer from the exchange."""

from collections.abc import Callable, Collection
from dataclasses import replace

from flask import Response, g, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from auth import audit, problem
from auth.embeds import PREFIX, EmbedRefusedError, Embeds, Opened
from auth.failures import Failures
from data.scope import NOBODY, Scope

PATH = "/embed/"
SIGN_IN_PATH = "/embed/sign-in"
"""The one address below PATH that is a page of its own, opened by its reader and with his session."""


def is_cookieless(path: str) -> bool:
    """Whether a request to this path is answered without looking for a session."""
    return path.startswith(PATH) and path != SIGN_IN_PATH


class Frames:
    """Everything below PATH is closed but `opened`, which hold no data, and `endpoints`, which want a bearer.

    `lacking` says what a reader still needs in order to enter; empty when nothing is missing.
    """

    def __init__(
        self,
        embeds: Embeds,
        lacking: Callable[[Scope], str],
        failures: Failures,
        *,
        opened: Collection[str],
        endpoints: Collection[str],
    ) -> None:
        self._embeds = embeds
        self._lacking = lacking
        self._failures = failures
        self._opened = frozenset(opened)
        self._endpoints = frozenset(endpoints)

    def ask(self) -> bool:
        """Whether the request is a frame's: by its path, or by the bearer that it shows elsewhere."""
        return is_cookieless(request.path) or _shown().startswith(PREFIX)

    def admit(self) -> AnyResponse | None:
        """None lets the request pass, with the reader's scope where it wants a bearer; otherwise its answer."""
        g.reader = NOBODY
        if is_cookieless(request.path) and request.endpoint in self._opened:
            return None
        if slowed := self._failures.refusal(request.remote_addr or ""):
            return slowed
        try:
            scope = self._embeds.admit(_shown())
        except EmbedRefusedError as refusal:
            return self._refuse(refusal)
        g.reader = scope
        if not is_cookieless(request.path) or request.endpoint not in self._endpoints:
            return _refused(403, f"this bearer opens page {scope.page} in a frame, and nothing else")
        if missing := self._lacking(scope):
            return _refused(403, f"the account lacks {missing}")
        g.scope = scope
        return None

    def exchange(self) -> AnyResponse:
        """POST `{"page", "token"}` or `{"page", "code"}` as JSON: `{"bearer", "seconds", "filters"}`, good once."""
        if slowed := self._failures.refusal(request.remote_addr or ""):
            return slowed
        asked = request.get_json(silent=True)
        said = {name: text for name, text in asked.items() if isinstance(text, str)} if isinstance(asked, dict) else {}
        page = said.get("page", "")
        try:
            redeemed = "code" in said
            opened = self._embeds.redeem(said["code"], page) if redeemed else self._embeds.exchange(_token(said), page)
        except EmbedRefusedError as refusal:
            return self._refuse(refusal)
        g.reader = opened.scope
        if missing := self._lacking(opened.scope):
            return _refused(403, f"the account lacks {missing}")
        _record(opened)
        return jsonify(bearer=opened.bearer, seconds=opened.seconds, filters=dict(opened.filters))

    def _refuse(self, refusal: EmbedRefusedError) -> AnyResponse:
        if refusal.status == 401 and not refusal.owner:
            self._failures.note(request.remote_addr or "")
        g.reader = replace(NOBODY, reader=refusal.owner)
        return _refused(refusal.status, str(refusal))


def _record(opened: Opened) -> None:
    scope = opened.scope
    reach = {"desks": sorted(scope.desks), "firm": scope.firm, "filters": dict(opened.filters)}
    audit.record("embed_opened", scope, portal=opened.portal, page=scope.page, **reach)


def _token(said: dict[str, str]) -> str:
    if not said.get("token"):
        raise EmbedRefusedError("send page and token as JSON")
    return said["token"]


def _shown() -> str:
    sent = request.authorization
    return (sent.token or "") if sent and sent.type == "bearer" else ""


def _refused(status: int, reason: str) -> Response:
    audit.deny(reason)
    return problem.answer(status, reason)

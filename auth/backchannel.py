"""Back-channel logout: the login server ends a reader's sessions here, by a signed token and without his browser.

OpenID Connect Back-Channel Logout 1.0. The token is the only credential of the request, and is good once.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, jsonify, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import bindparam, delete, insert
from sqlalchemy.exc import IntegrityError

from auth import audit
from auth.provider import MAX_AGE, Provider
from data.scope import Scope
from data.store import Clock, Store, session, spent_token

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = timedelta(seconds=30)
FRESH = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)
"""How old a token may be, whatever it says itself."""

_TYPES = frozenset({"logout+jwt", "jwt"})
_BY_SID, _BY_SUB = session.c.sid == bindparam("its_sid"), session.c.sub == bindparam("its_sub")
_PURGE = delete(spent_token).where(spent_token.c.ends_at <= bindparam("now"))


class LogoutRejectedError(ValueError):
    """A token that ends no session; says why."""


class BackChannel:
    """The endpoint of one client at one login server."""

    def __init__(self, provider: Provider, issuer: str, client_id: str, store: Store, clock: Clock) -> None:
        self._provider = provider
        self._issuer = issuer
        self._client_id = client_id
        self._engine = store.engine
        self._clock = clock

    def end(self) -> Response:
        """POST with `logout_token`: end the sessions that it names; 400 for a token that does not pass."""
        try:
            claims = self._claims(request.form.get("logout_token", ""))
            self._spend(str(claims["jti"]))
        except LogoutRejectedError as error:
            audit.deny(f"back-channel logout: {error}")
            response = jsonify(error="invalid_request", error_description=str(error))
            response.status_code = 400
            return response
        sid, sub = str(claims.get("sid") or ""), str(claims.get("sub") or "")
        named = _BY_SID if sid else _BY_SUB
        with self._engine.begin() as connection:
            ended = connection.execute(delete(session).where(named), {"its_sid": sid, "its_sub": sub}).rowcount
        audit.record("logout", Scope(sub, sub), by="the login server", sessions=ended)
        return Response(status=200)

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            found = self._opened(token, MAX_AGE)
        except (JoseError, ValueError):
            found = None
        try:  # its key may be newer than those that were read
            found = found or self._opened(token, FRESH)
        except (JoseError, ValueError) as error:
            raise LogoutRejectedError(f"the token does not pass: {error}") from None
        self._check(found.header, found.claims)
        return found.claims

    def _opened(self, token: str, within: timedelta) -> jwt.Token:
        metadata = self._provider.metadata(within)
        keys = KeySet.import_key_set(metadata["jwks"])
        return jwt.decode(token, keys, algorithms=metadata["id_token_signing_alg_values_supported"])

    def _check(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        events = claims.get("events")
        problems = {
            "typ": str(header.get("typ", "jwt")).lower().removeprefix("application/") not in _TYPES,
            "iss": claims.get("iss") != self._issuer,
            "aud": self._client_id not in audiences,
            "events": not isinstance(events, dict) or not isinstance(events.get(EVENT), dict),
            "nonce": "nonce" in claims,
            "jti": not isinstance(claims.get("jti"), str) or not claims["jti"],
            "sub or sid": not (claims.get("sub") or claims.get("sid")),
            "iat or exp": not self._timely(claims),
        }
        if wrong := next((name for name, bad in problems.items() if bad), ""):
            raise LogoutRejectedError(f"the token does not pass: {wrong}")

    def _timely(self, claims: Mapping[str, Any]) -> bool:
        issued, expires = claims.get("iat"), claims.get("exp", claims.get("iat"))
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            return False
        now = self._clock().timestamp()
        lasts = claims.get("exp") is None or expires + LEEWAY.total_seconds() > now
        return bool(lasts and now - LONGEST.total_seconds() <= issued <= now + LEEWAY.total_seconds())

    def _spend(self, jti: str) -> None:
        now = self._clock()
        row = {"jti": f"logout {jti}"[:200], "ends_at": now + LONGEST + LEEWAY}
        try:
            with self._engine.begin() as connection:
                connection.execute(_PURGE, {"now": now})
                connection.execute(insert(spent_token), row)
        except IntegrityError:
            raise LogoutRejectedError("the token was used before (jti)") from None

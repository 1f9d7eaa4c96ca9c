"""Back-channel logout: the login server ends a reader's sessions here, by a signed token and without his browser.

OpenID Connect Back-Channel Logout 1.0. The token is the only credential of the request, and is good once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response, jsonify, request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import bindparam, delete, insert
from sqlalchemy.exc import IntegrityError

from auth import audit
from auth.login import LoginRejectedError, LoginServer
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
    """The endpoint of the app for all of its login servers; each ends the sessions of its own readers alone."""

    def __init__(self, servers: Iterable[tuple[LoginServer, Provider]], store: Store, clock: Clock) -> None:
        self._servers = {server.issuer: (server, provider) for server, provider in servers}
        self._engine = store.engine
        self._clock = clock

    def end(self) -> Response:
        """POST with `logout_token`: end the sessions that it names; 400 for a token that does not pass."""
        token = request.form.get("logout_token", "")
        try:
            server, provider = self._sender(token)
            claims = self._claims(token, server, provider)
            sid, sub = (server.identity(str(claims[name])) if claims.get(name) else "" for name in ("sid", "sub"))
            self._spend(f"{server.issuer} {claims['jti']}")
        except (LogoutRejectedError, LoginRejectedError) as error:
            audit.deny(f"back-channel logout: {error}")
            response = jsonify(error="invalid_request", error_description=str(error))
            response.status_code = 400
            return response
        named = _BY_SID if sid else _BY_SUB
        with self._engine.begin() as connection:
            ended = connection.execute(delete(session).where(named), {"its_sid": sid, "its_sub": sub}).rowcount
        audit.record("logout", Scope(sub, sub), by="the login server", sessions=ended)
        return Response(status=200)

    def _sender(self, token: str) -> tuple[LoginServer, Provider]:
        """The login server that a token says it is from; that it is so its signature has yet to prove."""
        try:
            said = json.loads(jws.extract_compact(token.encode()).payload)["iss"]
            return self._servers[said]
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise LogoutRejectedError(f"the token does not pass: iss ({type(error).__name__})") from None

    def _claims(self, token: str, server: LoginServer, provider: Provider) -> Mapping[str, Any]:
        try:
            found = _opened(token, provider, MAX_AGE)
        except (JoseError, ValueError):
            found = None
        try:  # its key may be newer than those that were read
            found = found or _opened(token, provider, FRESH)
        except (JoseError, ValueError) as error:
            raise LogoutRejectedError(f"the token does not pass: {error}") from None
        self._check(found.header, found.claims, server)
        return found.claims

    def _check(self, header: Mapping[str, Any], claims: Mapping[str, Any], server: LoginServer) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        events = claims.get("events")
        problems = {
            "typ": str(header.get("typ", "jwt")).lower().removeprefix("application/") not in _TYPES,
            "iss": claims.get("iss") != server.issuer,
            "aud": server.client_id not in audiences,
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
        row = {"jti": f"logout {hashlib.sha256(jti.encode()).hexdigest()}", "ends_at": now + LONGEST + LEEWAY}
        try:
            with self._engine.begin() as connection:
                connection.execute(_PURGE, {"now": now})
                connection.execute(insert(spent_token), row)
        except IntegrityError:
            raise LogoutRejectedError("the token was used before (jti)") from None


def _opened(token: str, provider: Provider, within: timedelta) -> jwt.Token:
    metadata = provider.metadata(within)
    keys = KeySet.import_key_set(metadata["jwks"])
    return jwt.decode(token, keys, algorithms=metadata["id_token_signing_alg_values_supported"])

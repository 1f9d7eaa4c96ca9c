"""The app as a client of one login server: code, PKCE and nonce out, and every answer checked that comes back."""

# mypy: allow-untyped-calls
# (Authlib's client classes carry no types)

from collections.abc import Mapping
from typing import Any, NoReturn

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import request, session
from joserfc.errors import JoseError

from auth import claims
from auth.claims import Told
from auth.grants import GroupRules
from auth.login import LEEWAY, LoginRejectedError, LoginServer
from auth.provider import TIMEOUT, Provider, ProviderDownError
from auth.sessions import LOGIN_WINDOW
from data.store import Clock

_STATES_KEPT = 8


class Client:
    """One registration at one login server. Each server has a callback of its own, so that none answers for another."""

    def __init__(self, oauth: OAuth, server: LoginServer, base_url: str, clock: Clock) -> None:
        self.server = server
        self.path = f"/callback/{server.key}" if server.key else "/callback"
        self._base_url = base_url
        self._clock = clock
        self._client = oauth.register(
            f"{server.key}.parapet" if server.key else "parapet",
            client_id=server.client_id,
            client_secret=server.client_secret,
            client_kwargs={"scope": server.scopes, "code_challenge_method": "S256", "default_timeout": TIMEOUT},
        )
        self.provider = Provider(self._client, server, clock)

    def failure(self) -> str:
        """Why nobody can sign in there now; empty when somebody can."""
        try:
            self.provider.metadata()
        except ProviderDownError as error:
            return str(error)
        return ""

    def begin(self, target: str, *, purpose: str = "login", **asked: object) -> str:
        """Begin a login that ends at `target`; the address to go to. ProviderDownError when that is of no use.

        State, nonce and verifier stay in the session, with `purpose` (`login`, `renewal` or `fresh`) and the moment.
        """
        self.provider.metadata()
        for stale in [key for key in session if key.startswith("_state_")][: 1 - _STATES_KEPT]:
            session.pop(stale)
        back = f"{self._base_url}{self.path}"
        sent = self._client.create_authorization_url(back, **asked)
        kept = {"next": target, "begun": self._clock().timestamp(), "purpose": purpose}
        self._client.save_authorize_data(redirect_uri=back, **kept, **sent)
        url: str = sent["url"]
        return url

    def started(self) -> dict[str, Any]:
        """Find what this browser's login was begun with; LoginRejectedError for an answer nobody here waits for."""
        self._check_issuer(self.provider.metadata())
        state = request.args.get("state", "")
        data: dict[str, Any] | None = self._client.framework.get_state_data(session, state)
        oldest = (self._clock() - LOGIN_WINDOW).timestamp()
        if not data or data["begun"] < oldest:
            raise LoginRejectedError("the login was begun too long ago, in another browser, or is already over (state)")
        return data

    def forget(self) -> None:
        """Let go of a login that ended without a token."""
        self._client.framework.clear_state_data(session, request.args.get("state", ""))

    def told(self, names: GroupRules) -> Told:
        """Exchange the request's code, and read what the login server says of the reader."""
        token = self._token()
        documents = [self._claims(token)]
        metadata = self.provider.metadata()
        if "userinfo_endpoint" in metadata and not claims.complete(documents[0], self.server.claims):
            documents.append(self._userinfo(token, documents[0]["sub"]))
        now = self._clock().timestamp()
        return claims.read(documents, self.server.claims, names, id_token=token["id_token"], now=now)

    def goodbye(self, id_token: str) -> str:
        """Where a reader goes who has left: through the login server's own logout where it has one."""
        try:
            if "end_session_endpoint" not in self.provider.metadata():
                return "/signed-out"
        except ProviderDownError:
            return "/signed-out"
        back = f"{self._base_url}/signed-out"
        url: str = self._client.create_logout_url(back, id_token, client_id=self.server.client_id)["url"]
        return url

    def _check_issuer(self, metadata: Mapping[str, Any]) -> None:
        """Compare the `iss` parameter of RFC 9207: required where advertised, right wherever present."""
        said = request.args.get("iss")
        if said != self.server.issuer and (said or metadata.get("authorization_response_iss_parameter_supported")):
            raise LoginRejectedError("the answer names another login server, or none (iss)")

    def _token(self) -> dict[str, Any]:
        """Exchange the request's code for tokens, the id_token checked."""
        must_be = {"iss": self.server.issuer, "aud": self.server.client_id}
        options = {name: {"essential": True, "value": value} for name, value in must_be.items()}
        try:
            token: dict[str, Any] = self._client.authorize_access_token(leeway=LEEWAY, claims_options=options)
        except requests.RequestException as error:
            _unreachable(error)
        except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError) as error:
            raise LoginRejectedError(f"the login server's answer did not pass: {error}") from error
        return token

    def _claims(self, token: Mapping[str, Any]) -> dict[str, Any]:
        found = token.get("userinfo")
        if not found:
            raise LoginRejectedError("the login server sent no id_token")
        if not found.get("sub"):
            raise LoginRejectedError("the id_token names no reader (sub)")
        if "events" in found:
            raise LoginRejectedError("the token is a logout token (events)")
        return dict(found)

    def _userinfo(self, token: object, sub: str) -> dict[str, Any]:
        """What the userinfo endpoint adds, of the same reader."""
        try:
            more: dict[str, Any] = self._client.userinfo(token=token)
        except requests.RequestException as error:
            _unreachable(error)
        except (AuthlibBaseError, ValueError, TypeError) as error:
            raise LoginRejectedError(f"the login server's userinfo cannot be read: {error}") from error
        if more.get("sub") != sub:
            raise LoginRejectedError("the userinfo is another reader's (sub)")
        return more


def _unreachable(error: Exception) -> NoReturn:
    raise ProviderDownError("The login server does not answer.") from error

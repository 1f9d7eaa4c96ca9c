"""OpenID Connect as the demo's login server speaks it, on Authlib's server classes, everything in memory.

Stricter than Authlib's defaults: S256 and a nonce are required of every client, codes are taken out when used
and live for a minute, and every answer to the app, errors too, names the issuer (RFC 9207).
"""

# mypy: allow-untyped-calls
# (Authlib's server classes carry no types, and its requests are filled in as they are checked: hence Any)

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from authlib.common.urls import add_params_to_uri
from authlib.integrations.flask_oauth2.authorization_server import AuthorizationServer
from authlib.integrations.flask_oauth2.resource_protector import ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, scope_to_list
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from flask import Flask, Response
from joserfc.jwk import KeySet, RSAKey

CODE_SECONDS = 60
TOKEN_SECONDS = 600
SCOPES = ("openid", "profile", "email", "groups")
CLIENT_AUTHENTICATION = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Someone to be in the demo: `key` ends the button's id (`user-trader-vol`) and is the reader's `sub`."""

    key: str
    name: str
    role: str
    desks: tuple[str, ...] = ()

    @property
    def claims(self) -> dict[str, Any]:
        """What the id_token and userinfo say of the user."""
        groups = [f"role:{self.role}", *(f"desk:{desk}" for desk in self.desks)]
        return {"sub": self.key, "name": self.name, "email": f"{self.key}@parapet.example", "groups": groups}


@dataclass(frozen=True)
class Client(ClientMixin):
    """The one app this server signs readers in to."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]

    @property
    def client_metadata(self) -> dict[str, Any]:
        """Where a reader may be sent after a logout: exactly these addresses."""
        return {"post_logout_redirect_uris": [urljoin(uri, "/signed-out") for uri in self.redirect_uris]}

    def get_client_id(self) -> str:
        """Give the registered id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """Give the address used when the request names none."""
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str) -> str:
        """Keep what is known of the scopes asked for."""
        return " ".join(each for each in scope_to_list(scope) or () if each in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered, letter by letter."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the registered secret."""
        return secrets.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Whether the client proves itself by its secret."""
        return method in CLIENT_AUTHENTICATION

    def check_response_type(self, response_type: str) -> bool:
        """Only the code flow."""
        return bool(response_type == "code")

    def check_grant_type(self, grant_type: str) -> bool:
        """Only the code flow: no refresh tokens."""
        return bool(grant_type == "authorization_code")


@dataclass(frozen=True, slots=True)
class Issued:
    """A code or an access token: whose, for what, until when (seconds since 1970)."""

    user: DemoUser
    client: Client
    scope: str
    issued_at: float
    seconds: float
    clock: Callable[[], float]
    redirect_uri: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Tell where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Tell what it is good for."""
        return self.scope

    def get_nonce(self) -> str:
        """Give what the app sent along, to be found in the id_token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Tell when the user was picked."""
        return int(self.issued_at)

    def get_acr(self) -> None:
        """Claim no level of assurance: nothing was proved."""

    get_amr = get_acr

    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.clock() >= self.issued_at + self.seconds

    def is_revoked(self) -> bool:
        """Nothing is revoked here; what was used is gone."""
        return False


class DemoServer(AuthorizationServer):
    """The authorization server: one client, its codes and tokens, one signing key made at start."""

    def __init__(self, app: Flask, issuer: str, client: Client, clock: Callable[[], float] = time.time) -> None:
        self.issuer = issuer
        self.client = client
        self.clock = clock
        self.codes: dict[str, Issued] = {}
        self.tokens: dict[str, Issued] = {}
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        super().__init__(app, self._client, self._keep)
        self.register_grant(_CodeGrant, [_Pkce(), _IdToken(self)])
        self.register_endpoint(_EndSession)
        self.bearers = ResourceProtector()
        self.bearers.register_token_validator(_Bearer(self))

    def _client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def _keep(self, token: dict[str, Any], request: Any) -> None:
        issued = Issued(request.user, self.client, token["scope"], self.clock(), TOKEN_SECONDS, self.clock)
        self.tokens[token["access_token"]] = issued

    def named(self, response: Response) -> Response:
        """Add this issuer to a response that leads back to the app."""
        if (response.location or "").startswith(self.client.redirect_uris):
            response.location = add_params_to_uri(response.location, {"iss": self.issuer})
        return response

    def public_keys(self) -> dict[str, Any]:
        """Give the JWKS."""
        return {"keys": [self.key.as_dict(private=False)]}

    def discovery(self) -> dict[str, Any]:
        """Give the discovery document."""
        paths = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "userinfo_endpoint": "/userinfo",
            "jwks_uri": "/jwks",
            "end_session_endpoint": "/end-session",
        }
        return {name: f"{self.issuer}{path}" for name, path in paths.items()} | {
            "issuer": self.issuer,
            "authorization_response_iss_parameter_supported": True,
            "claims_supported": ["sub", "name", "email", "groups"],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "scopes_supported": list(SCOPES),
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": list(CLIENT_AUTHENTICATION),
        }


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = list(CLIENT_AUTHENTICATION)  # noqa: RUF012 as in the parent

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        self.server.codes[code] = Issued(
            request.user,
            request.client,
            request.scope,
            self.server.clock(),
            CODE_SECONDS,
            self.server.clock,
            request.payload.redirect_uri or "",
            asked["nonce"],
            asked["code_challenge"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Issued | None:
        issued: Issued | None = self.server.codes.pop(code, None)
        return issued if issued and issued.client == client and not issued.is_expired() else None

    def delete_authorization_code(self, authorization_code: Issued) -> None:
        """Nothing is left to delete: a code is taken out when it is looked up."""

    def authenticate_user(self, authorization_code: Issued) -> DemoUser:
        return authorization_code.user


class _Pkce(CodeChallenge):
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 as in the parent

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A 'code_challenge' with the method 'S256' is required.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    def __init__(self, server: DemoServer) -> None:
        super().__init__(require_nonce=True)
        self._server = server

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002 the parent's signature
        return any(issued.nonce == nonce for issued in self._server.codes.values())

    def resolve_client_private_key(self, client: Client) -> RSAKey:  # noqa: ARG002 the parent's signature
        return self._server.key

    def get_encode_header(self, client: Client) -> dict[str, Any]:  # noqa: ARG002 the parent's signature
        return {"alg": "RS256", "kid": self._server.key.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._server.issuer, "aud": client.client_id}

    def generate_user_info(self, user: DemoUser, scope: str) -> dict[str, Any]:  # noqa: ARG002 the parent's signature
        return user.claims


class _Bearer(BearerTokenValidator):
    def __init__(self, server: DemoServer) -> None:
        super().__init__()
        self._server = server

    def authenticate_token(self, token_string: str) -> Issued | None:
        return self._server.tokens.get(token_string)


class _EndSession(EndSessionEndpoint):
    def get_server_jwks(self) -> KeySet:
        return KeySet.import_key_set(self.server.public_keys())

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        """Do nothing: the cookie goes with the response, and nothing else is kept."""

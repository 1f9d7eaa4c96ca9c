"""The login server as last seen: its endpoints and keys, checked, and never older than an hour."""

import threading
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.integrations.flask_client import FlaskOAuth2App

from auth.login import LoginServer
from data.store import Clock

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
"""Signatures accepted on an id_token: by key pair only, so that no shared secret and no `none` passes."""

MAX_AGE = timedelta(hours=1)
RETRY_AFTER = timedelta(seconds=5)
TIMEOUT = 5.0
PATIENCE = 1.0
"""Seconds: what one call to the login server may take, and what a login waits while another is asking."""

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_KEPT = (
    *_ENDPOINTS,
    "issuer",
    "userinfo_endpoint",
    "end_session_endpoint",
    "authorization_response_iss_parameter_supported",
)


class ProviderDownError(RuntimeError):
    """Nobody can sign in now; the message says why, in words fit for a reader."""


class Provider:
    """Keeps an Authlib client's view of its login server fresh.

    Only the known parts of the discovery document reach the client, for Authlib takes every key it finds
    there as an option of its HTTP session (`verify`, `proxies`). A server that failed is left alone for a few
    seconds, and nobody queues for one that is slow: logins fail quickly and leave the threads to readers.
    """

    def __init__(self, client: FlaskOAuth2App, server: LoginServer, clock: Clock) -> None:
        self._client = client
        self._server = server
        self._issuer = server.issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._failure = ""

    def metadata(self, within: timedelta = MAX_AGE) -> dict[str, Any]:
        """Give what the login server said of itself `within` that time; raises ProviderDownError."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise ProviderDownError("The login server is slow to answer.")
        try:
            if self._read_at is None or self._clock() - self._read_at > within:
                self._refresh()
            return dict(self._client.server_metadata)
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        if self._failed_at and self._clock() - self._failed_at < RETRY_AFTER:
            raise ProviderDownError(self._failure)
        asked_at = self._clock()
        try:
            self._client.server_metadata = self._read() | {"_loaded_at": asked_at.timestamp()}
        except ProviderDownError as error:
            self._failed_at, self._failure = self._clock(), str(error)
            raise
        self._read_at, self._failed_at = asked_at, None

    def _read(self) -> dict[str, Any]:
        if not self._issuer:
            raise ProviderDownError(f"No login server is set: {self._setting} is empty.")
        document = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self._issuer:
            raise ProviderDownError(f"The login server calls itself by another name than {self._setting} says.")
        known = {key: document[key] for key in _KEPT if key in document}
        self._check_endpoints(known)
        offered = document.get("id_token_signing_alg_values_supported", ["RS256"])
        accepted = [each for each in ALGORITHMS if each in offered]
        if not accepted:
            raise ProviderDownError(f"The login server signs with none of {', '.join(ALGORITHMS)}.")
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return known | {
            "id_token_signing_alg_values_supported": accepted,
            "token_endpoint_auth_method": self._authentication(methods),
            "jwks": self._get(known["jwks_uri"]),
        }

    @property
    def _setting(self) -> str:
        return f"the issuer of {self._server.key} in PARAPET_PROVIDERS" if self._server.key else "PARAPET_OIDC_ISSUER"

    def _check_endpoints(self, known: dict[str, Any]) -> None:
        scheme = self._issuer.partition("://")[0]
        for name in {*_ENDPOINTS, *(key for key in known if key.endswith("_endpoint"))}:
            if not str(known.get(name, "")).startswith(("https://", f"{scheme}://")):
                raise ProviderDownError(f"The login server's {name} is missing or not under {scheme}://.")

    def _authentication(self, methods: list[str]) -> str:
        """How the client proves itself at the token endpoint: as is set, else by its secret as the server takes it."""
        if self._server.authentication:
            return self._server.authentication
        if not self._server.client_secret:
            return "none"
        return "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"

    def _get(self, url: str) -> dict[str, Any]:
        try:
            response = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
            response.raise_for_status()
            document = response.json()
        except (requests.RequestException, ValueError) as error:
            raise ProviderDownError("The login server does not answer.") from error
        if not isinstance(document, dict):
            raise ProviderDownError("The login server's answer cannot be read.")
        return document

"""Portals: intranet pages of others that may show pages of the app in a frame, read from one TOML file at the start."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


class PortalsError(ValueError):
    """A file of portals that cannot be used: names the file, the key and the remedy."""


class Portal(BaseModel):
    """One portal: where it is, which pages it may show, and the keys with which its back end signs for a reader.

    `reader` is the claim that names the reader, `match` whether by the id at the login server or by mail address;
    `desks`, where given, is all that this portal may ever show; `popup` lets readers sign in at a window of the app.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    origins: tuple[str, ...]
    pages: frozenset[str]
    issuer: str = ""
    keys: tuple[ECKey, ...] = ()
    desks: frozenset[str] | None = None
    reader: str = "sub"
    match: Literal["id", "email"] = "id"
    popup: bool = False

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            plain = origin.startswith("http:") and urlsplit(origin).hostname not in _LOOPBACK
            if plain or not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin; write scheme, host and port alone, such as https://portal.example.com"
                )
        if not origins:
            raise ValueError("name the origins of the portal's pages")
        return origins

    @field_validator("keys", mode="before")
    @classmethod
    def _are_public(cls, keys: Any) -> tuple[ECKey, ...]:
        return tuple(_public(key) for key in (keys if isinstance(keys, list | tuple) else [keys]))

    @model_validator(mode="after")
    def _can_let_in(self) -> "Portal":
        if bool(self.keys) != bool(self.issuer):
            raise ValueError("issuer and keys belong together; write both, or neither and popup = true")
        if not (self.keys or self.popup):
            raise ValueError("nobody could come in; write issuer and keys, or popup = true")
        return self


class Portals:
    """The portals by name."""

    def __init__(self, portals: Mapping[str, Portal]) -> None:
        self._portals = dict(portals)

    def __bool__(self) -> bool:
        return bool(self._portals)

    def named(self, name: str) -> Portal | None:
        """The portal of that name, if it is still in the file."""
        return self._portals.get(name)

    def of_issuer(self, issuer: object) -> tuple[str, Portal] | None:
        """Name and portal whose tokens say that they are from this issuer."""
        found = (each for each in self._portals.items() if each[1].issuer and each[1].issuer == issuer)
        return next(found, None)

    def showing(self, page: str) -> dict[str, Portal]:
        """The portals that may show this page, by name."""
        return {name: portal for name, portal in self._portals.items() if page in portal.pages}


def read_portals(path: Path, pages: Collection[str]) -> Portals:
    """The portals of a TOML file, a table each; `pages` are those that can be embedded. PortalsError for a bad file."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PortalsError(f"{path}: {error.strerror}; name a file that can be read in PARAPET_PORTALS") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PortalsError(f"{path}: not TOML: {error}; correct it") from None
    found = {name: _portal(path, name, table, pages) for name, table in tables.items()}
    issuers = [portal.issuer for portal in found.values() if portal.issuer]
    if twice := next((issuer for issuer in issuers if issuers.count(issuer) > 1), ""):
        raise PortalsError(f"{path}: issuer {twice!r} is there twice; give each portal its own")
    return Portals(found)


def _portal(path: Path, name: str, table: object, pages: Collection[str]) -> Portal:
    try:
        portal = Portal.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (name, *first["loc"]))
        raise PortalsError(f"{path}: {key}: {first['msg'].removeprefix('Value error, ')}") from None
    if unknown := sorted(portal.pages - set(pages)):
        raise PortalsError(f"{path}: {name}.pages: {unknown[0]!r} cannot be embedded; choose among {', '.join(pages)}")
    return portal


def _public(key: Any) -> ECKey:
    remedy = "write a public P-256 key, as PEM text or as a JWK table"
    try:
        found = ECKey.import_key(key)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"not a key; {remedy}") from None
    if found.is_private or found.curve_name != "P-256":
        kind = "a private key, which stays with the portal" if found.is_private else f"of curve {found.curve_name}"
        raise ValueError(f"this is {kind}; {remedy}")
    return found

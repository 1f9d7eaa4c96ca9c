"""What a login rests on: the login servers that are trusted, what is asked of them, and how long it counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from auth.admission import Admission
from auth.grants import GroupRules, lacking
from data.scope import ROLES, Scope

Authentication = Literal["", "client_secret_basic", "client_secret_post", "none"]
"""How the app proves itself at the token endpoint; empty: as the login server offers it."""

LEEWAY = 30
"""Seconds by which the login server's clock may differ."""

_BETWEEN = " › "


class LoginRejectedError(ValueError):
    """A login that must not succeed; the message is fit for the reader and the audit trail."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Where a login server says what; a path of names with dots between them leads into nested claims.

    `role_map` says what the groups of the login server are called here: roles by their names, desks as `desk:<desk>`.
    With a map no other group grants a role.
    """

    groups: str = "groups"
    name: str = ""
    role_map: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoginServer:
    """One login server and this app's registration there; `issuer` as its discovery document writes it.

    `key` is empty for the one server of the environment and names every other in addresses. Its readers are known by
    their issuer and `sub`, so that nobody at one server is ever taken for somebody of another.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    key: str = ""
    title: str = ""
    scopes: str = "openid profile email groups"
    authentication: Authentication = ""
    claims: ClaimRules = field(default_factory=ClaimRules)

    @property
    def label(self) -> str:
        """What readers know it by: its title, else its host."""
        return self.title or urlsplit(self.issuer).netloc or self.key

    def identity(self, said: str) -> str:
        """What a `sub` or `sid` of this server is called here; LoginRejectedError for one that could be another's."""
        if _BETWEEN.strip() in said:
            raise LoginRejectedError(f"the login server's id of the reader holds {_BETWEEN.strip()}, which is reserved")
        return f"{self.issuer}{_BETWEEN}{said}" if self.key else said


@dataclass(frozen=True, slots=True)
class LoginSettings:
    """What a login needs to know: the login server of the environment, `others`, and how long what is said counts.

    `base_url` is as readers write it. Claims older than `renew` are asked for again without the reader, zero: never;
    where that needs the reader he goes on, or with `strict` has to sign in. `fresh` is how recent a login must be for
    what `auth.stepup` guards.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base_url: str
    title: str = ""
    scopes: str = "openid profile email groups"
    authentication: Authentication = ""
    claims: ClaimRules = field(default_factory=ClaimRules)
    others: tuple[LoginServer, ...] = ()
    rules: GroupRules = field(default_factory=GroupRules)
    admission: Admission = field(default_factory=Admission)
    idle: timedelta = timedelta(minutes=60)
    lifetime: timedelta = timedelta(hours=12)
    away: timedelta = timedelta(days=30)
    renew: timedelta = timedelta(minutes=60)
    strict: bool = False
    fresh: timedelta = timedelta(minutes=15)
    token_failures: int = 20

    def lacking(self, scope: Scope) -> str:
        """Say what a reader still needs in order to enter, whatever acts for him; empty when nothing is missing."""
        return lacking(scope, self.rules) or self.admission.lacking(scope.reader)

    @property
    def secure(self) -> bool:
        """Whether readers come over TLS, hence whether cookies are Secure."""
        return self.base_url.startswith("https://")

    @property
    def servers(self) -> tuple[LoginServer, ...]:
        """Every login server, that of the environment first; where none is set, that one without an issuer."""
        ours = LoginServer(
            self.issuer,
            self.client_id,
            self.client_secret,
            title=self.title,
            scopes=self.scopes,
            authentication=self.authentication,
            claims=self.claims,
        )
        return (ours, *self.others) if self.issuer or not self.others else self.others


def checked_role_map(text: str) -> str:
    """A map of groups as JSON, if it can be read; ValueError otherwise."""
    read_role_map(json.loads(text))
    return text


def read_role_map(said: object) -> dict[str, tuple[str, ...]]:
    """A map of groups: each to one role or `desk:<desk>`, or to several; ValueError for what is none."""
    if not isinstance(said, Mapping):
        raise ValueError('write an object of groups: {"a group": "trader"}')  # noqa: TRY004 one error for all of it
    read = {group: tuple(named) if isinstance(named, list) else (str(named),) for group, named in said.items()}
    known = {*ROLES}
    for group, named in read.items():
        if unknown := [name for name in named if name not in known and not str(name).startswith("desk:")]:
            raise ValueError(f"{group!r} stands for {unknown[0]!r}; write desk:<desk> or one of {', '.join(ROLES)}")
    return read

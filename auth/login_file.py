"""A file of login servers: a TOML table for each beyond the one of the environment.

    [partners]                               # its key: in addresses, and for good
    title = "Partner desks"                  # what readers see
    issuer = "https://login.partner.example"
    client_id = "parapet"
    client_secret_file = "/run/secrets/partners"

All other entries are optional and mean what the setting of that name does.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from auth.login import Authentication, ClaimRules, LoginServer, read_role_map

_KEY = re.compile(r"[a-z][a-z0-9-]{0,30}")


class LoginFileError(ValueError):
    """A file that cannot be used; the message names the file, the table and the entry."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(pattern=r"^https?://[^\s›]+$")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")
    client_secret_file: Path | None = None
    title: str = ""
    scopes: str = "openid profile email groups"
    authentication: Authentication = ""
    groups_claim: str = "groups"
    name_claim: str = ""
    role_map: Mapping[str, str | list[str]] = Field(default_factory=dict)

    def server(self, key: str, folder: Path) -> LoginServer:
        secret = self.client_secret.get_secret_value()
        if self.client_secret_file:
            secret = (folder / self.client_secret_file).read_text(encoding="utf-8").strip()
        return LoginServer(
            self.issuer,
            self.client_id,
            secret,
            key=key,
            title=self.title,
            scopes=self.scopes,
            authentication=self.authentication,
            claims=ClaimRules(self.groups_claim, self.name_claim, read_role_map(self.role_map)),
        )


def read_servers(path: Path, taken: str = "") -> tuple[LoginServer, ...]:
    """The login servers of a file, in its order; LoginFileError where one cannot be used, or has an issuer `taken`."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoginFileError(f"{path}: {error}") from None
    servers = tuple(_server(path, key, table) for key, table in tables.items())
    issuers = [taken, *(server.issuer for server in servers)]
    if twice := next((issuer for issuer in issuers if issuers.count(issuer) > 1), ""):
        raise LoginFileError(f"{path}: {twice} is there twice")
    return servers


def _server(path: Path, key: str, table: object) -> LoginServer:
    if not _KEY.fullmatch(key):
        raise LoginFileError(f"{path}: [{key}] is no key: write up to 31 of a-z, 0-9 and -, a letter first")
    try:
        return _Table.model_validate(table).server(key, path.parent)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "table"
        raise LoginFileError(f"{path}: [{key}] {where}: {first['msg']}") from None
    except (OSError, ValueError) as error:
        raise LoginFileError(f"{path}: [{key}] {error}") from None

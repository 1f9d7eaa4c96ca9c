"""The environment, read once into one frozen Settings; a bad value stops the start and names its variable."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every variable is PARAPET_<NAME>; docs/operators.md lists them all."""

    model_config = SettingsConfigDict(env_prefix="PARAPET_", frozen=True, extra="ignore")

    home: Path = Field(Path("var"), description="folder of the warehouse, cache and store")
    base_url: str = Field("http://localhost:8050", description="the address readers use, without a trailing slash")
    host: str = Field("127.0.0.1", description="address the server binds")
    port: int = Field(8050, ge=1, le=65535, description="port the server binds")
    threads: int = Field(8, ge=1, le=256, description="requests answered at once")
    oidc_issuer: str = Field("", description="issuer of the login server, exactly as its discovery document says")
    oidc_client_id: str = Field("parapet", description="client id registered there")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="client secret registered there")
    groups_claim: str = Field("groups", description="claim that carries the reader's groups")
    role_prefix: str = Field("role:", description="a group with this prefix grants the role after it")
    desk_prefix: str = Field("desk:", description="a group with this prefix opens the desk after it")
    session_idle_minutes: int = Field(60, ge=1, description="a session unused for so long ends")
    session_hours: int = Field(12, ge=1, description="a session ends after so long whatever happens")
    away_days: int = Field(30, ge=1, description="days since the last login for which tokens and reports go on")
    token_failures: int = Field(20, ge=1, description="failed tokens a minute after which an address has to wait")
    store_url: str = Field("", description="SQLAlchemy address of sessions and grants; empty: SQLite under home")
    cache_url: str = Field("", description="redis://… for a shared cache; empty: files under home")
    cache_items: int = Field(20_000, ge=100, description="answers kept by the file cache")
    prepare: bool = Field(True, description="answer pages before they are asked for, in a process of its own")
    base_currency: str = Field("USD", pattern="^[A-Z]{3}$", description="currency shown until the reader chooses")
    smtp_host: str = Field("", description="mail server for reports; empty: no letters")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_user: str = Field("", description="account there; empty: none is needed")
    smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    smtp_tls: bool = Field(True, description="begin TLS before anything is said")
    smtp_sender: str = Field("parapet@localhost", description="address that letters come from")
    reports_folder: Path | None = Field(None, description="folder that reports go into; empty: none")
    log_format: Literal["json", "text"] = Field("json", description="form of the log lines")

    @property
    def store(self) -> str:
        """The SQLAlchemy address of the app's own store."""
        return self.store_url or f"sqlite:///{self.home / 'store.sqlite'}"

    @property
    def warehouse(self) -> Path:
        """The folder of the snapshots and their CURRENT pointer."""
        return self.home / "warehouse"


def read_settings(**overrides: object) -> Settings:
    """Read the environment; raise SystemExit with one line a bad variable."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"PARAPET_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SystemExit("The settings are not usable:\n  " + "\n  ".join(lines)) from None

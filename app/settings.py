"""The environment, read once into one frozen Settings; a bad value stops the start and names its variable."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from auth.embeds import Bounds
from auth.grants import read_masks
from auth.login import Authentication, LoginServer, checked_role_map
from auth.login_file import LoginFileError, read_servers
from auth.rates import Rates, checked

Masked = Annotated[dict[str, frozenset[str]], NoDecode, BeforeValidator(read_masks)]
Rate = Annotated[str, AfterValidator(checked)]
RoleMap = Annotated[str, AfterValidator(checked_role_map)]


class Settings(BaseSettings):
    """Every variable is PARAPET_<NAME>; docs/operators.md lists them all."""

    model_config = SettingsConfigDict(env_prefix="PARAPET_", frozen=True, extra="ignore")

    home: Path = Field(Path("var"), description="folder of the warehouse, cache and store")
    base_url: str = Field("http://localhost:8050", description="the address readers use, without a trailing slash")
    host: str = Field("127.0.0.1", description="address the server binds")
    port: int = Field(8050, ge=1, le=65535, description="port the server binds")
    trusted_proxies: int = Field(0, ge=0, le=9, description="proxies in front whose X-Forwarded headers are believed")
    threads: int = Field(8, ge=1, le=256, description="requests answered at once")
    oidc_issuer: str = Field("", description="issuer of the login server, exactly as its discovery document says")
    oidc_client_id: str = Field("parapet", description="client id registered there")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="client secret registered there")
    oidc_title: str = Field("", description="what readers know the login server by, where there are several")
    oidc_scopes: str = Field("openid profile email groups", pattern=r"\bopenid\b", description="scopes asked for there")
    oidc_authentication: Authentication = Field("", description="how the client proves itself; empty: as offered")
    oidc_role_map: RoleMap = Field(
        "{}", description="JSON: group to role, desk:<desk> or a list; then no other is a role"
    )
    providers: Path | None = Field(None, description="TOML file of further login servers; empty: none")
    groups_claim: str = Field("groups", min_length=1, description="claim of the reader's groups; dots lead into others")
    name_claim: str = Field("", description="claim of the reader's name; empty: name, preferred_username or email")
    role_prefix: str = Field("role:", description="a group with this prefix grants the role after it")
    desk_prefix: str = Field("desk:", description="a group with this prefix opens the desk after it")
    session_idle_minutes: int = Field(60, ge=1, description="a session unused for so long ends")
    session_hours: int = Field(12, ge=1, description="a session ends after so long whatever happens")
    renew_minutes: int = Field(60, ge=0, description="age at which groups are read again without the reader; 0: never")
    renewal: Literal["lenient", "strict"] = Field("lenient", description="strict: who cannot be renewed has to sign in")
    fresh_minutes: int = Field(15, ge=1, description="how recent a login must be for what administers the app")
    portals: Path | None = Field(None, description="TOML file of portals that may show pages in a frame; empty: none")
    embed_minutes: int = Field(10, ge=1, le=60, description="how long a bearer of a frame lasts")
    embed_popup_minutes: int = Field(60, ge=1, le=720, description="the same, where the reader signed in at a window")
    embed_most: int = Field(50, ge=1, le=1000, description="bearers of one reader at once; one more ends the oldest")
    admission: Literal["any", "listed"] = Field("any", description="listed: only readers in the admission file enter")
    admission_file: Path | None = Field(None, description="a reader's id a line; empty: readers.txt under home")
    away_days: int = Field(30, ge=1, description="days since the last login for which tokens and reports go on")
    masked: Masked = Field({}, description="columns hidden from roles: counterparty:viewer,trader;trader:viewer")
    audit_days: int = Field(0, ge=0, description="days that the audit trail keeps; 0: for ever")
    token_failures: int = Field(20, ge=1, description="failed tokens a minute after which an address has to wait")
    login_limit: Rate = Field("300 per minute", description="logins and their ends from one address; empty: any number")
    export_limit: Rate = Field("600 per minute", description="files that one reader takes")
    api_limit: Rate = Field("1200 per minute", description="requests of one reader's programs")
    callback_limit: Rate = Field("6000 per minute", description="callbacks of one reader's pages")
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
    def rates(self) -> Rates:
        """How often one reader may ask."""
        return Rates(self.login_limit, self.export_limit, self.api_limit, self.callback_limit)

    @property
    def embed_bounds(self) -> Bounds:
        """How long frames are open, and how many of one reader's."""
        lasts, popup = (timedelta(minutes=each) for each in (self.embed_minutes, self.embed_popup_minutes))
        return Bounds(lasts, popup, self.embed_most)

    @property
    def login_servers(self) -> tuple[LoginServer, ...]:
        """Those beyond the one of PARAPET_OIDC_ISSUER; LoginFileError where their file cannot be used."""
        return read_servers(self.providers, self.oidc_issuer) if self.providers else ()

    @property
    def warehouse(self) -> Path:
        """The folder of the snapshots and their CURRENT pointer."""
        return self.home / "warehouse"


def read_settings(**overrides: object) -> Settings:
    """Read the environment; raise SystemExit with one line a bad variable."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
        _ = settings.login_servers
    except ValidationError as error:
        lines = [f"PARAPET_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SystemExit("The settings are not usable:\n  " + "\n  ".join(lines)) from None
    except LoginFileError as error:
        raise SystemExit(f"The settings are not usable:\n  PARAPET_PROVIDERS: {error}") from None
    return settings

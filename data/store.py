"""What the app itself writes: readers' sessions, their what-if branches and the audit trail, in SQLite or Postgres."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

Clock = Callable[[], datetime]

metadata = MetaData()


def utc_now() -> datetime:
    """Tell the present moment, aware, in UTC."""
    return datetime.now(UTC)


class StoreError(RuntimeError):
    """The store cannot be used: the message names the setting and the remedy."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python even where the database keeps no zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the parent's signature
        """Store in UTC; a naive moment is taken as local time, so pass aware ones."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the parent's signature
        """Read back aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


session = Table(
    "session",
    metadata,
    Column(
        "id_hash",
        String(64),
        primary_key=True,
        doc="SHA-256 of the cookie's value, in hex; the value is nowhere",
    ),
    Column(
        "sub",
        String,
        nullable=False,
        index=True,
        doc="the reader's id at the login server; empty before login",
    ),
    Column("sid", String, nullable=False, index=True, doc="the login server's session; empty where it names none"),
    Column("data", Text, nullable=False, doc="JSON"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True, doc="ends then unless used before"),
    Column("ends_at", Instant, nullable=False, doc="ends then whatever happens"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("audit_id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column(
        "event",
        String,
        nullable=False,
        doc="login, logout, denied, export, branch_saved or _forgotten, job_run or _cancel",
    ),
    Column("reader", String, nullable=False, index=True, doc="empty when nobody was signed in"),
    Column("address", String, nullable=False, doc="of the client as the server saw it; empty outside a request"),
    Column("details", Text, nullable=False, doc="JSON"),
    comment="append-only: nothing updates or deletes a row",
)

whatif_branch = Table(
    "whatif_branch",
    metadata,
    Column("owner", String, primary_key=True, doc="the reader's id at the login server; nobody else sees the row"),
    Column("name", String(60), primary_key=True),
    Column("text", Text, nullable=False, doc="imagined trades in the canonical form of app.changes"),
    Column("saved_at", Instant, nullable=False),
)


class Store:
    """The database behind a SQLAlchemy address; SQLite runs in WAL mode: reads never wait for a write."""

    def __init__(self, url: str) -> None:
        try:
            self.engine: Engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        except (ArgumentError, ModuleNotFoundError) as error:
            raise StoreError(f"PARAPET_STORE_URL cannot be used: {error}; correct it or install the driver") from None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _tune)

    def create(self) -> None:
        """Make the tables that are missing; safe to run by several processes at once."""
        if self.engine.dialect.name == "sqlite" and (path := make_url(self.engine.url).database):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).touch(mode=0o600)
        with self.engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda each: str(each.name)):
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def close(self) -> None:
        """Give every connection back to the database."""
        self.engine.dispose()


def _tune(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA synchronous=NORMAL")
    with suppress(sqlite3.OperationalError):  # locked: another connection is making the same, lasting change
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()

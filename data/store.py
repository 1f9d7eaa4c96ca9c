"""What the app itself writes, in SQLite or Postgres: readers' sessions, branches and reports, and the audit trail."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from data.instant import Instant

Clock = Callable[[], datetime]

metadata = MetaData()


def utc_now() -> datetime:
    """Tell the present moment, aware, in UTC."""
    return datetime.now(UTC)


class StoreError(RuntimeError):
    """The store cannot be used: the message names the setting and the remedy."""


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

reader = Table(
    "reader",
    metadata,
    Column("reader", String, primary_key=True, doc="the reader's id at the login server"),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False, doc="empty where the login server names none that is verified"),
    Column("groups", Text, nullable=False, doc="JSON: the groups of the last login"),
    Column("seen_at", Instant, nullable=False, doc="of the last login"),
    comment="what each reader's last login said; what acts for him while he is away has no more than that",
)

spent_token = Table(
    "spent_token",
    metadata,
    Column("jti", String(200), primary_key=True, doc="what kind of token it was, and its id"),
    Column("ends_at", Instant, nullable=False, index=True, doc="until when the token would pass again"),
    comment="tokens that are good once",
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
        doc="login, logout, denied, export, branch_saved or _forgotten, job_run or _cancel, token_made, _used …",
    ),
    Column("reader", String, nullable=False, index=True, doc="empty when nobody was signed in"),
    Column("address", String, nullable=False, doc="of the client as the server saw it; empty outside a request"),
    Column("details", Text, nullable=False, doc="JSON"),
    comment="append-only: nothing updates or deletes a row",
)

audit_seal = Table(
    "audit_seal",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("seal", String(64), nullable=False, doc="SHA-256 of the row and of the seal before it, in hex"),
    comment="a seal a row of audit_event, each resting on all before it",
)

audit_digest = Table(
    "audit_digest",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("salt", String(32), nullable=False, doc="random; empty once the row was made nobody's"),
    Column("digest", String(64), nullable=False, doc="SHA-256 of the salt and the row as it was written, in hex"),
    comment="what a row's seal rests on, so that a person can be taken out of the row and the seal still stands",
)

audit_erasure = Table(
    "audit_erasure",
    metadata,
    Column("audit_id", Integer, primary_key=True, doc="the row that somebody was taken out of"),
    Column("erased_by", Integer, primary_key=True, doc="the sealed row of the trail that says so"),
    Column("digest", String(64), nullable=False, doc="SHA-256 of the row as it stands since, in hex"),
    comment="rows of the trail from which a person was erased, each erasure sealed by a row of its own",
)

audit_check = Table(
    "audit_check",
    metadata,
    Column("check_id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("sealed", Integer, nullable=False, doc="rows with a seal"),
    Column("faults", Text, nullable=False, doc="what was found wrong, a line each; empty: nothing"),
    Column("head", String(64), nullable=False, doc="the newest seal, which the next look must find again"),
    comment="looks at the whole audit trail, and what they found",
)

access_grant = Table(
    "access_grant",
    metadata,
    Column("grant_id", Integer, primary_key=True, autoincrement=True),
    Column("reader", String, nullable=False, index=True, doc="the reader's id at the login server"),
    Column("kind", String, nullable=False, doc="role, desk, book or legal_entity"),
    Column("value", String, nullable=False, doc="its name, letter by letter"),
    Column("effect", String, nullable=False, doc="allow or deny"),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, doc="empty: until it is revoked"),
    Column("reason", Text, nullable=False),
    Column("granted_by", String, nullable=False, doc="an administrator, or the operator of the command line"),
    Column("granted_at", Instant, nullable=False),
    Column("revoked_by", String, doc="empty while it stands"),
    Column("revoked_at", Instant),
    comment="what readers may see beside, or in spite of, the groups of their login; rows are revoked, never deleted",
)

whatif_branch = Table(
    "whatif_branch",
    metadata,
    Column("owner", String, primary_key=True, doc="the reader's id at the login server; nobody else sees the row"),
    Column("name", String(60), primary_key=True),
    Column("text", Text, nullable=False, doc="imagined trades in the canonical form of app.changes"),
    Column("saved_at", Instant, nullable=False),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("view_id", String(16), primary_key=True, doc="names it for good, whatever it is called"),
    Column("owner", String, nullable=False, index=True, doc="the reader's id at the login server"),
    Column("owner_name", String, nullable=False, doc="as those with whom it is shared are told"),
    Column("name", String(60), nullable=False),
    Column("page", String, nullable=False, doc="the page's name"),
    Column("query", Text, nullable=False, doc="the choices of its address"),
    Column("grids", Text, nullable=False, doc="JSON: by panel the state of its grid's columns"),
    Column("audience", String, nullable=False, doc="empty for the owner alone, everyone, role:<role> or desk:<desk>"),
    Column("saved_at", Instant, nullable=False),
    UniqueConstraint("owner", "name"),
)

annotation = Table(
    "annotation",
    metadata,
    Column("note_id", String(16), primary_key=True),
    Column("panel", String, nullable=False, doc="the panel's key"),
    Column("node", Text, nullable=False, doc="JSON: dimension and value of all that narrows the number, sorted"),
    Column("column", String, nullable=False),
    Column("as_of", String(10), nullable=False, index=True, doc="the business day of the number, ISO"),
    Column("text", Text, nullable=False),
    Column("author", String, nullable=False, index=True, doc="the reader's id at the login server"),
    Column("author_name", String, nullable=False),
    Column("made_at", Instant, nullable=False),
)

reader_choice = Table(
    "reader_choice",
    metadata,
    Column("reader", String, primary_key=True, doc="the reader's id at the login server; nobody else sees the row"),
    Column("look", Text, nullable=False, doc="JSON: theme, palette, numbers, zone and density where chosen"),
    Column("home", String, nullable=False, doc="JSON: a page with its choices, or the id of a saved view; or empty"),
    Column("chosen_at", Instant, nullable=False),
)

access_token = Table(
    "access_token",
    metadata,
    Column("hash", String(64), primary_key=True, doc="SHA-256 of the token in hex; the token is nowhere"),
    Column("token_id", String(8), nullable=False, unique=True, doc="names it in lists and the audit trail"),
    Column("owner", String, nullable=False, index=True, doc="the reader whose grants of the last login it stands on"),
    Column("name", String(60), nullable=False),
    Column("pages", Text, nullable=False, doc="JSON: names of the pages it opens; empty for all of its owner's"),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant, doc="empty before its first use"),
    Column("revoked_at", Instant, doc="empty while it is not revoked"),
)

report = Table(
    "report",
    metadata,
    Column("report_id", Integer, primary_key=True, autoincrement=True),
    Column("owner", String, nullable=False, index=True, doc="the reader who ordered it"),
    Column("recipient", String, nullable=False, index=True, doc="the reader it is made for, and seen as"),
    Column("name", String(60), nullable=False),
    Column("page", String, nullable=False, doc="the page's name"),
    Column("query", Text, nullable=False, doc="the choices of its address"),
    Column("every", String, nullable=False, doc="day, week or month"),
    Column("at", String(5), nullable=False, doc="hour and minute, UTC"),
    Column("into", String, nullable=False, doc="mail or folder"),
    Column("made_at", Instant, nullable=False),
)

report_run = Table(
    "report_run",
    metadata,
    Column("report_id", Integer, primary_key=True),
    Column("due_at", Instant, primary_key=True),
    Column("at", Instant, nullable=False, doc="of the last try"),
    Column("state", String, nullable=False, doc="made, waiting for another try, or failed"),
    Column("tries", Integer, nullable=False),
    Column("message", Text, nullable=False, doc="where it went, or why it did not"),
)


LONGEST_NAME = 60


def is_name(text: str) -> bool:
    """Whether a text can name what a reader keeps: 1 to LONGEST_NAME printable characters."""
    return bool(text) and len(text) <= LONGEST_NAME and text.isprintable()


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
            if connection.dialect.name == "postgresql":  # IF NOT EXISTS alone does not keep two from making one table
                connection.execute(text("SELECT pg_advisory_xact_lock(7265745)"))
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda each: str(each.name)):
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def put(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Insert, or replace the row of that primary key: one statement, so that two windows never clash."""
        new: sqlite.Insert | postgresql.Insert = (
            postgresql.insert(table) if self.engine.dialect.name == "postgresql" else sqlite.insert(table)
        )
        others = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
        return new.on_conflict_do_update(index_elements=[*table.primary_key], set_=others)

    def close(self) -> None:
        """Give every connection back to the database."""
        self.engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The store of an address for as long as a command lasts, its tables made; StoreError as for `Store`."""
    store = Store(url)
    store.create()
    try:
        yield store
    finally:
        store.close()


def _tune(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA synchronous=NORMAL")
    with suppress(sqlite3.OperationalError):  # locked: another connection is making the same, lasting change
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()

"""Loading: one file of one table into an open warehouse, in one transaction; bad rows go to quarantine.

A file is opened (data/sources.py), seen through its contract (data/staging.py), checked as a set (data/checks.py), met
with what is known (data/keeping.py) and written. Nothing loops over rows.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from duckdb_sqlalchemy import Dialect
from sqlalchemy.schema import CreateTable

from data import checks, keeping, schema, sources, staging
from data.contract import Contract
from data.contracts import CONTRACTS
from data.mapping import Mapping
from data.source import Limits, LoadError

__all__ = ["Limits", "LoadError", "Summary", "create", "load"]

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a file: read = loaded + known + rejected; flagged rows are loaded or known, with a finding.

    `skipped`: the same bytes were loaded before, in batch `batch_id`, and nothing of them was left out then.
    """

    file: str
    table: str
    batch_id: int
    known_from: datetime
    rows_read: int = 0
    rows_loaded: int = 0
    rows_known: int = 0
    rows_rejected: int = 0
    rows_flagged: int = 0
    skipped: bool = False
    seconds: float = 0.0

    def line(self) -> str:
        """One line for the operator."""
        if self.skipped:
            return f"{self.file} → {self.table}: skipped, the same file was loaded before as batch {self.batch_id}"
        counts = {
            "loaded": self.rows_loaded,
            "known before": self.rows_known,
            "rejected": self.rows_rejected,
            "flagged": self.rows_flagged,
        }
        told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what == "loaded")
        end = f"({self.seconds:.1f} s, batch {self.batch_id})"
        return f"{self.file} → {self.table}: {self.rows_read:,} rows read, {told} {end}"


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the schema that the database does not have yet."""
    for table in schema.metadata.sorted_tables:
        connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=Dialect())))


def load(  # noqa: PLR0913 a caller names what it wants by keyword
    connection: duckdb.DuckDBPyConnection,
    table: str,
    file: Path,
    *,
    mapping: Mapping | None = None,
    strict: bool = False,
    now: datetime | None = None,
    release: str = "",
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Summary:
    """Load a file into `table`, a key of CONTRACTS, within a transaction of its own.

    LoadError, and nothing changed, when the file cannot be read as a whole, or when `strict` and a row is bad. The
    same bytes under the same mapping are skipped, unless rows of them were rejected: these are tried again and their
    earlier findings replaced. `now` is when rows become known that do not say so themselves. Sets the session's
    time zone to UTC.
    """
    begun = time.perf_counter()
    now = (now or datetime.now(UTC)).astimezone(UTC)
    mapping = mapping or Mapping()
    tell = progress or (lambda _step, _share: None)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET enable_external_file_cache = false")  # it takes a file of the same second for the same file
    try:
        contract = _contract(table)
        sources.check_file(file)
        tell(file.name, 0.0)
        digests = _digests(file, mapping)
        before = _loaded_before(connection, table, digests)
        if before is not None:
            tell(file.name, 1.0)
            return Summary(file.name, table, before, now, skipped=True, seconds=time.perf_counter() - begun)
        source = sources.open_source(connection, file, mapping, limits or Limits())
        tell(file.name, 0.3)
        with _transaction(connection):
            provided = staging.lay(connection, contract, source, mapping, now)
            checks.find_malformed(connection)
            checks.find_bad_values(connection, contract, mapping, provided)
            tell(file.name, 0.5)
            checks.find_repeated(connection, contract, provided)
            for comparison in contract.comparisons:
                checks.find_by_comparison(connection, comparison, provided)
            known = keeping.find_known(connection, contract, provided)
            if strict:
                _stop_at_the_first(connection)
            tell(file.name, 0.6)
            batch_id = _count(connection, "SELECT coalesce(max(batch_id), 0) + 1 FROM load_batch")
            loaded = keeping.store(connection, contract, provided, batch_id)
            summary = Summary(
                file.name,
                table,
                batch_id,
                now,
                rows_read=_count(connection, "SELECT (SELECT count(*) FROM given) + (SELECT count(*) FROM malformed)"),
                rows_loaded=loaded,
                rows_known=known,
                rows_rejected=_count(connection, _FOUND, "rejected"),
                rows_flagged=_count(connection, _FOUND, "flagged"),
            )
            _record(connection, summary, digests, file.stat().st_size, release)
    except LoadError as error:
        raise LoadError(f"{file.name}: {error}") from None
    except duckdb.Error as error:
        raise LoadError(f"{file.name}: {str(error).splitlines()[0]}") from error
    finally:
        staging.clear(connection)
        sources.close_source(connection)
    tell(file.name, 1.0)
    return replace(summary, seconds=time.perf_counter() - begun)


_FOUND = "SELECT count(DISTINCT row_id) FROM finding WHERE severity = $1"


def _contract(table: str) -> Contract:
    if table not in CONTRACTS:
        raise LoadError(f"there is no table '{table}' to load it into; choose one of {', '.join(CONTRACTS)}")
    return CONTRACTS[table]


def _digests(file: Path, mapping: Mapping) -> tuple[str, str]:
    """What makes two loads the same: the SHA-256 of the file, and that of the mapping (nothing without one)."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return digest, hashlib.sha256(mapping.fingerprint).hexdigest() if mapping.fingerprint else ""


def _loaded_before(connection: duckdb.DuckDBPyConnection, table: str, digests: tuple[str, str]) -> int | None:
    """The last batch of the same bytes, if it left nothing out."""
    row = connection.execute(
        """
        SELECT batch_id, rows_rejected FROM load_batch WHERE table_name = $1 AND sha256 = $2 AND mapping_sha256 = $3
        ORDER BY batch_id DESC LIMIT 1
        """,
        [table, *digests],
    ).fetchone()
    return row[0] if row and not row[1] else None


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise


def _stop_at_the_first(connection: duckdb.DuckDBPyConnection) -> None:
    row = connection.execute(
        """
        SELECT source_row, column_name, value, reason, remedy FROM finding WHERE severity = 'rejected'
        ORDER BY source_row, row_id LIMIT 1
        """
    ).fetchone()
    if row:
        line, column, value, reason, remedy = row
        raise LoadError(f"line {line}, {column} '{value or ''}': {reason}; {remedy}. Nothing was loaded (--strict)")


def _record(
    connection: duckdb.DuckDBPyConnection, summary: Summary, digests: tuple[str, str], size: int, release: str
) -> None:
    """Write the batch and its quarantine; the findings of an earlier try of the same file are replaced."""
    connection.execute(
        """
        DELETE FROM quarantine
        WHERE batch_id IN (
            SELECT batch_id FROM load_batch WHERE table_name = $1 AND sha256 = $2 AND mapping_sha256 = $3)
        """,
        [summary.table, *digests],
    )
    connection.execute(
        f"""
        INSERT INTO quarantine (batch_id, source_row, column_name, value, reason, remedy, severity)
        SELECT {summary.batch_id}, source_row, column_name, value, reason, remedy, severity
        FROM finding ORDER BY source_row, row_id
        """
    )
    values = {
        "batch_id": summary.batch_id,
        "loaded_at": summary.known_from,
        "table_name": summary.table,
        "file_name": summary.file,
        "sha256": digests[0],
        "mapping_sha256": digests[1],
        "size_bytes": size,
        "rows_read": summary.rows_read,
        "rows_loaded": summary.rows_loaded,
        "rows_known": summary.rows_known,
        "rows_rejected": summary.rows_rejected,
        "rows_flagged": summary.rows_flagged,
        "release": release,
    }
    names = ", ".join(values)
    marks = ", ".join(f"${name}" for name in values)
    connection.execute(f"INSERT INTO load_batch ({names}) VALUES ({marks})", values)


def _count(connection: duckdb.DuckDBPyConnection, statement: str, *values: str) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(row[0]) if row else 0

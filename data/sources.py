"""Opening a file by its ending: CSV (plain or .gz), Parquet or XLSX, as the temporary relation `incoming`."""

from glob import escape
from pathlib import Path

import duckdb

from data import delimited, workbook
from data.mapping import Mapping
from data.source import Limits, LoadError, Source, quote

ENDINGS = (".csv", ".csv.gz", ".parquet", ".xlsx")


def check_file(file: Path) -> None:
    """LoadError unless this is a file of a known kind that holds something."""
    if not file.exists():
        raise LoadError("there is no such file; check the path")
    if file.is_dir():
        raise LoadError("this is a directory; name the files in it")
    if not file.name.lower().endswith(ENDINGS):
        raise LoadError(f"only files ending in {', '.join(ENDINGS)} can be loaded; convert or rename it")
    if not file.stat().st_size:
        raise LoadError("the file is empty (0 bytes); ask for it again")


def open_source(connection: duckdb.DuckDBPyConnection, file: Path, mapping: Mapping, limits: Limits) -> Source:
    """Open the file as `incoming`, with an empty or filled table `malformed`; call `close_source` afterwards."""
    connection.execute("CREATE TEMP TABLE malformed (source_row BIGINT, line VARCHAR, reason VARCHAR)")
    match file.name.lower().rsplit(".", 1)[-1]:
        case "parquet":
            return _open_parquet(connection, file)
        case "xlsx":
            return workbook.open_sheet(connection, file, mapping.sheet, limits)
        case _:
            return delimited.open_csv(connection, file, mapping.delimiter, limits)


def close_source(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget the opened file."""
    connection.execute("DROP VIEW IF EXISTS incoming")
    connection.execute("DROP TABLE IF EXISTS raw")
    connection.execute("DROP TABLE IF EXISTS malformed")


def _open_parquet(connection: duckdb.DuckDBPyConnection, file: Path) -> Source:
    scan = f"read_parquet({quote(escape(str(file.resolve())))}"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {scan})").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise LoadError(f"this is not a whole Parquet file ({reason}); it may be cut short: copy it again") from None
    columns = ", ".join(f'"{row[0].replace(chr(34), chr(34) * 2)}" AS c{i}' for i, row in enumerate(described, 1))
    rows = f"SELECT file_row_number + 2 AS source_row, {columns} FROM {scan}, file_row_number = true)"
    connection.execute(f"CREATE TEMP VIEW incoming AS {rows}")
    return Source(tuple(row[0] for row in described), tuple(row[1] for row in described))

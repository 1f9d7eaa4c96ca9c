"""A CSV file as rows that know their line, however bad some lines are.

DuckDB's own parser reads a file in which every line is one row. Where it does not account for every line, the lines
are split one by one: a line that does not fit the header is malformed, and nothing around it is lost. Lines that do
not fit are joined where an open quote holds a line break, provided that the lines between are not rows themselves.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.source import Limits, LoadError, Source, quote, text_source

BLOCK = 32 << 20
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over the bytes tells: the header's line, the count of lines, and whether all end alike."""

    header: str
    lines: int
    even: bool


def open_csv(connection: duckdb.DuckDBPyConnection, file: Path, delimiter: str, limits: Limits) -> Source:
    """Open the file as `incoming`; LoadError when it is a bomb, or not UTF-8 text with a header."""
    try:
        survey = _survey(file, limits)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise LoadError(f"it cannot be unpacked ({error}); it may be cut short: copy it again") from None
    if survey.header.count('"') % 2:
        raise LoadError("a quote in the first line is not closed; write the column names on one line")
    delimiter = delimiter or max(DELIMITERS, key=lambda mark: len(_names(survey.header, mark)))
    source = text_source(_names(survey.header, delimiter))
    width = len(source.names)
    if not (survey.even and width > 1 and _read_rows(connection, file, delimiter, width, survey.lines - 1)):
        _read_lines(connection, file, delimiter, width)
    return source


def _names(header: str, delimiter: str) -> list[str]:
    return next(csv.reader([header], delimiter=delimiter), [])


def _blocks(file: Path) -> Iterator[bytes]:
    """The unpacked bytes in blocks of whole lines, without a byte order mark."""
    with gzip.open(file) if file.suffix.lower() == ".gz" else file.open("rb") as stream:
        rest = stream.read(3).removeprefix(b"\xef\xbb\xbf")
        while block := stream.read(BLOCK):
            whole, end, rest = (rest + block).rpartition(b"\n")
            if end:
                yield whole + end
            if len(rest) >= BLOCK:
                raise LoadError(f"a line is longer than {BLOCK >> 20} MiB; this is not a table")
        if rest:
            yield rest


def _survey(file: Path, limits: Limits) -> Survey:
    header, block = None, b""
    pairs = feeds = returns = unpacked = 0
    allowed = limits.allowed(file.stat().st_size) if file.suffix.lower() == ".gz" else None
    for block in _blocks(file):
        unpacked += len(block)
        if allowed and unpacked > allowed:
            raise LoadError(f"it unpacks to more than {allowed >> 20} MiB, as bombs do; unpack it and look")
        _check_text(block, 1 + pairs + feeds + returns)
        both = block.count(b"\r\n")
        pairs += both
        feeds += block.count(b"\n") - both
        returns += block.count(b"\r") - both
        if header is None:
            header = block.partition(b"\n")[0].partition(b"\r")[0].decode()
    lines = pairs + feeds + returns + (not block.endswith((b"\n", b"\r")))
    return Survey(header or "", lines, even=not returns and not (pairs and feeds))


def _check_text(block: bytes, first_line: int) -> None:
    try:
        block.decode()
    except UnicodeDecodeError as error:
        if first_line == 1 and block.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise LoadError("the file is UTF-16; save it as CSV in UTF-8") from None
        line = first_line + block.count(b"\n", 0, error.start)
        raise LoadError(
            f"line {line} is not UTF-8 (byte 0x{block[error.start]:02X}); save the file as CSV in UTF-8"
        ) from None
    if (place := block.find(b"\0")) >= 0:
        line = first_line + block.count(b"\n", 0, place)
        raise LoadError(f"line {line} holds a zero byte; the file is UTF-16 or no text: save it as CSV in UTF-8")


def _read_rows(connection: duckdb.DuckDBPyConnection, file: Path, delimiter: str, width: int, rows: int) -> bool:
    """Read with DuckDB's parser; False, and nothing read, unless each of `rows` lines was one row."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, width + 1))
    with suppress(duckdb.Error):
        connection.execute(
            f"""
            CREATE TEMP TABLE raw AS SELECT * FROM read_csv(
                {quote(escape(str(file.resolve())))}, columns = {{{columns}}}, delim = {quote(delimiter)}, quote = '"',
                escape = '"', header = true, auto_detect = false, ignore_errors = true)
            """
        )
        if connection.execute("SELECT count(*) FROM raw").fetchone() == (rows,):
            connection.execute("CREATE TEMP VIEW incoming AS SELECT rowid + 2 AS source_row, * FROM raw")
            return True
    connection.execute("DROP TABLE IF EXISTS raw")
    return False


def _read_lines(connection: duckdb.DuckDBPyConnection, file: Path, delimiter: str, width: int) -> None:
    """Split line by line in SQL: rows to `incoming`, the rest to `malformed`. Empty values past the header are none."""
    _store_lines(connection, file)
    columns = ", ".join(f"fields[{i}] AS c{i}" for i in range(1, width + 1))
    fits = f"(len(fields) = {width} OR len(fields) > {width} AND list_aggregate(fields[{width} + 1:], 'max') = '')"
    connection.execute(
        f"""
        CREATE TEMP TABLE split AS
        SELECT source_row, line, {_fields("line", delimiter)} AS fields FROM line WHERE source_row > 1;
        CREATE TEMP TABLE ragged AS {_ragged(fits)};
        CREATE TEMP TABLE joined AS
        SELECT * FROM (
            SELECT run, part, source_row, {_fields("line", delimiter)} AS fields FROM (
                SELECT run, part, min(source_row) AS source_row, string_agg(line, chr(10) ORDER BY source_row) AS line
                FROM ragged GROUP BY run, part HAVING count(*) > 1)
        ) WHERE {fits};
        CREATE TEMP TABLE alone AS
        SELECT source_row, line, {_fields("line", delimiter, stray=True)} AS fields
        FROM ragged ANTI JOIN joined USING (run, part) WHERE trim(line) <> '';
        CREATE TEMP TABLE raw AS
        SELECT source_row, {columns} FROM (
            SELECT source_row, fields FROM split WHERE trim(line) <> ''
            UNION ALL SELECT source_row, fields FROM joined
            UNION ALL SELECT source_row, fields FROM alone
        ) WHERE {fits} ORDER BY source_row;
        CREATE TEMP VIEW incoming AS SELECT * FROM raw;
        INSERT INTO malformed
        SELECT source_row, line, CASE WHEN fields IS NULL THEN 'a quote is not closed, or stands inside a value'
                    ELSE 'the line has ' || len(fields) || ' values and the header {width}' END
        FROM alone WHERE {fits} IS NOT TRUE ORDER BY source_row;
        DROP TABLE line; DROP TABLE split; DROP TABLE ragged; DROP TABLE joined; DROP TABLE alone
        """
    )


def _fields(line: str, delimiter: str, *, stray: bool = False) -> str:
    """SQL for the values of a line, NULL where its quotes are not those of a CSV; `stray` ones may stand inside.

    Like DuckDB's parser it forgives blanks around quotes.
    """
    mark = rf"\x{ord(delimiter):02x}"
    inside = f"[^{mark}]" if stray else f"""[^"{mark}]"""
    field = rf"""(?: *"(?:[^"]|"")*" *| *[^" {mark}]{inside}*| *)"""
    led = f"{quote(delimiter)} || {line}"
    return rf"""
        CASE WHEN NOT contains({line}, '"') THEN string_split({line}, {quote(delimiter)})
        WHEN regexp_full_match({led}, '(?:{mark}{field})*') THEN list_transform(
            regexp_extract_all({led}, '{mark}({field})', 1),
            lambda f: CASE WHEN starts_with(trim(f), '"') THEN replace(trim(f)[2:-2], '""', '"') ELSE f END) END
    """


def _ragged(fits: str) -> str:
    """SQL for the lines that are no rows: each run of them in parts, and lines under an open quote in one part."""
    return f"""
        WITH ragged AS (
            SELECT source_row, line, source_row - row_number() OVER (ORDER BY source_row) AS run,
                   length(line) - length(replace(line, '"', '')) AS quotes
            FROM split WHERE {fits} IS NOT TRUE
        ),
        opened AS (SELECT *, sum(quotes) OVER before - quotes AS quoted FROM ragged WINDOW before AS (
            PARTITION BY run ORDER BY source_row ROWS UNBOUNDED PRECEDING))
        SELECT source_row, line, run, sum(CASE WHEN quoted % 2 = 0 THEN 1 ELSE 0 END) OVER (
            PARTITION BY run ORDER BY source_row ROWS UNBOUNDED PRECEDING) AS part
        FROM opened
    """


def _store_lines(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Every line with its number in the table `line`, whatever ends it."""
    connection.execute("CREATE OR REPLACE TEMP TABLE line (source_row BIGINT, line VARCHAR)")
    first = 1
    for block in _blocks(file):
        text = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
        lines = pc.split_pattern(pa.array([text], pa.string()), "\n").flatten()
        connection.register("block", pa.table({"row": np.arange(first, first + len(lines)), "line": lines}))
        connection.execute("INSERT INTO line SELECT * FROM block")
        connection.unregister("block")
        first += len(lines)

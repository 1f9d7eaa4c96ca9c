"""What is wrong with a file's rows: statements that fill `finding` from the views of data/staging.py, set by set."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
from sqlalchemy import String

from data.casting import explain
from data.contract import Column, Comparison, Contract
from data.contracts import CONTRACTS
from data.mapping import Mapping
from data.source import quote

VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Check:
    """A condition over `candidate` that makes a row bad; `reason` is SQL."""

    column: str
    failing: str
    reason: str
    remedy: str


def find_malformed(connection: duckdb.DuckDBPyConnection) -> None:
    """Findings for the lines that are no rows."""
    connection.execute(
        """
        INSERT INTO finding
        SELECT -source_row, source_row, '(line)', left(line, $1), reason,
               'give one value a column; close every quote, and double a quote inside a value', 'rejected'
        FROM malformed
        """,
        [VALUE_LENGTH],
    )


def find_bad_values(
    connection: duckdb.DuckDBPyConnection, contract: Contract, mapping: Mapping, provided: frozenset[str]
) -> None:
    """Findings for the first fault of every value, from one scan that looks closer at bad rows only."""
    checks = [
        *(check for column in contract.columns for check in _own_checks(contract, column, mapping, provided)),
        *(Check(rule.column, rule.failing, quote(rule.reason), rule.remedy) for rule in contract.rules),
    ]
    found = ", ".join(
        f"""CASE WHEN {check.failing} THEN {{
            'column_name': {quote(check.column)}, 'value': {_shown(check.column, provided)},
            'reason': {check.reason}, 'remedy': {quote(check.remedy)}, 'place': {place}}} END"""
        for place, check in enumerate(checks)
    )
    connection.execute(
        f"""
        INSERT INTO finding
        SELECT row_id, source_row, found.* EXCLUDE (place), 'rejected'
        FROM (
            SELECT row_id, source_row, unnest([{found}]) AS found FROM candidate
            WHERE {" OR ".join(f"({check.failing})" for check in checks)}
        ) WHERE found IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY row_id, found.column_name ORDER BY found.place) = 1
        """
    )
    leave_out(connection)


def find_repeated(connection: duckdb.DuckDBPyConnection, contract: Contract, provided: frozenset[str]) -> None:
    """Findings for the good rows whose key stands on an earlier good row of the file."""
    names = [*contract.key, *(["known_from"] if contract.keeping == "history" else [])]
    targets = {column.name: column.target for column in contract.columns}
    key = ", ".join(targets[name] for name in names)
    connection.execute(
        f"""
        INSERT INTO finding
        WITH suspect AS (SELECT hash({key}) AS code FROM good GROUP BY code HAVING count(*) > 1)
        SELECT row_id, source_row, {quote(contract.key[0])}, {_shown(contract.key[0], provided)},
               'the same {" and ".join(contract.key)} stand on line ' || first(source_row) OVER same,
               'send every key once', 'rejected'
        FROM good WHERE hash({key}) IN (SELECT code FROM suspect)
        WINDOW same AS (PARTITION BY {key} ORDER BY row_id)
        QUALIFY row_number() OVER same > 1
        """
    )
    leave_out(connection)


def find_by_comparison(connection: duckdb.DuckDBPyConnection, comparison: Comparison, provided: frozenset[str]) -> None:
    """Findings for the good rows that a comparison with other rows rejects or flags."""
    if comparison.needs and comparison.needs not in provided:
        return
    connection.execute(f"CREATE OR REPLACE TEMP TABLE failing AS {comparison.failing}")
    if connection.execute("FROM failing LIMIT 1").fetchone():
        connection.execute(
            f"""
            INSERT INTO finding
            SELECT row_id, source_row, $1, {_shown(comparison.column, provided)}, $2, $3, $4
            FROM good SEMI JOIN failing USING (row_id)
            """,
            [comparison.column, comparison.reason, comparison.remedy, comparison.severity],
        )
        leave_out(connection)


def leave_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the rows that are rejected by now out of `good`."""
    connection.execute(
        """
        INSERT INTO left_out
        SELECT DISTINCT row_id FROM finding ANTI JOIN left_out USING (row_id) WHERE severity = 'rejected'
        """
    )


def _own_checks(contract: Contract, column: Column, mapping: Mapping, provided: frozenset[str]) -> Iterator[Check]:
    """The checks that follow from a column's declaration."""
    if column.name not in provided:
        return
    given, kind = f"g_{column.name}", contract.kind(column)
    if column.required:
        yield Check(column.name, f"{given} IS NULL", quote("the value is missing"), "fill it in")
    if column.refers is not None:
        table = column.refers.table
        plural = next(name for name, other in CONTRACTS.items() if other.table is table)
        yield Check(
            column.name,
            f"{given} IS NOT NULL AND {column.target} IS NULL",
            quote(f"unknown {table.name}"),
            f"load it first with `parapet load {plural}`, or correct the name",
        )
    elif column.allowed:
        allowed = ", ".join(column.allowed)
        failing = f"{column.name} NOT IN ({', '.join(map(quote, column.allowed))})"
        yield Check(
            column.name, failing, quote(f"this is none of {allowed}"), "correct it, or translate it in the mapping file"
        )
    elif not isinstance(kind, String):
        reason, remedy = explain(given, kind, mapping.formats.get(column.name, ""))
        yield Check(column.name, f"{given} IS NOT NULL AND t_{column.name} IS NULL", reason, remedy)


def _shown(column: str, provided: frozenset[str]) -> str:
    """The value as the file wrote it, or else as it was worked out."""
    value = f"CAST({column} AS VARCHAR)"
    return f"left({f'coalesce(CAST(g_{column} AS VARCHAR), {value})' if column in provided else value}, {VALUE_LENGTH})"

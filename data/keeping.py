"""How good rows meet what the warehouse already holds: known, in conflict, a correction, or new."""

import duckdb

from data.checks import VALUE_LENGTH, leave_out
from data.contract import Contract
from data.source import quote


def find_known(connection: duckdb.DuckDBPyConnection, contract: Contract, provided: frozenset[str]) -> int:
    """Leave out the rows that say nothing new and return their count; findings for those that contradict history."""
    connection.execute(f"CREATE TEMP TABLE met AS {_MET[contract.keeping](contract, provided)}")
    connection.execute("INSERT INTO left_out SELECT row_id FROM met WHERE reason IS NULL")
    (known,) = connection.execute("SELECT count(*) FROM met WHERE reason IS NULL").fetchone() or (0,)
    connection.execute(
        """
        INSERT INTO finding
        SELECT row_id, source_row, column_name, left(value, $1), reason, remedy, 'rejected' FROM met WHERE reason <> ''
        """,
        [VALUE_LENGTH],
    )
    leave_out(connection)
    return int(known)


def store(connection: duckdb.DuckDBPyConnection, contract: Contract, provided: frozenset[str], batch_id: int) -> int:
    """Write the good rows into their table and return their count."""
    table = contract.table.name
    values = {column.target: column.target for column in contract.stored} | {"batch_id": str(batch_id)}
    rows, loaded = "good", 0
    if contract.keeping == "reference":
        (key,) = contract.key
        changes = ", ".join(
            [f"batch_id = {batch_id}", *(f"{name} = good.{name}" for name in _content(contract, provided))]
        )
        loaded = _count(connection, f"UPDATE {table} SET {changes} FROM good WHERE {table}.{key} = good.{key}")
        rows = f"good ANTI JOIN {table} USING ({key}) ORDER BY row_id"
        last = f"(SELECT coalesce(max({table}_id), 0) FROM {table})"
        values = {f"{table}_id": f"{last} + row_number() OVER (ORDER BY row_id)"} | values
    else:
        values["source_row"] = "source_row"
    return loaded + _count(
        connection, f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {rows}"
    )


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _key(contract: Contract) -> list[str]:
    return [column.target for column in contract.columns if column.name in contract.key]


def _content(contract: Contract, provided: frozenset[str] | None = None) -> list[str]:
    """The columns that say something about the key: of reference data those that the file gives."""
    return [
        column.target
        for column in contract.stored
        if column.name not in (*contract.key, "known_from") and (provided is None or column.name in provided)
    ]


def _same(contract: Contract, other: str, provided: frozenset[str] | None = None) -> str:
    return (
        " AND ".join(f"good.{name} IS NOT DISTINCT FROM {other}.{name}" for name in _content(contract, provided))
        or "true"
    )


def _met_reference(contract: Contract, provided: frozenset[str]) -> str:
    """Rows that change nothing."""
    table, (key,) = contract.table.name, contract.key
    return f"""
        SELECT row_id, source_row, '' AS column_name, '' AS value, CAST(NULL AS VARCHAR) AS reason, '' AS remedy
        FROM good JOIN {table} USING ({key}) WHERE {_same(contract, table, provided)}
    """


def _met_events(contract: Contract, _provided: frozenset[str]) -> str:
    """Rows whose key is known: the same content is known, another is refused."""
    table = contract.table.name
    named = {column.target: column.name for column in contract.stored}
    differs = " ".join(
        f"""WHEN good.{name} IS DISTINCT FROM {table}.{name}
            THEN {{'name': {quote(named[name])}, 'value': CAST(good.{named[name]} AS VARCHAR)}}"""
        for name in _content(contract)
    )
    reason = "'trade ' || trade_id || ' version ' || version || ' was loaded before with another ' || differs.name"
    return f"""
        SELECT row_id, source_row, differs.name AS column_name, differs.value AS value, {reason} AS reason,
               'send a new version' AS remedy
        FROM (
            SELECT row_id, good.source_row, good.trade_id, good.version, CASE {differs} END AS differs
            FROM good JOIN {table} USING ({", ".join(_key(contract))})
        )
    """


def _met_history(contract: Contract, _provided: frozenset[str]) -> str:
    """Rows whose key is known: the latest value again, or a version on record, is known; a correction comes later."""
    table, key = contract.table.name, ", ".join(_key(contract))
    return f"""
        WITH latest AS (
            SELECT {key}, max(known_from) AS known_from FROM {table} SEMI JOIN good USING ({key}) GROUP BY {key}
        ),
        met AS (
            SELECT good.row_id, good.source_row, good.known_from, last_known,
                   {_same(contract, "standing")} OR EXISTS (
                       FROM {table} AS past
                       WHERE {" AND ".join(f"past.{name} = good.{name}" for name in (*_key(contract), "known_from"))}
                       AND {_same(contract, "past")}) AS known
            FROM good JOIN (
                SELECT {table}.*, latest.known_from AS last_known FROM {table} JOIN latest USING ({key}, known_from)
            ) AS standing USING ({key})
        )
        SELECT row_id, source_row, 'known_from' AS column_name, CAST(known_from AS VARCHAR) AS value,
               CASE WHEN NOT known THEN 'another value was loaded before, known from ' || last_known END AS reason,
               'give a correction a later known_from' AS remedy
        FROM met WHERE known OR known_from <= last_known
    """


_MET = {"reference": _met_reference, "events": _met_events, "history": _met_history}

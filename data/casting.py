"""A value as a file gives it, turned into the type that the table wants: SQL, and what to say when it fails."""

from typing import Any

import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect
from sqlalchemy.types import TypeEngine

from data.source import quote

FIRST_DAY, LAST_DAY = "1900-01-01", "2299-12-31"
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")


def name_type(kind: TypeEngine[Any]) -> str:
    """The type as DuckDB writes it."""
    return str(kind.compile(dialect=Dialect()))


def cast(value: str, source: str, kind: TypeEngine[Any], form: str = "") -> str:
    """SQL that turns `value`, of DuckDB's type `source`, into `kind`; NULL where it cannot be that.

    Numbers must be finite, whole numbers whole, dates within FIRST_DAY and LAST_DAY. `form` is a strptime format.
    """
    name = name_type(kind)
    tried = f"TRY_CAST({value} AS {name})"
    match kind:
        case sa.String():
            return value if source == "VARCHAR" else f"CAST({value} AS VARCHAR)"
        case sa.Double():
            return f"CASE WHEN isfinite({tried}) THEN {tried} END"
        case sa.Integer() if source not in WHOLE:
            return f"CASE WHEN TRY_CAST({value} AS DOUBLE) = {tried} THEN {tried} END"
        case sa.Date() | sa.DateTime():
            tried = f"TRY_CAST(TRY_STRPTIME({value}, {quote(form)}) AS {name})" if form else tried
            return f"CASE WHEN {tried} BETWEEN {name} '{FIRST_DAY}' AND {name} '{LAST_DAY}' THEN {tried} END"
        case _:
            return tried


def explain(value: str, kind: TypeEngine[Any], form: str = "") -> tuple[str, str]:
    """The reason (SQL) and the remedy for a value that `cast` could not turn into `kind`."""
    match kind:
        case sa.Integer():
            return quote("this is not a whole number, or it is too large"), "write it as digits only"
        case sa.Numeric():
            number = f"TRY_CAST({value} AS DOUBLE)"
            reason = f"""CASE WHEN isfinite({number}) THEN 'the number is too large'
                WHEN {number} IS NOT NULL THEN 'the number is not finite' ELSE 'this is not a number' END"""
            return reason, "write it as 1234.5, with a point and without separators"
        case sa.Boolean():
            return quote("this is neither true nor false"), "write true or false"
        case _:
            noun, shape = ("date", "YYYY-MM-DD") if isinstance(kind, sa.Date) else ("time", "YYYY-MM-DDTHH:MM:SSZ")
            return (
                quote(f"this is not a {noun} between {FIRST_DAY[:4]} and {LAST_DAY[:4]}"),
                f"write it as {form or shape}, or give its format in the mapping file",
            )

"""A file's rows as its contract sees them: views over `incoming`, so that a Parquet file is scanned and never copied.

`incoming` (the file) → `given` (the contract's columns as the file writes them, named g_…) → `candidate` (typed as
t_…; looked up and defaulted under the contract's own names) → `good`, the candidates that are not in `left_out`.
`row_id` is one row of the contract; a line of a wide file holds several.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
from sqlalchemy import String

from data.casting import cast
from data.contract import Contract
from data.mapping import Mapping, Unpivot
from data.source import LoadError, Source, quote

# A business date is in the future when it has begun nowhere: the first time zone is 14 hours ahead of UTC.
EARLIEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Given:
    """Where the values of one column of a contract come from: SQL over `incoming`, and its DuckDB type."""

    sql: str
    type: str


def lay(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: Source, mapping: Mapping, now: datetime
) -> frozenset[str]:
    """Lay the views and the empty tables `left_out` and `finding`; return the contract's columns that the file gives.

    LoadError when a required column is missing or the mapping speaks of columns that do not exist.
    """
    given = _given(contract, source, mapping)
    rows = "SELECT *, source_row AS row_id FROM incoming"
    if mapping.unpivot:
        rows = _unpivoted(contract, source, mapping, mapping.unpivot)
    columns = ", ".join(["row_id", "source_row", *(f"{value.sql} AS g_{name}" for name, value in given.items())])
    connection.execute(
        f"""
        CREATE TEMP VIEW given AS SELECT {columns} FROM ({rows});
        CREATE TEMP VIEW candidate AS {_candidate(contract, given, mapping, now)};
        CREATE TEMP TABLE left_out (row_id BIGINT);
        CREATE TEMP VIEW good AS SELECT * FROM candidate ANTI JOIN left_out USING (row_id);
        CREATE TEMP TABLE finding (row_id BIGINT, source_row BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR,
                                   remedy VARCHAR, severity VARCHAR)
        """
    )
    return frozenset(given)


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what `lay` has laid."""
    for view in ("good", "candidate", "given"):
        connection.execute(f"DROP VIEW IF EXISTS {view}")
    for table in ("left_out", "finding", "failing", "met"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def _given(contract: Contract, source: Source, mapping: Mapping) -> dict[str, Given]:
    known = [column.name for column in contract.columns]
    held = ", ".join(filter(None, source.names))
    if unknown := sorted(mapping.named() - set(known)):
        raise LoadError(f"the mapping names {', '.join(unknown)}, but {contract.name} have {', '.join(known)}")
    for name, theirs in mapping.columns.items():
        if source.find(theirs) is None:
            raise LoadError(f"the mapping takes {name} from '{theirs}', but the file has {held}; correct the mapping")
    given = {
        column.name: _cleaned(value, mapping, column.name, text=isinstance(contract.kind(column), String))
        for column in contract.columns
        if (value := _found(column.name, source, mapping))
    }
    if missing := [name for name in contract.required if name not in given]:
        raise LoadError(
            f"{contract.name} need the columns {', '.join(missing)}; the file has {held}."
            " Name its columns in a mapping file (--mapping), see docs/loading.md"
        )
    return given


def _found(name: str, source: Source, mapping: Mapping) -> Given | None:
    """A constant, the names or the cells of a wide file, a column of the file, or nothing."""
    if name in mapping.constants:
        return Given(quote(mapping.constants[name]), "VARCHAR")
    if mapping.unpivot and name == mapping.unpivot.name:
        return Given("wide_name", "VARCHAR")
    if mapping.unpivot and name == mapping.unpivot.value:
        return Given("wide_value", "VARCHAR")
    place = source.find(mapping.columns.get(name, name))
    return None if place is None else Given(f"c{place + 1}", source.types[place])


def _cleaned(given: Given, mapping: Mapping, name: str, *, text: bool) -> Given:
    """Blanks and the mapping's nulls become NULL, foreign words the contract's; `text` wants text in any case."""
    words = [f"WHEN {quote(word)} THEN NULL" for word in mapping.nulls]
    words += [f"WHEN {quote(a)} THEN {quote(b)}" for a, b in mapping.translations.get(name, {}).items()]
    if given.type != "VARCHAR" and not words and not text:
        return given
    sql = _stripped(given.sql) if given.type == "VARCHAR" else f"CAST({given.sql} AS VARCHAR)"
    return Given(f"CASE {sql} {' '.join(words)} ELSE {sql} END" if words else sql, "VARCHAR")


def _stripped(text: str) -> str:
    """A text without blanks around it, or NULL; most need nothing, and looking is cheaper than trimming."""
    blank = f"{text} LIKE ' %' OR {text} LIKE '% ' OR {text} = ''"
    return f"CASE WHEN {blank} THEN nullif(trim({text}), '') ELSE {text} END"


def _unpivoted(contract: Contract, source: Source, mapping: Mapping, wide: Unpivot) -> str:
    """One row a filled cell of a wide file."""
    names = [column.name for column in contract.columns if column.name not in (wide.name, wide.value)]
    taken = {source.find(mapping.columns.get(name, name)) for name in names}
    chosen = wide.columns or tuple(
        name for place, name in enumerate(source.names) if name and place not in taken and name not in wide.ignore
    )
    places = [place for name in chosen if (place := source.find(name)) is not None]
    if not chosen or len(places) < len(chosen):
        raise LoadError(
            f"the mapping unpivots {', '.join(chosen) or 'nothing'}; the file has {', '.join(source.names)}"
        )
    cells = ", ".join(
        f"{{'place': {place}, 'name': {quote(name)}, 'value': CAST(c{place + 1} AS VARCHAR)}}"
        for name, place in zip(chosen, places, strict=True)
    )
    return f"""
        SELECT *, source_row * {len(source.names)} + cell.place AS row_id,
               cell.name AS wide_name, cell.value AS wide_value
        FROM (SELECT *, unnest([{cells}]) AS cell FROM incoming)
        WHERE trim(cell.value) NOT IN ({", ".join(map(quote, ("", *mapping.nulls)))})
    """


def _candidate(contract: Contract, given: dict[str, Given], mapping: Mapping, now: datetime) -> str:
    today = (now + EARLIEST_ZONE).date()
    inner = ["given.*", f"TIMESTAMPTZ '{now.isoformat()}' AS now", f"DATE '{today}' AS today"]
    outer, joins = ["*"], ""
    for column in contract.columns:
        name, typed = column.name, "NULL"
        if name in given:
            typed = cast(f"g_{name}", given[name].type, contract.kind(column), mapping.formats.get(name, ""))
        inner.append(f"{f'lower({typed})' if column.allowed else typed} AS t_{name}")
        outer.append(f"coalesce(t_{name}, {column.default}) AS {name}" if column.default else f"t_{name} AS {name}")
        if column.refers is not None:
            table = column.refers.table.name
            own = f"g_{name}" if name in given else "NULL"
            joins += f" LEFT JOIN {table} AS the_{table} ON the_{table}.{column.refers.name} = {own}"
            inner.append(f"the_{table}.{column.target}")
            if table == "instrument":
                inner += [f"the_{table}.{what} AS {table}_{what}" for what in ("asset_class", "currency")]
    return f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM given{joins})"

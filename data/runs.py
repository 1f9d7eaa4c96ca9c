"""Official runs: a day's forecasts and backtest P&L, appended to a draft and never changed."""

from datetime import date, datetime

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from data import schema

FORECASTS = (
    *("as_of", "scope_kind", "node", "measure", "confidence", "window_days", "method", "observations"),
    *("value", "scenario_dates"),
)
PNLS = ("as_of", "scope_kind", "node", "actual", "hypothetical", "theoretical")


def write_runs(  # noqa: PLR0913 what reproduces a run, by keyword
    connection: duckdb.DuckDBPyConnection,
    forecasts: pd.DataFrame,
    pnls: pd.DataFrame,
    *,
    base: str,
    snapshot: str,
    release: str,
    run_at: datetime,
) -> dict[date, int]:
    """Write one run for each as_of date of the two frames and return their numbers; all of it or nothing.

    `connection` is that of a `Warehouse.draft` with the tables of data.load.create; the draft's end publishes. The
    frames have the columns FORECASTS and PNLS, others are ignored; amounts are in `base`, `snapshot` is the one they
    were computed from. `node` is '' for the firm, else the name of a desk or book. A value of NaN is stored as
    missing. A date that has a run gets another, which is read from then on instead of all of the earlier one, so that
    a run gives both; the earlier stays.

    ValueError, and nothing written, for a missing column, an unknown scope or node, a row given twice, an infinite
    number, or a `run_at` without a time zone.
    """
    if run_at.tzinfo is None:
        raise ValueError(f"run_at: {run_at} has no time zone; give the instant in UTC")
    frames = {
        "forecast": _checked(connection, "forecasts", forecasts, FORECASTS, ("measure",)),
        "backtest_pnl": _checked(connection, "pnls", pnls, PNLS, ()),
    }
    days = sorted(set().union(*(frame["as_of"] for frame in frames.values())))
    first = connection.execute("SELECT coalesce(max(run_id), 0) + 1 FROM official_run").fetchone() or (1,)
    runs = {day: int(first[0]) + place for place, day in enumerate(days)}
    headers = pd.DataFrame({"run_id": runs.values(), "as_of": days}).assign(
        base=base, snapshot=snapshot, release=release, run_at=run_at
    )
    connection.execute("BEGIN")
    try:
        _append(connection, "official_run", headers)
        for table, frame in frames.items():
            _append(connection, table, frame.assign(run_id=frame["as_of"].map(runs)).drop(columns="as_of"))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return runs


def _checked(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    key: tuple[str, ...],
) -> pd.DataFrame:
    """The columns that are kept, with plain dates; ValueError for rows that cannot be."""
    if missing := [column for column in columns if column not in frame]:
        raise ValueError(f"{name}: {', '.join(missing)} missing; the columns are {', '.join(columns)}")
    kept = frame[list(columns)].assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)
    known = _nodes(connection)
    if unknown := sorted(set(zip(kept["scope_kind"], kept["node"], strict=True)) - known):
        kinds = ", ".join(schema.RUN_SCOPES)
        raise ValueError(f"{name}: no {' '.join(map(str, unknown[0]))!r}; a scope is one of {kinds}, by its name")
    repeated = kept[kept.duplicated(["as_of", "scope_kind", "node", *key])]
    if len(repeated):
        row = repeated.iloc[0]
        raise ValueError(f"{name}: {row['as_of']} has {row['scope_kind']} {row['node']!r} twice; give each once")
    for column in kept.columns[kept.isin([np.inf, -np.inf]).any()]:
        raise ValueError(f"{name}: {column} holds an infinite number; give NaN where it could not be computed")
    return kept


def _nodes(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    rows = connection.execute("SELECT 'desk', desk FROM book UNION SELECT 'book', book FROM book").fetchall()
    return {("firm", ""), *((kind, node) for kind, node in rows)}


def _append(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    """Insert a frame by column name; NaN becomes null."""
    connection.register("appended", pa.Table.from_pandas(frame, preserve_index=False))
    try:
        connection.execute(f"INSERT INTO {table} BY NAME FROM appended")
    finally:
        connection.unregister("appended")

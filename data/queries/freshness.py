"""How fresh the warehouse is, and what filled it: of each table its newest business day and last file; every load."""

from typing import Any

from sqlalchemy import Date, Select, cast, func, literal, null, select, union_all
from sqlalchemy.sql.selectable import Subquery

from data.relations import relation
from data.schema import LOADABLE, load_batch

DATED = {
    "trades": "trade_date",
    "prices": "price_date",
    "fx": "rate_date",
    "curves": "curve_date",
    "vols": "vol_date",
    "actions": "ex_date",
    "limits": "valid_from",
}
"""The column of a loadable table that says which business day its rows are about; the others have none."""


@relation(shared=True, firm=True)
def freshness_by_table() -> Select[Any]:
    """table_name, newest, file_name, loaded_at, rows, rejected, flagged; a row a table, also one never loaded.

    `newest` is the latest business day of its rows, null for tables without dates; file and moment are those of the
    last load that read a row, the counts those of all loads together.
    """
    batch = load_batch.c
    loads = (
        select(
            batch.table_name,
            func.arg_max(batch.file_name, batch.batch_id).label("file_name"),
            func.max(batch.loaded_at).label("loaded_at"),
            *(
                cast(func.sum(batch[f"rows_{name}"]), batch.rows_read.type).label(name)
                for name in ("loaded", "rejected", "flagged")
            ),
        )
        .where(batch.rows_read > 0)
        .group_by(batch.table_name)
        .subquery("loads")
    )
    dated = _newest()
    return (
        select(
            dated.c.table_name,
            dated.c.newest,
            loads.c.file_name,
            loads.c.loaded_at,
            *(func.coalesce(loads.c[name], 0).label(name) for name in ("loaded", "rejected", "flagged")),
        )
        .select_from(dated.outerjoin(loads, loads.c.table_name == dated.c.table_name))
        .order_by(dated.c.place)
    )


@relation(shared=True, firm=True)
def load_batches() -> Select[Any]:
    """A row a load, newest first: when, table, file and its hash, rows read, loaded, known, rejected and flagged."""
    names = ("batch_id", "loaded_at", "table_name", "file_name", "sha256", "rows_read", "rows_loaded", "rows_known")
    columns = (load_batch.c[name] for name in (*names, "rows_rejected", "rows_flagged", "release"))
    return select(*columns).order_by(load_batch.c.batch_id.desc())


def _newest() -> Subquery:
    """table_name, place and the newest business day of every loadable table."""
    days = (
        select(
            literal(name).label("table_name"),
            literal(place).label("place"),
            cast(func.max(table.c[DATED[name]]) if name in DATED else null(), Date).label("newest"),
        )
        for place, (name, table) in enumerate(LOADABLE.items())
    )
    return union_all(*days).subquery("dated")

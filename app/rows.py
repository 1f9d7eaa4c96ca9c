"""The rows that answers are made of: each relation read once, then kept as bytes, or in memory if small and fixed."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import duckdb
import pandas as pd
import pyarrow as pa

from app.kept import Kept
from app.risk.holdings import Arrays, Holdings, Register
from data.calendar import business_days
from data.queries.holdings import DAYS
from data.relations import Ask, read
from data.scope import NOBODY, Scope
from data.warehouse import EmptyError, Warehouse


class Rows:
    """Reads the snapshots of one warehouse. They never change, so nothing that is kept can be stale."""

    def __init__(self, warehouse: Warehouse, kept: Kept) -> None:
        self.warehouse = warehouse
        self.kept = kept
        self.calendar = lru_cache(maxsize=16)(self._calendar)
        self._fixed = lru_cache(maxsize=64)(self._read_fixed)
        self._register = lru_cache(maxsize=64)(self._lay_register)

    def read(self, relation: str, number: str, scope: Scope, ask: Ask) -> pa.Table:
        """The relation in the snapshot of that number, kept nowhere."""
        try:
            return read(self.warehouse.cursor(number), relation, scope, ask)
        except duckdb.CatalogException:
            raise EmptyError(
                f"snapshot {number} is of an older release without {relation}; choose a newer one"
            ) from None

    def frame(self, relation: str, number: str, scope: Scope, ask: Ask) -> pd.DataFrame:
        """A whole relation, kept in the cache like any answer."""
        frame: pd.DataFrame = self._kept(relation, number, scope, ask).to_pandas(use_threads=False)
        return frame

    def fixed(self, relation: str, number: str, scope: Scope = NOBODY) -> Arrays:
        """A small relation that the snapshot and the scope's rows alone decide, kept in memory."""
        return self._fixed(relation, number, _anyone(scope))

    def holdings(self, number: str, scope: Scope, ask: Ask) -> Holdings:
        """What the scope holds on the dates asked for: one reading for all groupings, base currencies and periods."""
        days = {name: ask.dates[name] for name in DAYS}
        before_all = self.calendar(number)[1]
        distinct = [*dict.fromkeys(days.values()), *[before_all] * len(DAYS)]
        wanted = dict(zip(DAYS, distinct, strict=False))
        rows = self._kept("holdings", number, scope, Ask(wanted, "", rows=ask.rows))
        return Holdings(
            rows=_arrays(rows),
            books=self._register("books", "book_id", number, _anyone(scope)),
            instruments=self._register("instruments", "instrument_id", number, NOBODY),
            rates=self.fixed("rates", number),
            days=days,
            base=ask.base,
        )

    def sources(self, number: str) -> tuple[str, ...]:
        """What the snapshot was loaded from, newest first: table, file and the beginning of its SHA-256."""
        batches = self.fixed("sources", number)
        named = zip(batches["table_name"], batches["file_name"], batches["sha256"], strict=True)
        return tuple(f"{table}: {file}, sha256 {digest[:12]}" for table, file, digest in named)

    def _calendar(self, number: str) -> tuple[list[date], date]:
        """The business days in ascending order, and the one before the first; no days before the first load."""
        days = business_days(self.warehouse.cursor(number))
        return list(days), next(iter(days.values()), date.min)

    def _read_fixed(self, relation: str, number: str, scope: Scope) -> Arrays:
        return _arrays(self.read(relation, number, scope, Ask({}, "")))

    def _lay_register(self, relation: str, key: str, number: str, scope: Scope) -> Register:
        return Register.of(self.fixed(relation, number, scope), key)

    def _kept(self, relation: str, number: str, scope: Scope, ask: Ask) -> pa.Table:
        def make() -> bytes:
            return _packed(self.read(relation, number, scope, ask))

        with pa.ipc.open_stream(self.kept.once(["rows", number, relation, ask, scope.key], make)) as reader:
            return reader.read_all()


def _anyone(scope: Scope) -> Scope:
    """The same rows, whoever reads them."""
    return replace(scope, reader="", name="", roles=frozenset())


def _packed(table: pa.Table) -> bytes:
    """The table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _arrays(table: pa.Table) -> Arrays:
    return {name: table[name].to_numpy() for name in table.column_names}

"""Taking away: a million rows of twenty columns as CSV and XLSX against the quickest writers there are."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from rustpy_xlsxwriter import FastExcel

from app import write
from app.table import Column, Provenance
from tests.bench.clock import Ratio, pair

NOW = datetime(2023, 1, 3, tzinfo=UTC)
ABOUT = Provenance("bench-trades", "Trades", "Made up", "2022-12-28", "2022-12-27", "", "000001", "USD")
NAMES = {
    "desk": ["Index Arb", "Long/Short", "Vol", "Rates", "FX"],
    "book": [f"Book {n}" for n in range(18)],
    "instrument": [f"SYM{n}" for n in range(500)],
    "side": ["buy", "sell"],
    "currency": ["USD", "EUR", "GBP", "JPY"],
    "counterparty": [f"Broker {n}" for n in range(30)],
    "trader": [f"Trader {n}" for n in range(25)],
    "late": ["", "late"],
    "amended": ["", "amended"],
}
KINDS = {
    "trade_id": "text", "version": "count", "trade_time": "time", "trade_date": "date", "settle_date": "date",
    "quantity": "quantity", "price": "price", "consideration": "money", "fees": "money", "value": "money", "day": "money",
}  # fmt: skip
COLUMNS = tuple(Column(name, name, kind) for name, kind in {**KINDS, **dict.fromkeys(NAMES, "text")}.items())
STEP = 65_536


def measure(rows: int) -> Iterator[Ratio]:
    yield from _against_others(rows)
    for fmt in write.FORMATS:
        once, twice = peak(fmt, rows), peak(fmt, 2 * rows)
        yield Ratio(
            f"peak memory of {2 * rows:,} rows as {fmt}", f"of {rows:,} rows", twice, once, twice / once, 1.1, "MB"
        )


def _against_others(rows: int) -> Iterator[Ratio]:
    table = pa.Table.from_batches(batches(rows)).combine_chunks()
    frame = pl.from_arrow(table)
    bare = frame.with_columns(pl.col("trade_time").dt.replace_time_zone(None))
    yield pair(
        f"CSV of {rows:,} rows",
        lambda: spent("csv", table.to_batches(STEP)),
        "polars write_csv",
        lambda: frame.write_csv(os.devnull),
        1.5,
    )
    yield pair(
        f"XLSX of {rows:,} rows",
        lambda: spent("xlsx", table.to_batches(STEP)),
        "rustpy-xlsxwriter",
        lambda: FastExcel(io.BytesIO()).sheet("Data", bare).save(),
        1.2,
        runs=3,
    )


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    """Trades as a blotter shows them, newest first."""
    random = np.random.default_rng(7)
    for start in range(0, rows, STEP):
        yield _batch(random, start, min(STEP, rows - start))


def spent(fmt: str, source: Iterator[pa.RecordBatch] | list[pa.RecordBatch]) -> int:
    """The bytes of the file, each piece let go as soon as it is made."""
    return sum(
        len(piece) for piece in write.stream_batches(source, COLUMNS, ABOUT, fmt, reader="Bench", exported_at=NOW)
    )


def peak(fmt: str, rows: int) -> float:
    """Most memory, in MB, that a fresh process held while it made rows and exported them."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(partial(_peak, fmt, rows))


def _peak(fmt: str, rows: int) -> float:
    spent(fmt, batches(rows))
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    return int(told) / 1024


def _batch(random: np.random.Generator, start: int, rows: int) -> pa.RecordBatch:
    numbers = np.arange(start, start + rows)
    days = 19_354 - numbers // 4_000
    quantity = random.integers(-5_000, 5_000, rows).astype(float)
    price = np.round(random.lognormal(4, 1, rows), 4)
    micros = days * 86_400_000_000 + random.integers(0, 86_400_000_000, rows)
    arrays = {
        "trade_id": pa.array([f"T{number:09d}" for number in numbers]),
        "version": pa.array(random.integers(1, 3, rows)),
        "trade_time": pa.array(micros, pa.timestamp("us", "UTC")),
        "trade_date": pa.array(days.astype(np.int32), pa.date32()),
        "settle_date": pa.array((days + 2).astype(np.int32), pa.date32()),
        "quantity": pa.array(quantity),
        "price": pa.array(price),
        "consideration": pa.array(-quantity * price),
        "fees": pa.array(np.round(np.abs(quantity * price) * 1e-4, 2)),
        "value": pa.array(quantity * price * (1 + random.normal(0, 0.02, rows))),
        "day": pa.array(random.normal(0, 10_000, rows)),
    }
    picks = {name: np.asarray(names)[random.integers(0, len(names), rows)] for name, names in NAMES.items()}
    return pa.record_batch({**arrays, **{name: pa.array(values.tolist()) for name, values in picks.items()}})

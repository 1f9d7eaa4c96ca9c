"""The demo's files, and simulated books over any universe: everything the loader takes, deterministic at every size."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.demo import organisation
from data.demo.curves import curve_rows
from data.demo.desks import demo_orders
from data.demo.equity_books import SYSTEMATIC
from data.demo.fills import SCHEMA, events
from data.demo.limits import limits
from data.demo.market import Market
from data.demo.orders import lay_out, priced, scheduled
from data.demo.vols import vol_rows
from data.demo.world import SEED, World, build_world, calendar, long

Progress = Callable[[str, float], None]
REFERENCE = ["symbol", "instrument_type", "currency"]
ACTION_COLUMNS = ["instrument", "ex_date", "action", "value", "synthetic"]


def files(folder: Path, *, fills: int = 20_000, progress: Progress | None = None) -> list[tuple[str, Path]]:
    """Write the demo's files and return (table, path) in the order in which to load them.

    `fills` is the number of trades that stand; the events are about 3.5 % more. The orders, hence positions, cost
    and P&L, are the same for every number; ValueError for fewer fills than orders. `progress` is told the table
    and the share of it that is written.
    """
    tell = progress or (lambda _table, _share: None)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table, frame in _tables(build_world()).items():
        path = folder / f"{table}.parquet"
        pq.write_table(pa.Table.from_pandas(_dated(frame), preserve_index=False), path, compression="zstd")
        tell(table, 1.0)
        written.append((table, path))
    path = folder / "trades.parquet"
    names = [row[0] for row in organisation.COUNTERPARTIES]
    _write_trades(path, events(demo_orders(), fills, SEED, names), fills, tell)
    return [*written, ("trades", path)]


def simulate_over(  # noqa: PLR0913 what a user's own universe consists of
    instruments: pd.DataFrame,
    closes: pd.DataFrame,
    *,
    fills: int,
    seed: int,
    first: date,
    last: date,
    actions: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Trade four systematic long/short books over a universe; return the loader's books and trades.

    `instruments` has symbol, instrument_type (equity or etf) and currency; `closes` days × symbols as quoted, NaN where
    there is none; `actions` instrument, ex_date, action, value. Symbols without an instrument and days without a
    session of the exchange are left out. The signals need a year of closes before `first`. Quantities and prices
    are exact decimals, counterparties null; ValueError for fewer fills than orders.
    """
    closes = closes.set_axis(pd.to_datetime(closes.index), axis=0).sort_index().astype(float)
    hours = calendar(closes.index[0], closes.index[-1] + pd.Timedelta(days=20))
    closes = closes.loc[closes.index.isin(hours.index), closes.columns.isin(instruments["symbol"])]
    known = pd.DataFrame(columns=ACTION_COLUMNS) if actions is None else actions
    market = Market(closes, total_return(closes, known), known, pd.DataFrame(), pd.DataFrame())
    inside = pd.DatetimeIndex(closes.loc[pd.Timestamp(first) : pd.Timestamp(last)].index)
    listed = instruments.reindex(columns=[*REFERENCE, "expiry"])
    trades = [trade(market, list(closes.columns), inside).assign(book=book) for book, trade in SYSTEMATIC.items()]
    orders = priced(pd.concat(trades, ignore_index=True), long(closes), listed, seed)
    tables = events(scheduled(orders, hours), fills, seed)
    plain = pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in SCHEMA])
    frame = pa.concat_tables([table.cast(plain) for table in tables]).to_pandas(types_mapper=pd.ArrowDtype)
    books = organisation.books()
    return books[books["book"].isin(SYSTEMATIC)].reset_index(drop=True), frame


def total_return(closes: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Chain closes as quoted (days by symbols) and their actions into total return indices that start at 1."""
    days, symbols = pd.DatetimeIndex(closes.index), closes.columns
    split, paid = (lay_out(actions, action, days, symbols) for action in ("split", "dividend"))
    daily = (closes * split + paid) / closes.ffill().shift(1)
    return daily.fillna(1.0).cumprod().where(closes.notna())


def _tables(world: World) -> dict[str, pd.DataFrame]:
    """Everything but the trades, in load order, under the loader's columns."""
    rates = world.market.rates.rename_axis("rate_date").reset_index()
    fx = rates.melt("rate_date", var_name="quote", value_name="rate").dropna().assign(base="EUR")
    return {
        "instruments": world.instruments,
        "books": organisation.books(),
        "counterparties": organisation.counterparties(),
        "fx": fx[["base", "quote", "rate_date", "rate"]],
        "prices": world.quotes[["instrument", "price_date", "price"]],
        "curves": curve_rows(world.curves),
        "vols": vol_rows(world.surfaces, pd.DatetimeIndex(world.market.closes.index)),
        "actions": world.market.actions,
        "limits": limits(),
    }


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """Make business dates plain dates."""
    days = frame.select_dtypes("datetime").columns
    return frame.assign(**{name: frame[name].astype("date32[pyarrow]") for name in days})


def _write_trades(path: Path, tables: Iterable[pa.Table], fills: int, tell: Progress) -> None:
    done = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
            done += int(np.sum(table["version"].to_numpy() == 1))
            tell("trades", min(done / fills, 1.0))
    tell("trades", 1.0)

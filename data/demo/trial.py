"""A trial book: simulated long/short trades over the equity prices that a warehouse already holds.

For looking at the product with one's own prices before there are trades: write the files, then load them.
"""

from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd

from data.demo.simulate import simulate_over

FIRST_YEAR = timedelta(days=400)
SEED = 7


class NoPricesError(LookupError):
    """The warehouse has too few equity prices to trade on."""


def write(cursor: duckdb.DuckDBPyConnection, folder: Path, *, fills: int, years: float = 3.0) -> list[Path]:
    """Write books.parquet and trades.parquet into `folder`: the last `years` before the newest equity price.

    The signals need a year of prices before the first trade; NoPricesError when there is none, ValueError when
    `fills` is fewer than the orders.
    """
    listed = cursor.execute(
        "SELECT symbol, instrument_type, currency FROM instrument WHERE instrument_type IN ('equity', 'etf')"
    ).df()
    long = cursor.execute(
        """
        SELECT price_date, symbol, arg_max(price, known_from)::DOUBLE AS price
        FROM price JOIN instrument USING (instrument_id) WHERE instrument_type IN ('equity', 'etf') GROUP BY ALL
        """
    ).df()
    actions = cursor.execute(
        "SELECT symbol AS instrument, ex_date, action, value::DOUBLE AS value "
        "FROM corporate_action JOIN instrument USING (instrument_id)"
    ).df()
    closes = long.pivot_table(index="price_date", columns="symbol", values="price")
    if closes.empty or closes.index[-1] - closes.index[0] < FIRST_YEAR:
        raise NoPricesError("a trial book needs more than a year of equity prices; load instruments and prices first")
    last = pd.Timestamp(closes.index[-1])
    first = max(closes.index[0] + FIRST_YEAR, last - timedelta(days=365.25 * years))
    books, trades = simulate_over(
        listed, closes, fills=fills, seed=SEED, first=first.date(), last=last.date(), actions=actions
    )
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "books.parquet", folder / "trades.parquet"]
    books.to_parquet(paths[0], index=False)
    trades.to_parquet(paths[1], index=False)
    return paths

"""Another grouping of the pivot at 10,000 positions, asked for the first time: `python -m tests.bench.regroup`."""

import tempfile
from collections.abc import Iterator
from itertools import cycle, permutations, product
from pathlib import Path
from statistics import quantiles

import numpy as np
import pandas as pd

from app.filters import Filters
from tests.bench.clock import Ratio, seconds
from tests.ledger import FIRM, Ledger

BOOKS, INSTRUMENTS, DAYS = 50, 200, 130
KEYS = ("desk", "book", "strategy", "business_unit", "asset_class", "currency", "sector", "instrument")


def measure() -> Iterator[Ratio]:
    with tempfile.TemporaryDirectory(prefix="parapet-regroup-") as folder:
        ledger = Ledger(Path(folder))
        ledger.load(_files())
        answers = ledger.answers
        answers.table("pivot-tree", Filters(window=100), FIRM)  # revalues the positions once
        asked = [Filters(window=100, down=",".join(keys)) for keys in permutations(KEYS, 2)]
        times = [seconds(lambda f=f: answers.drawn("pivot-tree", f, FIRM, "dark")) for f in asked]
        p95 = quantiles(times, n=20)[-1]
        positions = f"{BOOKS * INSTRUMENTS:,} positions, VaR, ES, P&L and exposure"
        yield Ratio(
            f"another grouping of the pivot, p95 of {len(asked)}: {positions}", "a limit of", p95, 0.25, p95 / 0.25, 1.0
        )
        ledger.warehouse.close()


def _files() -> dict[str, pd.DataFrame]:
    """A book of equities in eight sectors, each held in every book, with a random walk of prices."""
    draw = np.random.default_rng(0)
    days = pd.bdate_range("2022-01-03", periods=DAYS).strftime("%Y-%m-%d")
    names, books = [f"I{n:03}" for n in range(INSTRUMENTS)], [f"B{n:02}" for n in range(BOOKS)]
    sectors = [f"Sector {n % 8}" for n in range(INSTRUMENTS)]
    walk = 100 * np.exp(np.cumsum(draw.normal(0, 0.01, (DAYS, INSTRUMENTS)), axis=0)).round(4)
    placed = cycle(("Value", "Momentum", "Carry"))
    held = list(product(books, zip(names, walk[0], strict=True)))
    return {
        "books": pd.DataFrame(
            {
                "book": books,
                "desk": [f"D{n % 5}" for n in range(BOOKS)],
                "strategy": [next(placed) for _ in books],
                "trader": "bench",
            }
        ),
        "instruments": pd.DataFrame({"symbol": names, "sector": sectors}),
        "prices": pd.DataFrame(
            {"instrument": np.tile(names, DAYS), "price_date": np.repeat(days, INSTRUMENTS), "price": walk.ravel()}
        ),
        "trades": pd.DataFrame(
            {
                "trade_id": [f"T{n}" for n in range(len(held))],
                "book": [book for book, _ in held],
                "instrument": [name for _, (name, _) in held],
                "quantity": draw.integers(-500, 500, len(held)) * 2 + 1,
                "price": [price for _, (_, price) in held],
                "trade_date": days[0],
            }
        ),
    }


if __name__ == "__main__":
    for ratio in measure():
        print(ratio.line())

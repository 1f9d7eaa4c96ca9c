"""Loading and rolling: ten million trades in, and one more day."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data.demo import simulate as demo
from data.derive import derive
from data.load import create, load
from data.warehouse import Warehouse
from tests.bench.clock import Ratio, seconds

BASELINE = """
    CREATE TABLE trades (
        trade_id VARCHAR NOT NULL, version INTEGER NOT NULL CHECK (version >= 1),
        action VARCHAR NOT NULL CHECK (action IN ('new', 'amend', 'cancel')),
        trade_time TIMESTAMPTZ NOT NULL, trade_date DATE NOT NULL, settle_date DATE NOT NULL,
        book VARCHAR NOT NULL, instrument VARCHAR NOT NULL, counterparty VARCHAR,
        quantity DECIMAL(18, 4) NOT NULL, price DECIMAL(18, 8) NOT NULL, currency VARCHAR NOT NULL,
        fees DECIMAL(18, 4) NOT NULL, known_from TIMESTAMPTZ NOT NULL, PRIMARY KEY (trade_id, version))
"""


def measure(home: Path, fills: int) -> Iterator[Ratio]:
    files = dict(demo.files(home / "files", fills=fills))
    warehouse = Warehouse(home / "warehouse")
    with warehouse.draft("bench") as draft:
        create(draft.connection)
        batches = [load(draft.connection, name, path).batch_id for name, path in files.items() if name != "trades"]
    yield _loading(home, warehouse, files["trades"], batches, fills)
    yield _one_day(warehouse)
    warehouse.close()


def _loading(home: Path, warehouse: Warehouse, trades: Path, batches: list[int], fills: int) -> Ratio:
    """One run a side: at this size a second run tells little and takes a minute."""

    def copy() -> None:
        with duckdb.connect(str(home / "baseline.duckdb")) as db:
            db.execute(BASELINE)
            columns = [row[0] for row in db.execute("DESCRIBE trades").fetchall()]
            db.execute(f"INSERT INTO trades SELECT {', '.join(columns)} FROM read_parquet('{trades}')")
            db.execute("CHECKPOINT")

    theirs = seconds(copy)
    (home / "baseline.duckdb").unlink()
    derived = 0.0

    def ours() -> None:
        nonlocal derived
        with warehouse.draft("bench") as draft:
            batches.append(load(draft.connection, "trades", trades).batch_id)
            derived = seconds(lambda: derive(draft.connection, batches))

    taken = seconds(ours)
    what = f"load {fills:,} trades: checked, keyed, published ({derived:.1f} s of deriving positions apart)"
    return Ratio(
        what, "DuckDB's own copy into the same constraints", taken - derived, theirs, (taken - derived) / theirs, 2.0
    )


def _one_day(warehouse: Warehouse) -> Ratio:
    """Roll the last business day again, as a new day's trades and prices would have it."""
    number = warehouse.current().number
    path = warehouse.folder / "day.duckdb"
    shutil.copyfile(warehouse.folder / f"{number}.duckdb", path)
    with duckdb.connect(str(path)) as db:
        db.execute("SET TimeZone = 'UTC'")
        last = db.execute("SELECT max(day) FROM business_day").fetchone()[0]
        db.execute(
            "INSERT INTO trade_event SELECT 'bench-' || row_number() OVER (), 1, 'new', trade_time, trade_date, settle_date, "
            "book_id, instrument_id, counterparty_id, quantity, price, currency, fees, $1, 99, 1 "
            "FROM trade_event WHERE trade_date = $2 AND version = 1",
            [datetime.now(UTC), last],
        )
        taken = seconds(lambda: derive(db, [99]))
    path.unlink()
    return Ratio("roll one new day's trades into positions", "a limit of", taken, 1.0, taken, 1.0)

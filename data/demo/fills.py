"""From orders to trade events: each order split into fills, with the amendments, cancels and late trades of a desk.

The fills of an order are whole lots at the order's price and add up to it exactly, fees too, so positions, cost and
P&L are the same at every size. Amended fills were wrong first and right in the end; cancelled trades are doubles
that never should have been.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Whole = NDArray[np.int64]
CHUNK = 250_000
AMENDED, LATE, DOUBLED = 0.02, 0.004, 0.0075
ACTIONS = ["new", "amend", "cancel"]
NEW, AMEND, CANCEL = range(3)
SECOND = 1_000_000
DAY = 86_400 * SECOND
Arrays = dict[str, Whole]
LABEL = pa.dictionary(pa.int32(), pa.string())
INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("trade_id", pa.string()),
        ("version", pa.int32()),
        ("action", LABEL),
        ("trade_time", INSTANT),
        ("trade_date", pa.date32()),
        ("settle_date", pa.date32()),
        ("book", LABEL),
        ("instrument", LABEL),
        ("counterparty", LABEL),
        ("quantity", pa.decimal128(18, 4)),
        ("price", pa.decimal128(18, 8)),
        ("currency", LABEL),
        ("fees", pa.decimal128(18, 4)),
        ("known_from", INSTANT),
    ]
)


def events(orders: pd.DataFrame, fills: int, seed: int, counterparties: list[str] | None = None) -> Iterator[pa.Table]:
    """Yield the trade events in order of time, SCHEMA, about CHUNK fills a table; `orders` as `scheduled` gives them.

    The number of fills is exact; ValueError when it is less than one an order or more than the lots there are.
    Without counterparties their column is null.
    """
    lots = (orders["units"].abs() // orders["lot"]).clip(lower=1).to_numpy()
    count = share_out(lots, fills)
    whole = _whole(orders) | {"lots": lots, "count": count}
    labels = {name: _coded(orders[name]) for name in ("book", "instrument", "currency")}
    codes = {name: code for name, (code, _) in labels.items()}
    values = {name: value for name, (_, value) in labels.items()} | {"counterparty": counterparties or []}
    edges = np.searchsorted(np.cumsum(count), np.arange(0, fills + CHUNK, CHUNK), side="right")
    first = 1
    for number, (start, stop) in enumerate(pairwise(np.unique(edges))):
        rng = np.random.default_rng([seed, fills, number])
        filled = _fill({name: column[start:stop] for name, column in (whole | codes).items()}, rng)
        filled["counterparty"] = rng.integers(0, max(len(values["counterparty"]), 1), len(filled["units"]))
        rows = _versions(filled, first, rng)
        first = int(rows["trade_id"].max()) + 1
        yield _tabulate(rows, values)


def share_out(lots: Whole, fills: int) -> Whole:
    """Share the fills over the orders: at least one each, at most one a lot, else by the root of the size."""
    room = lots - 1
    extra = fills - len(lots)
    if extra < 0 or extra > room.sum():
        raise ValueError(f"{fills:,} fills are too few or too many: give from {len(lots):,} to {lots.sum():,}")
    low, high = 0.0, float(np.sqrt(room.max(initial=1)))
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(room, middle * np.sqrt(room)).sum() < extra else (low, middle)
    wanted = np.minimum(room, high * np.sqrt(room))
    given = np.floor(wanted).astype(np.int64)
    given[np.argsort(given - wanted, kind="stable")[: extra - given.sum()]] += 1
    return 1 + given


def _whole(orders: pd.DataFrame) -> Arrays:
    """Turn the orders' columns to int64: times to microseconds, days to days since 1970."""
    columns = {name: orders[name].to_numpy() for name in ("units", "lot", "fee", "price", "tick")}
    days = {
        name: orders[name].to_numpy().astype("datetime64[D]").astype("int64") for name in ("day", "settle", "following")
    }
    times = {
        name: orders[name].dt.tz_convert(None).to_numpy().astype("datetime64[us]").astype("int64")
        for name in ("start", "stop")
    }
    return columns | days | times


def _coded(column: pd.Series) -> tuple[Whole, list[str]]:
    codes, values = pd.factorize(column)
    return codes, list(values)


def _fill(orders: Arrays, rng: np.random.Generator) -> Arrays:
    """Cut each order at jittered places into its fills, in order of time; one array element a fill."""
    count = orders["count"]
    each = {name: np.repeat(column, count) for name, column in orders.items()}
    size = each["count"]
    place = np.arange(len(size)) - np.repeat(np.cumsum(count) - count, count) + 1
    last, opening = place == size, place == 1
    at = (place + np.where(last, 0.0, rng.uniform(-0.4, 0.4, len(size)))) / size
    lots_done = place + np.floor((each["lots"] - size) * at).astype(np.int64)
    units_done = np.where(last, np.abs(each["units"]), lots_done * each["lot"])
    lots, units = (done - np.where(opening, 0, np.roll(done, 1)) for done in (lots_done, units_done))
    moment = (place - 0.5 + rng.uniform(-0.4, 0.4, len(size))) / size
    time = each["start"] + ((each["stop"] - each["start"]) * moment).astype(np.int64)
    known = time + rng.integers(1, 90, len(size)) * SECOND
    return each | {"units": units * np.sign(each["units"]), "fees": lots * each["fee"], "time": time, "known": known}


def _versions(fills: Arrays, first: int, rng: np.random.Generator) -> Arrays:
    """Add what went wrong: amended fills, doubles and their cancels, trades known late; sorted by `known`."""
    number = len(fills["units"])
    luck, kind = rng.random(number), rng.random(number) < 0.5
    amended = np.flatnonzero(luck < AMENDED)
    late = (luck >= AMENDED) & (luck < AMENDED + LATE)
    doubled = np.flatnonzero(luck >= 1 - DOUBLED)
    noticed = fills["known"] + rng.integers(10 * 60, 240 * 60, number) * SECOND
    morning = fills["following"] * DAY + rng.integers(12 * 3600, 18 * 3600, number) * SECOND
    wrong = (luck < AMENDED) & kind
    slipped = (luck < AMENDED) & ~kind
    booked = {
        "units": np.where(wrong, 2 * fills["units"], fills["units"]),
        "price": fills["price"] + np.where(slipped, (fills["price"] // 100 // fills["tick"] + 1) * fills["tick"], 0),
        "known": np.where(late, morning, fills["known"]),
    }
    parts = [np.arange(number), amended, doubled, doubled]
    own = [first + np.arange(number), first + amended, *[first + number + np.arange(len(doubled))] * 2]
    fill = np.concatenate(parts)
    sizes = [len(part) for part in parts]
    rows = {name: column[fill] for name, column in fills.items()}
    rows |= {
        "trade_id": np.concatenate(own),
        "version": np.repeat([1, 2, 1, 2], sizes),
        "action": np.repeat([NEW, AMEND, NEW, CANCEL], sizes),
        **{name: np.concatenate([column, fills[name][fill[number:]]]) for name, column in booked.items()},
    }
    rows["known"] = np.where(rows["version"] == 2, noticed[fill], rows["known"])
    order = np.argsort(rows["known"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


def _tabulate(rows: Arrays, values: dict[str, list[str]]) -> pa.Table:
    label = {
        name: pa.DictionaryArray.from_arrays(rows[name].astype(np.int32), pa.array(values[name], pa.string()))
        if values[name]
        else pa.nulls(len(rows["units"]), LABEL)
        for name in values
    }
    columns = {
        **label,
        "trade_id": _ids(rows["trade_id"]),
        "version": rows["version"].astype(np.int32),
        "action": pa.DictionaryArray.from_arrays(rows["action"].astype(np.int32), pa.array(ACTIONS)),
        "trade_time": pa.array(rows["time"]).cast(INSTANT),
        "trade_date": pa.array(rows["day"].astype(np.int32)).cast(pa.date32()),
        "settle_date": pa.array(rows["settle"].astype(np.int32)).cast(pa.date32()),
        "quantity": _decimals(rows["units"], 4),
        "price": _decimals(rows["price"], 8),
        "fees": _decimals(rows["fees"], 4),
        "known_from": pa.array(rows["known"]).cast(INSTANT),
    }
    return pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)


def _decimals(units: Whole, scale: int) -> pa.Array:
    """Read int64 units as DECIMAL(18, scale): Arrow keeps 128 bits, the upper half is the sign."""
    wide = np.stack([units, units >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(units), [None, pa.py_buffer(wide.tobytes())])


def _ids(numbers: Whole) -> pa.Array:
    """Write each number as T and nine digits."""
    text = np.full((len(numbers), 10), ord("T"), np.uint8)
    for place in range(1, 10):
        text[:, place] = ord("0") + numbers // 10 ** (9 - place) % 10
    offsets = np.arange(0, 10 * len(numbers) + 1, 10, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes())]
    return pa.Array.from_buffers(pa.string(), len(numbers), buffers)

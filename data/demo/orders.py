"""From what a book wants to hold to the orders it gives: quantities, prices, fees and days, exact in whole units.

Orders stand in int64: `units` of 0.0001 of a quantity, `price` in 1e-8, `lot` in units, `fee` in 0.0001 of money a
lot. They do not depend on the number of fills they will be split into, so neither do positions, cost or P&L.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd

from data.demo.curves import Floats

UNIT, PRICE_UNIT = 10_000, 100_000_000
POINT = 1e-4


@dataclass(frozen=True)
class Terms:
    """How a type trades: decimals of its price, cost and noise in basis points, fee a lot, lot, settlement days."""

    decimals: int
    spread: float
    noise: float
    fee: float
    lot: int
    settles: int


TERMS = {
    "equity": Terms(4, 1.0, 10.0, 0.0035, 1, 2),
    "etf": Terms(4, 0.8, 6.0, 0.0035, 1, 2),
    "option": Terms(2, 60.0, 60.0, 0.65, 1, 1),
    "future": Terms(2, 0.3, 5.0, 1.2, 1, 1),
    "government_bond": Terms(4, 0.5, 3.0, 0.005, 1_000, 1),
    "fx_spot": Terms(6, 0.2, 3.0, 0.002, 1_000, 2),
    "fx_forward": Terms(6, 0.4, 3.0, 0.002, 1_000, 2),
}
PER_HUNDRED = {"JPY": 100.0, "SEK": 10.0}


def lay_out(actions: pd.DataFrame, action: str, days: pd.DatetimeIndex, symbols: pd.Index) -> Floats:
    """Lay the actions of one kind out, days × symbols, each on the first day from its ex-date on.

    Splits multiply (1 where there is none), dividends add (0 where there is none); others' symbols are left out.
    """
    own = actions[(actions["action"] == action) & actions["instrument"].isin(symbols)]
    row = days.searchsorted(pd.DatetimeIndex(own["ex_date"]))
    column = symbols.get_indexer(pd.Index(own["instrument"]))
    inside = row < len(days)
    split = action == "split"
    frame = np.full((len(days), len(symbols)), float(split))
    combine = np.multiply if split else np.add
    combine.at(frame, (row[inside], column[inside]), own["value"].to_numpy(float)[inside])
    return frame


def follow(targets: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Trade from one target to the next: day, instrument, units.

    `targets` are quantities, trading days by symbols; NaN leaves the holding alone. Splits multiply the holding
    before the day's order.
    """
    days, symbols = pd.DatetimeIndex(targets.index), targets.columns
    wanted = (targets * UNIT).round().to_numpy()
    factors = lay_out(actions, "split", days, symbols)
    held = np.zeros(len(symbols))
    orders = np.zeros(wanted.shape)
    for place in range(len(days)):
        held = np.floor(held * factors[place] + 0.5)
        orders[place] = np.where(np.isnan(wanted[place]), 0, wanted[place] - held)
        held += orders[place]
    day, symbol = np.nonzero(orders)
    units = orders[day, symbol].astype(np.int64)
    return pd.DataFrame({"day": days[day], "instrument": symbols[symbol], "units": units})


def sized(weights: pd.DataFrame, closes: pd.DataFrame, capital: float, lot: int = 100) -> pd.DataFrame:
    """Turn weights into target quantities in whole board lots at the day's close; NaN where there is no close."""
    price = closes.reindex(index=weights.index, columns=weights.columns)
    return (weights * capital / price / lot).round() * lot


def priced(trades: pd.DataFrame, quotes: pd.DataFrame, instruments: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Complete trades (day, book, instrument, units; slot and price where known) to orders.

    The price is the day's quote, worsened by half a spread and blurred by the day's noise; an order of an
    instrument without a quote that day must bring its own price, else ValueError.
    """
    at = quotes.rename(columns={"price_date": "day", "price": "close"})[["day", "instrument", "close"]]
    orders = trades.reindex(columns=["day", "book", "instrument", "units", "slot", "price"])
    orders = orders.merge(at, how="left", on=["day", "instrument"])
    listed = instruments.set_index("symbol").loc[orders["instrument"]]
    terms = pd.DataFrame([TERMS[kind] for kind in listed["instrument_type"]])
    slip = np.sign(orders["units"]) * terms["spread"] + _noise(orders["book"], seed) * terms["noise"]
    price = orders["price"].fillna(orders["close"] * (1 + slip * POINT))
    if price.isna().any():
        missing = orders[price.isna()].iloc[0]
        raise ValueError(f"{missing['instrument']} has no price on {missing['day']:%Y-%m-%d}")
    tick = (10.0 ** -terms["decimals"] * PRICE_UNIT).round().astype("int64")
    ticks = (price * PRICE_UNIT / tick).round().clip(lower=1).astype("int64")
    fee = terms["fee"] * listed["currency"].map(PER_HUNDRED).fillna(1.0).to_numpy() * UNIT
    return orders.assign(
        slot=orders["slot"].fillna(0).astype("int64"),
        price=ticks * tick,
        tick=tick,
        currency=listed["currency"].to_numpy(),
        lot=terms["lot"] * UNIT,
        fee=fee.round().astype("int64"),
        settles=terms["settles"],
        expiry=listed["expiry"].where(listed["instrument_type"] == "fx_forward").to_numpy(),
    ).drop(columns="close")


def _noise(book: pd.Series, seed: int) -> pd.Series:
    """Draw standard normals, each book from its own stream: a new book does not move the others."""
    noise = pd.Series(0.0, book.index)
    for name, place in book.groupby(book).groups.items():
        noise[place] = np.random.default_rng([seed, crc32(str(name).encode())]).standard_normal(len(place))
    return noise


def scheduled(orders: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """Add the settlement day, the next session and the window of the day in which each order is worked, in UTC.

    Slot 0 is the whole session, 1 its first half and 2 its second; forwards settle at their expiry. Sorted by day.
    """
    sessions = pd.DatetimeIndex(hours.index)
    place = sessions.get_indexer(pd.Index(orders["day"]))
    usual = pd.Series(sessions[place + orders["settles"]], orders.index)
    start, stop = hours["open"].iloc[place].to_numpy(), hours["close"].iloc[place].to_numpy()
    noon = start + (stop - start) // 2
    ready = orders.assign(
        settle=orders["expiry"].where(orders["expiry"].notna(), usual),
        following=sessions[place + 1],
        start=np.where(orders["slot"] == 2, noon, start),
        stop=np.where(orders["slot"] == 1, noon, stop),
    )
    order = ["day", "slot", "book", "instrument"]
    return ready.drop(columns=["settles", "expiry"]).sort_values(order, kind="stable", ignore_index=True)

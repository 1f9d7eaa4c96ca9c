"""The demo's market with everything simulated upon it, built once and read by every book."""

from dataclasses import dataclass
from functools import lru_cache

import exchange_calendars
import numpy as np
import pandas as pd

from data.demo import derived
from data.demo.bonds import bond_quotes
from data.demo.curves import Floats, government_curves
from data.demo.market import PAIRS, Market, read_market
from data.demo.reference import outright
from data.demo.vols import surface

SEED = 20221228
FIRST = pd.Timestamp("2020-01-02")


@dataclass(frozen=True)
class World:
    """The market and what follows from it.

    `hours` has each session's open and close (UTC) and runs past the last day, for settlements and expiries;
    `instruments` has the loader's columns; `quotes` is long: instrument, price_date, price, delta (options only);
    `options` are the terms of `derived`.
    """

    market: Market
    hours: pd.DataFrame
    curves: dict[str, pd.DataFrame]
    surfaces: dict[str, Floats]
    instruments: pd.DataFrame
    quotes: pd.DataFrame
    options: pd.DataFrame

    @property
    def days(self) -> pd.DatetimeIndex:
        """The sessions on which the demo trades."""
        days = pd.DatetimeIndex(self.market.closes.index)
        return days[days >= FIRST]

    @property
    def tradable(self) -> pd.DataFrame:
        """The quotes of those sessions, every pair on each: a desk deals on a day without a fixing, too."""
        spots = long(self.market.spots.reindex(self.days, method="ffill"))
        quotes = self.quotes[self.quotes["price_date"].isin(self.days)]
        return pd.concat([quotes[~quotes["instrument"].isin(PAIRS)], spots])


@lru_cache
def build_world() -> World:
    """Simulate curves, surfaces and listed instruments over the real market; always the same."""
    market = read_market()
    closes = market.closes
    last = closes.index[-1]
    hours = calendar(closes.index[0], last + pd.Timedelta(days=200))
    sessions = pd.DatetimeIndex(hours.index)
    curves = government_curves(closes["SPX"], SEED)
    surfaces = {
        name: surface(market.growth[name], index=name == "SPX", rng=np.random.default_rng([SEED, 100 + number]))
        for number, name in enumerate(("SPX", *derived.OPTION_NAMES))
    }
    spots = market.spots.reindex(closes.index, method="ffill")
    future, future_quotes = derived.futures(closes["SPX"], curves["USD"], sessions)
    forward, forward_quotes = derived.forwards(spots, curves, sessions)
    option, option_quotes, terms = derived.options(closes, surfaces, curves["USD"], sessions)
    known = [long(closes), long(market.spots), bond_quotes(curves, sessions)]
    quotes = pd.concat([*known, future_quotes, forward_quotes, option_quotes], ignore_index=True)
    instruments = pd.concat([outright(), future, forward, option], ignore_index=True)
    return World(market, hours, curves, surfaces, instruments, quotes, terms)


def calendar(first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Lay out the New York Stock Exchange's sessions from first to last with their open and close in UTC."""
    exchange = exchange_calendars.get_calendar("XNYS", start=first, end=last)
    return pd.DataFrame(exchange.schedule[["open", "close"]])


def long(prices: pd.DataFrame) -> pd.DataFrame:
    """Stack prices (days × symbols) to instrument, price_date, price, without the holes."""
    frame = prices.rename_axis(index="price_date", columns=None).reset_index()
    return frame.melt("price_date", var_name="instrument", value_name="price").dropna()

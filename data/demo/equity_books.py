"""What the equity desks trade: index arbitrage and long/short, on the real closes."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from data.demo.market import Market
from data.demo.orders import UNIT, follow, sized
from data.demo.reference import EQUITIES, FUNDS, UNPRICED
from data.demo.signals import every, low_volatility, momentum, monthly, ranked, reversal, stretched, trend
from data.demo.world import World

NAMES = [row[0] for row in EQUITIES]
ETFS = [row[0] for row in FUNDS]
BASKET = ["AAPL", "JNJ", "JPM", "MSFT", "PG", "UNH", "WMT", "XOM"]
INCOME = ["BAC", "CVX", "KO", "MRK", "PFE", "XOM"]
PAIRS = (("KO", "PEP"), ("XOM", "CVX"), ("JPM", "BAC"), ("MRK", "PFE"), ("HD", "BBY"), ("PG", "WMT"))
UNLISTED_LOTS = (("2021-03-15", 250_000, 18.40), ("2022-06-01", 60_000, 21.15))
FUTURE_MULTIPLIER = 50
MILLION = 1e6


def front_future(world: World, shares: pd.Series) -> pd.DataFrame:
    """Target contracts of the front index future for so many units of the index, rolled five weeks before expiry."""
    listed = world.instruments[world.instruments["instrument_type"] == "future"]
    days = pd.DatetimeIndex(shares.index)
    front = listed["expiry"].searchsorted(days + pd.Timedelta(days=35))
    targets = np.zeros((len(days), len(listed)))
    targets[np.arange(len(days)), front] = (shares / FUTURE_MULTIPLIER).round()
    held = pd.DataFrame(targets, days, listed["symbol"].to_numpy())
    return held.where(days.to_numpy()[:, None] < listed["expiry"].to_numpy()[None, :])


def etf_against_basket(world: World) -> pd.DataFrame:
    """Fade the gap between each factor ETF and the shares, hedged with eight of them."""
    growth, closes = world.market.growth, world.market.closes
    logs = growth.transform(np.log)
    side = stretched(logs[ETFS].sub(logs[NAMES].mean(axis=1), axis=0), every(world.days, 10))
    hedge = pd.DataFrame(dict.fromkeys(BASKET, -side.sum(axis=1) / len(BASKET)))
    return follow(sized(side.join(hedge), closes, 8 * MILLION), world.market.actions)


def etf_against_future(world: World) -> pd.DataFrame:
    """Fade the gap between three ETFs and the index, hedged with the front future."""
    growth, closes = world.market.growth, world.market.closes
    funds = ["QUAL", "SIZE", "USMV"]
    logs = growth.transform(np.log)
    side = stretched(logs[funds].sub(logs["SPX"], axis=0), every(world.days, 5))
    hedge = front_future(world, -side.sum(axis=1) * 12 * MILLION / closes["SPX"].reindex(side.index))
    return follow(sized(side, closes, 12 * MILLION).join(hedge), world.market.actions)


def basket_against_future(world: World) -> pd.DataFrame:
    """Hold ten shares against the front future, less of both when the index is wild."""
    closes, days = world.market.closes, monthly(world.days)
    wild = closes["SPX"].pct_change().rolling(60).std().shift(1).reindex(days) * np.sqrt(252)
    size = (0.15 / wild).clip(0.4, 1.0)
    weights = pd.DataFrame(dict.fromkeys([*BASKET, "HD", "PEP"], size / 10))
    hedge = front_future(world, -size * 60 * MILLION / closes["SPX"].reindex(days))
    return follow(sized(weights, closes, 60 * MILLION).join(hedge), world.market.actions)


def factor_rotation(world: World) -> pd.DataFrame:
    """Hold the two strongest factor ETFs of the quarter against the two weakest."""
    growth = world.market.growth[ETFS]
    weights = ranked(growth / growth.shift(63) - 1, every(world.days, 10), 0.4)
    return follow(sized(weights, world.market.closes, 60 * MILLION), world.market.actions)


def pairs(world: World) -> pd.DataFrame:
    """Fade stretched pairs of like companies, a leg each."""
    growth = world.market.growth[NAMES].transform(np.log)
    gap = pd.DataFrame({f"{a}/{b}": growth[a] - growth[b] for a, b in PAIRS})
    side = stretched(gap, every(world.days, 10))
    legs = pd.DataFrame(0.0, side.index, NAMES)
    for a, b in PAIRS:
        legs[a] += side[f"{a}/{b}"]
        legs[b] -= side[f"{a}/{b}"]
    return follow(sized(legs, world.market.closes, 8 * MILLION), world.market.actions)


def income(world: World) -> pd.DataFrame:
    """Hold what pays, and an unlisted company that nobody prices."""
    weights = pd.DataFrame(1 / len(INCOME), monthly(world.days), INCOME)
    listed = follow(sized(weights, world.market.closes, 40 * MILLION), world.market.actions)
    lots = pd.DataFrame(UNLISTED_LOTS, columns=["day", "units", "price"]).assign(instrument=UNPRICED)
    return pd.concat([listed, lots.assign(day=pd.to_datetime(lots["day"]), units=lots["units"] * UNIT)])


Systematic = Callable[[Market, list[str], pd.DatetimeIndex], pd.DataFrame]


def momentum_book(market: Market, names: list[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    """Hold the year's winners against its losers."""
    weights = ranked(momentum(market.growth[names]), monthly(days))
    return follow(sized(weights, market.closes, 110 * MILLION), market.actions)


def reversal_book(market: Market, names: list[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    """Hold the week's losers against its winners for two weeks."""
    weights = ranked(reversal(market.growth[names]), every(days, 10), 0.2)
    return follow(sized(weights, market.closes, 50 * MILLION), market.actions)


def low_volatility_book(market: Market, names: list[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    """Hold the calm against the wild."""
    weights = ranked(low_volatility(market.growth[names]), monthly(days))
    return follow(sized(weights, market.closes, 80 * MILLION), market.actions)


def trend_book(market: Market, names: list[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    """Follow each share's trend."""
    weights = trend(market.growth[names], monthly(days))
    return follow(sized(weights, market.closes, 100 * MILLION), market.actions)


SYSTEMATIC: dict[str, Systematic] = {
    "LS-MOMENTUM": momentum_book,
    "LS-REVERSAL": reversal_book,
    "LS-LOWVOL": low_volatility_book,
    "LS-TREND": trend_book,
}

"""What the volatility desk trades: listed options, delta hedged every week or two with futures and shares."""

import pandas as pd

from data.demo.derived import OPTION_NAMES
from data.demo.equity_books import front_future
from data.demo.orders import UNIT, follow
from data.demo.signals import every
from data.demo.world import World

CONTRACT = 100
MILLION = 1e6


def index_strangles(world: World) -> pd.DataFrame:
    """Sell index strangles over a bought wing; bought back a week before expiry."""
    short = _opened(world, "SPX", (("put", 0.95), ("call", 1.05)), -60 * MILLION, (2, 5))
    wing = _opened(world, "SPX", (("put", 0.85),), 60 * MILLION, (2, 5))
    return _hedged(world, pd.concat([short, wing], ignore_index=True))


def name_straddles(world: World) -> pd.DataFrame:
    """Buy straddles on single names; sold a month before expiry."""
    straddle = (("put", 1.0), ("call", 1.0))
    held = [_opened(world, name, straddle, 6 * MILLION, (1, 21)) for name in OPTION_NAMES]
    return _hedged(world, pd.concat(held, ignore_index=True))


def dispersion(world: World) -> pd.DataFrame:
    """Sell the index straddle against straddles on its members; held to expiry."""
    straddle = (("put", 1.0), ("call", 1.0))
    held = [_opened(world, name, straddle, 6 * MILLION, (3, 0)) for name in OPTION_NAMES]
    short = _opened(world, "SPX", straddle, -40 * MILLION, (3, 0))
    return _hedged(world, pd.concat([short, *held], ignore_index=True), 10)


def tail(world: World) -> pd.DataFrame:
    """Buy far index puts and keep them to expiry, whatever they are worth."""
    return _trades(_opened(world, "SPX", (("put", 0.85),), 40 * MILLION, (4, 0)))


def _opened(
    world: World, underlying: str, slots: tuple[tuple[str, float], ...], notional: float, span: tuple[int, int]
) -> pd.DataFrame:
    """Choose contracts in each expiry: instrument, underlying, contracts, opened, closed, expires.

    `span` says how many sessions after the listing they are opened and before the expiry closed (0: left to expire).
    """
    after, before = span
    chosen = pd.MultiIndex.from_frame(world.options[["option_type", "slot"]]).isin(slots)
    terms = world.options[(world.options["underlying"] == underlying) & chosen]
    sessions = pd.DatetimeIndex(world.hours.index)
    opened = sessions[sessions.get_indexer(pd.Index(terms["listed"])) + after]
    closed = sessions[sessions.get_indexer(pd.Index(terms["expiry"])) - before]
    contracts = (notional / CONTRACT / terms["strike"]).round().astype("int64")
    held = terms.assign(contracts=contracts, opened=opened, closed=closed, expires=before == 0)
    return held[held["opened"].between(world.days[0], world.days[-1])]


def _trades(held: pd.DataFrame, last: pd.Timestamp = pd.Timestamp.max) -> pd.DataFrame:
    """Trade what is opened and, unless it is left to expire, closed up to the last day."""
    units = held["contracts"] * UNIT
    opening = held[["instrument"]].assign(day=held["opened"], units=units)
    closing = held[["instrument"]].assign(day=held["closed"], units=-units)
    return pd.concat([opening, closing[~held["expires"] & (held["closed"] <= last)]], ignore_index=True)


def _hedged(world: World, held: pd.DataFrame, rhythm: int = 5) -> pd.DataFrame:
    """Add the regular hedge of the net delta of each underlying at the close."""
    deltas = world.quotes.dropna(subset="delta").merge(held, on="instrument")
    alive = deltas[(deltas["price_date"] >= deltas["opened"]) & (deltas["price_date"] < deltas["closed"])]
    exposure = (
        (alive["delta"] * alive["contracts"] * CONTRACT).groupby([alive["price_date"], alive["underlying"]]).sum()
    )
    days = every(world.days, rhythm)
    shares = -exposure.unstack().fillna(0.0).reindex(days, fill_value=0.0)  # noqa: PD010 nothing to aggregate
    names = (shares.drop(columns="SPX", errors="ignore") / 100).round() * 100
    targets = names.join(front_future(world, shares["SPX"])) if "SPX" in shares else names
    hedge = follow(targets, world.market.actions)
    return pd.concat([_trades(held, world.days[-1]), hedge], ignore_index=True)

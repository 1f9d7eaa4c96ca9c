"""What the rates and currency desks trade: government bonds, spot and forwards."""

import numpy as np
import pandas as pd

from data.demo.curves import MONTHS
from data.demo.derived import FORWARD_PAIRS
from data.demo.market import PAIRS
from data.demo.orders import POINT, UNIT, follow
from data.demo.signals import every, monthly, stretched, trend
from data.demo.world import SEED, World

MILLION = 1e6
STRONG_MOVE = 0.005


def usd_duration(world: World) -> pd.DataFrame:
    """Follow the trend of the ten-year rate; the new ten-year bond takes over after its auction."""
    days = every(world.days, 10)
    side = -(_rate(world, "USD", 120).diff(60) / STRONG_MOVE).clip(-1, 1).shift(1).reindex(days)
    new = days >= pd.Timestamp("2022-03-01")
    targets = {"UST-2026-02": side * 60, "UST-2029-11": side.where(~new, 0) * 40, "UST-2049-11": side * 10}
    return _bonds(world, pd.DataFrame({**targets, "UST-2032-02": (side * 40).where(new)}))


def usd_curve(world: World) -> pd.DataFrame:
    """Fade a stretched slope between two and ten years, about duration neutral."""
    slope = pd.DataFrame({"slope": _rate(world, "USD", 120) - _rate(world, "USD", 24)})
    side = -stretched(slope, every(world.days, 10), 120)["slope"]
    return _bonds(world, pd.DataFrame({"UST-2024-05": -side * 100, "UST-2029-11": side * 42}))


def eur_duration(world: World) -> pd.DataFrame:
    """Hold Bunds, fewer when rates rise, the newest once auctioned, and a long one that stopped trading."""
    days = every(world.days, 10)
    size = 0.7 - 0.3 * (_rate(world, "EUR", 120).diff(60) / STRONG_MOVE).clip(-1, 1).shift(1).reindex(days)
    new = days >= pd.Timestamp("2021-07-01")
    long = pd.Series(12.0, days).where((days >= pd.Timestamp("2021-02-01")) & (days < pd.Timestamp("2022-06-01")))
    targets = {"BUND-2025-04": size * 50, "BUND-2030-02": (size * 30).where(~new, 0), "BUND-2048-08": long}
    return _bonds(world, pd.DataFrame({**targets, "BUND-2031-08": (size * 30).where(new)}))


def spread(world: World) -> pd.DataFrame:
    """Fade a stretched gap between ten-year dollars and euros."""
    gap = pd.DataFrame({"gap": _rate(world, "USD", 120) - _rate(world, "EUR", 120)})
    side = -stretched(gap, every(world.days, 10), 120)["gap"]
    return _bonds(world, pd.DataFrame({"UST-2029-11": side * 30, "BUND-2030-02": -side * 26}))


def client_flow(world: World) -> pd.DataFrame:
    """Take a client's side in the morning and lay it off in the afternoon, for a fraction of a basis point."""
    days = world.days
    rng = np.random.default_rng([SEED, 7])
    pair = np.array(PAIRS)[np.arange(len(days)) % len(PAIRS)]
    spots = _spots(world)
    rate = spots.to_numpy()[spots.index.get_indexer(days), spots.columns.get_indexer(pd.Index(pair))]
    units = rng.integers(10, 60, len(days)) * rng.choice([-1, 1], len(days)) * 500_000 * UNIT
    slots = []
    for slot, side in ((1, 1), (2, -1)):
        edge = -np.sign(units * side) * 0.35 + rng.standard_normal(len(days)) * 1.5
        price = rate * (1 + edge * POINT)
        slots.append(
            pd.DataFrame({"day": days, "instrument": pair, "units": units * side, "slot": slot, "price": price})
        )
    return pd.concat(slots, ignore_index=True)


def spot_trend(world: World) -> pd.DataFrame:
    """Follow the trend of every pair."""
    weights = trend(_spots(world), every(world.days, 10))
    return follow((weights * 120).round() * MILLION, world.market.actions)


def forward_carry(world: World) -> pd.DataFrame:
    """Hold the currency that yields more through the forward, and let it settle."""
    days = monthly(world.days)
    sides = {}
    for pair in FORWARD_PAIRS:
        gap = _rate(world, pair[:3], 3) - _rate(world, pair[3:], 3)
        sides[pair] = (gap.shift(1).reindex(days) * 100).clip(-1, 1).mul(20).round() * MILLION
    return _forwards(world, pd.DataFrame(sides))


def euro_hedge(world: World) -> pd.DataFrame:
    """Sell euros forward against the firm's euro income, more in the last month of each quarter."""
    days = monthly(world.days)
    amount = -(30 + 5 * (days.month % 3 == 0)) * MILLION
    return _forwards(world, pd.DataFrame({"EURUSD": amount}, days))


def _rate(world: World, currency: str, months: int) -> pd.Series:
    return world.curves[currency][MONTHS[MONTHS.index(months)]]


def _spots(world: World) -> pd.DataFrame:
    return world.market.spots.reindex(world.market.closes.index, method="ffill")


def _bonds(world: World, millions: pd.DataFrame) -> pd.DataFrame:
    return follow(millions.round() * MILLION, world.market.actions)


def _forwards(world: World, amounts: pd.DataFrame) -> pd.DataFrame:
    """Bring the forward that is next to expire after six weeks to the amount; earlier ones are left to settle."""
    listed = world.instruments[world.instruments["instrument_type"] == "fx_forward"]
    days = pd.DatetimeIndex(amounts.index)
    parts = []
    for pair, amount in amounts.items():
        own = listed[listed["underlying"] == pair]
        front = own["expiry"].searchsorted(days + pd.Timedelta(days=42))
        targets = np.full((len(days), len(own)), np.nan)
        targets[np.arange(len(days)), front] = amount
        parts.append(pd.DataFrame(targets, days, own["symbol"].to_numpy()))
    return follow(pd.concat(parts, axis=1), world.market.actions)

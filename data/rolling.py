"""The position keeper: rolls every book's holdings from one business day to the next, in whole ten-thousandths.

Average cost: a day's opening trades enter the average before its closing trades leave it. Splits multiply the
quantity before the day's trades; dividends and coupons are paid on what was held the evening before; what expires
is settled after the day's trades. All amounts are int64 in units of 0.0001, so that sums are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Whole = NDArray[np.int64]
FIELDS = ("quantity", "cost", "cash", "income", "fees", "trades")


@dataclass(frozen=True, slots=True)
class Events:
    """What happens on the days to roll; frames sorted by day, amounts in ten-thousandths, rates in 1e-8.

    flows: day, key, bought, paid, sold, received, fees, trades · splits, incomes, settlements: day, instrument_id,
    rate (new shares per old; money per unit held; money per unit settled).
    """

    flows: pd.DataFrame
    splits: pd.DataFrame
    incomes: pd.DataFrame
    settlements: pd.DataFrame


def roll(days: list[date], instrument_of: Whole, state: dict[str, Whole], events: Events) -> Iterator[pd.DataFrame]:
    """Yield one frame a day: day, key and FIELDS for every key that ever traded; `state` is rolled in place.

    `instrument_of[key]` is the instrument of each (book, instrument) key; `state[field][key]` its standing before
    the first day, zeros where it has none.
    """
    keys_of = {int(i): np.flatnonzero(instrument_of == i) for i in np.unique(instrument_of)}
    flows = dict(iter(events.flows.groupby("day")))
    by_day = [dict(iter(f.groupby("day"))) for f in (events.splits, events.incomes, events.settlements)]
    for day in days:
        splits, incomes, settlements = (_rated(found.get(day), keys_of) for found in by_day)
        for keys, rate in incomes:
            state["income"][keys] += _times(state["quantity"][keys], rate)
        for keys, rate in splits:
            state["quantity"][keys] = _times(state["quantity"][keys], rate)
        if (flow := flows.get(day)) is not None:
            _trade(state, flow)
        for keys, rate in settlements:
            state["cash"][keys] += _times(state["quantity"][keys], rate)
            state["quantity"][keys] = 0
            state["cost"][keys] = 0
        known = np.flatnonzero(state["trades"])
        yield pd.DataFrame({"day": day, "key": known} | {name: state[name][known] for name in FIELDS})


def _rated(frame: pd.DataFrame | None, keys_of: dict[int, Whole]) -> list[tuple[Whole, int]]:
    if frame is None:
        return []
    pairs = zip(frame["instrument_id"], frame["rate"], strict=True)
    return [(keys_of[instrument], int(rate)) for instrument, rate in pairs if instrument in keys_of]


def _times(quantity: Whole, rate: int) -> Whole:
    """Exact quantity × rate ÷ 1e8, half rounded up; Python integers, because int64 would overflow."""
    return ((quantity.astype(object) * rate + 50_000_000) // 100_000_000).astype(np.int64)


def _trade(state: dict[str, Whole], flow: pd.DataFrame) -> None:
    key = flow["key"].to_numpy()
    bought, paid, sold, received = (flow[name].to_numpy() for name in ("bought", "paid", "sold", "received"))
    held, cost = state["quantity"][key], state["cost"][key]
    long = held >= 0
    opened = np.where(long, held + bought, held - sold)
    basis = np.where(long, cost + paid, cost - received)
    closing = np.where(long, sold, bought)
    left = np.abs(opened) - closing
    side = np.where(long, 1, -1)
    turned = np.where(long, received, paid)
    state["cost"][key] = np.where(
        left >= 0,
        _share(basis, left, np.abs(opened)),
        -side * _share(turned, -left, closing),
    )
    state["quantity"][key] = held + bought - sold
    state["cash"][key] += received - paid
    state["fees"][key] += flow["fees"].to_numpy()
    state["trades"][key] += flow["trades"].to_numpy()


def _share(amount: Whole, part: Whole, whole: Whole) -> Whole:
    """Amount × part ÷ whole, rounded; nothing of nothing is nothing. All of it is exactly all of it."""
    ratio = np.divide(part, whole, out=np.zeros(len(part)), where=whole != 0)
    return np.where(part == whole, amount, np.rint(amount * ratio)).astype(np.int64)

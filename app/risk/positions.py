"""Positions: what each book holds, what it is worth and what it made today."""

from typing import Any

import numpy as np
import pandas as pd

from app.risk.exposure import CONVENTIONS as EXPOSURE
from app.risk.exposure import sides
from app.risk.holdings import Array, Holdings, places
from app.risk.measure import Column, measure
from app.risk.pnl import CONVENTIONS as PNL
from app.risk.pnl import profit
from app.risk.rollup import Tree, rollup, whole

UNFUNDED = ("fx_forward", "future")
COLUMNS = (
    Column("name", "Name", "text"),
    Column("asset_class", "Asset class", "text"),
    Column("currency", "Currency", "text"),
    Column("quantity", "Quantity", "quantity", additive=False, signed=True),
    Column("price", "Price", "price", additive=False),
    Column("price_date", "Price of", "date", additive=False),
    Column("market_value", "Market value", "money", "ccy", signed=True),
    Column("cost", "Cost", "money", "ccy"),
    Column("unrealised", "Unrealised", "money", "ccy", signed=True),
    Column("day", "Day P&L", "money", "ccy", signed=True),
    Column("share", "Share of gross", "ratio", "%"),
)


@measure(
    "Positions",
    columns=COLUMNS,
    additive=True,
    conventions=EXPOSURE | PNL | {"Market value": "forwards and futures count their gain or loss, not their notional"},
)
def positions(holdings: Holdings, marks: pd.DataFrame, *, by: tuple[str, ...]) -> pd.DataFrame:
    """Every holding under its desk and book: quantity, mark, market value, cost, unrealised and today's P&L.

    Closed positions stay on the day of their last P&L. Quantities and prices are not summed across instruments.
    """
    money, gross = _money(holdings), sides(holdings)["gross"]
    tree = rollup(holdings, by, holdings.held | (money["day"] != 0))
    sums, counts = tree.sums(**money, share=gross), tree.counts(**holdings.coverage)
    if sums["share"][0]:
        sums["share"] /= sums["share"][0]
    unpriced = (counts["held"] > 0) & (counts["priced"] == 0)
    for name in ("market_value", "unrealised", "day", "share"):
        sums[name][unpriced] = np.nan
    sums["quantity"][tree.level < len(by)] = np.nan
    found = _details(holdings, marks, tree) | sums
    return tree.frame(**{column.name: found[column.name] for column in COLUMNS})


def market_value(holdings: Holdings) -> Array:
    """What closing each position would bring, in its own currency: of a forward or future its gain."""
    value, (kinds, codes) = holdings.amount("value"), holdings.named("instrument_type")
    unfunded = np.isin(kinds, UNFUNDED)[codes]
    return np.where(unfunded, value - holdings.amount("cost"), value)


def _money(holdings: Holdings) -> dict[str, Array]:
    rate, cost = holdings.rate(), holdings.amount("cost")
    return {
        "quantity": whole(holdings.amount("quantity")),
        "market_value": whole(market_value(holdings) * rate),
        "cost": whole(cost * rate),
        "unrealised": whole((holdings.amount("value") - cost) * rate),
        "day": whole(profit(holdings, "vs")),
    }


def _details(holdings: Holdings, marks: pd.DataFrame, tree: Tree) -> dict[str, Any]:
    """name, asset_class, currency, price, price_date of the leaves whose positions all have the same."""
    details = {name: tree.alike(*holdings.named(name)) for name in ("name", "asset_class", "currency")}
    at = places(marks["instrument_id"].to_numpy(), holdings.instrument)
    for name in ("price", "price_date"):
        codes, values = pd.factorize(marks[name])
        details[name] = tree.alike(values, np.append(codes, -1)[at])
    return details

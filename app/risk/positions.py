"""Positions: what each book holds, what it is worth and what it made today."""

import pandas as pd

from app.risk.exposure import CONVENTIONS as EXPOSURE
from app.risk.measure import Column, measure
from app.risk.pnl import CONVENTIONS as PNL


@measure(
    "Positions",
    columns=(
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
    ),
    additive=True,
    conventions=EXPOSURE | PNL | {"Market value": "forwards and futures count their gain or loss, not their notional"},
)
def positions(holdings: pd.DataFrame, *, by: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG001 the rows are grouped by it
    """Every holding under its desk and book: quantity, mark, market value, cost, unrealised and today's P&L.

    Closed positions stay on the day of their last P&L. Quantities and prices are not summed across instruments.
    """
    whole = holdings.loc[holdings["level"] == 0, "gross"].sum()
    frame = holdings.assign(share=holdings["gross"] / whole if whole else 0.0)
    unpriced = (frame["held"] > 0) & (frame["priced"] == 0)
    frame.loc[unpriced, ["market_value", "unrealised", "day", "share"]] = float("nan")
    return frame

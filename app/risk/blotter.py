"""The blotter: trades as they stand, newest first."""

import pandas as pd

from app.risk.measure import KEYS, Column, measure

COLUMNS = (
    Column("trade_id", "Trade", "text"),
    Column("version", "Version", "count", additive=False),
    Column("trade_time", "Traded", "time", "UTC"),
    Column("trade_date", "Trade date", "date"),
    Column("settle_date", "Settles", "date"),
    KEYS["desk"],
    KEYS["book"],
    KEYS["instrument"],
    Column("side", "Side", "text"),
    Column("quantity", "Quantity", "quantity", additive=False, signed=True),
    Column("price", "Price", "price", additive=False),
    KEYS["currency"],
    Column("consideration", "Consideration", "money", "local", additive=False, signed=True),
    Column("fees", "Fees", "money", "local", additive=False),
    Column("counterparty", "Counterparty", "text"),
    KEYS["trader"],
    Column("late", "Late", "text"),
    Column("amended", "Amended", "text"),
)
SHORT = tuple(column for column in COLUMNS if column.kind != "money")
CONVENTIONS = {
    "Current trades": "the last version of each trade; cancelled trades are left out",
    "Late": "known to the firm after its trade date",
    "Consideration": "cash of the trade without fees and accrued interest, in its own currency; paid is negative",
}


@measure("Trades", columns=COLUMNS, additive=False, conventions=CONVENTIONS)
def trades(trades: pd.DataFrame) -> pd.DataFrame:
    """Every current trade up to the as-of date, newest first."""
    return trades


@measure(
    "Trades of the day",
    columns=SHORT,
    additive=False,
    conventions=CONVENTIONS | {"Rows": "the newest 200 trades of the day; all of them are in the blotter"},
)
def trades_of_day(day_trades: pd.DataFrame) -> pd.DataFrame:
    """The current trades of the as-of date, newest first, at most 200 of them."""
    return day_trades.reindex(columns=[column.name for column in SHORT])

"""What a file of trades must hold."""

from data import schema
from data.contract import Column, Contract, Rule
from data.contracts.columns import BOOK, INSTRUMENT, KNOWN_FROM
from data.rules import NOT_YET_KNOWN, TRADE_BEGUN, not_future

trades = Contract(
    "trades",
    schema.trade_event,
    "events",
    key=("trade_id", "version"),
    columns=(
        Column("trade_id", "the trade's identifier, the same in all its versions", required=True),
        Column("version", "1 for a new trade, then rising", default="1"),
        Column("action", "new, amend or cancel", default="'new'", allowed=schema.ACTIONS),
        Column("trade_time", "instant of the trade; UTC where no offset is written", required=True),
        Column("trade_date", "business date of the trade", default="CAST(trade_time AS DATE)"),
        Column("settle_date", "day of settlement", required=True),
        BOOK,
        INSTRUMENT,
        Column("counterparty", "counterparty", refers=schema.counterparty.c.counterparty),
        Column("quantity", "signed: bought positive, sold negative", required=True),
        Column("price", "price as quoted; bonds clean", required=True),
        Column("currency", "currency of price and fees", default="instrument_currency"),
        Column("fees", "charged, positive", default="0"),
        KNOWN_FROM,
    ),
    rules=(
        Rule("version", "version < 1", "versions start at 1", "number the versions of a trade 1, 2, 3, …"),
        Rule(
            "action",
            "version >= 1 AND (action = 'new') <> (version = 1)",
            "version 1 is new, and every later version is an amend or a cancel",
            "make action and version agree",
        ),
        Rule("trade_time", "trade_time > now", "the trade time is in the future", "check the time and its time zone"),
        not_future("trade_date"),
        Rule(
            "settle_date",
            "settle_date < trade_date",
            "it settles before the trade date",
            "check both dates of the trade",
        ),
        Rule(
            "quantity",
            "quantity = 0 AND action <> 'cancel'",
            "a trade of zero changes nothing",
            "to take a trade back, send its next version with the action cancel",
        ),
        Rule(
            "price",
            "price < 0 AND instrument_asset_class <> 'commodity'",
            "only commodities may trade below zero",
            "check the price; the sign of a sale belongs to the quantity",
        ),
        Rule(
            "currency",
            "currency <> instrument_currency",
            "this is not the currency of the instrument",
            "give price and fees in the instrument's currency, or correct the instrument",
        ),
        Rule("fees", "fees < 0", "fees are charged as a positive amount", "turn the sign of the fees round"),
        NOT_YET_KNOWN,
    ),
    comparisons=(TRADE_BEGUN,),
)

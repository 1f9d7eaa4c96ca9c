"""The nine contracts: what a file of each loadable table must hold, and the key that makes a row one row."""

from data import schema
from data.contract import Column, Contract, Rule
from data.rules import (
    ADJUSTMENT_AGREES,
    NOT_YET_KNOWN,
    TRADE_BEGUN,
    UNDERLYING_KNOWN,
    currency,
    needed,
    not_future,
    positive,
)

BOOK = Column("book", "book that holds the position", required=True, refers=schema.book.c.book)
INSTRUMENT = Column("instrument", "symbol of an instrument", required=True, refers=schema.instrument.c.symbol)
KNOWN_FROM = Column("known_from", "instant at which the firm learned of this", default="now")
SYNTHETIC = Column("synthetic", "true where the value is simulated", default="false")
OPTION = "instrument_type = 'option'"
BOND = "instrument_type = 'government_bond'"

instruments = Contract(
    "instruments",
    schema.instrument,
    "reference",
    key=("symbol",),
    columns=(
        Column("symbol", "the firm's name of the instrument, unique", required=True),
        Column("name", "name in words", default="symbol"),
        Column("asset_class", "asset class", required=True, allowed=schema.ASSET_CLASSES),
        Column("instrument_type", "type", required=True, allowed=schema.INSTRUMENT_TYPES),
        Column("currency", "currency of its quote, ISO 4217", required=True),
        Column("sector", "sector"),
        Column("exchange", "exchange"),
        Column("multiplier", "units of the underlying per contract", default="1"),
        Column(
            "price_factor",
            "turns a quoted price into money per unit",
            default=f"CASE WHEN {BOND} THEN 0.01 ELSE 1 END",
        ),
        Column("underlying", "symbol of the instrument it derives from"),
        Column("strike", "strike price"),
        Column("expiry", "last day of an option, future or forward"),
        Column("option_type", "call or put", allowed=("call", "put")),
        Column("coupon", "per cent of nominal per year"),
        Column("coupon_frequency", "coupons a year"),
        Column("maturity", "day a bond is repaid"),
        Column("synthetic", "true where its prices are simulated", default="false"),
    ),
    rules=(
        currency("currency"),
        positive("multiplier"),
        positive("price_factor"),
        positive("strike"),
        Rule("coupon", "coupon < 0", "a coupon cannot be negative", "give per cent a year: 2.5"),
        Rule(
            "coupon_frequency",
            "coupon_frequency NOT IN (1, 2, 4, 12)",
            "coupons are paid 1, 2, 4 or 12 times a year",
            "give the number of coupons a year",
        ),
        *(needed(column, OPTION, "an option") for column in ("underlying", "strike", "expiry", "option_type")),
        *(needed(column, BOND, "a bond") for column in ("coupon", "coupon_frequency", "maturity")),
    ),
    comparisons=(UNDERLYING_KNOWN,),
)

books = Contract(
    "books",
    schema.book,
    "reference",
    key=("book",),
    columns=(
        Column("book", "the book's name, unique", required=True),
        Column("desk", "desk the book belongs to", required=True),
        Column("business_unit", "business unit the desk belongs to", required=True),
        Column("legal_entity", "legal entity that owns the book", required=True),
        Column("strategy", "strategy"),
        Column("trader", "trader who runs the book"),
    ),
)

counterparties = Contract(
    "counterparties",
    schema.counterparty,
    "reference",
    key=("counterparty",),
    columns=(
        Column("counterparty", "the firm's short name of the counterparty, unique", required=True),
        Column("name", "name in words", default="counterparty"),
        Column("country", "two letters of ISO 3166"),
    ),
    rules=(
        Rule(
            "country",
            "NOT regexp_full_match(country, '[A-Z]{2}')",
            "this is not a country code of ISO 3166",
            "write two capital letters: GB",
        ),
    ),
)

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

prices = Contract(
    "prices",
    schema.price,
    "history",
    key=("instrument", "price_date"),
    columns=(
        INSTRUMENT,
        Column("price_date", "business date of the price", required=True),
        Column("price", "close as quoted, not adjusted; bonds clean", required=True),
        KNOWN_FROM,
        Column("adjusted_close", "close adjusted for splits and dividends; checked, not stored", stored=False),
        Column("dividend", "dividend of the day; checked, not stored", default="0", stored=False),
        Column("split", "new shares per old; checked, not stored", default="1", stored=False),
    ),
    rules=(
        not_future("price_date"),
        Rule(
            "price",
            "price <= 0 AND instrument_asset_class <> 'commodity'",
            "only commodities may be priced at zero or below",
            "leave the row out where there is no price",
        ),
        NOT_YET_KNOWN,
    ),
    comparisons=(ADJUSTMENT_AGREES,),
)

fx = Contract(
    "fx",
    schema.fx_rate,
    "history",
    key=("base", "quote", "rate_date"),
    columns=(
        Column("base", "currency of which one unit is priced", required=True),
        Column("quote", "currency of the price", required=True),
        Column("rate_date", "business date of the rate", required=True),
        Column("rate", "units of quote for one unit of base", required=True),
        KNOWN_FROM,
    ),
    rules=(
        currency("base"),
        currency("quote"),
        Rule("quote", "base = quote", "base and quote are the same currency", "leave the row out"),
        not_future("rate_date"),
        positive("rate"),
        NOT_YET_KNOWN,
    ),
)

curves = Contract(
    "curves",
    schema.curve_node,
    "history",
    key=("curve", "curve_date", "months"),
    columns=(
        Column("curve", "the curve's name, one currency a name", required=True),
        Column("currency", "currency, ISO 4217", required=True),
        Column("curve_date", "business date of the curve", required=True),
        Column("months", "tenor in months", required=True),
        Column("rate", "per year, a fraction, continuously compounded, Act/365", required=True),
        SYNTHETIC,
        KNOWN_FROM,
    ),
    rules=(
        currency("currency"),
        not_future("curve_date"),
        positive("months"),
        Rule("rate", "abs(rate) > 1", "a rate is a fraction, and this is above 100%", "write 4.5% as 0.045"),
        NOT_YET_KNOWN,
    ),
)

vols = Contract(
    "vols",
    schema.vol_node,
    "history",
    key=("instrument", "vol_date", "months", "moneyness"),
    columns=(
        INSTRUMENT,
        Column("vol_date", "business date of the volatility", required=True),
        Column("months", "tenor in months", required=True),
        Column("moneyness", "strike ÷ forward", required=True),
        Column("volatility", "per √year, a fraction", required=True),
        SYNTHETIC,
        KNOWN_FROM,
    ),
    rules=(
        not_future("vol_date"),
        positive("months"),
        positive("moneyness"),
        positive("volatility"),
        Rule("volatility", "volatility > 5", "a volatility is a fraction, and this is above 500%", "write 20% as 0.2"),
        NOT_YET_KNOWN,
    ),
)

actions = Contract(
    "actions",
    schema.corporate_action,
    "history",
    key=("instrument", "ex_date", "action"),
    columns=(
        INSTRUMENT,
        Column("ex_date", "first day without the dividend, or with the new shares; may be ahead", required=True),
        Column("action", "dividend or split", required=True, allowed=schema.CORPORATE_ACTIONS),
        Column("value", "money per share held before the split, or new shares per old", required=True),
        SYNTHETIC,
        KNOWN_FROM,
    ),
    rules=(positive("value"), NOT_YET_KNOWN),
)

CONTRACTS = {
    contract.name: contract
    for contract in (instruments, books, counterparties, trades, prices, fx, curves, vols, actions)
}

"""What a file of instruments, books or counterparties must hold."""

from data import schema
from data.contract import Column, Contract, Rule
from data.rules import UNDERLYING_KNOWN, currency, needed, positive

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

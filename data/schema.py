"""The tables of the warehouse: columns, types, keys, signs and units, declared once.

Signs: long quantities are positive, short negative; cash received is positive, cash paid negative; fees are
stored as the positive amount charged. Money is DECIMAL in the row's own currency; an instrument's `multiplier`
is units of the underlying per contract and `price_factor` turns a quoted price into money per unit (0.01 for
bonds quoted per 100 nominal, else 1). Derived
tables carry no keys: data/derive.py writes each row once. Instants are TIMESTAMPTZ in UTC; business dates are DATE.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
)

metadata = MetaData()

MONEY = Numeric(18, 4)
PRICE = Numeric(18, 8)
UNIT = Numeric(28, 12)
QUANTITY = Numeric(18, 4)
INSTANT = DateTime(timezone=True)

ASSET_CLASSES = ("equity", "rates", "fx", "commodity", "index", "credit")
INSTRUMENT_TYPES = (
    "equity",
    "etf",
    "index",
    "option",
    "government_bond",
    "fx_spot",
    "fx_forward",
    "future",
    "commodity",
)
UNFUNDED_TYPES = ("fx_forward", "future")
ACTIONS = ("new", "amend", "cancel")
CORPORATE_ACTIONS = ("dividend", "split")
SEVERITIES = ("rejected", "flagged")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})")


instrument = Table(
    "instrument",
    metadata,
    Column("instrument_id", Integer, primary_key=True, autoincrement=False),
    Column("symbol", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("asset_class", String, nullable=False),
    Column("instrument_type", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("sector", String),
    Column("exchange", String),
    Column("multiplier", Numeric(18, 6), nullable=False),
    Column("price_factor", Numeric(9, 6), nullable=False),
    Column("underlying", String, doc="symbol of the instrument it derives from"),
    Column("strike", PRICE),
    Column("expiry", Date),
    Column("option_type", String, doc="call or put"),
    Column("coupon", Numeric(9, 6), doc="per cent of nominal per year"),
    Column("coupon_frequency", SmallInteger, doc="payments a year"),
    Column("maturity", Date),
    Column("synthetic", Boolean, nullable=False, doc="true where prices are simulated"),
    Column("batch_id", Integer, nullable=False),
    _one_of("asset_class", ASSET_CLASSES),
    _one_of("instrument_type", INSTRUMENT_TYPES),
    CheckConstraint("multiplier > 0"),
)

book = Table(
    "book",
    metadata,
    Column("book_id", Integer, primary_key=True, autoincrement=False),
    Column("book", String, nullable=False, unique=True),
    Column("desk", String, nullable=False),
    Column("business_unit", String, nullable=False),
    Column("legal_entity", String, nullable=False),
    Column("strategy", String),
    Column("trader", String),
    Column("batch_id", Integer, nullable=False),
)

counterparty = Table(
    "counterparty",
    metadata,
    Column("counterparty_id", Integer, primary_key=True, autoincrement=False),
    Column("counterparty", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("country", String(2)),
    Column("batch_id", Integer, nullable=False),
)

trade_event = Table(
    "trade_event",
    metadata,
    Column("trade_id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("action", String, nullable=False),
    Column("trade_time", INSTANT, nullable=False),
    Column("trade_date", Date, nullable=False, doc="business date of the trade"),
    Column("settle_date", Date, nullable=False),
    Column("book_id", Integer, nullable=False),
    Column("instrument_id", Integer, nullable=False),
    Column("counterparty_id", Integer),
    Column("quantity", QUANTITY, nullable=False, doc="signed: bought positive, sold negative"),
    Column("price", PRICE, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("fees", MONEY, nullable=False, doc="charged, positive"),
    Column("known_from", INSTANT, nullable=False, doc="when the firm learned of this version"),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
    _one_of("action", ACTIONS),
    CheckConstraint("version >= 1"),
)

price = Table(
    "price",
    metadata,
    Column("instrument_id", Integer, primary_key=True, autoincrement=False),
    Column("price_date", Date, primary_key=True),
    Column("known_from", INSTANT, primary_key=True),
    Column(
        "price",
        PRICE,
        nullable=False,
        doc="close as quoted: not adjusted for splits or dividends; bonds clean",
    ),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
)

fx_rate = Table(
    "fx_rate",
    metadata,
    Column("base", String(3), primary_key=True),
    Column("quote", String(3), primary_key=True),
    Column("rate_date", Date, primary_key=True),
    Column("known_from", INSTANT, primary_key=True),
    Column("rate", PRICE, nullable=False, doc="units of quote for one unit of base"),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
    CheckConstraint("rate > 0"),
)

curve_node = Table(
    "curve_node",
    metadata,
    Column("curve", String, primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("curve_date", Date, primary_key=True),
    Column("months", SmallInteger, primary_key=True, autoincrement=False),
    Column("known_from", INSTANT, primary_key=True),
    Column("rate", Double, nullable=False, doc="per year, a fraction, continuously compounded, Act/365"),
    Column("synthetic", Boolean, nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
)

vol_node = Table(
    "vol_node",
    metadata,
    Column("instrument_id", Integer, primary_key=True, autoincrement=False),
    Column("vol_date", Date, primary_key=True),
    Column("months", SmallInteger, primary_key=True, autoincrement=False),
    Column("moneyness", Double, primary_key=True, doc="strike ÷ forward"),
    Column("known_from", INSTANT, primary_key=True),
    Column("volatility", Double, nullable=False, doc="per √year, a fraction"),
    Column("synthetic", Boolean, nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
    CheckConstraint("volatility > 0"),
)

corporate_action = Table(
    "corporate_action",
    metadata,
    Column("instrument_id", Integer, primary_key=True, autoincrement=False),
    Column("ex_date", Date, primary_key=True),
    Column("action", String, primary_key=True),
    Column("known_from", INSTANT, primary_key=True),
    Column(
        "value",
        PRICE,
        nullable=False,
        doc="dividend: money per share held before the split; split: new shares per old",
    ),
    Column("synthetic", Boolean, nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
    _one_of("action", CORPORATE_ACTIONS),
    CheckConstraint("value > 0"),
)

load_batch = Table(
    "load_batch",
    metadata,
    Column("batch_id", Integer, primary_key=True, autoincrement=False),
    Column("loaded_at", INSTANT, nullable=False),
    Column("table_name", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("sha256", String(64), nullable=False, doc="of the file, as sha256sum prints it"),
    Column("mapping_sha256", String(64), nullable=False, doc="of the mapping; empty without one"),
    Column("size_bytes", BigInteger, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_loaded", BigInteger, nullable=False),
    Column("rows_known", BigInteger, nullable=False, doc="already in the warehouse, identical"),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("rows_flagged", BigInteger, nullable=False, doc="loaded, with a finding to look at"),
    Column("release", String, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False, doc="line of the file; the header is line 1"),
    Column("column_name", String, nullable=False),
    Column("value", String),
    Column("reason", String, nullable=False),
    Column("remedy", String, nullable=False),
    Column("severity", String, nullable=False),
    _one_of("severity", SEVERITIES),
)

superseded = Table(
    "superseded",
    metadata,
    Column("trade_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    comment="derived: the events that are not current trades (amended away, or cancelled, or cancels themselves)",
)

business_day = Table(
    "business_day",
    metadata,
    Column("day", Date, nullable=False),
    Column("previous_day", Date, nullable=False),
    Column("next_day", Date, nullable=False),
    comment="derived: the sessions of the reference exchange from the first trade to the last price",
)

mark = Table(
    "mark",
    metadata,
    Column("instrument_id", Integer, nullable=False),
    Column("mark_date", Date, nullable=False),
    Column("price", PRICE, nullable=False),
    Column("unit_value", UNIT, nullable=False, doc="money in the instrument's currency for a quantity of one"),
    Column(
        "price_date",
        Date,
        nullable=False,
        doc="the day the price is from; earlier than mark_date when carried",
    ),
    comment="derived: the price of each held instrument on each business day, carried forward and dated",
)

fx_mark = Table(
    "fx_mark",
    metadata,
    Column("currency", String(3), nullable=False),
    Column("mark_date", Date, nullable=False),
    Column("rate", Double, nullable=False, doc="value of one unit in the pivot currency"),
    Column("rate_date", Date, nullable=False),
    comment="derived: each currency's value in one pivot currency on each business day, carried forward and dated",
)

position = Table(
    "position",
    metadata,
    Column("position_date", Date, nullable=False),
    Column("book_id", Integer, nullable=False),
    Column("instrument_id", Integer, nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("cost", MONEY, nullable=False, doc="average cost of the open quantity, signed like the quantity"),
    Column("cash", MONEY, nullable=False, doc="cumulative consideration: bought negative, sold positive"),
    Column("income", MONEY, nullable=False, doc="cumulative dividends and coupons"),
    Column("fees", MONEY, nullable=False, doc="cumulative, charged positive"),
    Column("trades", Integer, nullable=False, doc="cumulative count of current trades"),
    Column("price_date", Date, doc="the day its price is from; null where it cannot be priced"),
    Column("value", MONEY, doc="quantity at the mark; null where it cannot be priced"),
    Column("wealth", MONEY, doc="value + cash + income − fees: P&L since inception in the instrument's currency"),
    Column("opening", MONEY, doc="wealth on the business day before"),
    comment="derived: every book's holding in every instrument at the end of each business day, closed ones included",
)

trade_count = Table(
    "trade_count",
    metadata,
    Column("trade_date", Date, nullable=False),
    Column("book_id", Integer, nullable=False),
    Column("trades", BigInteger, nullable=False),
    comment="derived: current trades by day and book, so that a blotter of any length knows where a row is",
)

LOADABLE = {
    "instruments": instrument,
    "books": book,
    "counterparties": counterparty,
    "trades": trade_event,
    "prices": price,
    "fx": fx_rate,
    "curves": curve_node,
    "vols": vol_node,
    "actions": corporate_action,
}

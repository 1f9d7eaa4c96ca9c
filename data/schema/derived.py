"""What data/derive.py works out at load, each row once; these tables carry no keys."""

from sqlalchemy import BigInteger, Column, Date, Double, Integer, String, Table

from data.schema.terms import MONEY, PRICE, QUANTITY, UNIT, metadata

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

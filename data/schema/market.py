"""Market data, appended to: prices, exchange rates, curves, volatilities, corporate actions."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Double, Integer, SmallInteger, String, Table

from data.schema.terms import CORPORATE_ACTIONS, INSTANT, PRICE, metadata, one_of

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
    one_of("action", CORPORATE_ACTIONS),
    CheckConstraint("value > 0"),
)

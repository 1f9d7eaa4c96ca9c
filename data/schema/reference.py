"""Reference data, updated in place: instruments, books, counterparties."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Numeric, SmallInteger, String, Table

from data.schema.terms import ASSET_CLASSES, INSTRUMENT_TYPES, PRICE, metadata, one_of

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
    one_of("asset_class", ASSET_CLASSES),
    one_of("instrument_type", INSTRUMENT_TYPES),
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

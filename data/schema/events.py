"""The trades, as events that never change."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, String, Table

from data.schema.terms import ACTIONS, INSTANT, MONEY, PRICE, QUANTITY, metadata, one_of

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
    one_of("action", ACTIONS),
    CheckConstraint("version >= 1"),
)

"""The columns that several contracts share."""

from data import schema
from data.contract import Column

BOOK = Column("book", "book that holds the position", required=True, refers=schema.book.c.book)
INSTRUMENT = Column("instrument", "symbol of an instrument", required=True, refers=schema.instrument.c.symbol)
KNOWN_FROM = Column("known_from", "instant at which the firm learned of this", default="now")
SYNTHETIC = Column("synthetic", "true where the value is simulated", default="false")

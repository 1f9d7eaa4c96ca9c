"""What the tables are written in: the metadata, the types of money, prices and instants, and the vocabularies."""

from sqlalchemy import CheckConstraint, DateTime, MetaData, Numeric

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
LIMIT_SCOPES = (
    *("firm", "legal_entity", "business_unit", "desk", "book", "trader"),
    *("asset_class", "sector", "currency", "instrument", "tenor", "factor"),
)
LIMIT_SIDES = ("both", "long", "short")
RUN_SCOPES = ("firm", "desk", "book")


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these values."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})")

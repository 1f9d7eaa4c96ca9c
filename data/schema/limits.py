"""Limits: how much of a measure a scope may use, by period, in the words of whoever set them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, String, Table

from data.schema.terms import INSTANT, LIMIT_SCOPES, LIMIT_SIDES, MONEY, metadata, one_of

risk_limit = Table(
    "risk_limit",
    metadata,
    Column("limit_id", String, primary_key=True, doc="the firm's name of the limit, the same in all its periods"),
    Column("valid_from", Date, primary_key=True, doc="first business date of these terms"),
    Column("known_from", INSTANT, primary_key=True),
    Column("valid_to", Date, doc="last business date; null while the limit stands"),
    Column("scope_kind", String, nullable=False),
    Column("scope_node", String, nullable=False, doc="the desk, book, currency … by name; empty for the firm"),
    Column("desk", String, doc="narrows a scope inside the books (currency, tenor, factor …) to one desk"),
    Column("measure", String, nullable=False, doc="<measure>.<column>, such as value_at_risk.var"),
    Column("side", String, nullable=False, doc="both: the absolute value counts; long or short: that sign only"),
    Column("soft", MONEY, nullable=False, doc="a warning above it; positive"),
    Column("hard", MONEY, nullable=False, doc="a breach above it; positive"),
    Column("currency", String(3), nullable=False, doc="of soft and hard"),
    Column("batch_id", Integer, nullable=False),
    Column("source_row", BigInteger, nullable=False),
    one_of("scope_kind", LIMIT_SCOPES),
    one_of("side", LIMIT_SIDES),
    CheckConstraint("desk IS NULL OR scope_kind NOT IN ('firm', 'legal_entity', 'business_unit', 'desk', 'book')"),
    CheckConstraint("(scope_kind = 'firm') = (scope_node = '')"),
    CheckConstraint("soft > 0"),
    CheckConstraint("soft <= hard"),
    CheckConstraint("valid_from <= valid_to"),
)

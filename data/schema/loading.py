"""What loading writes about itself: batches and the rows it set aside."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from data.schema.terms import INSTANT, SEVERITIES, metadata, one_of

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
    one_of("severity", SEVERITIES),
)

"""The table of bearers: what frames in portals show with each request, kept as hashes in the app's own store."""

from sqlalchemy import Column, String, Table, Text

from data.instant import Instant
from data.store import metadata

embed_bearer = Table(
    "embed_bearer",
    metadata,
    Column("hash", String(64), primary_key=True, doc="SHA-256 of the bearer or code, in hex; the value is nowhere"),
    Column("reader", String, nullable=False, doc="whose grants of the last login it stands on"),
    Column("portal", String, nullable=False, doc="its name in the file of portals"),
    Column("page", String, nullable=False, doc="the one page that it opens"),
    Column("desks", Text, nullable=False, doc="JSON: the desks that the portal named, or null where it named none"),
    Column("filters", Text, nullable=False, doc="JSON: choices that cannot be left, by name"),
    Column("ends_at", Instant, nullable=False, index=True),
    comment="what frames in portals show with each request",
)

"""The business calendar of a snapshot: the days that have positions."""

from datetime import date

import duckdb

from data.relations import Ask, read
from data.scope import NOBODY


def business_days(cursor: duckdb.DuckDBPyConnection) -> dict[date, date]:
    """Each business day in ascending order, with the one before it; none before trades are loaded.

    The first has the business day on which nothing was held yet.
    """
    rows = read(cursor, "days", NOBODY, Ask({}, "")).to_pylist()
    return {row["day"]: row["previous_day"] for row in reversed(rows)}

"""The rules that several contracts share, and the comparisons that look beyond one row."""

from iso4217 import Currency

from data.contract import Comparison, Rule

# Currencies that ISO 4217 has withdrawn and that histories of rates still carry.
WITHDRAWN = (
    *("ATS", "BEF", "BGN", "CYP", "DEM", "EEK", "ESP", "FIM", "FRF", "GRD", "HRK", "IEP", "ITL", "LTL", "LUF"),
    *("LVL", "MTL", "NLG", "PTE", "ROL", "RUR", "SIT", "SKK", "TRL"),
)
CURRENCIES = tuple(sorted({currency.code for currency in Currency} | set(WITHDRAWN)))

# How far adjusted_close / its predecessor may stand from (close · split + dividend) / the close before it. Vendors
# round adjusted closes, which moves the ratio by up to 0.000002; the smallest break seen in real files is 0.0046.
ADJUSTMENT_TOLERANCE = 0.001

NOT_YET_KNOWN = Rule(
    "known_from", "known_from > now", "known_from is in the future", "give the instant it became known, in UTC"
)


def not_future(column: str) -> Rule:
    """The business date has begun somewhere."""
    return Rule(column, f"{column} > today", "the date is in the future", "check the date; write it YYYY-MM-DD")


def positive(column: str) -> Rule:
    """The number is above zero."""
    return Rule(column, f"{column} <= 0", "it must be greater than zero", "check the value and its sign")


def currency(column: str, *, when: str = "true") -> Rule:
    """The code is one of ISO 4217, current or withdrawn, in rows where `when` holds."""
    codes = ", ".join(f"'{code}'" for code in CURRENCIES)
    return Rule(
        column,
        f"{when} AND {column} NOT IN ({codes})",
        "this is not a currency of ISO 4217",
        "write the three capital letters of ISO 4217; convert minor units such as pence first",
    )


def needed(column: str, when: str, of: str) -> Rule:
    """The column is filled in rows where `when` holds; `of` names such a row."""
    return Rule(column, f"{when} AND {column} IS NULL", f"{of} needs it and it is missing", f"fill in {column}")


UNDERLYING_KNOWN = Comparison(
    "underlying",
    """
    SELECT row_id FROM good
    WHERE underlying NOT IN (SELECT symbol FROM instrument UNION ALL SELECT symbol FROM good)
    """,
    "the underlying is not an instrument of the warehouse or of this file",
    "load the underlying first, or add it to the file",
)


def _node_known(kind: str, table: str, column: str) -> Comparison:
    """The node of a limit of this kind is a name that the reference data hold."""
    words = kind.replace("_", " ")
    return Comparison(
        "scope_node",
        f"""
        SELECT row_id FROM good
        WHERE scope_kind = '{kind}' AND scope_node NOT IN (SELECT {column} FROM {table} WHERE {column} IS NOT NULL)
        """,
        f"unknown {words}",
        f"load it first with `parapet load {table}s`, or correct the name",
    )


NODES_KNOWN = (
    *(_node_known(kind, "book", kind) for kind in ("legal_entity", "business_unit", "desk", "book", "trader")),
    _node_known("sector", "instrument", "sector"),
    _node_known("instrument", "instrument", "symbol"),
)

DESK_KNOWN = Comparison(
    "desk",
    "SELECT row_id FROM good WHERE desk IS NOT NULL AND desk NOT IN (SELECT desk FROM book)",
    "unknown desk",
    "load its books first with `parapet load books`, or correct the name",
)

TRADE_BEGUN = Comparison(
    "trade_id",
    """
    WITH later AS (SELECT row_id, trade_id FROM good WHERE action <> 'new'),
    begun AS (
        SELECT trade_id FROM trade_event WHERE version = 1 AND trade_id IN (SELECT trade_id FROM later)
        UNION ALL
        SELECT trade_id FROM good WHERE version = 1 AND trade_id IN (SELECT trade_id FROM later)
    )
    SELECT row_id FROM later ANTI JOIN begun USING (trade_id)
    """,
    "version 1 of this trade is neither in the warehouse nor among the good rows of this file",
    "load the new trade first, or correct its row",
)

ADJUSTMENT_AGREES = Comparison(
    "adjusted_close",
    f"""
    SELECT row_id FROM (
        SELECT row_id, adjusted_close / lag(adjusted_close) OVER earlier AS adjusted,
               (CAST(price AS DOUBLE) * split + dividend) / lag(CAST(price AS DOUBLE)) OVER earlier AS stated
        FROM good WINDOW earlier AS (PARTITION BY instrument_id ORDER BY price_date, known_from)
    ) WHERE abs(adjusted - stated) > {ADJUSTMENT_TOLERANCE}
    """,
    "adjusted close disagrees with dividend and split",
    "compare the day's corporate actions with another source; the price itself is loaded",
    severity="flagged",
    needs="adjusted_close",
)

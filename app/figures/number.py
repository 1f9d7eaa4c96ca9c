"""A number as text: tabular, with a real minus sign and thousands separators, divided by the reader's scale."""

from math import isnan
from typing import Any

from app.table import Column, Table

DIVISORS = {"1": 1.0, "k": 1e3, "m": 1e6}
MISSING = "–"
_MONEY_DECIMALS = {"1": 0, "k": 0, "m": 2}


def divisor(column: Column, scale: str) -> float:
    """What the screen divides this column by: money follows the scale, a ratio becomes per cent."""
    if column.kind == "money":
        return DIVISORS[scale]
    return 0.01 if _percent(column) else 1.0


def decimals(column: Column, scale: str) -> int:
    """Decimals on screen; −1 where they follow the size of the number (prices)."""
    return {"money": _MONEY_DECIMALS[scale], "price": -1, "ratio": 1 if _percent(column) else 3}.get(column.kind, 0)


def text(value: Any, column: Column, scale: str) -> str:
    """`−1,204`, `+4.18`, `34.0%`; a missing number is an en dash."""
    if value is None or isnan(value):
        return MISSING
    places = decimals(column, scale)
    if places < 0:
        places = 4 if abs(value) < 10 else 2
    shown = round(value / divisor(column, scale), places) + 0.0
    sign = "+" if column.signed and shown > 0 else ""
    suffix = "%" if _percent(column) else ""
    return f"{sign}{shown:,.{places}f}{suffix}".replace("-", "\N{MINUS SIGN}")


def tone(value: Any, column: Column) -> str:
    """The colour class of a signed number: gain, loss or none."""
    if not column.signed or value is None or isnan(value) or value == 0:
        return ""
    return "gain" if value > 0 else "loss"


def unit(table: Table, scale: str) -> str:
    """The unit of the money in a table, said once in the panel's header: `USD m`; empty without money."""
    base = table.about.base_currency
    if not any(column.kind == "money" and column.unit == base for column in table.columns):
        return ""
    return base if scale == "1" else f"{base} {scale}"


def _percent(column: Column) -> bool:
    return column.kind == "ratio" and column.unit == "%"

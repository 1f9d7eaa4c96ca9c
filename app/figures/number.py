"""A number as text: tabular, with a real minus sign and thousands separators, divided by the reader's scale."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pandas as pd

from app.table import Column, Table

DIVISORS = {"1": 1.0, "k": 1e3, "m": 1e6}
MISSING = "–"
SEPARATORS = {"point-comma": ".,", "space-comma": "\u202f,", "apostrophe-point": "’."}
"""What stands between thousands and before decimals, by name; a comma and a point unless another is chosen."""

_separators: ContextVar[str] = ContextVar("separators", default=",.")
_MONEY_DECIMALS = {"1": 0, "k": 0, "m": 2}
_SENSITIVITY_DECIMALS = {"1": 0, "k": 1, "m": 3}
_WORDS = {"text": None, "date": 10, "time": 19}
"""Kinds that are no numbers, with how much of their text is said."""

_SIDES = {
    *("quantity", "market_value", "long", "short", "net", "consideration", "value"),
    *("component", "component_es", "incremental", "delta_exposure", "beta_exposure", "without_beta"),
    *("var_change", "gross_change", "net_before", "net_change", "change", "share"),
    *("move", "sigmas"),
}
"""Columns whose sign is a side and neither a gain nor a loss, as that of every amount per unit of a factor is."""


@contextmanager
def separated(name: str) -> Iterator[None]:
    """Within it numbers are written with these separators; an unknown or empty name means comma and point."""
    token = _separators.set(SEPARATORS.get(name, ",."))
    try:
        yield
    finally:
        _separators.reset(token)


def separators() -> str:
    """What stands between thousands and what before decimals, as two characters."""
    return _separators.get()


def divisor(column: Column, scale: str) -> float:
    """What the screen divides this column by: money follows the scale, a ratio becomes per cent."""
    if column.kind == "money":
        return DIVISORS[scale]
    return 0.01 if _percent(column) else 1.0


def decimals(column: Column, scale: str) -> int:
    """Decimals on screen; −1 where they follow the size of the number (prices)."""
    money = _SENSITIVITY_DECIMALS if "/" in column.unit else _MONEY_DECIMALS
    return {"money": money[scale], "price": -1, "ratio": 1 if _percent(column) else 3}.get(column.kind, 0)


def least(column: Column, scale: str) -> float:
    """The smallest size, in full units, that does not read as zero on screen."""
    return divisor(column, scale) / 10.0 ** max(0, decimals(column, scale)) / 2


def text(value: Any, column: Column, scale: str) -> str:
    """`−1,204`, `+4.18`, `34.0%`, `2022-12-28`; a word as it is; what is missing is an en dash."""
    if _missing(value):
        return MISSING
    if column.kind in _WORDS:
        return str(value)[: _WORDS[column.kind]]
    places = decimals(column, scale)
    if places < 0:
        places = 4 if abs(value) < 10 else 2
    shown = round(value / divisor(column, scale), places) + 0.0
    sign = "+" if column.signed and shown > 0 else ""
    suffix = "%" if _percent(column) else ""
    return _written(f"{sign}{shown:,.{places}f}{suffix}")


def exact(values: Any, places: int = 0) -> list[str]:
    """What hovers say of numbers, in full units with their sign: `−1,204`; a missing one is an en dash."""
    return [MISSING if _missing(value) else _written(f"{value:+,.{places}f}") for value in values]


def tone(value: Any, column: Column) -> str:
    """The colour class of a result: gain, loss or none."""
    if not results(column) or _missing(value) or value == 0:
        return ""
    return "gain" if value > 0 else "loss"


def results(column: Column) -> bool:
    """Whether the column holds gains and losses, which alone take their colours; other signs are only written."""
    return column.signed and "/" not in column.unit and column.name not in _SIDES


def unit(table: Table, scale: str) -> str:
    """The unit of the money in a table, said once in the panel's header: `USD m`, `USD k/bp`; empty without money.

    Where money columns are per different things (`USD/bp`, `USD/vol pt`) it is the currency alone; where none is in
    the base currency, that of the rows, and the scale alone if they have several.
    """
    base = table.about.base_currency
    money = [column.unit for column in table.columns if column.kind == "money"]
    units = {unit for unit in money if unit.partition("/")[0] == base}
    if not units:
        return _own_unit(table, scale) if money else ""
    shared = units.pop() if len(units) == 1 else base
    return shared if scale == "1" else shared.replace(base, f"{base} {scale}", 1)


def _own_unit(table: Table, scale: str) -> str:
    """The unit of amounts that stay in a currency of their own, which a column `currency` names."""
    named = set(table.frame["currency"].dropna()) if "currency" in table.frame else set()
    parts = [*(named if len(named) == 1 else ()), *((scale,) if scale != "1" else ())]
    return " ".join(parts)


def unit_of(column: Column, scale: str) -> str:
    """The unit of one column on this scale: `USD k/bp`, `%`, `` for a bare number."""
    if column.kind != "money" or scale == "1":
        return column.unit
    currency, slash, per = column.unit.partition("/")
    return f"{currency} {scale}{slash}{per}"


def _written(number: str) -> str:
    """A number as Python writes it, with a real minus sign and the separators that hold here."""
    return number.translate(str.maketrans(",.-", f"{separators()}\N{MINUS SIGN}"))


def _missing(value: Any) -> bool:
    """None, NaN, NaT or empty text."""
    return bool(pd.isna(value)) or value == ""


def _percent(column: Column) -> bool:
    return column.kind == "ratio" and column.unit == "%"

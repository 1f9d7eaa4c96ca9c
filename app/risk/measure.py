"""A measure: a pure function whose positional parameters name the relations it needs, found by its name."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import pandas as pd

Kind = Literal["text", "date", "time", "money", "price", "quantity", "ratio", "count"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result: `kind` decides alignment and format, `unit` is printed in headers (`USD`, `USD/bp`).

    The unit `ccy` stands for the reader's base currency. A `ratio` is stored as a fraction (0.34) and shown in per
    cent. `signed` numbers are coloured by their sign. Totals of a column that is not `additive` are not sums.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    additive: bool = True
    signed: bool = False

    @property
    def header(self) -> str:
        """The label with its unit, as files print it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


KEYS = {
    "desk": Column("desk", "Desk", "text"),
    "book": Column("book", "Book", "text"),
    "instrument": Column("instrument", "Instrument", "text"),
    "underlier": Column("underlier", "Underlying", "text"),
    "business_unit": Column("business_unit", "Business unit", "text"),
    "legal_entity": Column("legal_entity", "Legal entity", "text"),
    "strategy": Column("strategy", "Strategy", "text"),
    "trader": Column("trader", "Trader", "text"),
    "asset_class": Column("asset_class", "Asset class", "text"),
    "instrument_type": Column("instrument_type", "Type", "text"),
    "sector": Column("sector", "Sector", "text"),
    "currency": Column("currency", "Currency", "text"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A registered measure; `needs` are relations, `takes` the keyword arguments a panel may give."""

    name: str
    label: str
    additive: bool
    columns: tuple[Column, ...]
    conventions: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    takes: tuple[str, ...]
    definition: str
    compute: Callable[..., pd.DataFrame]


def measure(
    label: str,
    *,
    columns: tuple[Column, ...],
    additive: bool,
    conventions: dict[str, str] | None = None,
) -> Callable[[Callable[..., pd.DataFrame]], Callable[..., pd.DataFrame]]:
    """Register a function as the measure of its own name; its docstring is the definition readers are shown."""

    def register(function: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
        parameters = inspect.signature(function).parameters.values()
        keywords = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        function.__dict__["measure"] = Measure(
            name=function.__name__,
            label=label,
            additive=additive,
            columns=columns,
            conventions=tuple((conventions or {}).items()),
            needs=tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD),
            takes=keywords,
            definition=inspect.cleandoc(function.__doc__ or ""),
            compute=function,
        )
        return function

    return register


@lru_cache
def measures() -> dict[str, Measure]:
    """Every measure in this package by name."""
    package = importlib.import_module(__package__)
    found: dict[str, Measure] = {}
    for module in pkgutil.iter_modules(package.__path__):
        members: dict[str, Any] = vars(importlib.import_module(f"{__package__}.{module.name}"))
        for member in members.values():
            if isinstance(entry := getattr(member, "measure", None), Measure):
                found[entry.name] = entry
    return found

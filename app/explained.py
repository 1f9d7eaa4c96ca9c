"""One number explained: what it is made of, the scenarios, trades and prices behind it, and the lines they came from.

Everything is asked of Answers for the reader who asks, so that nobody is told more of a number than he may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import fsum
from typing import Any

import pandas as pd

from app.answer import Answers
from app.fields import numbers
from app.filters import BadFilterError, Filters
from app.place import SEPARATOR, addresses
from app.question import EmptyError
from app.risk.measure import KEYS, Column, measures
from app.table import Coverage, Provenance, Table
from app.view import Panel, View, discover, panel_of
from auth.permissions import may
from data.scope import Scope

HIERARCHY = ("desk", "book", "instrument")
ROOTS = {"concentration": ("instrument",), "scenario_pnl": ("scenario",)}
"""What the rows of lists are that no keys group: names of filters that narrow to them."""

TAKEN_APART = {
    "summary": {
        **{name: ("pnl", name) for name in ("day", "mtd", "ytd", "inception")},
        **{name: ("exposure", name) for name in ("gross", "net", "long", "short")},
        "held": ("exposure", "positions"),
    },
    "risk_by_node": {
        "day": ("pnl", "day"),
        **{name: ("exposure", name) for name in ("gross", "net")},
        **{name: ("sensitivities", name) for name in ("delta", "vega", "pv01")},
        **{name: ("value_at_risk", name) for name in ("var", "component")},
    },
    "position_greeks": {
        **{name: ("positions", name) for name in ("quantity", "price", "market_value", "day")},
        **{name: ("sensitivities", name) for name in ("delta", "gamma", "vega", "theta", "pv01")},
    },
    "var_summary": {name: ("value_at_risk", name) for name in ("var", "es", "positions")},
    "var_move": {name: ("value_at_risk", name) for name in ("var", "es")},
    "var_standing": {name: ("value_at_risk", name) for name in ("var", "es")},
    "concentration": {name: ("exposure", name) for name in ("gross", "net")},
    "scenario_pnl": {"pnl": ("value_at_risk", "in_scenario"), "var": ("value_at_risk", "var")},
}
"""Columns that show another measure's number: which one it is, so that it can be taken apart by keys."""

READ = {"var": ("VaR", "component"), "es": ("ES", "component_es")}
"""Columns that are read from scenarios: the figure, and the column of what each part adds to it."""

RESOLUTION = 0.5e-4  # amounts are whole ten-thousandths
LAST_TRADES = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One of the parts of a number: its name, its address in the same panel, and what it adds."""

    name: str
    at: str
    value: float


@dataclass(frozen=True, slots=True)
class Parts:
    """What a number is made of one level down (`key`), largest first; `adds` if they make it to the ten-thousandth."""

    key: str
    column: Column
    items: tuple[Part, ...]
    total: float
    adds: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A row of a panel as the names that lead to it, and the names of filters that each is a value of."""

    names: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def below(self) -> str:
        """What it divides into; nothing at the last level."""
        return self.names[len(self.parts)] if len(self.parts) < len(self.names) else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a grouping that has it and what it divides into."""
        return tuple(name for name in self.names[: len(self.parts) + 1] if name in KEYS)

    @property
    def path(self) -> str:
        """Its address in such a grouping."""
        return SEPARATOR.join(part for name, part in self._named if name in KEYS)

    def narrow(self, filters: Filters) -> Filters | None:
        """The choices that narrow to it; None where a row has no name to narrow by."""
        if "none" in self.parts:
            return None
        return replace(filters, **{name: _value(name, part) for name, part in self._named})

    @property
    def _named(self) -> list[tuple[str, str]]:
        return list(zip(self.names, self.parts, strict=False))


@dataclass(frozen=True, slots=True)
class Lines:
    """Trades, prices and rates with the lines that brought them, and the files of all of them."""

    trades: pd.DataFrame = field(default_factory=pd.DataFrame)
    prices: pd.DataFrame = field(default_factory=pd.DataFrame)
    rates: pd.DataFrame = field(default_factory=pd.DataFrame)
    files: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Number:
    """The number of a row and a column (`at`, `name`) of a panel with all that explains it.

    The panel's measure is the one whose number it is; `narrowed` are the choices that lead to the row, if any do.
    """

    panel: Panel
    node: Node
    at: str
    name: str
    column: Column
    value: Any
    row: Mapping[str, Any]
    about: Provenance
    narrowed: Filters | None
    scenarios: pd.DataFrame
    parts: Parts | None
    coverage: Coverage | None
    lines: Lines


def explain(answers: Answers, asked: tuple[str, str, str], filters: Filters, scope: Scope) -> Number:
    """The number of a panel, a row's address and a column; EmptyError where there is none at these dates."""
    key, at, name = asked
    table = answers.table(key, filters, scope)
    panel = panel_of(key)[1]
    measure, part = _owner(panel, name)
    node = _node(panel, (at, name), filters)
    known = {column.name for column in measures()[measure].columns}
    grouped = "by" in measures()[measure].takes and bool(node.names) and part in known
    narrowed = node.narrow(filters) if grouped else None
    chosen = replace(filters, scenario=narrowed.scenario) if narrowed else filters
    deep = answers.beside(key, chosen, scope, measure, node.keys) if grouped else None
    column, row = _found(table, at, name) or _known(deep, node.path, part) or _missing(table, at, name)
    inner = answers.beside(key, narrowed, scope, measure, (node.below or node.names[-1],)) if narrowed else None
    return Number(
        panel=replace(panel, measure=measure),
        node=node,
        at=at,
        name=name,
        column=deep.column(part) if deep and panel.figure == "pivot" else column,
        value=row[column.name],
        row=row,
        about=(deep or table).about,
        narrowed=narrowed,
        scenarios=_scenarios(answers, key, (measure, part), (chosen, narrowed), scope) if narrowed else pd.DataFrame(),
        parts=_parts(_apart(node, part, deep, inner), row[column.name], node, at) if deep else None,
        coverage=inner.about.coverage if inner else None if grouped else table.about.coverage,
        lines=_lines(answers, node, narrowed, scope) if narrowed else Lines(),
    )


def trade_versions(answers: Answers, trade: str, filters: Filters, scope: Scope) -> pd.DataFrame:
    """Every version of a trade that the reader may see, oldest first; no rows where there is none."""
    if not may(scope, "see trades"):
        return pd.DataFrame()
    return answers.behind("trade_versions", Filters(known=filters.known), scope, trade=trade)


def blotter() -> View:
    """The page that shows trades: whoever may open it may open one of them."""
    return next(view for view in discover().values() if any(panel.measure == "trades" for panel in view.panels))


def _owner(panel: Panel, name: str) -> tuple[str, str]:
    """The measure and its column whose number it is; a pivot says it in the name."""
    measure, _, part = name.partition("@")[0].partition(".")
    if panel.figure == "pivot" and f"{measure}.{part}" in numbers():
        return measure, part
    return TAKEN_APART.get(panel.measure, {}).get(name, (panel.measure, name))


def _node(panel: Panel, asked: tuple[str, str], filters: Filters) -> Node:
    """The row that an address means, in a pivot the column's value above it."""
    at, name = asked
    parts = tuple(at.split(SEPARATOR)) if at else ()
    begun = panel.by or ROOTS.get(panel.measure, ())
    if panel.figure == "pivot":
        _, across, value = name.partition("@")
        begun = (*((filters.across,) if across else ()), *filters.down.split(","))
        parts = (*((value,) if across else ()), *parts)
    if not begun and panel.measure not in TAKEN_APART:
        return Node((), parts)
    implied = {"desk"} if "book" in begun else set()
    return Node((*begun, *(name for name in HIERARCHY if name not in {*begun, *implied})), parts)


def _value(name: str, part: str) -> Any:
    try:
        return date.fromisoformat(part) if name == "scenario" else part
    except ValueError:
        raise BadFilterError(f"at: {part[:40]!r} is not a date; write it as 2022-12-28") from None


def _found(table: Table, at: str, name: str) -> tuple[Column, Mapping[str, Any]] | None:
    """The column and the row of that address; None where the table has not both."""
    known = {column.name: column for column in table.columns}
    places = addresses(table)
    if name not in known or at not in places:
        return None
    row = table.frame.iloc[places.index(at)]
    return known[name], {str(named): value for named, value in row.items()}


def _known(table: Table | None, at: str, name: str) -> tuple[Column, Mapping[str, Any]] | None:
    """As `_found`, of a number that is there."""
    found = _found(table, at, name) if table else None
    return found if found and pd.notna(found[1][name]) else None


def _missing(table: Table, at: str, name: str) -> tuple[Column, Mapping[str, Any]]:
    where = " › ".join(at.split(SEPARATOR))[:120] or "the total"
    raise EmptyError(f"{table.about.title} has no number {name[:40]!r} of {where} on {table.about.as_of}")


def _apart(node: Node, name: str, deep: Table, inner: Table | None) -> tuple[Table, str, str]:
    """Where the parts of a number stand: table, address above them and column. Those of a VaR are its components."""
    _figure, component = READ.get(name, ("", ""))
    if inner is not None and component in inner.frame:
        return inner, "", component
    return deep, node.path, name


def _parts(apart: tuple[Table, str, str], value: Any, node: Node, at: str) -> Parts | None:
    """What adds up to a number one level down; nothing below the last level and of what is no sum."""
    table, path, name = apart
    column = table.column(name)
    if not node.below or not column.additive or pd.isna(value):
        return None
    above, begun = (place + SEPARATOR if place else "" for place in (path, at))
    level = above.count(SEPARATOR) + 1
    rows = zip(addresses(table), table.frame["level"], table.frame[name], strict=True)
    names = {place[len(above) :]: amount for place, depth, amount in rows if depth == level and place.startswith(above)}
    items = [Part(name, begun + name, float(amount)) for name, amount in names.items() if pd.notna(amount) and amount]
    total = fsum(item.value for item in items)
    largest = tuple(sorted(items, key=lambda item: -abs(item.value)))
    return Parts(node.below, column, largest, total, abs(total - float(value)) <= RESOLUTION) if largest else None


def _scenarios(
    answers: Answers, key: str, figure: tuple[str, str], chosen: tuple[Filters, Filters], scope: Scope
) -> pd.DataFrame:
    """day, pnl, weight of the scenarios that a VaR or ES is read from; of a component those of its total."""
    measure, name = figure
    words = READ | {part: (said, part) for said, part in READ.values()}
    if measure != "value_at_risk" or name not in words:
        return pd.DataFrame()
    whole, narrowed = chosen
    read = answers.beside(key, narrowed if name in READ else whole, scope, "scenarios_read", ()).frame
    read = read.loc[read["figure"] == words[name][0], ["day", "pnl", "weight"]]
    if name not in READ:
        own = answers.beside(key, narrowed, scope, "scenario_pnl", ()).frame.set_index("day")["pnl"]
        read = read.assign(pnl=own.loc[read["day"]].to_numpy())
    return read


def _lines(answers: Answers, node: Node, narrowed: Filters, scope: Scope) -> Lines:
    files = {name: answers.behind(f"{name}_files", narrowed, scope) for name in ("trade", "price")}
    if node.below or not may(scope, "see trades"):
        return Lines(files=files)
    trades = answers.behind("trades_behind", narrowed, scope, take=LAST_TRADES)
    prices = answers.behind("prices_behind", narrowed, scope)
    base = narrowed.ccy or answers.base_currency
    foreign = sorted({*prices.get("currency", ()), base}) if set(prices.get("currency", ())) - {base} else []
    rates = answers.behind("rates_behind", narrowed, scope, currencies=foreign) if foreign else pd.DataFrame()
    return Lines(trades, prices, rates, files)

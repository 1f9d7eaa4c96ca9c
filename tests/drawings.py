"""A small table for every figure, and ways to look into what was drawn of it."""

import pandas as pd

from app import figures
from app.table import Column, Coverage, Provenance, Table

ABOUT = Provenance(
    key="demo-panel",
    title="Demo",
    definition="",
    as_of="2022-12-28",
    compared_with="2022-12-27",
    known_at="2022-12-29T06:00:00Z",
    snapshot="000001",
    base_currency="USD",
    coverage=Coverage(3, 2),
)


def words(name, label=None):
    return Column(name, label or name.capitalize(), "text")


def money(name, label=None, *, unit="USD", signed=False):
    return Column(name, label or name.capitalize(), "money", unit, signed=signed)


def table(rows, *columns, filters=()):
    names = [column.name for column in columns]
    frame = pd.DataFrame(rows, columns=["level", *names] if rows and len(rows[0]) > len(names) else names)
    return Table(frame, columns, ABOUT).titled(filters=filters)


DAY = Column("day", "Day", "date")
HISTORY = table(
    [["2022-12-27", 1500.0, 1500.0], ["2022-12-28", -2500.5, -1000.5]],
    DAY,
    money("pnl", signed=True),
    money("cumulative", signed=True),
)
PARTS = table([["Realised", 300.0], ["Fees", -50.0], ["Total", 250.0]], words("part"), money("amount", signed=True))
LADDER = table(
    [[0, None, 9.0, -5.0, 14.0, 4.0], [1, "Energy", 2.0, -5.0, 7.0, -3.0], [1, "Tech", 7.0, 0.0, 7.5, 7.0]],
    words("sector"),
    *map(money, ("long", "short", "gross", "net")),
)
TREE = table(
    [
        [0, None, None, -5.0, None],
        [1, "Vol", None, -5.0, None],
        [2, "Vol", "VOL-1", -7.0, 10.5],
        [2, "Vol", "VOL-2", None, None],
    ],
    words("desk"),
    words("book"),
    money("day", signed=True),
    Column("price", "Price", "price"),
)
SUMMARY = table(
    [[-1234567.0, 0.1234, 3]],
    money("day", signed=True),
    Column("top", "Top", "ratio", "%"),
    Column("held", "Held", "count"),
)
TILES = {"tiles": ({"label": "Day P&L", "values": ("day", "held"), "notes": (("top", "top"),)},)}
TRADES = table([], words("trade_id"), Column("traded", "Traded", "time", "UTC"))
SCENARIOS = table(
    [[f"2022-01-{day:02}", 1000.0 * (day - 15), 13500.0, 14000.0] for day in range(1, 31)],
    DAY,
    money("pnl", "P&L", signed=True),
    money("var", "VaR 95%"),
    money("es", "ES 95%"),
)
BACKTEST = table(
    [
        ["2022-12-23", 500.0, 400.0, 1000.0, ""],
        ["2022-12-26", -1500.0, -1200.0, 1000.0, "both"],
        ["2022-12-27", -800.0, -1100.0, 1000.0, "hypothetical"],
        ["2022-12-28", None, -100.0, 1000.0, "actual"],
    ],
    DAY,
    money("actual", "actual", signed=True),
    money("hypothetical", "hypothetical", signed=True),
    money("var", "VaR 99%"),
    words("exception"),
)
SHOCKS = table(
    [[-0.1, 0.05, -4000.0], [-0.1, -0.05, 2000.0], [0.0, 0.05, 0.0]],
    Column("spot", "Spot", "ratio", "%", signed=True),
    Column("vol", "Volatility", "ratio", "%", signed=True),
    money("pnl", "P&L", signed=True),
)
COMPONENTS = table(
    [
        [0, None, None, 900.0],
        [1, "Rates", None, 600.0],
        [2, "Rates", "UST", 1000.0],
        [2, "Rates", "BUND", -400.0],
        [1, "Vol", None, 300.0],
        [2, "Vol", "VOL-1", 300.0],
        [2, "Vol", "VOL-2", 0.0],
    ],
    words("desk"),
    words("book"),
    money("component", "Component VaR"),
)
CURVES = table(
    [["USD", "2Y", -300.0], ["USD", "10Y", 84100.0], ["EUR", "10Y", 500.0], ["EUR", "30Y", None]],
    words("curve"),
    words("tenor"),
    money("pv01", "PV01", unit="USD/bp", signed=True),
)
LIMITS = table(
    [
        ["Vol", "VaR 99%", 2204e3, 1900e3, 2120e3, "USD"],
        ["Firm", "Stress", -95e3, 90e3, 100e3, "USD"],
        ["Firm", "Top ten", 0.395, 0.45, 0.5, "%"],
        ["FX", "Net JPY", None, 1e6, 2e6, "USD"],
    ],
    words("scope"),
    words("measure"),
    money("use"),
    money("soft", "Warning at"),
    money("hard", "Limit"),
    words("unit"),
)
DRAWINGS = {
    "bars": (HISTORY, {}),
    "line": (HISTORY, {"y": ("cumulative",)}),
    "waterfall": (PARTS, {}),
    "ladder": (LADDER, {}),
    "tree": (TREE, {"drill": "positions"}),
    "grid": (LADDER, {"bars": ("gross",)}),
    "kpi": (SUMMARY, TILES),
    "blotter": (TRADES, {}),
    "histogram": (SCENARIOS, {}),
    "exceptions": (BACKTEST, {}),
    "heatmap": (SHOCKS, {}),
    "treemap": (COMPONENTS, {}),
    "term": (CURVES, {}),
    "limits": (LIMITS, {}),
    "pivot": (TREE, {}),
}


def draw(figure, theme="dark", scale="1", **changed):
    """The figure's own table, drawn with its options and those that are `changed`."""
    drawn_table, options = DRAWINGS[figure]
    return figures.draw(figure, drawn_table, theme=theme, scale=scale, **{**options, **changed})


def components(node, kind):
    """Every component of a type in a drawn tree."""
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield node["props"]
        for value in node.values():
            yield from components(value, kind)
    elif isinstance(node, list):
        for item in node:
            yield from components(item, kind)


def only(node, kind):
    (found,) = components(node, kind)
    return found


def chart(node):
    """The one chart in a drawn tree: its traces and its layout."""
    figure = only(node, "Graph")["figure"]
    return figure["data"], figure["layout"]

"""Profit and loss: by day, by book and instrument, and by what made it."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="pnl",
    title="P&L",
    section="Look",
    order=3,
    roles=EVERYONE,
    panels=(
        Panel(
            key="pnl-history",
            title="P&L by day",
            about="the last 500 business days; drag to zoom, double-click to return",
            measure="pnl_history",
            figure="bars",
            options={"last": 500},
            width=7,
            height=5,
        ),
        Panel(
            key="pnl-parts-ytd",
            title="Year to date in parts",
            about="the parts add to the total",
            measure="pnl_parts",
            figure="waterfall",
            params={"period": "ytd"},
            width=5,
            height=5,
        ),
        Panel(
            key="pnl-tree-by-instrument",
            title="P&L by instrument",
            about="desk › book › instrument",
            measure="pnl",
            figure="tree",
            by=("desk", "book", "instrument"),
            options={
                "columns_shown": ("day", "mtd", "ytd", "inception"),
                "drill": "blotter",
                "fold": ("gross", "closed"),
            },
            width=5,
            height=7,
        ),
        Panel(
            key="pnl-split-by-instrument",
            title="The day in parts",
            about="desk › book › instrument; the parts add up to the P&L",
            measure="pnl_split",
            figure="tree",
            by=("desk", "book", "instrument"),
            params={"period": "day"},
            options={"drill": "positions", "fold": ("total", "unchanged")},
            width=7,
            height=7,
        ),
    ),
)

"""The day at a glance: what was made, what is held, and who makes it."""

from app.view import Panel, View

VIEW = View(
    name="overview",
    title="Overview",
    section="Look",
    order=1,
    home=True,
    panels=(
        Panel(
            key="overview-summary",
            title="Summary",
            about="the numbers read first",
            measure="summary",
            figure="kpi",
            options={
                "tiles": (
                    {"label": "Day P&L", "values": ("day",), "notes": (("month to date", "mtd"),)},
                    {"label": "Year to date", "values": ("ytd",), "notes": (("since inception", "inception"),)},
                    {"label": "Gross exposure", "values": ("gross",), "notes": (("net", "net"),)},
                    {"label": "Largest ten of gross", "values": ("top10",), "notes": (("HHI", "hhi"),)},
                    {
                        "label": "Positions priced / held",
                        "values": ("priced", "held"),
                        "notes": (("carried", "carried"),),
                    },
                    {"label": "Trades of the day", "values": ("trades",)},
                )
            },
            height=1,
        ),
        Panel(
            key="overview-pnl-history",
            title="P&L by day",
            about="the last 170 business days",
            measure="pnl_history",
            figure="bars",
            options={"last": 170},
            width=7,
            height=5,
        ),
        Panel(
            key="overview-pnl-parts",
            title="P&L of the day in parts",
            about="from nothing to the total",
            measure="pnl_parts",
            figure="waterfall",
            params={"period": "day"},
            width=5,
            height=5,
        ),
        Panel(
            key="overview-pnl-by-book",
            title="P&L by desk › book",
            about="→ opens the positions",
            measure="pnl",
            figure="tree",
            by=("desk", "book"),
            options={"depth": 0, "fill": 5, "drill": "positions"},
            width=8,
            height=5,
        ),
        Panel(
            key="overview-concentration",
            title="Concentration",
            about="largest first",
            measure="concentration",
            figure="grid",
            options={"columns_shown": ("instrument", "net", "share"), "bars": ("share",)},
            width=4,
            height=8,
        ),
        Panel(
            key="overview-pnl-by-instrument",
            title="What made the day",
            about="desk › instrument: area is the size, sign and colour the direction; click opens",
            measure="pnl",
            figure="treemap",
            by=("desk", "instrument"),
            options={"value": "day", "most": 60},
            width=8,
            height=3,
        ),
    ),
)

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
                    {"label": "Day P&L", "values": ("day",), "notes": (("MTD", "mtd"), ("YTD", "ytd"))},
                    {"label": "P&L since inception", "values": ("inception",), "notes": (("year to date", "ytd"),)},
                    {
                        "label": "Gross / net exposure",
                        "values": ("gross", "net"),
                        "notes": (("long", "long"), ("short", "short")),
                    },
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
            options={"depth": 1, "drill": "positions"},
            width=8,
            height=7,
        ),
        Panel(
            key="overview-concentration",
            title="Concentration",
            about="largest first",
            measure="concentration",
            figure="grid",
            options={"columns_shown": ("instrument", "net", "share"), "bars": ("share",)},
            width=4,
            height=7,
        ),
    ),
)

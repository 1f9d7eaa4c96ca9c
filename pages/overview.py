"""The day at a glance: what was made, what could be lost, which limits are near, and who makes it."""

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
                    {"label": "Gross exposure", "values": ("gross",), "notes": (("net", "net"),)},
                    {"label": "Largest ten of gross", "values": ("top10",), "notes": (("HHI", "hhi"),)},
                    {
                        "label": "Positions priced / held",
                        "values": ("priced", "held"),
                        "notes": (("trades", "trades"),),
                    },
                )
            },
            width=8,
            height=1,
        ),
        Panel(
            key="overview-var",
            title="VaR",
            about="historical, full revaluation",
            measure="var_summary",
            figure="kpi",
            options={
                "tiles": (
                    {
                        "label": "VaR 1d",
                        "level": ("confidence", 0.99),
                        "values": ("var",),
                        "notes": (("ES", "es"), ("of", "var_day")),
                    },
                )
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-nearest-limit",
            title="Nearest limit",
            about="the worst of all",
            measure="limit_use",
            figure="kpi",
            options={
                "tiles": (
                    {"label": "Nearest limit", "values": ("utilisation", "state"), "notes": (("", "limit_id"),)},
                ),
                "empty": "No limit is set on what you see.",
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-pnl-against-var",
            title="P&L against VaR 99%",
            about="the VaR is that of the day before",
            measure="backtest_history",
            figure="exceptions",
            params={"period": "1y"},
            options={
                "last": 170,
                "empty": "There is no official run up to this date; an operator makes them with `parapet run`.",
            },
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
            key="overview-limits",
            title="Limits",
            about="nearest first",
            measure="limit_use",
            figure="limits",
            options={
                "columns_shown": ("binds", "utilisation", "headroom"),
                "empty": "No limit is set on what you see.",
            },
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

"""The risk manager's home: the day at a glance, who makes the risk, which limits are near, and how fresh it all is."""

from app.view import EVERYONE, Panel, View

NO_LIMIT = "No limit is set on what you see."
NO_RUN = "There is no official run up to this date; an operator makes them with `parapet run`."

VIEW = View(
    name="overview",
    title="Overview",
    section="Look",
    order=1,
    roles=EVERYONE,
    home=frozenset({"risk_manager", "viewer"}),
    panels=(
        Panel(
            key="overview-summary",
            title="Day P&L",
            about="and that of the month and the year",
            measure="summary",
            figure="kpi",
            options={
                "tiles": ({"label": "Day P&L", "values": ("day",), "notes": (("MTD", "mtd"), ("YTD", "ytd"))},),
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-var",
            title="VaR",
            about="historical, full revaluation; against the date compared with",
            measure="var_move",
            figure="kpi",
            options={
                "tiles": (
                    {
                        "label": "VaR 1d",
                        "level": ("confidence", 0.99),
                        "values": ("var",),
                        "change": "var_change",
                        "notes": (("ES", "es"),),
                    },
                )
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-exposure",
            title="Gross and net exposure",
            about="and the share of the ten largest",
            measure="summary",
            figure="kpi",
            options={
                "tiles": (
                    {
                        "label": "Gross exposure",
                        "values": ("gross",),
                        "notes": (("net", "net"), ("top 10", "top10")),
                    },
                )
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-worst-stress-by-desk",
            title="Worst stress",
            about="of all scenarios, full revaluation",
            measure="stress_by",
            figure="kpi",
            by=("desk",),
            options={
                "tiles": ({"label": "Worst stress", "values": ("worst",), "notes": (("", "worst_scenario"),)},),
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-nearest-limit",
            title="Limits in breach and in warning",
            about="of all in sight",
            measure="limit_summary",
            figure="kpi",
            options={
                "tiles": (
                    {
                        "label": "Limits",
                        "values": ("breach", "warning"),
                        "words": {"breach": "breach", "warning": "warning"},
                        "notes": (("of", "limits"), ("worst use", "worst")),
                    },
                )
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-backtest",
            title="Backtest",
            about="VaR 99%, the last 250 run days",
            measure="backtest_results",
            figure="kpi",
            params={"period": "inception"},
            options={
                "tiles": (
                    {
                        "label": "Backtest 250d",
                        "values": ("counted", "zone"),
                        "notes": (("Kupiec p", "kupiec_p"), ("×", "multiplier")),
                    },
                ),
                "empty": NO_RUN,
            },
            width=2,
            height=1,
        ),
        Panel(
            key="overview-pnl-against-var",
            title="P&L against VaR 99%",
            about="the VaR is that of the day before; a click on a mark goes to its day",
            measure="backtest_history",
            figure="exceptions",
            params={"period": "1y"},
            options={"last": 170, "empty": NO_RUN},
            width=6,
            height=5,
            page="backtest",
        ),
        Panel(
            key="overview-explain-parts",
            title="P&L explain",
            about="what made the day; the residual is what the rest leaves",
            measure="explain_parts",
            figure="waterfall",
            options={"moved": True},
            width=6,
            height=5,
            page="explain",
        ),
        Panel(
            key="overview-risk-by-book",
            title="Risk by desk › book",
            about="→ opens the desk or book",
            measure="risk_by_node",
            figure="tree",
            by=("desk", "book"),
            options={
                "columns_shown": (
                    *("day", "gross", "net", "delta", "vega", "pv01"),
                    *("var", "component", "utilisation"),
                ),
                "depth": 0,
                "fill": 5,
                "drill": "book",
            },
            width=8,
            height=6,
            page="var",
        ),
        Panel(
            key="overview-limits",
            title="Limits",
            about="nearest first",
            measure="limit_use",
            figure="limits",
            options={"columns_shown": ("binds", "utilisation", "headroom"), "empty": NO_LIMIT},
            width=4,
            height=6,
            page="limits",
        ),
        Panel(
            key="overview-stress",
            title="Worst stresses",
            about="the greatest loss first",
            measure="worst_stresses",
            figure="grid",
            options={"columns_shown": ("scenario", "pnl", "worst_book")},
            width=3,
            height=5,
            page="stress",
        ),
        Panel(
            key="overview-pnl-by-book",
            title="Month and year",
            about="to date",
            measure="pnl",
            figure="tree",
            by=("desk", "book"),
            options={"columns_shown": ("mtd", "ytd"), "depth": 0, "fill": 5, "drill": "positions"},
            width=3,
            height=5,
            page="pnl",
        ),
        Panel(
            key="overview-freshness",
            title="Data",
            about="newest day, last load, rows set aside",
            measure="freshness",
            figure="grid",
            options={
                "columns_shown": ("table_name", "newest", "loaded_at", "loaded", "rejected", "state"),
                "empty": "What is loaded for all desks is told to those who see all desks.",
            },
            width=6,
            height=5,
        ),
    ),
)

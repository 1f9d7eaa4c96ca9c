"""Why the day made what it made: the P&L in parts that add up to it, with what the model leaves unexplained."""

from app.view import Panel, View

VIEW = View(
    name="explain",
    title="P&L explain",
    section="Risk",
    order=5,
    panels=(
        Panel(
            key="explain-parts",
            title="The day explained",
            about="time, market, trades, income, fees and FX; the residual is what is left",
            measure="explain_parts",
            figure="waterfall",
            width=8,
            height=5,
        ),
        Panel(
            key="explain-factors",
            title="Largest contributions",
            about="by underlying, curve and currency",
            measure="explain_factors",
            figure="grid",
            options={"bars": ("share",)},
            width=4,
            height=5,
        ),
        Panel(
            key="explain-tree-by-instrument",
            title="Explained by desk › book › instrument",
            about="the parts add up to the P&L at every level; an alarm where the residual is too large",
            measure="explain",
            figure="tree",
            by=("desk", "book", "instrument"),
            options={
                "columns_shown": (
                    *("theta", "delta", "gamma", "vega", "rates", "cross"),
                    *("new_trades", "amended", "late", "income", "fees", "fx"),
                    *("residual", "total", "alarm"),
                ),
                "drill": "positions",
                "fold": ("total", "unchanged"),
            },
            width=12,
            height=7,
        ),
        Panel(
            key="explain-residual-by-type",
            title="Residual by type",
            about="share of the absolute parts, and how many opening positions could be revalued",
            measure="explain",
            figure="grid",
            by=("instrument_type",),
            options={
                "columns_shown": ("instrument_type", "residual", "total", "residual_share", "held", "priced", "alarm"),
            },
            width=7,
            height=4,
        ),
        Panel(
            key="explain-valuations",
            title="Six valuations",
            about="date, market and positions moved one at a time",
            measure="explain_valuations",
            figure="grid",
            width=5,
            height=4,
        ),
    ),
)

"""Why the day made what it made: the P&L in parts that add up to it, with what the model leaves unexplained."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="explain",
    title="Explain",
    section="Look",
    order=4,
    roles=EVERYONE,
    panels=(
        Panel(
            key="explain-parts",
            title="The day explained",
            about="time, market, trades, income, fees and FX; the residual is what they leave",
            measure="explain_parts",
            figure="waterfall",
            width=12,
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
                    *("residual", "alarm", "total"),
                ),
                "depth": 0,
                "fill": 5,
                "drill": "positions",
                "fold": ("total", "unchanged"),
            },
            width=12,
            height=6,
        ),
        Panel(
            key="explain-factors",
            title="By factor",
            about="largest first",
            measure="explain_factors",
            figure="grid",
            options={"columns_shown": ("factor", "term", "amount")},
            width=3,
            height=5,
        ),
        Panel(
            key="explain-residual-by-type",
            title="Residual by type",
            about="against all parts",
            measure="explain",
            figure="grid",
            by=("instrument_type",),
            options={"columns_shown": ("instrument_type", "residual", "alarm", "residual_share")},
            width=4,
            height=5,
        ),
        Panel(
            key="explain-valuations",
            title="Six valuations",
            about="one thing moved at a time",
            measure="explain_valuations",
            figure="grid",
            width=5,
            height=5,
        ),
    ),
)

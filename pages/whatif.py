"""What if: imagined trades beside the official book, and what they would change."""

from app.view import Panel, View

VIEW = View(
    name="whatif",
    title="What-if",
    section="Risk",
    order=6,
    panels=(
        Panel(
            key="whatif-change",
            title="Before and after",
            about="exposure, VaR and ES of what is read",
            measure="whatif_change",
            figure="grid",
            width=7,
            height=5,
        ),
        Panel(
            key="whatif-trades",
            title="Trades as understood",
            about="at the mark of the date; what has no price says why and changes nothing",
            measure="whatif_trades",
            figure="grid",
            options={
                "columns_shown": (
                    "change",
                    "instrument",
                    "quantity",
                    "price",
                    "currency",
                    "market_value",
                    "incremental",
                    "component",
                    "reason",
                ),
                "empty": "No trade is imagined: write one above and apply it.",
            },
            height=4,
        ),
        Panel(
            key="whatif-limits",
            title="Limits before and after",
            about="those whose state gets worse first, then those that change",
            measure="whatif_limits",
            figure="limits",
            options={
                "columns_shown": (
                    *("limit_id", "scope_node", "measure", "unit", "use", "hard"),
                    *("used_before", "utilisation", "headroom", "state_before", "state"),
                ),
                "empty": "No limit is set on what you see.",
            },
            height=6,
        ),
        Panel(
            key="whatif-tree-by-book",
            title="Change by desk › book",
            about="every VaR from its own vector",
            measure="whatif_by",
            figure="tree",
            by=("desk", "book"),
            options={
                "columns_shown": ("var_before", "var_after", "var_change", "gross_change", "net_change"),
                "depth": 0,
                "fill": 5,
                "drill": "positions",
            },
            width=7,
            height=6,
        ),
        Panel(
            key="whatif-stress",
            title="Stress",
            about="every scenario, before and after",
            measure="whatif_stress",
            figure="grid",
            options={"columns_shown": ("scenario", "before", "after", "difference")},
            width=5,
            height=6,
        ),
    ),
)

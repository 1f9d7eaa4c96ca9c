"""What is held: every position under its desk and book."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="positions",
    title="Positions",
    section="Look",
    order=2,
    roles=EVERYONE,
    panels=(
        Panel(
            key="positions-tree-by-instrument",
            title="Positions",
            about="desk › book › instrument",
            measure="positions",
            figure="tree",
            by=("desk", "book", "instrument"),
            options={
                "columns_shown": (
                    "name",
                    "currency",
                    "quantity",
                    "price",
                    "market_value",
                    "cost",
                    "unrealised",
                    "day",
                    "share",
                ),
                "bars": ("share",),
                "depth": 2,
                "drill": "blotter",
                "fold": ("quantity", "closed"),
            },
            height=12,
        ),
    ),
)

"""What today's positions would make in the crises of the past and under shocks that somebody imagined."""

from app.view import Panel, View

VIEW = View(
    name="stress",
    title="Stress",
    section="Risk",
    order=3,
    panels=(
        Panel(
            key="stress-scenarios",
            title="Scenarios",
            about="today's positions revalued in full; the book that loses most in each",
            measure="stress",
            figure="grid",
            options={"bars": ("pnl",)},
            width=7,
            height=6,
        ),
        Panel(
            key="stress-map-by-desk",
            title="By desk and scenario",
            about="the desks add up to the scenario",
            measure="stress_map",
            figure="heatmap",
            by=("desk",),
            options={"of": ("scenario", "desk", "pnl")},
            width=5,
            height=6,
        ),
        Panel(
            key="stress-tree-by-instrument",
            title="Where it comes from",
            about="P&L in the scenario that is worst for the total, and the worst and best of each node",
            measure="stress_by",
            figure="tree",
            by=("desk", "book", "instrument"),
            options={"drill": "positions"},
            width=7,
            height=7,
        ),
        Panel(
            key="stress-reverse",
            title="Reverse stress",
            about="the likeliest market that loses ten million in a day, and what each of its moves makes alone",
            measure="reverse_stress",
            figure="grid",
            params={"loss": 10_000_000},
            options={"bars": ("pnl",)},
            width=5,
            height=4,
        ),
        Panel(
            key="stress-distance",
            title="Distance to a loss",
            about="in daily standard deviations of the market; – where no stretch of it loses as much",
            measure="loss_distance",
            figure="grid",
            width=5,
            height=3,
        ),
    ),
)

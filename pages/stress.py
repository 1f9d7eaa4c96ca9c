"""What today's positions would make in the crises of the past and under shocks that somebody imagined."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="stress",
    title="Stress",
    section="Risk",
    order=2,
    roles=EVERYONE,
    panels=(
        Panel(
            key="stress-scenarios",
            title="Scenarios",
            about="today's positions revalued in full; the book that loses most in each",
            measure="stress",
            figure="grid",
            options={
                "columns_shown": ("scenario", "pnl", "worst_book", "worst_pnl", "proxied"),
                "bars": ("pnl",),
            },
            width=7,
            height=6,
        ),
        Panel(
            key="stress-map-by-desk",
            title="By desk and scenario",
            about="desks add up",
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
            about="in the total's worst scenario, and in each node's own",
            measure="stress_by",
            figure="tree",
            by=("desk", "book", "instrument"),
            options={"columns_shown": ("pnl", "worst", "worst_scenario", "best"), "drill": "positions"},
            width=7,
            height=8,
        ),
        Panel(
            key="stress-reverse",
            title="Reverse stress",
            about="the likeliest day that loses ten million",
            measure="reverse_stress",
            figure="grid",
            params={"loss": 10_000_000},
            options={"bars": ("pnl",)},
            width=5,
            height=5,
        ),
        Panel(
            key="stress-distance",
            title="Distance to a loss",
            about="in daily standard deviations",
            measure="loss_distance",
            figure="grid",
            width=5,
            height=3,
        ),
    ),
)

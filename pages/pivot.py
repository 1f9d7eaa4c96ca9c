"""Any numbers by any keys, laid out by the reader: rows, columns, numbers and what they are compared with."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="pivot",
    title="Pivot",
    section="Look",
    order=5,
    roles=EVERYONE,
    panels=(
        Panel(
            key="pivot-tree",
            title="Pivot",
            about="every total is its own; → opens the positions",
            measure="value_at_risk",
            figure="pivot",
            by=("desk", "book"),
            params={"period": "day"},
            options={"drill": "positions"},
            height=11,
        ),
    ),
)

"""How much of every limit is used, the worst first."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="limits",
    title="Limits",
    section="Risk",
    order=5,
    roles=EVERYONE,
    panels=(
        Panel(
            key="limits-summary",
            title="Limits at a glance",
            about="as they stand on the day",
            measure="limit_summary",
            figure="kpi",
            options={
                "tiles": (
                    {"label": "In breach", "values": ("breach",), "notes": (("of", "limits"),)},
                    {"label": "In warning", "values": ("warning",)},
                    {"label": "Within", "values": ("ok",)},
                    {"label": "Not measured", "values": ("not_measured",)},
                    {"label": "Worst use", "values": ("worst",)},
                )
            },
            height=1,
        ),
        Panel(
            key="limits-use",
            title="Use of limits",
            about="the worst first; the marks are the warning and the limit",
            measure="limit_use",
            figure="limits",
            options={
                "columns_shown": (
                    *("limit_id", "scope_kind", "scope_node", "measure", "side", "unit", "use", "soft", "hard"),
                    *("utilisation", "headroom", "state"),
                ),
                "empty": "No limit is set on what you see; limits are loaded with `parapet load limits FILE`.",
            },
            height=13,
        ),
    ),
)

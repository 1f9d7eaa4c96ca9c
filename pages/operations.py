"""The administrator's home: who reads, what was loaded and run, what was done, and how fresh the data are."""

from app.view import Panel, View

VIEW = View(
    name="operations",
    title="Operations",
    section="Control",
    order=1,
    roles=frozenset({"admin", "auditor"}),
    home=frozenset({"admin", "auditor"}),
    panels=(
        Panel(
            key="operations-readers",
            title="Readers",
            about="with what their last login opened",
            measure="reader_log",
            figure="grid",
            width=7,
            height=4,
        ),
        Panel(
            key="operations-runs",
            title="Official runs",
            about="newest first",
            measure="run_log",
            figure="grid",
            options={
                "columns_shown": ("as_of", "run_at", "base", "snapshot", "release", "latest"),
                "empty": "There is no official run yet; make them with `parapet run`.",
            },
            width=5,
            height=4,
        ),
        Panel(
            key="operations-loads",
            title="Loads",
            about="newest first",
            measure="load_log",
            figure="grid",
            options={
                "columns_shown": (
                    *("table_name", "file_name", "loaded_at", "rows_read", "rows_loaded"),
                    *("rows_rejected", "rows_flagged", "release"),
                )
            },
            width=7,
            height=5,
        ),
        Panel(
            key="operations-freshness",
            title="Data freshness",
            about="newest business day of each table",
            measure="freshness",
            figure="grid",
            options={"columns_shown": ("table_name", "newest", "loaded", "rejected", "flagged", "state")},
            width=5,
            height=5,
        ),
        Panel(
            key="operations-audit",
            title="Audit trail",
            about="the newest 500 events",
            measure="audit_trail",
            figure="grid",
            options={"empty": "Nothing is in the audit trail yet."},
            width=12,
            height=6,
        ),
    ),
)

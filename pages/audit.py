"""The audit trail: who did what, searched page by page; whether its chain holds; who may see what beside groups."""

from app.view import Panel, View

VIEW = View(
    name="audit",
    title="Audit",
    section="Control",
    order=2,
    roles=frozenset({"admin", "auditor"}),
    panels=(
        Panel(
            key="audit-trail",
            title="Audit trail",
            about="newest first; search by reader, event, text and day",
            measure="audit_trail",
            figure="blotter",
            options={"columns_shown": ("at", "event", "reader", "what", "address"), "wide": "what"},
            height=9,
        ),
        Panel(
            key="audit-chain",
            title="Chain of seals",
            about="whether a row was edited, removed or slipped in",
            measure="audit_chain",
            figure="grid",
            height=2,
        ),
        Panel(
            key="audit-grants",
            title="Grants",
            about="given or denied here, newest first",
            measure="grant_log",
            figure="grid",
            options={"empty": "Nothing is granted or denied here yet."},
            height=4,
        ),
    ),
)

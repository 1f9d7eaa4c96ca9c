"""The search of the audit trail: a form that puts what is looked for into the address."""

from dash import Dash, dcc, html
from dash.development.base_component import Component

from app.filters import LONGEST_NAME, BadFilterError, Filters

_FIELDS = {
    "who": ("Reader", "id, as the list has it"),
    "event": ("Event", "login, denied, export …"),
    "text": ("Text", "anywhere in the row"),
    "since": ("From day", "2026-01-31"),
    "until": ("To day", "2026-12-31"),
}


def search(app: Dash, query: str) -> Component:
    """The form with what the address holds; what it searches for is a new address, so that a link repeats it."""
    try:
        asked = Filters.parse(query)
    except BadFilterError:
        asked = Filters()
    fields = [
        html.Label(
            [
                html.Span(label),
                dcc.Input(
                    id=f"audit-{name}",
                    name=name,
                    type="text",
                    value=str(getattr(asked, name) or ""),
                    placeholder=hint,
                    maxLength=LONGEST_NAME,
                ),
            ]
        )
        for name, (label, hint) in _FIELDS.items()
    ]
    buttons = [
        html.Button("Search", type="submit", className="chip"),
        dcc.Link("All of it", href=app.get_relative_path("/audit"), className="chip"),
    ]
    return html.Form(
        [*fields, *buttons], action=app.get_relative_path("/audit"), method="get", className="audit-search"
    )

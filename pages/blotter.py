"""Every trade, newest first, down to the last of millions."""

from app.view import Panel, View

VIEW = View(
    name="blotter",
    title="Blotter",
    section="Trades",
    order=1,
    panels=(
        Panel(
            key="blotter-trades",
            title="Trades",
            about="current versions up to the date, newest first; prices and amounts in the trade's currency",
            measure="trades",
            figure="blotter",
            height=12,
        ),
    ),
)

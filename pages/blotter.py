"""Every trade, newest first, down to the last of millions."""

from app.view import AUDITED, Panel, View

VIEW = View(
    name="blotter",
    title="Blotter",
    section="Trades",
    order=1,
    roles=AUDITED,
    panels=(
        Panel(
            key="blotter-trades",
            title="Trades",
            about="current versions up to the date, newest first; prices and amounts in the trade's currency",
            measure="trades",
            figure="blotter",
            options={
                "columns_shown": (
                    "trade_id",
                    "trade_time",
                    "book",
                    "instrument",
                    "side",
                    "quantity",
                    "price",
                    "currency",
                    "consideration",
                    "settle_date",
                    "counterparty",
                    "desk",
                    "trader",
                    "fees",
                    "version",
                    "amended",
                    "late",
                    "trade_date",
                )
            },
            height=12,
        ),
    ),
)

"""The trader's home: my books, what made the day, how they react, and how much room there is."""

from app.view import AUDITED, Panel, View

DELTA = {
    "label": "Delta 1% · gamma",
    "values": ("delta", "gamma"),
    "notes": (("FX delta", "fx_delta"), ("rho", "rho")),
}
FX_DELTA = {
    "label": "FX delta 1% · rho",
    "values": ("fx_delta", "rho"),
    "notes": (("delta", "delta"), ("gamma", "gamma")),
}
VEGA = {"label": "Vega · theta", "values": ("vega", "theta"), "notes": (("PV01", "pv01"), ("CS01", "cs01"))}
PV01 = {"label": "PV01 · CS01", "values": ("pv01", "cs01"), "notes": (("vega", "vega"), ("theta", "theta"))}
GREEKS = ("delta", "gamma", "vega", "theta", "pv01", "fx_delta")
NO_LIMIT = "No limit is set on what you see."

VIEW = View(
    name="book",
    title="My book",
    section="Look",
    order=1,
    roles=AUDITED,
    home=frozenset({"trader"}),
    panels=(
        Panel(
            key="book-summary",
            title="Day P&L",
            about="and that of the month and the year",
            measure="summary",
            figure="kpi",
            options={
                "tiles": ({"label": "Day P&L", "values": ("day",), "notes": (("MTD", "mtd"), ("YTD", "ytd"))},),
            },
            width=2,
            height=1,
        ),
        Panel(
            key="book-exposure",
            title="Gross and net exposure",
            about="and the share of the ten largest",
            measure="summary",
            figure="kpi",
            options={
                "tiles": (
                    {
                        "label": "Gross exposure",
                        "values": ("gross",),
                        "notes": (("net", "net"), ("top 10", "top10")),
                    },
                ),
            },
            width=2,
            height=1,
        ),
        Panel(
            key="book-delta-by-desk",
            title="Delta and gamma",
            about="per 1% of spot; where they are zero, FX delta and rho",
            measure="sensitivities",
            figure="kpi",
            by=("desk",),
            options={"tiles": (DELTA | {"otherwise": FX_DELTA},)},
            width=3,
            height=1,
        ),
        Panel(
            key="book-vega-by-desk",
            title="Vega and theta",
            about="per vol point, per day; where vega is zero, PV01 and CS01",
            measure="sensitivities",
            figure="kpi",
            by=("desk",),
            options={"tiles": (VEGA | {"otherwise": PV01},)},
            width=2,
            height=1,
        ),
        Panel(
            key="book-var",
            title="VaR",
            about="historical, full revaluation; against the limit on a VaR that is used most",
            measure="var_standing",
            figure="kpi",
            options={
                "tiles": (
                    {
                        "label": "VaR 1d",
                        "level": ("confidence", 0.99),
                        "values": ("var",),
                        "judged": "state",
                        "notes": (("limit", "limit"), ("of", "bound"), ("used", "utilisation")),
                    },
                )
            },
            width=3,
            height=1,
        ),
        Panel(
            key="book-positions-by-instrument",
            title="Positions",
            about="underlying › instrument, the day's largest first; → opens the trades",
            measure="position_greeks",
            figure="tree",
            by=("underlier", "instrument"),
            options={
                "columns_shown": ("trend", "quantity", "price", "day", *GREEKS),
                "idle": GREEKS,
                "depth": 0,
                "fill": 10,
                "drill": "blotter",
            },
            width=8,
            height=8,
            page="positions",
        ),
        Panel(
            key="book-headroom",
            title="Head-room",
            about="what is left before a limit",
            measure="limit_use",
            figure="limits",
            options={"columns_shown": ("binds", "utilisation", "headroom"), "empty": NO_LIMIT},
            width=4,
            height=4,
            page="limits",
        ),
        Panel(
            key="book-drivers",
            title="What made the day",
            about="by factor, the largest first",
            measure="explain_factors",
            figure="grid",
            options={"columns_shown": ("factor", "term", "amount"), "bars": ("amount",)},
            width=4,
            height=4,
            page="explain",
        ),
        Panel(
            key="book-spot-vol",
            title="Stress: spot × vol",
            about="or rates × FX, whichever move the book; revalued in full",
            measure="spot_vol",
            figure="heatmap",
            options={"of": ("down", "across", "pnl")},
            width=6,
            height=6,
            page="stress",
        ),
        Panel(
            key="book-trades",
            title="Today's trades",
            about="newest first",
            measure="trades_of_day",
            figure="grid",
            options={
                "columns_shown": ("book", "instrument", "side", "quantity", "price"),
                "empty": "No trade on this day; earlier ones are in the blotter.",
            },
            width=6,
            height=6,
            page="blotter",
        ),
    ),
)

"""What the book would be charged under FRTB: the standardised approach, and the ES over liquidity horizons."""

from app.view import EVERYONE, Panel, View

VIEW = View(
    name="frtb",
    title="FRTB",
    section="Risk",
    order=7,
    roles=EVERYONE,
    panels=(
        Panel(
            key="frtb-summary",
            title="Standardised charge",
            about="the sum of the risk classes in the scenario that binds",
            measure="frtb_sba",
            figure="kpi",
            options={
                "tiles": (
                    {"label": "Charge", "values": ("charge",), "notes": (("correlations", "scenario"),)},
                    {"label": "Delta", "values": ("delta",)},
                    {"label": "Vega", "values": ("vega",)},
                    {"label": "Curvature", "values": ("curvature",)},
                    {
                        "label": "Low correlations",
                        "values": ("low",),
                        "notes": (("medium", "medium"), ("high", "high")),
                    },
                )
            },
            height=1,
        ),
        Panel(
            key="frtb-charge",
            title="Charge by risk class",
            about="in the scenario of correlations that binds",
            measure="frtb_sba",
            figure="grid",
            options={"columns_shown": ("risk_class", "delta", "vega", "curvature", "charge")},
            width=6,
            height=4,
        ),
        Panel(
            key="frtb-shortfall",
            title="Expected shortfall 97.5%",
            about="ten days, liquidity horizons",
            measure="frtb_es",
            figure="grid",
            options={"total": "Liquidity-adjusted"},
            width=6,
            height=4,
        ),
        Panel(
            key="frtb-buckets",
            title="Charge by bucket",
            about="largest first; buckets do not add up to their class",
            measure="frtb_buckets",
            figure="grid",
            options={"bars": ("charge",)},
            width=6,
            height=8,
        ),
        Panel(
            key="frtb-correlations",
            title="Charge by scenario of correlations",
            about="the largest total binds",
            measure="frtb_sba",
            figure="grid",
            options={"columns_shown": ("risk_class", "low", "medium", "high")},
            width=6,
            height=4,
        ),
        Panel(
            key="frtb-capital",
            title="ES for capital",
            about="scaled from a reduced set in its worst year",
            measure="frtb_capital",
            figure="grid",
            options={"columns_shown": ("figure", "first", "last", "es", "share", "state")},
            width=6,
            height=4,
        ),
    ),
)

"""Were the forecasts right: P&L against the VaR of the day before, and what the exceptions say of every node."""

from app.view import EVERYONE, Panel, View

NO_RUN = "There is no official run up to this date; an operator makes them with `parapet run`."

VIEW = View(
    name="backtest",
    title="Backtest",
    section="Risk",
    order=4,
    roles=EVERYONE,
    panels=(
        Panel(
            key="backtest-summary",
            title="The widest scope in sight",
            about="VaR 99%, the last 250 run days",
            measure="backtest_results",
            figure="kpi",
            params={"period": "inception"},
            options={
                "empty": NO_RUN,
                "tiles": (
                    {
                        "label": "Exceptions at 99%",
                        "values": ("counted", "zone"),
                        "notes": (("actual", "actual"), ("hypothetical", "hypothetical")),
                    },
                    {"label": "Days", "values": ("observations",), "notes": (("of", "node"),)},
                    {"label": "Multiplier", "values": ("multiplier",)},
                    {"label": "P(so many or fewer)", "values": ("cumulative_probability",)},
                    {
                        "label": "Kupiec p",
                        "values": ("kupiec_p",),
                        "notes": (("Christoffersen", "christoffersen_p"),),
                    },
                    {"label": "PLA ρ", "values": ("pla_spearman", "pla_zone"), "notes": (("KS", "pla_ks"),)},
                ),
            },
            height=1,
        ),
        Panel(
            key="backtest-exceptions",
            title="P&L against VaR 99%",
            about="the last year; the VaR is that of the day before; a click on a mark goes to its day",
            measure="backtest_history",
            figure="exceptions",
            params={"period": "1y"},
            options={"empty": NO_RUN},
            width=8,
            height=6,
        ),
        Panel(
            key="backtest-rolling",
            title="Exceptions in 250 days",
            about="up to each day",
            measure="backtest_rolling",
            figure="line",
            params={"period": "inception"},
            options={"y": ("actual", "hypothetical"), "levels": ("amber", "red"), "empty": NO_RUN},
            width=4,
            height=6,
        ),
        Panel(
            key="backtest-results",
            title="Firm, desks and books at 99%",
            about="the last 250 run days, or as many as there are",
            measure="backtest_results",
            figure="grid",
            params={"period": "inception"},
            options={
                "columns_shown": (
                    *("node", "scope", "actual", "hypothetical", "observations", "zone", "multiplier"),
                    *("kupiec_p", "christoffersen_p"),
                    *("pla_spearman", "pla_ks", "pla_zone", "desk_test"),
                ),
                "empty": NO_RUN,
            },
            height=7,
        ),
        Panel(
            key="backtest-results-975",
            title="The same at 97.5%",
            about="the last 250 run days, or as many as there are",
            measure="backtest_results",
            figure="grid",
            params={"period": "inception", "forecast": "var_975"},
            options={
                "columns_shown": (
                    *("node", "scope", "actual", "hypothetical", "observations", "zone"),
                    *("cumulative_probability", "kupiec_p", "christoffersen_p", "independence_p"),
                ),
                "empty": NO_RUN,
            },
            height=5,
        ),
    ),
)

"""Were the forecasts right: P&L against the VaR of the day before, and what the exceptions say of every node."""

from app.view import Panel, View

VIEW = View(
    name="backtest",
    title="Backtest",
    section="Risk",
    order=6,
    panels=(
        Panel(
            key="backtest-summary",
            title="The widest scope in sight",
            about="VaR 99%, the last 250 run days",
            measure="backtest_results",
            figure="kpi",
            params={"period": "inception"},
            options={
                "tiles": (
                    {
                        "label": "Exceptions counted",
                        "values": ("counted",),
                        "notes": (("actual", "actual"), ("hypothetical", "hypothetical")),
                    },
                    {"label": "Days", "values": ("observations",), "notes": (("multiplier", "multiplier"),)},
                    {"label": "P(so many or fewer)", "values": ("cumulative_probability",)},
                    {
                        "label": "Kupiec p",
                        "values": ("kupiec_p",),
                        "notes": (("Christoffersen", "christoffersen_p"), ("independence", "independence_p")),
                    },
                    {"label": "PLA ρ", "values": ("pla_spearman",), "notes": (("KS", "pla_ks"),)},
                )
            },
            height=1,
        ),
        Panel(
            key="backtest-exceptions",
            title="P&L against VaR 99%",
            about="the last year; the VaR is that of the day before",
            measure="backtest_history",
            figure="exceptions",
            params={"period": "1y"},
            width=8,
            height=6,
        ),
        Panel(
            key="backtest-rolling",
            title="Exceptions in 250 days",
            about="VaR 99%; amber and red begin at the lines",
            measure="backtest_rolling",
            figure="line",
            params={"period": "inception"},
            options={"y": ("actual", "hypothetical", "amber", "red")},
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
            height=6,
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
                    *("scope", "node", "actual", "hypothetical", "counted", "observations", "zone"),
                    *("cumulative_probability", "kupiec_p", "christoffersen_p", "independence_p"),
                )
            },
            height=5,
        ),
    ),
)

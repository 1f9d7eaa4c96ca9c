"""P&L: by period, by part, and day by day."""

import pandas as pd

from app.risk.exposure import GROSS, NET, herfindahl, top_share
from app.risk.measure import Column, measure

CONVENTIONS = {
    "P&L": "change of (market value + cash + income − fees), each end converted at its own date's rate",
    "FX": "starting wealth × move of its rate; cash stays in the currency it was paid in",
    "Cost": "average cost; a day's opening trades enter the average before its closing trades leave it",
    "Missing prices": "a position without a price at either end is left out of the period and counted in coverage",
}


def _money(name: str, label: str) -> Column:
    return Column(name, label, "money", "ccy", signed=True)


PERIODS = (
    _money("day", "Day P&L"),
    _money("mtd", "MTD"),
    _money("ytd", "YTD"),
    _money("inception", "Inception"),
)
PARTS = (
    _money("realised", "Realised"),
    _money("unrealised", "Unrealised"),
    _money("income", "Dividends and carry"),
    _money("fees", "Fees"),
    _money("fx", "FX"),
    _money("total", "P&L"),
)


@measure("P&L by period", columns=(*PERIODS, GROSS, NET), additive=True, conventions=CONVENTIONS)
def pnl(pnl_by_period: pd.DataFrame, *, by: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG001 the rows are grouped by it
    """Profit and loss since the date compared with, this month, this year and since inception, beside exposure.

    Month and year run from the last business day before they began.
    """
    return pnl_by_period


@measure("P&L by part", columns=PARTS, additive=True, conventions=CONVENTIONS)
def pnl_split(pnl_by_part: pd.DataFrame, *, by: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG001 the rows are grouped by it
    """One period's P&L as realised, unrealised, dividends and carry, fees and FX; the parts add up to the P&L."""
    return pnl_by_part


@measure(
    "P&L parts",
    columns=(Column("part", "Part", "text"), _money("amount", "P&L")),
    additive=True,
    conventions=CONVENTIONS,
)
def pnl_parts(pnl_by_part: pd.DataFrame) -> pd.DataFrame:
    """One period's P&L as a walk: a row a part, the last row the total they add up to."""
    whole = pnl_by_part.loc[pnl_by_part["level"] == 0]
    return pd.DataFrame(
        {"part": [c.label for c in PARTS[:-1]] + ["Total"], "amount": [whole[c.name].sum() for c in PARTS]}
    )


@measure(
    "P&L by day",
    columns=(
        Column("day", "Day", "date"),
        _money("pnl", "P&L"),
        Column("cumulative", "Cumulative P&L", "money", "ccy", additive=False, signed=True),
        Column("missing", "Not valued", "count"),
    ),
    additive=True,
    conventions=CONVENTIONS,
)
def pnl_history(pnl_by_day: pd.DataFrame) -> pd.DataFrame:
    """Each business day's P&L and its running sum since inception.

    Every day is converted at its own rate, so that the days add up to the period.
    """
    return pnl_by_day.assign(cumulative=pnl_by_day["pnl"].cumsum())


@measure(
    "Summary",
    columns=(
        *PERIODS,
        GROSS,
        NET,
        Column("long", "Long", "money", "ccy"),
        Column("short", "Short", "money", "ccy"),
        Column("top10", "Top 10 share", "ratio", "%", additive=False),
        Column("hhi", "HHI", "ratio", "", additive=False),
        Column("held", "Positions held", "count"),
        Column("priced", "Positions priced", "count"),
        Column("carried", "Prices carried", "count"),
        Column("trades", "Trades today", "count"),
    ),
    additive=False,
    conventions=CONVENTIONS,
)
def summary(
    pnl_by_period: pd.DataFrame, exposures: pd.DataFrame, names: pd.DataFrame, trades_today: pd.DataFrame
) -> pd.DataFrame:
    """The day at a glance, in one row: P&L by period, exposure, concentration, coverage and the day's trades."""
    whole = pnl_by_period.loc[pnl_by_period["level"] == 0, [c.name for c in PERIODS]].sum()
    sides = exposures.loc[exposures["level"] == 0, ["gross", "net", "long", "short", "held", "priced", "carried"]].sum()
    spread = {"top10": top_share(names["net"]), "hhi": herfindahl(names["net"])}
    return pd.DataFrame([{**whole, **sides, **spread, "trades": trades_today["trades"].sum()}])

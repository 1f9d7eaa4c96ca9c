"""P&L: by period, by part, and day by day."""

import numpy as np
import pandas as pd

from app.risk.exposure import GROSS, NET, herfindahl, names, sides, top_share
from app.risk.holdings import Array, Holdings
from app.risk.measure import Column, measure
from app.risk.rollup import UNITS, rollup, whole

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
def pnl(holdings: Holdings, *, by: tuple[str, ...]) -> pd.DataFrame:
    """Profit and loss since the date compared with, this month, this year and since inception, beside exposure.

    Month and year run from the last business day before they began.
    """
    tree, exposed = rollup(holdings, by), sides(holdings)
    return tree.frame(**tree.sums(**periods(holdings), gross=exposed["gross"], net=exposed["net"]))


@measure("P&L by part", columns=PARTS, additive=True, conventions=CONVENTIONS)
def pnl_split(holdings: Holdings, *, by: tuple[str, ...]) -> pd.DataFrame:
    """One period's P&L as realised, unrealised, dividends and carry, fees and FX; the parts add up to the P&L."""
    tree = rollup(holdings, by)
    return tree.frame(**tree.sums(**parts(holdings, "start")))


@measure(
    "P&L parts",
    columns=(Column("part", "Part", "text"), _money("amount", "P&L")),
    additive=True,
    conventions=CONVENTIONS,
)
def pnl_parts(holdings: Holdings) -> pd.DataFrame:
    """One period's P&L as a walk: a row a part, the last row the total they add up to."""
    sums = rollup(holdings).sums(**parts(holdings, "start"))
    labels = [column.label for column in PARTS[:-1]] + ["Total"]
    return pd.DataFrame({"part": labels, "amount": [sums[column.name][0] for column in PARTS]})


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
def summary(holdings: Holdings, trades_today: pd.DataFrame) -> pd.DataFrame:
    """The day at a glance, in one row: P&L by period, exposure, concentration, coverage and the day's trades."""
    tree, net = rollup(holdings), names(holdings)[1]["net"][1:]
    sums = tree.sums(**periods(holdings), **sides(holdings))
    counts = tree.counts(**holdings.coverage)
    trades = trades_today["trades"].sum()
    return tree.frame(**sums, **counts, top10=top_share(net), hhi=herfindahl(net), trades=trades)


def profit(holdings: Holdings, start: str = "") -> Array:
    """P&L of each position since a day (or since inception) in the base currency, each end's wealth at its own rate.

    NaN if either end has no price or rate. A position that was not there at the start began with nothing.
    """
    ended = holdings.amount("wealth") * holdings.rate()
    if not start:
        return ended
    began = holdings.amount("wealth", start) * holdings.rate(start)
    return ended - np.where(holdings.there(start), began, 0.0)


def periods(holdings: Holdings) -> dict[str, Array]:
    """day, mtd, ytd, inception of each position, in whole ten-thousandths of the base currency."""
    starts = {"day": "vs", "mtd": "month_start", "ytd": "year_start", "inception": ""}
    return {period: whole(profit(holdings, start)) for period, start in starts.items()}


def parts(holdings: Holdings, start: str) -> dict[str, Array]:
    """The profit since a day by part, at the as-of rate, FX apart, in whole ten-thousandths; they add up exactly.

    Cash stays in the currency it was paid in, so FX P&L is the starting wealth times the move of its rate.
    """
    total, rate = profit(holdings, start), holdings.rate()
    known = np.where(np.isnan(total), np.nan, 1.0)

    def since(name: str) -> Array:
        change = whole(holdings.amount(name)) - whole(holdings.amount(name, start))
        return whole(change / UNITS * rate * known)

    moved = np.nan_to_num(holdings.amount("wealth", start) * (rate - holdings.rate(start)))
    realised, income, fees, fx = since("realised"), since("income"), -since("fees"), whole(moved * known)
    return {
        "realised": realised,
        "unrealised": whole(total) - realised - income - fees - fx,
        "income": income,
        "fees": fees,
        "fx": fx,
        "total": whole(total),
    }

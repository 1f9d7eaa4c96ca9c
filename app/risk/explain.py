"""P&L explain: why a portfolio made what it made between two days, in parts that add up to it.

The price P&L of the opening positions is explained by the terms of app/risk/taylor.py; trades, income, fees and FX are
taken from the warehouse; the residual is what is left, and is never spread over the other parts.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import rollup
from app.risk.measure import KEYS, Column, measure
from app.risk.portfolio import Portfolio
from app.risk.taylor import TERMS, taylor

Floats = NDArray[Any]
TOLERANCE = 0.10
FLOOR = 100.0
UNIT = 10_000.0
SPOTS = ("spot", "commodity")
CONVENTIONS = {
    "P&L": "change of (market value + cash + income − fees), each end converted at its own date's rate",
    "Opening positions": "explained by theta, delta, gamma, vega, rates and cross, at the market of the opening day",
    "Theta": "revaluation after the calendar days between, market unchanged; a bond's is net of coupons paid",
    "Delta, gamma": "spots, commodities and exchange rates as underliers; prices without dividends",
    "Vega": "× change of the surface at the option's own strike",
    "Rates": "Σ PV01 × move of each curve node, and its convexity",
    "Cross": "volga, vanna and all other second-order terms across risk classes",
    "FX": "starting wealth × move of its rate; cash stays in the currency it was paid in",
    "New trades": "trades dated since the date compared with, from their price to the mark; first versions on time",
    "Amended, late": "the same of trades with a later version; of first versions learned of after their trade date. "
    "A cancelled trade has no P&L, and what is learned of earlier days restates those days",
    "Residual": "P&L less every other part; holds the whole price P&L of positions that cannot be revalued",
    "Alarm": f"residual above {TOLERANCE:.0%} of the sum of the absolute parts, and above {FLOOR:.0f} in base currency",
}


def _money(name: str, label: str) -> Column:
    return Column(name, label, "money", "ccy", signed=True)


PARTS = (
    _money("theta", "Theta"),
    _money("delta", "Delta"),
    _money("gamma", "Gamma"),
    _money("vega", "Vega"),
    _money("rates", "Rates"),
    _money("cross", "Cross"),
    _money("new_trades", "New trades"),
    _money("amended", "Amended"),
    _money("late", "Late trades"),
    _money("income", "Dividends and carry"),
    _money("fees", "Fees"),
    _money("fx", "FX"),
    _money("residual", "Residual"),
)
NAMES = tuple(column.name for column in PARTS)


@measure(
    "P&L explain",
    columns=(
        *PARTS,
        _money("total", "P&L"),
        Column("residual_share", "Residual share", "ratio", "%", additive=False),
        Column("held", "Opening positions", "count"),
        Column("priced", "Revalued", "count"),
        Column("alarm", "Alarm", "text", additive=False),
    ),
    additive=True,
    conventions=CONVENTIONS,
)
def explain(
    portfolio_before: Portfolio,
    portfolio: Portfolio,
    position_changes: pd.DataFrame,
    spot_changes: pd.DataFrame,
    *,
    by: tuple[str, ...],
) -> pd.DataFrame:
    """One period's P&L as time, market, trades, income, fees, FX and what remains; the parts add up to it exactly.

    Every node has its residual beside the sum of its absolute parts, and an alarm where that share is too large. The
    total is the P&L of the same rows on every other screen; positions without a price at either end are left out.
    """
    frame, sums = _tree(portfolio_before, portfolio, position_changes, spot_changes, by)
    for place, name in enumerate((*NAMES, "total")):
        frame[name] = sums[:, place] / UNIT
    frame[["held", "priced"]] = sums[:, -2:].astype(int)
    size = frame[list(NAMES)].abs().sum(axis=1)
    frame["residual_share"] = (frame["residual"].abs() / size.where(size > 0)).fillna(0.0)
    past = (frame["residual_share"] > TOLERANCE) & (frame["residual"].abs() > FLOOR)
    frame["alarm"] = np.where(past, f"residual past {TOLERANCE:.0%}", "")
    return frame


@measure(
    "P&L explain, parts",
    columns=(Column("part", "Part", "text"), _money("amount", "P&L")),
    additive=True,
    conventions=CONVENTIONS,
)
def explain_parts(
    portfolio_before: Portfolio, portfolio: Portfolio, position_changes: pd.DataFrame, spot_changes: pd.DataFrame
) -> pd.DataFrame:
    """The explanation of one period's P&L as a walk: a row a part, the last row the total they add up to."""
    _, sums = _tree(portfolio_before, portfolio, position_changes, spot_changes, ())
    labels = [column.label for column in PARTS]
    return pd.DataFrame({"part": [*labels, "Total"], "amount": sums[0, : len(PARTS) + 1] / UNIT})


@measure(
    "P&L explain by factor",
    columns=(
        Column("factor", "Factor", "text"),
        Column("term", "Term", "text"),
        _money("amount", "P&L"),
        Column("share", "Share", "ratio", "%"),
    ),
    additive=True,
    conventions=CONVENTIONS | {"Share": "of the sum of the absolute amounts; time, trades, income and fees have none"},
)
def explain_factors(
    portfolio_before: Portfolio, portfolio: Portfolio, position_changes: pd.DataFrame, spot_changes: pd.DataFrame
) -> pd.DataFrame:
    """What each underlying, curve and currency contributed to one period's P&L, largest first.

    An underlying has delta, gamma, vega and cross; the curves of a currency, or of a pair of them, have rates; a
    currency has FX. Rows of zero are left out.
    """
    rows = _explained(portfolio_before, portfolio, position_changes, spot_changes)
    own = rows["underlying"].fillna(rows["instrument"]).astype(str)
    forward = rows["instrument_type"] == "fx_forward"
    factors = {
        **dict.fromkeys(("delta", "gamma", "vega", "cross"), own),
        "rates": own.where(forward, rows["currency"].astype(str)) + " curve" + forward.map({True: "s", False: ""}),
        "fx": rows["currency"].astype(str),
    }
    labels = {column.name: column.label for column in PARTS}
    parts = [
        pd.DataFrame({"factor": owner, "term": labels[name], "amount": rows[name]}) for name, owner in factors.items()
    ]
    sums = pd.concat(parts).groupby(["factor", "term"], as_index=False)["amount"].sum()
    sums = sums.loc[sums["amount"] != 0].sort_values("amount", key=np.abs, ascending=False, kind="stable")
    size = sums["amount"].abs().sum()
    shares = sums["amount"].abs() / (size or 1.0)
    return pd.DataFrame(sums.assign(amount=sums["amount"] / UNIT, share=shares).reset_index(drop=True))


@measure(
    "Six valuations",
    columns=(
        Column("holding", "Positions", "text"),
        Column("valuation", "Valued", "text"),
        Column("value", "Value", "money", "ccy", additive=False, signed=True),
        Column("step", "Step", "money", "ccy", additive=False, signed=True),
    ),
    additive=False,
    conventions={
        "Value": "opening and closing positions that can be revalued, at the as-of rate; forwards at their notional",
        "Step": "change from the valuation above: time, then market, then the change of positions, and back",
    },
)
def explain_valuations(
    portfolio_before: Portfolio, portfolio: Portfolio, position_changes: pd.DataFrame, spot_changes: pd.DataFrame
) -> pd.DataFrame:
    """The opening and the closing positions, each at both dates and both markets, by full revaluation.

    The steps of the opening positions are what theta and the market terms of the explain approximate; those of the
    closing positions go back the same way, so that the two walks show what the change of positions did.
    """
    values = np.zeros(6)
    if len(position_changes):
        days = (portfolio.as_of - portfolio_before.as_of).days
        start = portfolio_before.market.on(portfolio_before.as_of)
        later = _levels(portfolio_before, portfolio, spot_changes, forth=True)
        earlier = _levels(portfolio, portfolio_before, spot_changes, forth=False)
        values[:3] = _walk(portfolio_before, position_changes, [(start, days), (later, days)])
        values[3:] = _walk(portfolio, position_changes, [(earlier, 0), (earlier, -days)])
    moments = ("date and market of before", "new date, market of before", "new date, new market")
    return pd.DataFrame(
        {
            "holding": ["opening"] * 3 + ["closing"] * 3,
            "valuation": [*moments, *moments[::-1]],
            "value": values,
            "step": np.diff(values, prepend=values[:1]),
        }
    )


def _tree(
    before: Portfolio, after: Portfolio, changes: pd.DataFrame, spots: pd.DataFrame, by: tuple[str, ...]
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Nodes, and the sums of parts, total and revalued positions: money in exact ten-thousandths."""
    rows = _explained(before, after, changes, spots)
    return rollup(rows, rows[[*NAMES, "whole", "held", "revalued"]].to_numpy(dtype=float), by)


def _explained(before: Portfolio, after: Portfolio, changes: pd.DataFrame, spots: pd.DataFrame) -> pd.DataFrame:
    """The changes with every part, `whole` the sum of the parts, all in whole ten-thousandths.

    A position without a P&L has zeros. `held` counts opening positions, `revalued` those of them with Taylor terms.
    """
    if changes.empty:
        return changes.reindex(columns=[*KEYS, "underlying", *NAMES, "whole", "held", "revalued", "reason"])
    place = _places(before, changes)
    valued, opening = changes["whole"].notna().to_numpy(), place >= 0
    revalued = opening & valued & np.append(before.reasons == "", False)[place]
    terms = taylor(before, _levels(before, after, spots, forth=True), (after.as_of - before.as_of).days)
    rate = changes["rate"].to_numpy(dtype=float)
    parts = {name: _exact(np.where(revalued, np.append(terms[name], 0.0)[place] * rate, 0.0)) for name in TERMS}
    parts |= {name: _exact(changes[name]) for name in ("amended", "late", "income", "fees", "fx")}
    parts["theta"] -= np.where(revalued & (changes["instrument_type"] == "government_bond"), parts["income"], 0.0)
    parts["new_trades"] = _exact(changes["traded"]) - parts["amended"] - parts["late"]
    whole = _exact(changes["whole"])
    parts["residual"] = whole - np.sum(list(parts.values()), axis=0)
    counts = {"held": opening.astype(float), "revalued": revalued.astype(float)}
    return changes.assign(**parts, whole=whole, **counts, reason="")


def _exact(amounts: Any) -> NDArray[np.float64]:
    """Money in whole ten-thousandths, which float64 adds exactly up to 900 billion; nothing where there is none."""
    whole: NDArray[np.float64] = np.rint(np.nan_to_num(np.asarray(amounts, dtype=float)) * UNIT)
    return whole


def _places(portfolio: Portfolio, changes: pd.DataFrame) -> NDArray[np.intp]:
    """Which row of the portfolio each change belongs to; −1 for none."""
    keys = ["book", "instrument"]
    rows = pd.MultiIndex.from_frame(portfolio.positions[keys])
    return rows.get_indexer(pd.MultiIndex.from_frame(changes[keys]))


def _levels(portfolio: Portfolio, other: Portfolio, spots: pd.DataFrame, *, forth: bool) -> NDArray[np.float64]:
    """The levels (factors,) of the portfolio's own factors on the other's day; unmoved where that is not known.

    Spots follow the change of the price alone, in the portfolio's own scale: no dividend, a split undone.
    """
    market = portfolio.market
    start, there = market.on(portfolio.as_of), other.market.on(other.as_of)
    place = [other.market.column.get(name, -1) for name in market.factors["name"]]
    levels = np.append(there, np.nan)[place]
    quotes = spots.set_index("symbol").reindex(market.factors["owner"])[["before", "after"]].to_numpy(dtype=float)
    here, beyond = quotes.T if forth else quotes.T[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where((here > 0) & (beyond > 0), start * (beyond / here), start + beyond - here)
    levels = np.where(np.isin(market.kinds, SPOTS), moved, levels)
    return np.where(np.isfinite(levels), levels, start)


def _walk(portfolio: Portfolio, changes: pd.DataFrame, steps: list[tuple[Floats, float]]) -> list[float]:
    """The value of the positions that can be revalued, at their own marks and after each of the steps."""
    place = _places(portfolio, changes)
    rate = np.zeros(len(portfolio.positions))
    rate[place[place >= 0]] = np.nan_to_num(changes["rate"].to_numpy(dtype=float)[place >= 0])
    rate[portfolio.reasons != ""] = 0.0
    value = np.nan_to_num(portfolio.positions["value"].to_numpy(dtype=float)) @ rate
    return [value, *(value + portfolio.own_pnl(levels[None], days=days)[:, 0] @ rate for levels, days in steps)]

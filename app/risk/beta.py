"""Beta-adjusted exposure: delta-adjusted market value as so much of a benchmark."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import rollup
from app.risk.market import Market
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.returns import moved
from app.risk.sensitivities import PER_CENT, spot_greeks, underliers


@measure(
    "Beta-adjusted exposure",
    columns=(
        Column("delta_exposure", "Delta-adjusted", "money", "ccy", signed=True),
        Column("beta_exposure", "Beta-adjusted", "money", "ccy", signed=True),
        Column("beta", "Beta", "ratio", additive=False),
        Column("without_beta", "Without beta", "money", "ccy", signed=True),
    ),
    additive=True,
    conventions={
        "Delta-adjusted": "spot delta × spot: 100 × the delta per 1% of shares, indices, commodities and their options",
        "Beta": "covariance ÷ variance of daily returns with the S&P 500 (SPX) over the last 250 days, unless named",
        "Beta of a node": "its beta-adjusted ÷ its delta-adjusted exposure; 0 without exposure",
        "Without beta": "delta-adjusted exposure whose underlying has returns on fewer than half of the days",
    },
)
def beta_exposure(
    portfolio: Portfolio, market_history: Market, *, by: tuple[str, ...], benchmark: str = "SPX", days: int = 250
) -> pd.DataFrame:
    """Delta-adjusted market value × the beta of its underlying to the benchmark, in the base currency, summed.

    What has no beta, because its history is too short or the benchmark is not in the market, is left out of the
    beta-adjusted exposure and shown beside it.
    """
    exposed = spot_greeks(portfolio)[0] / PER_CENT
    slopes = betas(market_history.until(portfolio.as_of), benchmark=benchmark, days=days)
    beta = underliers(portfolio).map(slopes).to_numpy(dtype=float)
    known = np.isfinite(beta)
    values = np.column_stack([exposed, np.where(known, exposed * beta, 0.0), np.where(known, 0.0, exposed)])
    frame, sums = rollup(portfolio.rows, values, by)
    frame = frame.assign(**dict(zip(("delta_exposure", "beta_exposure", "without_beta"), sums.T, strict=True)))
    whole = frame["delta_exposure"].to_numpy()
    return frame.assign(beta=np.divide(frame["beta_exposure"], whole, out=np.zeros(len(frame)), where=whole != 0))


def betas(market: Market, *, benchmark: str, days: int) -> dict[str, float]:
    """The beta of each spot and commodity to the benchmark over the last `days` daily returns.

    A return is used where both have one; a spot with fewer than half of the days, or a benchmark that stands still,
    gives no beta; a benchmark that is not in the market gives none at all.
    """
    if days < 2:
        raise ValueError(f"days is {days}: a beta needs at least 2")
    chosen = np.isin(market.kinds, ("spot", "commodity"))
    owners = market.factors["owner"].to_numpy(dtype=str)[chosen]
    levels = market.levels[-days - 1 :][:, chosen]
    returns = moved(levels[:-1], levels[1:], np.zeros(len(owners), dtype=bool))
    if benchmark not in owners:
        return {}
    other = returns[:, [int(np.flatnonzero(owners == benchmark)[0])]]
    known = np.isfinite(returns) & np.isfinite(other)
    count = np.maximum(known.sum(axis=0), 1)
    mine, its = (_centred(np.where(known, series, 0.0), known, count) for series in (returns, other))
    variance = (its * its).sum(axis=0)
    usable = (known.sum(axis=0) >= max(days / 2, 2)) & (variance > 0)
    slopes = (mine * its).sum(axis=0) / np.where(usable, variance, 1.0)
    return {str(name): float(slope) for name, slope in zip(owners[usable], slopes[usable], strict=True)}


def _centred(series: NDArray[np.float64], known: NDArray[np.bool_], count: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.where(known, series - series.sum(axis=0) / count, 0.0)

"""Sensitivities: what each position gains when a risk factor moves by one unit, by bump and full revaluation.

The units are 1 % of a spot or an exchange rate, one volatility point (0.01) of a surface node and one basis point of a
zero rate, all up. Delta and gamma come from a bump up and one down, everything else from the one up.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import crossed, rollup
from app.risk.kernels import Bonds
from app.risk.market import Market, in_base
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
PER_CENT, VOL_POINT, BASIS_POINT = 0.01, 0.01, 1e-4
CURVE_PRODUCTS = ("option", "future", "fx_forward")
CONVENTIONS = {
    "Method": "bump and revalue: every factor of the kind moves at once, options are revalued in full",
    "Delta": "per 1% of the spot of shares, indices and commodities: half of P&L up 1% less P&L down 1%",
    "Gamma": "change of that delta when the spot moves 1%: P&L up 1% plus P&L down 1%",
    "Vega": "every node of every surface up one vol point; the implied volatility follows its surface in proportion",
    "Theta": "one calendar day passes and nothing moves",
    "PV01 and rho": "every zero rate up 1bp, on all positions (PV01) or on options, futures and forwards only (rho)",
    "CS01": "the spread of every bond over its curve up 1bp",
    "FX delta": "every foreign currency up 1% against the base currency; positions are funded in their own currency",
    "Missing": "a position that cannot be priced is in no sum and is counted in coverage",
}
PV01 = Column("pv01", "PV01", "money", "ccy/bp", signed=True)
VEGA = Column("vega", "Vega", "money", "ccy/vol pt", signed=True)
FX_DELTA = Column("fx_delta", "FX delta", "money", "ccy/%", signed=True)
TENOR, MONTHS = Column("tenor", "Tenor", "text"), Column("months", "Months", "count", additive=False)
CURVE = Column("curve", "Curve", "text")


@measure(
    "Sensitivities",
    columns=(
        Column("delta", "Delta", "money", "ccy/%", signed=True),
        Column("gamma", "Gamma", "money", "ccy/%", signed=True),
        VEGA,
        Column("theta", "Theta", "money", "ccy/day", signed=True),
        Column("rho", "Rho", "money", "ccy/bp", signed=True),
        PV01,
        Column("cs01", "CS01", "money", "ccy/bp", signed=True),
        FX_DELTA,
    ),
    additive=True,
    conventions=CONVENTIONS,
)
def sensitivities(portfolio: Portfolio, *, by: tuple[str, ...]) -> pd.DataFrame:
    """The change of value, in the base currency, for one unit of each kind of risk factor, at every node of a tree.

    Delta and gamma per 1% of spot, vega per vol point, theta per calendar day, rho, PV01 and CS01 per basis point, FX
    delta per 1% of every foreign currency.
    """
    spot, vol, zero, fx = (_of(portfolio, *kinds) for kinds in (("spot", "commodity"), ("vol",), ("zero",), ("fx",)))
    bumps = ((spot, 1), (spot, -1), (vol, 1), (zero, 1), (fx, 1))
    up, down, vega, pv01, fx_delta = _moved(portfolio, [raised(portfolio, *bump) for bump in bumps]).T
    theta = portfolio.pnl(raised(portfolio, spot, 0)[None], days=1, sticky=True, dtype=np.float64)[:, 0]
    rho = np.where(portfolio.positions["instrument_type"].isin(CURVE_PRODUCTS), pv01, 0.0)
    columns = {"delta": (up - down) / 2, "gamma": up + down, "vega": vega, "theta": theta, "rho": rho}
    columns |= {"pv01": pv01, "cs01": _spread_pnl(portfolio), "fx_delta": fx_delta}
    frame, sums = rollup(portfolio.rows, np.column_stack(list(columns.values())), by)
    return frame.assign(**dict(zip(columns, sums.T, strict=True)))


@measure(
    "Key rates by node",
    columns=(CURVE, TENOR, MONTHS, Column("node", "Node", "text"), PV01),
    additive=True,
    conventions={name: CONVENTIONS[name] for name in ("Method", "Missing")},
)
def key_rates(portfolio: Portfolio, *, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """The change of value for one basis point more at one node of one zero curve; a row a node of the curve.

    The nodes add up to the parallel PV01 but for its convexity. With `by` a row a group and node. Nodes that move
    nothing are left out; rows go by curve and maturity.
    """
    factors = _nodes(portfolio, "zero").sort_values(["owner", "months"], kind="stable")
    values = _each(portfolio, [factors["place"].to_numpy()[[row]] for row in range(len(factors))])
    used = np.flatnonzero(values.any(axis=0))
    about = factors[["owner", "months"]].iloc[used].rename(columns={"owner": "curve"}).reset_index(drop=True)
    about.insert(1, "tenor", [tenor(months) for months in about["months"]])
    about["node"] = about["curve"].astype(str) + " " + about["tenor"].astype(str)
    return crossed(portfolio.rows, values[:, used], by, about, "pv01")


@measure(
    "Key rates",
    columns=(CURVE, TENOR, MONTHS, PV01),
    additive=True,
    conventions={name: CONVENTIONS[name] for name in ("Method", "Missing")},
)
def key_rate_ladder(portfolio: Portfolio) -> pd.DataFrame:
    """The change of value for one basis point more at one node of one zero curve, by maturity, then curve.

    The nodes add up to the parallel PV01 but for its convexity; nodes that move nothing are left out.
    """
    return key_rates(portfolio).sort_values(["months", "curve"], kind="stable", ignore_index=True)


@measure(
    "Vega by tenor and moneyness",
    columns=(TENOR, MONTHS, Column("moneyness", "Moneyness", "ratio", "%", additive=False), VEGA),
    additive=True,
    conventions={name: CONVENTIONS[name] for name in ("Method", "Vega", "Missing")}
    | {"Moneyness": "strike ÷ forward of the surface's node; a surface is read linearly between nodes, flat outside"},
)
def vega_surface(portfolio: Portfolio) -> pd.DataFrame:
    """The change of value for one vol point more at one node (tenor × moneyness) of all surfaces at once.

    The nodes add up to the parallel vega but for its curvature. Empty where no position has a surface.
    """
    factors = _nodes(portfolio, "vol")
    grouped = factors.groupby(["months", "moneyness"], sort=True)["place"]
    keys = pd.DataFrame([key for key, _ in grouped], columns=["months", "moneyness"], dtype=float)
    values = _each(portfolio, [places.to_numpy() for _, places in grouped])
    keys.insert(0, "tenor", [tenor(months) for months in keys["months"]])
    frame = crossed(portfolio.rows, values, (), keys, "vega")
    return frame if frame["vega"].any() else frame.iloc[:0]


@measure(
    "FX delta",
    columns=(Column("currency", "Currency", "text"), FX_DELTA),
    additive=True,
    conventions={name: CONVENTIONS[name] for name in ("FX delta", "Missing")},
)
def fx_deltas(portfolio: Portfolio) -> pd.DataFrame:
    """The change of value when one currency gains 1% against all others, the base currency standing still.

    The largest first; currencies that move nothing are left out.
    """
    factors = _nodes(portfolio, "fx")
    factors = factors.loc[factors["owner"] != portfolio.base]
    values = _each(portfolio, [factors["place"].to_numpy()[[row]] for row in range(len(factors))])
    about = factors[["owner"]].rename(columns={"owner": "currency"})
    frame = crossed(portfolio.rows, values, (), about, "fx_delta")
    frame = frame.loc[frame["fx_delta"] != 0]
    return frame.sort_values("fx_delta", key=lambda sizes: -sizes.abs(), kind="stable", ignore_index=True)


@measure(
    "Cross gamma",
    columns=(
        Column("factor", "Factor", "text"),
        Column("other", "With", "text"),
        Column("gamma", "Cross gamma", "money", "ccy", signed=True),
    ),
    additive=False,
    conventions={
        "Cross gamma": "P&L(both up) − P&L(one up, other down) − P&L(one down, other up) + P&L(both down), over 4",
        "Units": "per 1% of a spot or of all foreign currencies, per vol point of all surfaces, per bp of all curves",
        "Choice": "the underlyings of the largest gamma, or delta where there is none; factors without terms left out",
    },
)
def cross_gamma(portfolio: Portfolio, *, top: int = 8) -> pd.DataFrame:
    """How the sensitivity to one factor changes with another; on the diagonal the gamma of the factor itself.

    The `top` underlyings one by one, then volatility, exchange rates and interest rates each as one. Products on one
    underlying have no terms between underlyings; what is left is spot with volatility, currency and rates.
    """
    groups = _largest(portfolio, top) | {
        label: _of(portfolio, kind) for label, kind in (("volatility", "vol"), ("FX", "fx"), ("rates", "zero"))
    }
    names, masks = list(groups), list(groups.values())
    pairs = [(i, j) for i in range(len(names)) for j in range(i, len(names))]
    base = raised(portfolio, masks[0], 0)
    moves = [raised(portfolio, mask) - base for mask in masks]
    corners = [base + moves[i] * a + moves[j] * b for i, j in pairs for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    total = _moved(portfolio, corners).sum(axis=0)
    matrix = np.zeros((len(names), len(names)))
    terms = total.reshape(-1, 4) @ [0.25, -0.25, -0.25, 0.25]
    for (i, j), term in zip(pairs, terms, strict=True):
        matrix[i, j] = matrix[j, i] = term
    matrix[np.abs(matrix) < 1e-9 * max(np.abs(total).max(), 1.0)] = 0.0
    kept = np.flatnonzero(matrix.any(axis=0))
    rows = [(names[i], names[j], matrix[i, j]) for i in kept for j in kept]
    return pd.DataFrame(rows, columns=["factor", "other", "gamma"])


def raised(portfolio: Portfolio, chosen: Mask, times: float = 1.0) -> Array:
    """The levels (F,) of the day with the `chosen` factors moved by `times` their unit.

    A unit is 1% of the size of a spot or exchange rate, one vol point, one basis point: up for a price below zero too.
    """
    levels, kinds = portfolio.market.on(portfolio.as_of), portfolio.market.kinds
    unit = np.select([kinds == "vol", kinds == "zero"], [VOL_POINT, BASIS_POINT], PER_CENT * np.abs(levels))
    return levels + np.where(chosen, times * unit, 0.0)


def tenor(months: float) -> str:
    """`3M`, `18M`, `10Y`."""
    return f"{months / 12:g}Y" if months >= 12 and months % 12 == 0 else f"{months:g}M"


def spot_greeks(portfolio: Portfolio) -> tuple[Array, Array]:
    """Delta and gamma (positions,) per 1% of every share, index and commodity."""
    spot = _of(portfolio, "spot", "commodity")
    up, down = _moved(portfolio, [raised(portfolio, spot, times) for times in (1, -1)]).T
    return (up - down) / 2, up + down


def underliers(portfolio: Portfolio) -> pd.Series:
    """The symbol each position's spot is read from: its underlying's, or its own."""
    positions = portfolio.positions
    names: pd.Series = positions["underlying"].where(positions["underlying"].notna(), positions["symbol"])
    return names


def _of(portfolio: Portfolio, *kinds: str) -> Mask:
    """The factors of the kinds; the base currency stands still."""
    factors = portfolio.market.factors
    still = (factors["kind"] == "fx") & (factors["owner"] == portfolio.base)
    return (factors["kind"].isin(kinds) & ~still).to_numpy(dtype=bool)


def _nodes(portfolio: Portfolio, kind: str) -> pd.DataFrame:
    market: Market = portfolio.market
    placed = market.factors.assign(place=np.arange(len(market.factors)))
    chosen: pd.DataFrame = placed.loc[market.kinds == kind]
    return chosen


def _moved(portfolio: Portfolio, levels: list[Array]) -> Array:
    """P&L (positions, bumps) against no bump, so that what a bump does not touch is exactly zero."""
    stack = np.array([raised(portfolio, np.zeros(len(portfolio.market.factors), dtype=bool)), *levels])
    pnl: Array = portfolio.pnl(stack, sticky=True, dtype=np.float64)
    return pnl[:, 1:] - pnl[:, :1]


def _each(portfolio: Portfolio, places: list[NDArray[np.intp]]) -> Array:
    """P&L (positions, groups) when each group of places moves by its unit alone."""
    columns = np.arange(len(portfolio.market.factors))
    return _moved(portfolio, [raised(portfolio, np.isin(columns, group)) for group in places])


def _spread_pnl(portfolio: Portfolio) -> Array:
    """P&L (positions,) in the base currency of one basis point more of every bond's spread over its curve."""
    pnl = np.zeros(len(portfolio.positions))
    for kernel in portfolio.kernels:
        if isinstance(kernel, Bonds):
            discount = np.exp(-(kernel.curve @ portfolio.levels) * kernel.times)
            pnl[kernel.rows] = (kernel.flows * np.expm1(-BASIS_POINT * kernel.times)) @ discount
    return in_base(pnl, portfolio.positions["currency"], portfolio.market, portfolio.as_of, portfolio.base)


def _largest(portfolio: Portfolio, top: int) -> dict[str, Mask]:
    """The spots that matter most, by gamma, then by delta: name → its factor."""
    delta, gamma = spot_greeks(portfolio)
    sums = pd.DataFrame({"gamma": gamma, "delta": delta}).groupby(underliers(portfolio).to_numpy()).sum()
    sizes = sums.loc[sums["delta"].abs() > 0].round(6).abs().sort_values(["gamma", "delta"], ascending=False)
    owners = portfolio.market.factors["owner"].to_numpy(dtype=str)
    spot = _of(portfolio, "spot", "commodity")
    return {str(name): spot & (owners == name) for name in sizes.index[:top]}

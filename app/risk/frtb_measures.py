"""FRTB of the book: the standardised charge, from positions that are bumped and revalued."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.frtb import (
    SCENARIOS,
    Charge,
    curvature_risk,
    curvature_weight,
    standardised_charge,
)
from app.risk.frtb.rules import RISK_CLASSES, rules
from app.risk.measure import Column, measure
from app.risk.portfolio import Portfolio
from app.risk.sensitivities import underliers

Array = NDArray[np.float64]
VOL_SHARE = 0.01
UNITS = {"zero": 1e-4, "spot": 0.01, "commodity": 0.01, "fx": 0.01}
CLASSES = {"zero": "girr", "spot": "equity", "commodity": "commodity", "fx": "fx"}
OTHER, OTHER_INDEX, UNRATED_SOVEREIGN = "11", "13", "9"
BLOCK = 64
ROWS = ["all", "options", "bonds"]
COMPONENTS = ("delta", "vega", "curvature")
CONVENTIONS = {
    "Text": "Basel Committee, Minimum capital requirements for market risk, January 2019 (MAR21); no local rules",
    "Delta": "equity, commodity and FX [V(1.01 S) − V] ÷ 0.01; rates, node by node, [V(+1bp) − V] ÷ 0.0001",
    "Vega and curvature": "options only, in full revaluation: ∂V ÷ ∂σ · σ by tenor of the surface; loss beyond delta",
    "Tenors": "a node between two vertices of the text is shared between them, linearly in time",
    "Equity buckets": "market cap and economy are not in the data: other sector (11), indices other indices (13)",
    "Credit spreads": "government bonds, rating not in the data: unrated sovereigns (9), one issuer a currency",
    "Commodities": "their group is not in the data: other commodity (11), at spot",
    "Scenario": "of the low, medium and high correlations the one with the greatest total",
    "Left out": "securitisations, default risk charge, residual risk add-on, vega of rates; unpriced positions",
}
CHARGES = (
    Column("risk_class", "Risk class", "text"),
    *(Column(name, name.capitalize(), "money", "ccy", additive=False) for name in COMPONENTS),
    Column("charge", "Charge", "money", "ccy", additive=False),
    *(Column(name, f"{name.capitalize()} ρ", "money", "ccy", additive=False) for name in SCENARIOS),
    Column("scenario", "Scenario", "text"),
)
BUCKETS = (
    Column("risk_class", "Risk class", "text"),
    Column("component", "Component", "text"),
    Column("bucket", "Bucket", "text"),
    Column("charge", "Charge of the bucket", "money", "ccy", additive=False),
)


@measure("FRTB standardised charge", columns=CHARGES, additive=False, conventions=CONVENTIONS)
def frtb_sba(portfolio: Portfolio) -> pd.DataFrame:
    """The charge of the sensitivities-based method: delta, vega and curvature of each risk class, the total first.

    The reporting currency is the base currency. The components are those of the scenario that binds, and add up to
    the charge; `low`, `medium` and `high` are the sums of all three components under each scenario of correlations.
    """
    charge = _charge(portfolio)
    classes = charge.classes
    rows = [{"risk_class": "Total", **_sums(classes, charge.scenario)}]
    for name in RISK_CLASSES:
        own = classes.loc[classes["risk_class"] == name]
        if len(own):
            rows.append({"risk_class": rules(name)["label"], **_sums(own, charge.scenario)})
    return pd.DataFrame(rows, columns=[column.name for column in CHARGES])


@measure("FRTB by bucket", columns=BUCKETS, additive=False, conventions=CONVENTIONS)
def frtb_buckets(portfolio: Portfolio) -> pd.DataFrame:
    """The charge of each bucket before buckets are put together, in the scenario that binds; the largest first.

    A bucket is a currency (rates, FX) or a number in the tables of MAR21. Buckets do not add up to their risk class.
    """
    charge = _charge(portfolio)
    frame = charge.buckets.assign(charge=charge.buckets[charge.scenario].astype(float))
    frame["risk_class"] = [rules(name)["label"] for name in frame["risk_class"]]
    ordered = frame.sort_values("charge", ascending=False, kind="stable", ignore_index=True)
    return ordered[[column.name for column in BUCKETS]]


def sba_sensitivities(portfolio: Portfolio) -> pd.DataFrame:
    """The sensitivities of all priced positions as `frtb.standardised_charge` takes them, in the base currency.

    Every factor is moved alone and all positions are revalued; what is worth less than a cent is left out.
    """
    factors = _factors(portfolio)
    plain = factors.loc[factors["kind"] != "vol"]
    gains = _gains(portfolio, list(plain["place"]), list(plain["unit"])) / plain["per"].to_numpy()[:, None]
    plain = plain.assign(**dict(zip(ROWS, gains.T, strict=True)))
    nodes = plain.loc[plain["kind"] == "zero"]
    spreads = nodes.assign(
        risk_class="csr", bucket=UNRATED_SOVEREIGN, name=nodes["owner"] + " government", amount=nodes["bonds"]
    )
    parts = [
        _shared(nodes.assign(kind="delta", amount=nodes["all"]), "girr", "delta"),
        _shared(spreads.assign(kind="delta"), "csr", "delta"),
        plain.loc[plain["kind"] != "zero"].assign(kind="delta", amount=plain["all"], tenor=0.0),
        _vegas(portfolio, factors.loc[factors["kind"] == "vol"]),
        _curvatures(portfolio, plain),
    ]
    frame = pd.concat(parts, ignore_index=True)
    columns = ["risk_class", "bucket", "kind", "amount", "name", "tenor"]
    return frame.loc[frame["amount"].abs() > 0.005, columns].reset_index(drop=True)


def _sums(classes: pd.DataFrame, scenario: str) -> dict[str, Any]:
    """The components in the scenario that binds, their sum, and the sum in every scenario."""
    of = {name: float(classes.loc[classes["component"] == name, scenario].sum()) for name in COMPONENTS}
    return {**of, "charge": sum(of.values()), **{name: classes[name].sum() for name in SCENARIOS}, "scenario": scenario}


def _charge(portfolio: Portfolio) -> Charge:
    return standardised_charge(sba_sensitivities(portfolio), reporting_currency=portfolio.base)


def _factors(portfolio: Portfolio) -> pd.DataFrame:
    """The factors with a level: place, kind, owner, months, unit (its bump), per, risk_class, bucket, name."""
    level = portfolio.market.on(portfolio.as_of)
    frame = portfolio.market.factors[["kind", "owner", "months"]].assign(place=np.arange(len(level)), level=level)
    still = (frame["kind"] == "fx") & (frame["owner"] == portfolio.base)
    frame = frame.loc[np.isfinite(level) & ~still].reset_index(drop=True)
    classes = {str(owner): underlying_class(portfolio, str(owner)) for owner in frame["owner"].unique()}
    of_owner = frame["owner"].map(classes)
    frame["per"] = frame["kind"].map(UNITS).astype(float)
    frame["unit"] = frame["per"] * np.where(frame["kind"] == "zero", 1.0, frame["level"].abs())
    frame["risk_class"] = frame["kind"].map(CLASSES).fillna(of_owner)
    indices = set(underliers(portfolio)[portfolio.positions["asset_class"] == "index"])
    numbered = np.where(frame["owner"].isin(indices), OTHER_INDEX, OTHER)
    named = frame["risk_class"].isin(["equity", "commodity"])
    frame["bucket"] = frame["owner"].where(~named, numbered)
    frame["name"] = frame["owner"].where(named, "")
    return frame


def underlying_class(portfolio: Portfolio, owner: str) -> str:
    """The risk class of what a surface is quoted on: a pair of currencies, a commodity or a share or index."""
    if portfolio.market.pair(owner[:3], owner[3:]):
        return "fx"
    place = portfolio.market.column.get(f"spot:{owner}")
    return CLASSES[str(portfolio.market.kinds[place])] if place is not None else "equity"


def _vegas(portfolio: Portfolio, nodes: pd.DataFrame) -> pd.DataFrame:
    """∂V ⁄ ∂σ · σ by surface and tenor: every moneyness of a tenor up by 1 % of its volatility."""
    groups = nodes.groupby(["risk_class", "bucket", "name", "owner", "months"], as_index=False)
    frame = groups.agg(places=("place", list))
    level, places = portfolio.market.on(portfolio.as_of), list(frame["places"])
    gains = _gains(portfolio, places, [VOL_SHARE * level[nodes] for nodes in places])
    frame = frame.assign(kind="vega", amount=gains[:, 1] / VOL_SHARE)
    classes = ("equity", "commodity", "fx")
    return pd.concat([_shared(frame.loc[frame["risk_class"] == name], name, "vega") for name in classes])


def _curvatures(portfolio: Portfolio, plain: pd.DataFrame) -> pd.DataFrame:
    """CVR+ and CVR− of the options by name, currency of rates, and currency: all tenors of a curve at once."""
    groups = plain.groupby(["risk_class", "bucket", "name", "owner"], as_index=False)
    frame = groups.agg(places=("place", list), delta=("options", "sum"))
    frame = frame.loc[frame["delta"] != 0].reset_index(drop=True)
    weight = np.array(
        [
            curvature_weight(name, bucket, reporting_currency=portfolio.base)
            for name, bucket in zip(frame["risk_class"], frame["bucket"], strict=True)
        ]
    )
    level = portfolio.market.on(portfolio.as_of)
    sizes = [
        size * (np.ones(len(places)) if name == "girr" else np.abs(level[places]))
        for size, name, places in zip(weight, frame["risk_class"], frame["places"], strict=True)
    ]
    up, down = (_gains(portfolio, list(frame["places"]), [sign * size for size in sizes])[:, 1] for sign in (1, -1))
    risks = curvature_risk(0.0, up, down, weight * frame["delta"].to_numpy(), weight=1.0)
    kinds = ("curvature_up", "curvature_down")
    return pd.concat(
        [frame.assign(kind=kind, amount=risk, tenor=np.nan) for kind, risk in zip(kinds, risks, strict=True)]
    )


def _shared(rows: pd.DataFrame, risk_class: str, component: str) -> pd.DataFrame:
    """Rows of nodes shared between the vertices of the text, linearly in years and flat beyond the ends."""
    vertices = np.array(rules(risk_class)["vertices"][component], dtype=np.float64)
    years = rows["months"].to_numpy(dtype=np.float64) / 12
    shares = np.array([np.interp(years, vertices, own) for own in np.eye(len(vertices))])
    return pd.concat(
        [rows.assign(amount=rows["amount"] * share, tenor=at) for at, share in zip(vertices, shares, strict=True)]
    )


def _gains(portfolio: Portfolio, places: Sequence[Any], units: Sequence[Any]) -> Array:
    """P&L (bumps, 3) of all positions, of options and of bonds when factors at `places` move by `units`.

    Options keep their place on the surface (MAR21 allows sticky strikes).
    """
    today = portfolio.market.on(portfolio.as_of)
    kinds = portfolio.positions["instrument_type"].to_numpy(dtype=object)
    chosen = np.stack([np.ones(len(kinds)), kinds == "option", kinds == "government_bond"]).astype(np.float64)
    still = portfolio.pnl(today[None, :], sticky=True, dtype=np.float64)
    gains = np.zeros((len(places), len(chosen)))
    for start in range(0, len(places), BLOCK):
        part = slice(start, min(start + BLOCK, len(places)))
        levels = np.tile(today, (part.stop - start, 1))
        for row, (place, unit) in enumerate(zip(places[part], units[part], strict=True)):
            levels[row, place] += unit
        gains[part] = (chosen @ (portfolio.pnl(levels, sticky=True, dtype=np.float64) - still)).T
    return gains

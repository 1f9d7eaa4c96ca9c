"""The standardised charge for market risk: delta, vega and curvature of each risk class, in three scenarios."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.frtb.positions import netted
from app.risk.frtb.rules import across, correlations, delta_weights, rules, scenario, vega_weight

SCENARIOS = ("low", "medium", "high")
KEYS = ("risk_class", "component")

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Charge:
    """The charge: `total`, the greatest of the three of `scenarios` (a Series), reached in the one named `scenario`.

    `classes` has a row a risk class and component (delta, vega, curvature) with its charge in each scenario; they add
    up to `scenarios`. `buckets` has a row a bucket of these with its K in each scenario; they do not add up.
    """

    total: float
    scenario: str
    scenarios: pd.Series
    classes: pd.DataFrame
    buckets: pd.DataFrame


def standardised_charge(sensitivities: pd.DataFrame, *, reporting_currency: str = "USD") -> Charge:
    """The charge of the sensitivities-based method (MAR21.1 to 7): 0 or more, and 0.0 of nothing.

    `sensitivities` has a row a sensitivity, netted here by risk factor; its index and any further column play no part:

    - `risk_class`: girr, csr, equity, commodity or fx
    - `bucket`: the currency (girr, fx; a pair for fx vega), or the number in the tables of MAR21
    - `kind`: delta, vega, curvature_up or curvature_down
    - `amount`, in the reporting currency. Delta: rates and spreads [V(+1bp) − V] ⁄ 0.0001, equity, commodity and FX
      [V(1.01 S) − V] ⁄ 0.01, repo rates as rates. Vega: ∂V ⁄ ∂σ · σ. Curvature: CVR+ and CVR−, a loss positive, from
      `curvature_risk`; for FX options without the reporting currency already divided by 1.5, if the bank so chooses
    - `name` (csr, equity, commodity): issuer, index or commodity
    - `curve`: girr the curve, `inflation` or `basis …`; csr bond or cds; equity spot or repo; commodity the location
    - `tenor` in years, on the vertices of the text: of the curve (delta), or the option's maturity (vega)
    - `residual` in years (girr vega): the underlying's maturity after the option's

    The last four may be missing where they play no part. The correlations of a bucket are a matrix of its factors. A
    NaN amount, an unknown label or a tenor between the vertices is a ValueError.
    """
    classes, buckets = [], []
    for risk_class, component, factors in netted(sensitivities, reporting_currency):
        parts = {str(label): part for label, part in factors.groupby("bucket")}
        sizes = np.stack([_bucket(part, risk_class, component, reporting_currency) for part in parts.values()])
        gamma = across(risk_class, component, list(parts))
        charges = [
            _combined(size, scenario(gamma, name), component)
            for size, name in zip(sizes.swapaxes(0, 1), SCENARIOS, strict=True)
        ]
        classes.append((risk_class, component, *charges))
        buckets += [(risk_class, component, label, *size[:, 0]) for label, size in zip(parts, sizes, strict=True)]
    frame = pd.DataFrame(classes, columns=[*KEYS, *SCENARIOS])
    totals = frame[list(SCENARIOS)].astype(float).sum()
    worst = str(totals.idxmax())
    return Charge(
        total=float(totals[worst]),
        scenario=worst,
        scenarios=totals,
        classes=frame,
        buckets=pd.DataFrame(buckets, columns=[*KEYS, "bucket", *SCENARIOS]),
    )


def _bucket(factors: pd.DataFrame, risk_class: str, component: str, reporting_currency: str) -> Array:
    """K and S of one bucket in each scenario, (3 × 2)."""
    bucket = str(factors["bucket"].iloc[0])
    apart = rules(risk_class).get("other", {}).get("bucket") == bucket
    rho = np.eye(len(factors)) if apart else correlations(factors, risk_class, component, bucket)
    if component == "curvature":
        shocks = factors["curvature_up"].to_numpy(), factors["curvature_down"].to_numpy()
        return np.array([_steeper(*shocks, None if apart else scenario(rho, name)) for name in SCENARIOS])
    if component == "delta":
        weights = delta_weights(factors, risk_class, bucket, reporting_currency=reporting_currency)
    else:
        weights = np.full(len(factors), vega_weight(risk_class, bucket))
    weighted = factors[component].to_numpy() * weights
    if apart:
        return np.tile([np.abs(weighted).sum(), weighted.sum()], (3, 1))
    return np.array([[_root(weighted @ scenario(rho, name) @ weighted), weighted.sum()] for name in SCENARIOS])


def _steeper(up: Array, down: Array, rho: Array | None) -> tuple[float, float]:
    """K and S of the direction with the greater K; of equals, up only if its sum is the greater (MAR21.5 (3))."""
    sizes = [(float(np.maximum(cvr, 0).sum()) if rho is None else _curved(cvr, rho)) for cvr in (up, down)]
    sums = float(up.sum()), float(down.sum())
    upward = (sizes[0], sums[0]) > (sizes[1], sums[1])
    return (sizes[0], sums[0]) if upward else (sizes[1], sums[1])


def _curved(cvr: Array, rho: Array) -> float:
    """K of curvature positions: gains count only against losses, never with each other."""
    losses = np.maximum(cvr, 0)
    crossed = cvr @ np.where(_both_negative(cvr), 0.0, rho - np.eye(cvr.size)) @ cvr
    return _root(losses @ losses + crossed)


def _combined(sizes: Array, gamma: Array, component: str) -> float:
    """The charge of a risk class from K and S of its buckets, (buckets × 2) (MAR21.4 (5), MAR21.5 (4))."""
    size, signed = sizes.T
    squares = size @ size
    if component == "curvature":
        return _root(squares + signed @ np.where(_both_negative(signed), 0.0, gamma) @ signed)
    if squares + signed @ gamma @ signed < 0:
        signed = np.clip(signed, -size, size)
    return _root(squares + signed @ gamma @ signed)


def _both_negative(values: Array) -> NDArray[np.bool_]:
    negative = values < 0
    return np.asarray(negative[:, None] & negative)


def _root(square: Any) -> float:
    return sqrt(max(float(square), 0.0))

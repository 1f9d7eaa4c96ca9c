"""The rules of the standardised approach, one TOML file a risk class: weights, and correlations within and across."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

RISK_CLASSES = ("girr", "csr", "equity", "commodity", "fx")

Array = NDArray[np.float64]


@lru_cache
def rules(name: str) -> dict[str, Any]:
    """The file of a risk class, or `method`, what all of them share."""
    if name not in {*RISK_CLASSES, "method"}:
        raise ValueError(f"risk_class is {name!r}; it is one of {', '.join(RISK_CLASSES)}")
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


def delta_weights(factors: pd.DataFrame, risk_class: str, bucket: str, *, reporting_currency: str) -> Array:
    """The delta risk weight of each factor of a bucket; `factors` has the columns curve and tenor."""
    rule = rules(risk_class)
    table, by = rule["weights"]["table"], rule["weights"]["by"]
    keys = {"all": ["all"] * len(factors), "bucket": [bucket] * len(factors)}.get(by)
    if keys is None:
        keys = [
            "flat" if level else f"{tenor:g}"
            for level, tenor in zip(flat(factors["curve"]), factors["tenor"], strict=True)
        ]
        table = table | {"flat": rule["flat"]["weight"]}
    weights = np.array([table[key] for key in keys], dtype=np.float64)
    if "repo" in rule:
        weights[(factors["curve"] == "repo").to_numpy()] *= rule["repo"]["fraction"]
    return weights / divisor(risk_class, bucket, reporting_currency)


def vega_weight(risk_class: str, bucket: str) -> float:
    """The vega risk weight of a bucket, from its liquidity horizon (MAR21.92)."""
    shared, own = rules("method")["vega"], rules(risk_class)["vega"]
    days = own["small"].get(bucket, own["horizon"])
    return float(min(shared["sigma"] * sqrt(days / shared["days"]), 1.0))


def curvature_weight(risk_class: str, bucket: str, *, reporting_currency: str = "USD") -> float:
    """The shock of curvature: relative for equity, commodity and FX; for rates and spreads absolute, all tenors alike.

    The delta weight of the bucket, for interest rates that of the shortest tenor, the highest, ÷ √2 where the delta
    weight is (MAR21.98 and 99).
    """
    table = rules(risk_class)["weights"]["table"]
    weight = table[bucket] if rules(risk_class)["weights"]["by"] == "bucket" else max(table.values())
    return float(weight) / divisor(risk_class, bucket, reporting_currency)


def curvature_risk(
    value: ArrayLike, up: ArrayLike, down: ArrayLike, delta: ArrayLike, *, weight: float
) -> tuple[Any, Any]:
    """The curvature positions CVR+ and CVR− of instruments, a loss beyond delta positive (MAR21.5 (2)).

    `value`, `up` and `down` are values now and after the factor moved by ± `weight`; `delta` is the sensitivity per
    unit, for rates, spreads and commodities summed over the tenors of the curve. Elementwise; the caller sums.
    """
    moved = weight * np.asarray(delta, dtype=np.float64)
    return np.asarray(value) - up + moved, np.asarray(value) - down - moved


def divisor(risk_class: str, bucket: str, reporting_currency: str) -> float:
    """√2 for the well-traded currencies of interest rates and FX, else 1."""
    listed = rules(risk_class).get("divided", {}).get("currencies", [])
    if risk_class == "girr":
        return sqrt(2) if bucket in {*listed, reporting_currency} else 1.0
    return sqrt(2) if {bucket, reporting_currency} <= set(listed) else 1.0


def correlations(factors: pd.DataFrame, risk_class: str, kind: str, bucket: str) -> Array:
    """The medium correlation ρ of the factors of a bucket, (factors × factors) with a unit diagonal.

    `factors` has the columns name, curve, tenor and residual; what tells no two factors apart is empty throughout.
    Curvature's are delta's squared (MAR21.100).
    """
    rule = rules(risk_class)
    rho = _same(factors["name"], rule["name"]["table"][bucket] if "name" in rule else 1.0)
    if kind == "delta":
        rho = rho * _same(factors["curve"], rule.get("curve", {}).get("distinct", 1.0)) * _tenors(factors, rule)
        return _overridden(rho, factors, rule)
    if kind == "vega":
        alpha = rules("method")["maturity"]["alpha"]
        return rho * _decay(factors["tenor"], alpha) * _decay(factors["residual"], alpha)
    return rho**2


def across(risk_class: str, kind: str, buckets: list[str]) -> Array:
    """The medium correlation γ of buckets, (buckets × buckets), 0 on the diagonal; curvature's squared (MAR21.101)."""
    gamma = np.zeros((len(buckets), len(buckets)))
    for row, one in enumerate(buckets):
        for column, other in enumerate(buckets[:row]):
            gamma[row, column] = gamma[column, row] = _between(rules(risk_class), one, other)
    return np.asarray(gamma**2 if kind == "curvature" else gamma)


def scenario(correlation: Array, name: str) -> Array:
    """A correlation matrix, ρ or γ, in the low, medium or high scenario (MAR21.6)."""
    rule = rules("method")["scenarios"]
    if name == "high":
        return np.asarray(np.minimum(correlation * rule["high_times"], 1.0))
    if name == "low":
        return np.asarray(np.maximum(2 * correlation - 1, correlation * rule["low_share"]))
    return correlation


def flat(curves: pd.Series) -> NDArray[np.bool_]:
    """Which curves are one factor whatever the tenor: inflation and cross-currency basis."""
    return np.asarray((curves == "inflation") | curves.str.startswith("basis"), dtype=np.bool_)


def _between(rule: dict[str, Any], one: str, other: str) -> float:
    sectors, table = rule["across"]["sectors"], rule["across"]["table"]
    first, second = sectors.get(one, "any"), sectors.get(other, "any")
    gamma = table.get(first, {}).get(second)
    if gamma is None:
        gamma = table[second][first]
    grades = rule.get("rating", {"grades": {}})["grades"]
    apart = {one, other} <= set(grades) and grades[one] != grades[other]
    return float(gamma * rule["rating"]["distinct"] if apart else gamma)


def _same(labels: pd.Series, distinct: float) -> Array:
    values = labels.to_numpy()
    return np.where(values[:, None] == values, 1.0, distinct)


def _decay(years: pd.Series, rate: float) -> Array:
    tenor = years.to_numpy(dtype=np.float64)
    if np.isnan(tenor).all():
        return np.ones((tenor.size, tenor.size))
    return np.asarray(np.exp(-rate * np.abs(tenor[:, None] - tenor) / np.minimum(tenor[:, None], tenor)))


def _tenors(factors: pd.DataFrame, rule: dict[str, Any]) -> Array | float:
    own = rule.get("tenor")
    if own is None:
        return 1.0
    if "distinct" in own:
        return _same(factors["tenor"], own["distinct"])
    return np.asarray(np.maximum(_decay(factors["tenor"], own["theta"]), own["floor"]))


def _overridden(rho: Array, factors: pd.DataFrame, rule: dict[str, Any]) -> Array:
    if "inflation" not in rule:
        return rho
    inflation, level = (factors["curve"] == "inflation").to_numpy(), flat(factors["curve"])
    rho = np.where(inflation[:, None] | inflation, rule["inflation"]["with_curve"], rho)
    basis = level & ~inflation
    rho = np.where(basis[:, None] | basis, rule["basis"]["with_all"], rho)
    np.fill_diagonal(rho, 1.0)
    return rho

"""Sensitivities as they are charged: checked against the rules and netted by risk factor."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from app.risk.frtb.rules import RISK_CLASSES, flat, rules

KINDS = {"delta": ("delta",), "vega": ("vega",), "curvature": ("curvature_up", "curvature_down")}
REQUIRED = ("risk_class", "bucket", "kind", "amount")
TEXTS, YEARS = ("name", "curve"), ("tenor", "residual")


def netted(sensitivities: pd.DataFrame, reporting_currency: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Risk class, component (delta, vega, curvature) and its factors, for each that has any.

    The factors have the columns bucket, name, curve, tenor, residual (empty where they tell no two apart) and a column
    of amounts for each kind of the component.
    """
    frame = _complete(sensitivities)
    for risk_class in RISK_CLASSES:
        for component, kinds in KINDS.items():
            part = frame[(frame["risk_class"] == risk_class) & frame["kind"].isin(kinds)]
            if not part.empty:
                yield risk_class, component, _factors(part, risk_class, component, reporting_currency)


def _complete(sensitivities: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in REQUIRED if name not in sensitivities]
    if missing:
        raise ValueError(f"sensitivities lack {', '.join(missing)}; they need {', '.join(REQUIRED)}")
    frame = sensitivities.reindex(columns=[*REQUIRED, *TEXTS, *YEARS]).reset_index(drop=True)
    frame = frame.astype(dict.fromkeys(("amount", *YEARS), float))
    frame[list(TEXTS)] = frame[list(TEXTS)].astype(object).fillna("").astype(str)
    frame["bucket"] = frame["bucket"].astype(str)
    _known("risk_class", frame["risk_class"], RISK_CLASSES)
    _known("kind", frame["kind"], [kind for kinds in KINDS.values() for kind in kinds])
    if not np.isfinite(frame["amount"]).all():
        raise ValueError(f"amount is {frame['amount'][~np.isfinite(frame['amount'])].iloc[0]}; all must be finite")
    return frame


def _factors(part: pd.DataFrame, risk_class: str, component: str, reporting_currency: str) -> pd.DataFrame:
    rule = rules(risk_class)
    identity = rule["factors"][component]
    frame = part.copy()
    if component == "delta" and "flat" in rule:
        frame.loc[flat(frame["curve"]), "tenor"] = np.nan
    for name in set(TEXTS) - set(identity):
        frame[name] = ""
    for name in set(YEARS) - set(identity):
        frame[name] = np.nan
    if "curves" in rule["factors"] and "curve" in identity:
        frame["curve"] = frame["curve"].replace("", rule["factors"]["curves"][0])
        _known("curve", frame["curve"], rule["factors"]["curves"])
    _check_buckets(frame, risk_class, reporting_currency)
    _check_factors(frame, risk_class, component)
    for kind in KINDS[component]:
        frame[kind] = frame["amount"].where(frame["kind"] == kind, 0.0)
    return frame.groupby(["bucket", *TEXTS, *YEARS], dropna=False, as_index=False)[list(KINDS[component])].sum()


def _check_buckets(frame: pd.DataFrame, risk_class: str, reporting_currency: str) -> None:
    weights = rules(risk_class)["weights"]
    if weights["by"] == "bucket":
        _known("bucket", frame["bucket"], list(weights["table"]))
    elif risk_class == "fx" and (frame["bucket"] == reporting_currency).any():
        raise ValueError(f"bucket is {reporting_currency}, the reporting currency, which has no FX risk against itself")


def _check_factors(frame: pd.DataFrame, risk_class: str, component: str) -> None:
    rule = rules(risk_class)
    identity, vertices = rule["factors"][component], rule["vertices"]
    if "name" in identity and (frame["name"] == "").any():
        raise ValueError(f"name is empty in {risk_class} {component}; its factors are told apart by name")
    allowed = {"tenor": vertices.get(component), "residual": vertices.get("residual")}
    for years in set(YEARS) & set(identity):
        checked = frame[years]
        if component == "delta" and "flat" in rule:
            checked = checked[~flat(frame["curve"])]
        _known(f"{years} of {risk_class} {component}", checked, allowed[years] or [])


def _known(name: str, values: pd.Series, allowed: tuple[str, ...] | list[str] | list[float]) -> None:
    odd = values[~values.isin(allowed)]
    if len(odd):
        raise ValueError(f"{name} is {odd.iloc[0]}; it is one of {', '.join(map(str, allowed))}")

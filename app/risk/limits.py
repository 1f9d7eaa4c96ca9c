"""Limits in use: how much of each limit its measure takes up, what is left, and which are in warning or breach."""

from typing import Any

import numpy as np
import pandas as pd

from app.risk.measure import Column, measure, measures

WHOLE_BOOKS = ("firm", "legal_entity", "business_unit", "desk", "book")
KEY = ["measure", "scope_kind", "scope_node", "within"]
STATES = ("breach", "warning", "unknown", "ok")
CONVENTIONS = {
    "Use": "by side: both takes the absolute value, long what is above zero, short what is below it",
    "State": "breach above the hard level, warning above the soft one, strictly; unknown where it is not measured",
    "Currency": "levels of measures in money are converted at the as-of date's rate; those of others are bare numbers",
    "Not measured": "a limit without a value is never ok; it is counted apart and its reason is stated",
}
USE = (
    Column("limit_id", "Limit", "text"),
    Column("scope_kind", "Scope", "text"),
    Column("scope_node", "Of", "text"),
    Column("desk", "Desk", "text"),
    Column("measure", "Measure", "text"),
    Column("side", "Side", "text"),
    Column("value", "Value", "money", "ccy", additive=False, signed=True),
    Column("use", "Use", "money", "ccy", additive=False),
    Column("soft", "Warning at", "money", "ccy", additive=False),
    Column("hard", "Limit", "money", "ccy", additive=False),
    Column("utilisation", "Used", "ratio", "%", additive=False),
    Column("headroom", "Head-room", "money", "ccy", additive=False, signed=True),
    Column("headroom_soft", "To warning", "money", "ccy", additive=False, signed=True),
    Column("state", "State", "text"),
    Column("reason", "Why not measured", "text"),
    Column("unit", "Unit", "text"),
)
SUMMARY = (
    Column("limits", "Limits", "count"),
    Column("breach", "In breach", "count"),
    Column("warning", "In warning", "count"),
    Column("ok", "Within", "count"),
    Column("not_measured", "Not measured", "count"),
    Column("worst", "Worst use", "ratio", "%", additive=False),
)


@measure("Limits", columns=USE, additive=False, conventions=CONVENTIONS)
def limit_use(limits: pd.DataFrame, limit_values: pd.DataFrame, *, base: str = "CCY") -> pd.DataFrame:
    """How much of every limit is used, in the base currency: use, utilisation (use ÷ hard), head-room and state.

    `limit_values` has a row a measure (`exposure.gross`), scope_kind, scope_node and desk with its signed `value`, and
    may say in `reason` why there is none; the desk tells scopes of whole books not apart. A limit's levels are
    converted by its `rate` where its measure is money. The worst first: breach, warning, unknown, ok, each by
    utilisation. `unit` says what a row's amounts are, `base` how the base currency is called in it. A value given
    twice is a ValueError.
    """
    if limits.empty:
        return pd.DataFrame(columns=[column.name for column in USE])
    frame = _valued(limits, limit_values)
    found = [_column(name) for name in frame["measure"]]
    factor = frame["rate"].astype(float).where(np.array([_in_money(column) for column in found]), 1.0)
    value = frame["value"].astype(float)
    use, soft, hard = _used(value, frame["side"]), frame["soft"] * factor, frame["hard"] * factor
    reasons = _reasons(frame.assign(value=value, factor=factor), found)
    state = np.select(
        [reasons != "", use > hard, use > soft, use <= soft], ["unknown", "breach", "warning", "ok"], "unknown"
    )
    levels = {"value": value, "use": use, "soft": soft, "hard": hard, "utilisation": use / hard}
    frame = frame.assign(
        **levels, headroom=hard - use, headroom_soft=soft - use, state=state, reason=reasons, unit=_units(found, base)
    )
    frame.loc[state == "unknown", ["utilisation", "headroom", "headroom_soft"]] = np.nan
    rank = frame["state"].map(STATES.index)
    ordered = frame.assign(rank=rank, least=-frame["utilisation"]).sort_values(["rank", "least", "limit_id"])
    return ordered[[column.name for column in USE]].reset_index(drop=True)


@measure("Limits at a glance", columns=SUMMARY, additive=False, conventions=CONVENTIONS)
def limit_summary(limits: pd.DataFrame, limit_values: pd.DataFrame) -> pd.DataFrame:
    """How many limits are in breach, in warning, within and not measured, and the worst utilisation, in one row.

    Without limits all are zero; the worst utilisation is missing where limits are set but none is measured.
    """
    frame = limit_use(limits, limit_values)
    counts = {name: int((frame["state"] == name).sum()) for name in STATES}
    worst = frame["utilisation"].astype(float).max() if len(frame) else 0.0
    row = {"limits": len(frame), **counts, "not_measured": counts["unknown"], "worst": worst}
    return pd.DataFrame([row])[[column.name for column in SUMMARY]]


def _valued(limits: pd.DataFrame, limit_values: pd.DataFrame) -> pd.DataFrame:
    """Each limit with its value and the reason given for none."""
    given = limit_values.reindex(columns=["measure", "scope_kind", "scope_node", "desk", "value", "reason"])
    given = _keyed(given)[[*KEY, "value", "reason"]]
    if (twice := given.duplicated(KEY)).any():
        row = given.loc[twice].iloc[0]
        raise ValueError(f"limit_values has {row['measure']} of {_scope(row)} twice; give each once")
    return _keyed(limits).merge(given, on=KEY, how="left")


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """With `within`: the desk that narrows a scope inside the books; the desk of whole books plays no part."""
    within = frame["desk"].where(~frame["scope_kind"].isin(WHOLE_BOOKS))
    texts = {name: frame[name].astype(object).fillna("") for name in ("measure", "scope_kind", "scope_node")}
    return frame.assign(**texts, within=within.astype(object).fillna(""))


def _used(value: "pd.Series[Any]", side: "pd.Series[Any]") -> "pd.Series[Any]":
    """How much of a limit of that side a value uses: 0 or more."""
    if not (known := side.isin(["both", "long", "short"])).all():
        raise ValueError(f"side is {side[~known].iloc[0]!r}; it is one of both, long, short")
    used: pd.Series[Any] = value.abs().where(side == "both", (value * side.map({"long": 1.0, "short": -1.0})).clip(0.0))
    return used


def _reasons(frame: pd.DataFrame, found: list[Column | None]) -> "pd.Series[Any]":
    """Why a limit is not measured; empty text where it is."""
    given = frame["reason"].astype(object).fillna("")
    cases = [
        (pd.Series([column is None for column in found], frame.index), "there is no measure " + frame["measure"]),
        (frame["value"].isna() & (given != ""), given),
        (frame["value"].isna(), frame["measure"] + " has no value for " + frame.apply(_scope, axis=1)),
        (frame["factor"].isna(), "no exchange rate of " + frame["currency"]),
    ]
    reasons = pd.Series("", frame.index, dtype=object)
    for missing, words in reversed(cases):
        reasons = reasons.where(~missing, words)
    return reasons


def _scope(row: "pd.Series[Any]") -> str:
    """`desk Vol`, `the firm`, `currency JPY in FX`."""
    name = "the firm" if row["scope_kind"] == "firm" else f"{row['scope_kind'].replace('_', ' ')} {row['scope_node']}"
    return f"{name} in {row['within']}" if row["within"] else name


def _column(name: str) -> Column | None:
    """The column that `measure.column` names, if such a number is registered."""
    label, _, part = str(name).partition(".")
    columns = measures()[label].columns if label in measures() else ()
    found = [column for column in columns if column.name == part and column.kind not in {"text", "date", "time"}]
    return found[0] if found else None


def _in_money(column: Column | None) -> bool:
    return column is None or column.unit.partition("/")[0] == "ccy"


def _units(found: list[Column | None], base: str) -> list[str]:
    """The unit of each row's amounts: `USD/bp`, `%`; empty for a bare number."""
    units = [column.unit if column else "ccy" for column in found]
    return [base + unit.removeprefix("ccy") if unit.startswith("ccy") else unit for unit in units]

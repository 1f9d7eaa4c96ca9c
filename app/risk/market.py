"""The market as risk sees it: every risk factor with its level on each day, and how a move shifts it."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[Any]
Days = NDArray[np.datetime64]
SHIFTS = {"spot": "relative", "commodity": "absolute", "fx": "relative", "zero": "absolute", "vol": "relative"}
CARRY = 5


class Nodes(NamedTuple):
    """The nodes of one curve or surface: months, moneyness and the column of each."""

    months: Floats
    moneyness: Floats
    place: NDArray[np.intp]

    def cut(self, moneyness: float) -> "Nodes":
        """The nodes of one moneyness: a curve of volatility by months."""
        of = self.moneyness == moneyness
        return Nodes(self.months[of], self.moneyness[of], self.place[of])

    def live(self, levels: Floats) -> "Nodes":
        """The nodes with a known level."""
        known = np.isfinite(levels[self.place])
        return self if known.all() else Nodes(self.months[known], self.moneyness[known], self.place[known])


@dataclass(frozen=True, eq=False)
class Market:
    """Levels of risk factors, a row a day and a column a factor; NaN where a level is not known.

    `factors` has a row a column of `levels`: name (`spot:AAPL`, `fx:EUR`, `zero:USD:120`, `vol:SPX:3:0.9`), kind (a
    key of SHIFTS), owner (symbol or currency), months, moneyness. Units: spot in its own currency per unit, adjusted
    backwards for splits and dividends from the last day; fx the value of one unit in one pivot currency; zero per
    year, continuous, Act/365; vol per √year. `quoted` has the levels as they were on each day, where adjusted ones
    differ.
    """

    factors: pd.DataFrame
    days: Days
    levels: NDArray[np.float64]
    quoted: NDArray[np.float64] | None = None

    @cached_property
    def column(self) -> dict[str, int]:
        """The column of each factor's name."""
        return {name: place for place, name in enumerate(self.factors["name"])}

    @cached_property
    def kinds(self) -> NDArray[np.str_]:
        """The kind of each column."""
        return self.factors["kind"].to_numpy(dtype=str)

    @cached_property
    def absolute(self) -> NDArray[np.bool_]:
        """Whether each factor moves by differences (rates, commodities) and not by ratios."""
        return np.array([SHIFTS[kind] == "absolute" for kind in self.kinds], dtype=bool)

    def pair(self, currency: str, against: str) -> tuple[int, int] | None:
        """The columns of two currencies' rates; None where either is not in the market."""
        top, bottom = (self.column.get(f"fx:{name}") for name in (currency, against))
        return None if top is None or bottom is None else (top, bottom)

    def exchange(self, levels: Floats, currency: str, against: str) -> Floats:
        """The value of one unit of a currency in another under `levels` (factors, …); NaN where it is not known."""
        if currency == against:
            return np.ones(levels.shape[1:])
        pair = self.pair(currency, against)
        return np.full(levels.shape[1:], np.nan) if pair is None else levels[pair[0]] / levels[pair[1]]

    def place(self, day: date) -> int:
        """The row of the last day at or before `day`; LookupError before the first."""
        found = int(np.searchsorted(self.days, np.datetime64(day, "D"), side="right")) - 1
        if found < 0:
            raise LookupError(f"no market before {self.days[0] if len(self.days) else 'any day'}: {day} asked")
        return found

    def on(self, day: date) -> NDArray[np.float64]:
        """The level of every factor on a day; NaN before the first."""
        if not len(self.days) or np.datetime64(day, "D") < self.days[0]:
            return np.full(len(self.factors), np.nan)
        row: NDArray[np.float64] = self.levels[self.place(day)]
        return row

    def until(self, day: date) -> "Market":
        """What was known of the market up to a day, spots adjusted from that day."""
        end = int(np.searchsorted(self.days, np.datetime64(day, "D"), side="right"))
        whole = self.rebased(day)
        quoted = None if self.quoted is None else self.quoted[:end]
        past = Market(self.factors, self.days[:end], whole.levels[:end], quoted)
        for name in ("column", "kinds", "absolute", "_nodes"):
            past.__dict__[name] = getattr(self, name)
        return past

    def rebased(self, day: date) -> "Market":
        """The same market with spots adjusted from another day, when they are as quoted and agree with strikes."""
        place = int(np.searchsorted(self.days, np.datetime64(day, "D"), side="right")) - 1
        if place < 0 or self.quoted is None:
            return self
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.quoted[place] / self.levels[place]
        return replace(self, levels=self.levels * np.where(np.isfinite(ratio), ratio, 1.0))

    def nodes(self, kind: str, owner: str) -> Nodes:
        """The nodes of a curve or surface, in order of months and moneyness; none for an unknown owner."""
        return self._nodes.get((kind, owner), Nodes(np.empty(0), np.empty(0), np.empty(0, dtype=np.intp)))

    @cached_property
    def _nodes(self) -> dict[tuple[str, str], Nodes]:
        placed = self.factors.assign(place=np.arange(len(self.factors))).sort_values(["months", "moneyness"])
        return {
            (str(kind), str(owner)): Nodes(
                rows["months"].to_numpy(dtype=float), rows["moneyness"].to_numpy(dtype=float), rows["place"].to_numpy()
            )
            for (kind, owner), rows in placed.groupby(["kind", "owner"])
        }


def in_base(amounts: ArrayLike, currencies: "pd.Series[str]", market: Market, as_of: date, base: str) -> Floats:
    """Amounts (n,) in their `currencies` at the rates of `as_of`, in the base currency; NaN without a rate."""
    levels = market.on(as_of)
    worth = {name: float(market.exchange(levels, name, base)) for name in currencies.unique()}
    rates: Floats = currencies.map(worth).to_numpy(dtype=float)
    return np.asarray(amounts, dtype=np.float64) * rates


def assemble(spots: pd.DataFrame, rates: pd.DataFrame, zeros: pd.DataFrame, vols: pd.DataFrame) -> Market:
    """Lay long tables of quotes side by side.

    `spots`: symbol, asset_class, day, price, split (new shares per old, 1 for none), dividend (0 for none); `rates`:
    currency, day, rate; `zeros`: currency, months, day, rate; `vols`: symbol, months, moneyness, day, volatility. The
    days are those on which at least half of the spots (else of the rates) have a quote; a missing level is carried
    for at most five of them.
    """
    kind = np.where(spots["asset_class"] == "commodity", "commodity", "spot")
    quoted = _laid(spots["symbol"], kind, spots["day"], spots["price"])[1]
    parts = [
        _laid(spots["symbol"], kind, spots["day"], _adjusted(spots)),
        _laid(rates["currency"], "fx", rates["day"], rates["rate"]),
        _laid(zeros["currency"], "zero", zeros["day"], zeros["rate"], zeros["months"]),
        _laid(vols["symbol"], "vol", vols["day"], vols["volatility"], vols["months"], vols["moneyness"]),
    ]
    wide = [levels for _, levels in parts]
    days = _busy(wide[0] if len(wide[0]) else wide[1])
    plain, *levels = (
        part.reindex(part.index.union(days)).ffill(limit=CARRY).reindex(days).to_numpy() for part in (quoted, *wide)
    )
    factors = pd.concat([about for about, _ in parts], ignore_index=True)
    return Market(factors, days.to_numpy().astype("datetime64[D]"), np.hstack(levels), np.hstack([plain, *levels[1:]]))


def _laid(
    owner: pd.Series, kind: str | NDArray[np.str_], day: pd.Series, level: pd.Series, *nodes: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The factors of long rows, and their levels with a row a day and a column a factor."""
    months, moneyness = (list(nodes) + [pd.Series(0.0, owner.index)] * 2)[:2]
    about = pd.DataFrame({"kind": kind, "owner": owner, "months": months, "moneyness": moneyness})
    column = about.groupby(["owner", "months", "moneyness"], sort=True).ngroup().to_numpy()
    row, days = pd.factorize(pd.to_datetime(day), sort=True)
    _, first = np.unique(column, return_index=True)
    about = about.iloc[first].reset_index(drop=True)
    levels = np.full((len(days), len(about)), np.nan)
    levels[row, column] = level.to_numpy(dtype=float)
    return about.assign(name=_names(about, len(nodes))), pd.DataFrame(levels, pd.DatetimeIndex(days))


def _names(about: pd.DataFrame, nodes: int) -> list[str]:
    prefix = about["kind"].replace("commodity", "spot")
    ends = [about[name].map(":{:g}".format) for name in ("months", "moneyness")[:nodes]]
    return [f"{kind}:{owner}" + "".join(node) for kind, owner, *node in zip(prefix, about["owner"], *ends, strict=True)]


def _busy(wide: pd.DataFrame) -> pd.DatetimeIndex:
    """The days with at least half of the usual quotes."""
    counts = wide.notna().sum(axis=1)
    return pd.DatetimeIndex(wide.index[counts >= counts.median() / 2])


def _adjusted(spots: pd.DataFrame) -> pd.Series:
    """Prices scaled back from the last one, so that their ratios are total returns."""
    ordered = spots.sort_values(["symbol", "day"], kind="stable")
    by = ordered.groupby("symbol", sort=False)
    price, before = ordered["price"].astype(float), by["price"].shift().astype(float)
    acted = (ordered["split"] != 1) | (ordered["dividend"] != 0)
    gross = (price * ordered["split"] + ordered["dividend"]) / before
    plain = price / before
    lift = (plain / gross).where(acted & before.notna() & (gross > 0) & (plain > 0), 1.0)
    later = lift[::-1].groupby(ordered["symbol"][::-1], sort=False).cumprod()[::-1]
    after = later.groupby(ordered["symbol"], sort=False).shift(-1).fillna(1.0)
    return (price * after).reindex(spots.index)

"""A portfolio ready to be revalued: its positions sorted into kernels, calibrated to their marks on one day."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from app.risk.interpolation import Entries, on_curve, weights
from app.risk.kernels import CHUNK, Bonds, Forward, Kernel, Linear, Option, State, blocks, piecewise
from app.risk.market import Market, Nodes
from app.risk.pricing import cashflows, implied_volatility, z_spread

Floats = NDArray[Any]
Places = NDArray[np.intp]
NUMBERS = ("multiplier", "price_factor", "strike", "coupon", "coupon_frequency", "quantity", "price", "value", "wealth")
TEXTS = ("symbol", "instrument_type", "currency", "underlying", "option_type")
DATES = ("expiry", "maturity")
DAYS_A_YEAR = 365.0


@dataclass(eq=False)
class Portfolio:
    """Positions of one day under one market, in one base currency.

    `positions` has a row a book and instrument with NUMBERS, TEXTS and DATES: the terms that price it, its quantity,
    and in its own currency price, value and wealth. Foreign positions are funded in their own currency: the exchange
    rate moves their accumulated wealth, and the change of their value, never their notional. `reasons` says why a
    row has no P&L; empty text where it has.
    """

    positions: pd.DataFrame
    market: Market
    as_of: date
    base: str
    kernels: list[Kernel] = field(default_factory=list)
    reasons: NDArray[np.object_] = field(init=False)

    def __post_init__(self) -> None:
        self.levels = np.append(self.market.on(self.as_of), 1.0)
        self.reasons = np.full(len(self.positions), "", dtype=object)
        self._known = np.nan_to_num(self.levels)
        self._under: dict[str, int] = {}
        self._pairs: list[tuple[int, int]] = []
        self._terms: dict[str, NDArray[Any]] = {
            **{name: self.positions[name].to_numpy(dtype=float, na_value=np.nan) for name in NUMBERS},
            **{name: self.positions[name].fillna("").to_numpy(dtype=object).astype(str) for name in TEXTS},
            **{name: pd.to_datetime(self.positions[name]).to_numpy().astype("datetime64[D]") for name in DATES},
        }
        self._sort()

    @property
    def rows(self) -> pd.DataFrame:
        """The positions and, in `reason`, why each has no P&L."""
        return self.positions.assign(reason=self.reasons)

    def pnl(
        self, levels: Floats, *, days: float = 0.0, sticky: bool = False, dtype: type[np.floating] = np.float32
    ) -> Floats:
        """P&L (positions, scenarios) in the base currency when the market moves to `levels` (scenarios, factors).

        `days` calendar days pass at the same time. With `sticky` strikes an option keeps its place on the surface
        when its underlier moves, as Greeks are defined; else the surface is sticky to moneyness. Rows with a reason
        are zero.
        """
        out = self.own_pnl(levels, days=days, sticky=sticky, dtype=dtype)
        self._translate(levels.T, out)
        return out

    def own_pnl(
        self, levels: Floats, *, days: float = 0.0, sticky: bool = False, dtype: type[np.floating] = np.float64
    ) -> Floats:
        """As `pnl`, in each position's own currency: the change of its value, whatever exchange rates do to it."""
        state = self.state(levels, sticky=sticky)
        out = np.zeros((len(self.positions), len(levels)), dtype=dtype)
        for kernel in self.kernels:
            kernel.change(state, days / DAYS_A_YEAR, out)
        out[self.reasons != ""] = 0
        return out

    def reading(self, factors: NDArray[np.bool_]) -> Floats:
        """The share (positions,) of scenarios in which a position's P&L rests on one of the scenario's `factors`.

        `factors` is (scenarios, factors). Each distinct row of it is revalued once, with those levels unknown: what
        then has no P&L has read one of them.
        """
        chosen, times = np.unique(factors, axis=0, return_counts=True)
        some = chosen.any(axis=1)
        unknown = np.isnan(self.pnl(np.where(chosen[some], np.nan, self.levels[:-1])))
        share: Floats = unknown @ times[some] / max(len(factors), 1)
        return share

    def state(self, levels: Floats, *, sticky: bool = False) -> State:
        """The market under scenarios `levels` (scenarios, factors)."""
        levels = np.vstack([levels.T, np.ones(len(levels))])
        top, bottom = np.array(self._pairs, dtype=np.intp).reshape(-1, 2).T
        base = self.levels[top] / self.levels[bottom]
        return State(levels, self.levels, levels[top] / levels[bottom], base, sticky)

    def _translate(self, levels: Floats, out: Floats) -> None:
        """Turn `out` into the base currency at the rates of `levels` (factors, scenarios)."""
        sound = self.reasons == ""
        for currency, held in _grouped(self._terms["currency"]):
            if currency == self.base:
                continue
            rows = held[sound[held]]
            rate, before = (self.market.exchange(each, currency, self.base) for each in (levels, self.levels))
            wealth = np.nan_to_num(self._terms["wealth"][rows])
            for part in blocks(len(rows), CHUNK):
                out[rows[part]] = out[rows[part]] * rate + np.outer(wealth[part], rate - before)

    def _sort(self) -> None:
        kinds, valued = self._terms["instrument_type"], ~np.isnan(self._terms["value"])
        self.reasons[~valued] = "no price"
        sorters = {
            "option": self._options,
            "government_bond": self._bonds,
            "future": self._forwards,
            "fx_forward": self._forwards,
        }
        special = np.isin(kinds, list(sorters))
        if (plain := np.flatnonzero(valued & ~special)).size:
            self._linear(plain)
        for kind in np.unique(kinds[valued & special]):
            sorters[kind](np.flatnonzero(valued & (kinds == kind)))
        for currency, rows in _grouped(self._terms["currency"]):
            if not np.isfinite(self.market.exchange(self.levels, currency, self.base)):
                self._refuse(rows, f"no exchange rate of {currency}")

    def _refuse(self, rows: Places, reason: str) -> None:
        self.reasons[rows] = np.where(self.reasons[rows] == "", reason, self.reasons[rows])

    def _find(self, rows: Places, symbols: NDArray[np.str_]) -> tuple[Places, Places]:
        """The rows whose underlier has a level, and its place; the others get a reason."""
        found = {symbol: self._underlier(symbol) for symbol in np.unique(symbols).tolist()}
        places = np.array([found[symbol] for symbol in symbols.tolist()], dtype=np.intp)
        self._refuse(rows[places < 0], "no history of its risk factor")
        return rows[places >= 0], places[places >= 0]

    def _underlier(self, symbol: str) -> int:
        if symbol not in self._under:
            spot = self.market.column.get(f"spot:{symbol}")
            pairs = (self.market.pair(symbol[:3], symbol[3:]), None if spot is None else (spot, len(self.levels) - 1))
            pair = next((pair for pair in pairs if pair and np.isfinite(self.levels[list(pair)]).all()), None)
            if pair is None:
                return -1
            self._under[symbol] = len(self._pairs)
            self._pairs.append(pair)
        return self._under[symbol]

    def _spot(self, under: Places) -> Floats:
        pairs = np.array(self._pairs, dtype=np.intp).reshape(-1, 2)[under]
        spot: Floats = self.levels[pairs[:, 0]] / self.levels[pairs[:, 1]]
        return spot

    def _years(self, name: str, rows: Places) -> Floats:
        left: Floats = (self._terms[name][rows] - np.datetime64(self.as_of)) / np.timedelta64(1, "D") / DAYS_A_YEAR
        return left

    def _size(self, rows: Places) -> Floats:
        """Money a point of the quoted price."""
        size: Floats = self._terms["quantity"][rows] * self._terms["multiplier"][rows]
        size *= self._terms["price_factor"][rows]
        return size

    def _live(self, kind: str, owner: str) -> Nodes:
        return self.market.nodes(kind, owner).live(self.levels)

    def _curve(self, currencies: NDArray[np.str_], years: Floats) -> sparse.csr_matrix:
        return weights(currencies, lambda name, at: on_curve(self._live("zero", name), years[at]), len(self.levels))

    def _slice(self, symbols: NDArray[np.str_], years: Floats, moneyness: float) -> sparse.csr_matrix:
        """Every underlier's surface, cut at one moneyness of its nodes."""

        def read(name: str, at: Places) -> Entries:
            return on_curve(self._live("vol", name).cut(moneyness), years[at])

        return weights(symbols, read, len(self.levels))

    def _linear(self, rows: Places) -> None:
        rows, under = self._find(rows, self._terms["symbol"][rows])
        spot = self._spot(under)
        size = np.where(spot > 0, self._terms["value"][rows] / np.where(spot > 0, spot, 1.0), self._size(rows))
        self.kernels.append(Linear(rows, under, size))

    def _forwards(self, rows: Places) -> None:
        rows, under = self._find(rows, self._terms["underlying"][rows])
        years = self._years("expiry", rows)
        of_pairs = self._terms["instrument_type"][rows] == "fx_forward"
        bought = np.where(of_pairs, self._terms["underlying"][rows].astype("U3"), "")
        carry = self._curve(self._terms["currency"][rows], years) - self._curve(bought, years)
        self.kernels.append(Forward(rows, under, self._terms["value"][rows], years, carry))

    def _options(self, rows: Places) -> None:
        """A kernel for each grid of moneyness that surfaces are quoted on, one for options without a surface."""
        symbols = self._terms["underlying"][rows]
        owned = {symbol: self._live("vol", symbol) for symbol in np.unique(symbols).tolist()}
        grids = {symbol: tuple(np.unique(nodes.moneyness)) for symbol, nodes in owned.items()}
        for grid in dict.fromkeys(grids.values()):
            chosen = np.array([grids[symbol] == grid for symbol in symbols.tolist()])
            self._options_on(np.array(grid), rows[chosen])

    def _options_on(self, grid: Floats, rows: Places) -> None:
        rows, under = self._find(rows, self._terms["underlying"][rows])
        strike, years = self._terms["strike"][rows], np.maximum(self._years("expiry", rows), 0.0)
        call, symbols = self._terms["option_type"][rows] == "call", self._terms["underlying"][rows]
        curve, spot = self._curve(self._terms["currency"][rows], years), self._spot(under)
        slices = [self._slice(symbols, years, moneyness) for moneyness in grid]
        rate = curve @ self._known
        smile = piecewise(strike / (spot * np.exp(rate * years)), grid, [cut @ self._known for cut in slices])
        volatility = implied_volatility(self._terms["price"][rows], spot, strike, years, rate=rate, call=call)
        fallback = np.where(smile > 0, smile, np.nan)
        volatility = np.where(np.isfinite(volatility) & (volatility > 0), volatility, fallback)
        known = np.isfinite(volatility) | (years <= 0)
        self._refuse(rows[~known], "no volatility")
        parts = (rows, under, self._size(rows), strike, years, call, np.nan_to_num(volatility), curve, smile)
        kept: Any = (*(part[known] for part in parts), grid, tuple(cut[known] for cut in slices))
        self.kernels.append(Option(*kept))

    def _bonds(self, rows: Places) -> None:
        for currency, places in _grouped(self._terms["currency"][rows]):
            if len(self._live("zero", currency).place):
                self.kernels.append(self._bonds_on(currency, rows[places]))
            else:
                self._refuse(rows[places], f"no curve of {currency}")

    def _bonds_on(self, currency: str, rows: Places) -> Bonds:
        terms = zip(*(self._terms[name][rows] for name in ("coupon", "coupon_frequency", "maturity")), strict=True)
        flows = [cashflows(float(coupon), int(times), maturity, self.as_of) for coupon, times, maturity in terms]
        times = np.unique(np.concatenate([when for when, _ in flows]))
        amounts = np.zeros((len(rows), len(times)))
        for row, (when, amount) in enumerate(flows):
            amounts[row, np.searchsorted(times, when)] = amount
        curve = self._curve(np.full(len(times), currency), times)
        size = self._size(rows)
        spread = np.nan_to_num(z_spread(self._terms["value"][rows] / size, amounts, times, curve @ self._known))
        return Bonds(rows, size[:, None] * amounts * np.exp(-np.outer(spread, times)), spread, times, curve)


def _grouped(names: NDArray[np.str_]) -> list[tuple[str, Places]]:
    """The places of each name."""
    distinct, which = np.unique(names, return_inverse=True)
    return [(str(name), np.flatnonzero(which == place)) for place, name in enumerate(distinct)]

"""A portfolio ready to be revalued: its positions sorted into kernels, calibrated to their marks on one day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from app.risk.interpolation import curve_weights, surface_weights
from app.risk.kernels import Bonds, Forward, Kernel, Linear, Option, State
from app.risk.market import Market
from app.risk.pricing import cashflows, implied_volatility

Floats = NDArray[Any]
Places = NDArray[np.intp]
DAYS_A_YEAR = 365.0


@dataclass(eq=False)
class Portfolio:
    """Positions of one day under one market, in one base currency.

    `positions` has a row a book and instrument with the terms that price it (symbol, instrument_type, currency,
    multiplier, price_factor, underlying, strike, expiry, option_type, coupon, coupon_frequency, maturity), quantity,
    price, and in its own currency value and wealth.
    Foreign positions are funded in their own currency: the exchange rate moves their accumulated wealth, and the
    change of their value, never their notional. `reasons` says why a row has no P&L; empty text where it has.
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
        self._width = len(self.levels)
        self._under: dict[str, tuple[int, int]] = {}
        self._sort()

    def pnl(self, levels: Floats, *, days: float = 0.0, dtype: type[np.floating] = np.float32) -> Floats:
        """P&L (positions, scenarios) in the base currency when the market moves to `levels` (scenarios, factors).

        `days` calendar days pass at the same time. Rows with a reason are zero.
        """
        state = self._state(np.vstack([levels.T, np.ones(len(levels))]))
        out = np.zeros((len(self.positions), len(levels)), dtype=dtype)
        for kernel in self.kernels:
            kernel.change(state, days / DAYS_A_YEAR, out)
        self._translate(state, out)
        out[self.reasons != ""] = 0
        return out

    def _state(self, levels: Floats) -> State:
        top = np.array([pair[0] for pair in self._under.values()], dtype=np.intp)
        bottom = np.array([pair[1] for pair in self._under.values()], dtype=np.intp)
        return State(levels, self.levels, levels[top] / levels[bottom], self.levels[top] / self.levels[bottom])

    def _translate(self, state: State, out: Floats) -> None:
        for currency, rows in self._by_currency():
            pair = self._pair(currency, self.base)
            if pair is None:
                continue
            rate = state.levels[pair[0]] / state.levels[pair[1]]
            before = self.levels[pair[0]] / self.levels[pair[1]]
            wealth = self.positions["wealth"].to_numpy(dtype=float)[rows]
            out[rows] = out[rows] * rate + np.outer(np.nan_to_num(wealth), rate - before)

    def _sort(self) -> None:
        kinds = self.positions["instrument_type"].to_numpy(dtype=str)
        sorters: dict[str, Callable[[Places], None]] = {
            "option": self._options,
            "government_bond": self._bonds,
            "future": self._forwards,
            "fx_forward": self._forwards,
        }
        unvalued = self.positions["value"].isna().to_numpy()
        self.reasons[unvalued] = "no price"
        for kind in np.unique(kinds):
            sorters.get(kind, self._linear)(np.flatnonzero((kinds == kind) & ~unvalued))
        self._rate()

    def _by_currency(self) -> list[tuple[str, Places]]:
        return _grouped(self.positions["currency"])

    def _rate(self) -> None:
        for currency, rows in self._by_currency():
            if currency != self.base and self._pair(currency, self.base) is None:
                self._refuse(rows, f"no exchange rate of {currency}")

    def _refuse(self, rows: Places, reason: str) -> None:
        self.reasons[rows] = np.where(self.reasons[rows] == "", reason, self.reasons[rows])

    def _pair(self, currency: str, against: str) -> tuple[int, int] | None:
        places = [self.market.column.get(f"fx:{name}", -1) for name in (currency, against)]
        if currency == against or min(places) < 0 or not np.isfinite(self.levels[places]).all():
            return None
        return places[0], places[1]

    def _find(self, rows: Places, symbols: pd.Series) -> tuple[Places, Places]:
        """The rows whose underlier has a level, and its place; the others get a reason."""
        places = symbols.map({symbol: self._underlier(symbol) for symbol in symbols.unique()}).to_numpy(dtype=np.intp)
        self._refuse(rows[places < 0], "no history of its risk factor")
        return rows[places >= 0], places[places >= 0]

    def _underlier(self, symbol: str) -> int:
        if symbol not in self._under:
            spot = self.market.column.get(f"spot:{symbol}", -1)
            pair = self._pair(symbol[:3], symbol[3:]) if len(symbol) == 6 else None
            if pair is None and spot >= 0 and np.isfinite(self.levels[spot]):
                pair = (spot, len(self.levels) - 1)
            if pair is None:
                return -1
            self._under[symbol] = pair
        return list(self._under).index(symbol)

    def _column(self, name: str, rows: Places) -> Floats:
        return self.positions[name].to_numpy(dtype=float, na_value=np.nan)[rows]

    def _years(self, name: str, rows: Places) -> Floats:
        ends = pd.to_datetime(self.positions[name].iloc[rows]).to_numpy()
        years: Floats = (ends - np.datetime64(self.as_of)) / np.timedelta64(1, "D") / DAYS_A_YEAR
        return years

    def _spot(self, under: Places) -> Floats:
        pairs = np.array(list(self._under.values()), dtype=np.intp).reshape(-1, 2)[under]
        spot: Floats = self.levels[pairs[:, 0]] / self.levels[pairs[:, 1]]
        return spot

    def _curve(self, currencies: pd.Series, years: Floats) -> sparse.csr_matrix:
        return self._read(currencies, lambda name, at: curve_weights(self._nodes("zero", name), years[at], self._width))

    def _surface(self, symbols: pd.Series, years: Floats, moneyness: Floats) -> sparse.csr_matrix:
        def weights(name: str, at: Places) -> sparse.csr_matrix:
            return surface_weights(self._nodes("vol", name), years[at], moneyness[at], self._width)

        return self._read(symbols, weights)

    def _read(self, owners: pd.Series, weights: Callable[[str, Places], sparse.csr_matrix]) -> sparse.csr_matrix:
        """Weights of every reading, each from the curve or surface of its owner."""
        groups = _grouped(owners)
        if not groups:
            return sparse.csr_matrix((0, self._width))
        back = np.argsort(np.concatenate([at for _, at in groups]), kind="stable")
        return sparse.vstack([weights(name, at) for name, at in groups], format="csr")[back]

    def _nodes(self, kind: str, owner: str) -> pd.DataFrame:
        nodes: pd.DataFrame = self.market.nodes(kind, owner)
        live: pd.DataFrame = nodes.loc[np.isfinite(self.levels[nodes["place"].to_numpy(dtype=int)])]
        return live

    def _linear(self, rows: Places) -> None:
        rows, under = self._find(rows, self.positions["symbol"].iloc[rows])
        spot = self._spot(under)
        held = self._column("quantity", rows) * self._column("multiplier", rows) * self._column("price_factor", rows)
        size = np.where(spot > 0, self._column("value", rows) / np.where(spot > 0, spot, 1.0), held)
        self.kernels.append(Linear(rows, under, size))

    def _forwards(self, rows: Places) -> None:
        rows, under = self._find(rows, self.positions["underlying"].iloc[rows].fillna(""))
        years = self._years("expiry", rows)
        pays = self.positions["underlying"].iloc[rows].str[:3]
        is_pair = (self.positions["instrument_type"].iloc[rows] == "fx_forward").to_numpy()
        carry = self._curve(self.positions["currency"].iloc[rows], years) - self._curve(pays.where(is_pair, ""), years)
        self.kernels.append(Forward(rows, under, self._column("value", rows), years, carry))

    def _options(self, rows: Places) -> None:
        rows, under = self._find(rows, self.positions["underlying"].iloc[rows].fillna(""))
        strike, years = self._column("strike", rows), np.maximum(self._years("expiry", rows), 0.0)
        call = (self.positions["option_type"].iloc[rows] == "call").to_numpy()
        curve = self._curve(self.positions["currency"].iloc[rows], years)
        rate, spot = curve @ np.nan_to_num(self.levels), self._spot(under)
        moneyness = strike / (spot * np.exp(rate * years))
        surface = self._surface(self.positions["underlying"].iloc[rows], years, moneyness)
        volatility = implied_volatility(self._column("price", rows), spot, strike, years, rate=rate, call=call)
        smile = surface @ np.nan_to_num(self.levels)
        fallback = np.where(smile > 0, smile, np.nan)
        volatility = np.where(np.isfinite(volatility) & (volatility > 0), volatility, fallback)
        known = np.isfinite(volatility) | (years <= 0)
        self._refuse(rows[~known], "no volatility")
        size = self._column("quantity", rows) * self._column("multiplier", rows) * self._column("price_factor", rows)
        parts: Any = (rows, under, size, strike, years, call, np.nan_to_num(volatility), curve, surface)
        self.kernels.append(Option(*(part[known] for part in parts)))

    def _bonds(self, rows: Places) -> None:
        currencies = self.positions["currency"].iloc[rows].to_numpy(dtype=str)
        for currency in np.unique(currencies):
            mine = rows[currencies == currency]
            if self._nodes("zero", currency).empty:
                self._refuse(mine, f"no curve of {currency}")
            else:
                self.kernels.append(self._bonds_on(currency, mine))

    def _bonds_on(self, currency: str, rows: Places) -> Bonds:
        terms: Any = self.positions[["coupon", "coupon_frequency", "maturity"]].iloc[rows].itertuples(index=False)
        flows = [cashflows(float(coupon), int(times), maturity, self.as_of) for coupon, times, maturity in terms]
        times = np.unique(np.concatenate([when for when, _ in flows]))
        amounts = np.zeros((len(rows), len(times)))
        for row, (when, amount) in enumerate(flows):
            amounts[row, np.searchsorted(times, when)] = amount
        curve = self._curve(pd.Series([currency] * len(times)), times)
        zeros = curve @ np.nan_to_num(self.levels)
        size = self._column("quantity", rows) * self._column("multiplier", rows) * self._column("price_factor", rows)
        dirty = self._column("value", rows) / size
        spread = _spreads(dirty, amounts, times, zeros)
        return Bonds(rows, size[:, None] * amounts * np.exp(-np.outer(spread, times)), spread, times, curve)


def _grouped(names: pd.Series) -> list[tuple[str, Places]]:
    """The places of each name."""
    groups: Any = names.reset_index(drop=True).groupby(names.to_numpy(), sort=False).indices
    return [(str(name), at) for name, at in groups.items()]


def _spreads(dirty: Floats, amounts: Floats, times: Floats, zeros: Floats) -> Floats:
    """The spread over the curve at which each bond is worth its dirty price, by Newton's method."""
    spread = np.zeros(len(dirty))
    for _ in range(20):
        worth = amounts * np.exp(-(zeros + spread[:, None]) * times)
        spread += (worth.sum(axis=1) - dirty) / (worth @ times)
    return spread

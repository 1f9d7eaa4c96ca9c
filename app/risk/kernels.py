"""Kernels: how the value of one kind of position changes when the levels of the market do.

Each kernel holds the rows it values and writes their change of value, in the position's own currency, into the rows
of `out` (positions, scenarios). Values at the base levels equal the marks: options are calibrated to an implied
volatility, bonds to a spread over their curve, forwards to their basis. Work goes in blocks of rows that stay in the
cache, in float64; `out` may be float32.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.risk.pricing import black_scholes

Floats = NDArray[Any]
Places = NDArray[np.intp]
BLOCK = 32


@dataclass(frozen=True, eq=False)
class State:
    """The market under S scenarios beside the base: levels (F, S) and (F,), underliers (U, S) and (U,)."""

    levels: Floats
    base: Floats
    under: Floats
    under_base: Floats


class Kernel(Protocol):
    """Values the positions at `rows`."""

    @property
    def rows(self) -> Places:
        """The rows of the portfolio it values."""

    def change(self, state: State, elapsed: float, out: Floats) -> None:
        """Write the change of value, own currency, when `elapsed` years pass and the market moves to `state`."""


def blocks(rows: int) -> Iterator[slice]:
    """Slices of at most BLOCK rows."""
    return (slice(start, start + BLOCK) for start in range(0, rows, BLOCK))


@dataclass(frozen=True, eq=False)
class Linear:
    """Positions worth `size` units of their underlier: equities, funds, currencies, commodities."""

    rows: Places
    under: Places
    size: Floats

    def change(self, state: State, elapsed: float, out: Floats) -> None:  # noqa: ARG002 spot positions do not age
        """Size times the move of the underlier."""
        moved = state.under - state.under_base[:, None]
        for part in blocks(len(self.rows)):
            out[self.rows[part]] = moved[self.under[part]] * self.size[part, None]


@dataclass(frozen=True, eq=False)
class Forward:
    """Forwards and futures: value at the forward price, which follows spot and the carry to expiry."""

    rows: Places
    under: Places
    value: Floats
    years: Floats
    carry: sparse.csr_matrix

    def change(self, state: State, elapsed: float, out: Floats) -> None:
        """Value times the relative move of the forward; the basis to the curves at the base levels stays."""
        left = np.maximum(self.years - elapsed, 0.0)
        growth = (self.carry @ state.levels) * left[:, None] - (self.carry @ state.base * self.years)[:, None]
        ratio = state.under[self.under] / state.under_base[self.under][:, None]
        out[self.rows] = self.value[:, None] * (ratio * np.exp(growth) - 1.0)


@dataclass(frozen=True, eq=False)
class Option:
    """European options, revalued in full; `curve` (n, F) reads the zero curve, `surface` (n, F) the volatility.

    The surface moves the calibrated volatility in proportion; without a surface it stays.
    """

    rows: Places
    under: Places
    size: Floats
    strike: Floats
    years: Floats
    call: NDArray[np.bool_]
    volatility: Floats
    curve: sparse.csr_matrix
    surface: sparse.csr_matrix

    def change(self, state: State, elapsed: float, out: Floats) -> None:
        """Model value at the new levels less model value at the base."""
        rate, volatility = self.curve @ state.levels, self._volatility(state)
        left = np.maximum(self.years - elapsed, 0.0)
        spot = state.under_base[self.under]
        terms = {"rate": self.curve @ state.base, "volatility": self.volatility, "call": self.call}
        before = black_scholes(spot, self.strike, self.years, **terms)
        kind = out.dtype
        for part in blocks(len(self.rows)):
            after = black_scholes(
                state.under[self.under[part]].astype(kind),
                self.strike[part, None].astype(kind),
                left[part, None].astype(kind),
                rate=rate[part].astype(kind),
                volatility=volatility[part].astype(kind),
                call=self.call[part, None],
            )
            out[self.rows[part]] = (after - before[part, None]) * self.size[part, None]

    def _volatility(self, state: State) -> Floats:
        smile, base = self.surface @ state.levels, self.surface @ state.base
        known = base > 0
        moved = smile * np.where(known, self.volatility / np.where(known, base, 1.0), 0.0)[:, None]
        moved += np.where(known, 0.0, self.volatility)[:, None]
        floored: Floats = np.maximum(moved, 0.0)
        return floored


@dataclass(frozen=True, eq=False)
class Bonds:
    """Bonds on one curve: `flows` (n, m) are amounts already discounted at each bond's spread, at `times` (m,).

    `curve` (m, F) reads the zero curve at the times. `spread` (n,) is needed when time passes.
    """

    rows: Places
    flows: Floats
    spread: Floats
    times: Floats
    curve: sparse.csr_matrix

    def change(self, state: State, elapsed: float, out: Floats) -> None:
        """Flows times the change of the discount factors; a flow that falls due meanwhile counts in full."""
        left = np.maximum(self.times - elapsed, 0.0)
        after = np.exp(-(self.curve @ state.levels) * left[:, None])
        before = np.exp(-(self.curve @ state.base) * self.times)
        aged = self.flows * np.exp(np.outer(self.spread, self.times - left)) if elapsed else self.flows
        out[self.rows] = aged @ after - (self.flows @ before)[:, None]

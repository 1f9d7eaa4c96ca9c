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
BLOCK, CHUNK = 32, 512


@dataclass(frozen=True, eq=False)
class State:
    """The market under S scenarios beside the base: levels (F, S) and (F,), underliers (U, S) and (U,).

    `sticky`: an option keeps its place on the surface when its underlier moves, as Greeks are defined.
    """

    levels: Floats
    base: Floats
    under: Floats
    under_base: Floats
    sticky: bool = False


class Kernel(Protocol):
    """Values the positions at `rows`."""

    @property
    def rows(self) -> Places:
        """The rows of the portfolio it values."""

    def change(self, state: State, elapsed: float, out: Floats) -> None:
        """Write the change of value, own currency, when `elapsed` years pass and the market moves to `state`."""


def blocks(rows: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices of at most `size` rows."""
    return (slice(start, start + size) for start in range(0, rows, size))


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
        left, base = np.maximum(self.years - elapsed, 0.0), self.carry @ state.base * self.years
        for part in blocks(len(self.rows), CHUNK):
            growth = (self.carry[part] @ state.levels) * left[part, None] - base[part, None]
            ratio = state.under[self.under[part]] / state.under_base[self.under[part]][:, None]
            out[self.rows[part]] = self.value[part, None] * (ratio * np.exp(growth) - 1.0)


@dataclass(frozen=True, eq=False)
class Option:
    """European options, revalued in full; `curve` (n, F) reads the zero curve.

    `smile` (n,) is the surface at each strike today; `slices` (K of (n, F)) read it at each moneyness of its `grid`
    (K,). A scenario reads it where the strike lies to the scenario's forward (the surface is sticky to moneyness) or,
    with `sticky` strikes, where it lies today, and moves the calibrated volatility in proportion. Without a surface
    the volatility stays.
    """

    rows: Places
    under: Places
    size: Floats
    strike: Floats
    years: Floats
    call: NDArray[np.bool_]
    volatility: Floats
    curve: sparse.csr_matrix
    smile: Floats
    grid: Floats
    slices: tuple[sparse.csr_matrix, ...]

    def change(self, state: State, elapsed: float, out: Floats) -> None:
        """Model value at the new levels less model value at the base."""
        carry, spot = self.curve @ state.base, state.under_base[self.under]
        before = black_scholes(spot, self.strike, self.years, rate=carry, volatility=self.volatility, call=self.call)
        today = self.strike / (spot * np.exp(carry * self.years))
        left = np.maximum(self.years - elapsed, 0.0)
        known = self.smile > 0
        scale = np.where(known, self.volatility / np.where(known, self.smile, 1.0), 0.0)
        still = np.where(known, 0.0, self.volatility)
        fixed = [values.astype(out.dtype)[:, None] for values in (self.strike, left, today, scale, still)]
        grid = self.grid.astype(out.dtype)
        for chunk in blocks(len(self.rows), CHUNK):
            read = [(cut[chunk] @ state.levels).astype(out.dtype) for cut in (self.curve, *self.slices)]
            under, call = state.under[self.under[chunk]].astype(out.dtype), self.call[chunk, None]
            strike, years, moneyness, follows, stays = (values[chunk] for values in fixed)
            value = np.empty_like(under)
            for part in blocks(len(under)):
                rate, *cuts = (values[part] for values in read)
                forward = under[part] * np.exp(rate * years[part])
                at = moneyness[part] if state.sticky else strike[part] / forward
                volatility = np.maximum(piecewise(at, grid, cuts) * follows[part] + stays[part], 0)
                terms = {"rate": rate, "volatility": volatility, "call": call[part]}
                value[part] = black_scholes(under[part], strike[part], years[part], **terms)
            out[self.rows[chunk]] = (value - before[chunk, None]) * self.size[chunk, None]

    def read(self, state: State) -> Floats:
        """The surface (n, S) at each option's strike; zero without one."""
        growth = np.exp((self.curve @ state.levels) * self.years[:, None])
        moneyness = self.strike[:, None] / (state.under[self.under] * growth)
        return piecewise(moneyness, self.grid, [cut @ state.levels for cut in self.slices])


def piecewise(at: Floats, grid: Floats, values: list[Floats]) -> Floats:
    """The line through `values` (K arrays) at the ascending `grid` (K,), read at `at`; flat outside, 0 without any."""
    if not values:
        return np.zeros_like(at)
    read = values[0]
    for left, right, low, high in zip(grid[:-1], grid[1:], values[:-1], values[1:], strict=True):
        read = read + (high - low) * (np.clip(at, left, right) - left) / (right - left)
    return read


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
        base = self.flows @ before
        for part in blocks(len(self.rows), CHUNK):
            out[self.rows[part]] = aged[part] @ after - base[part, None]

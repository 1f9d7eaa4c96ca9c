"""Risk: 10,000 positions over 1,000 scenarios against the best hand-written numpy, and pivots of stored vectors."""

import tracemalloc
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy.special import ndtr

from app.engine import AT_ONCE
from app.risk.cube import Vectors, rollup
from app.risk.market import Market
from app.risk.portfolio import Portfolio
from app.risk.pricing import black_scholes
from app.risk.tails import value_at_risk
from app.risk.var import component_var, expected_shortfall, historical_var
from app.vectors import Plan, fill
from tests.bench.clock import Ratio, pair, plain

AS_OF = date(2024, 6, 28)
SPOTS, BOOKS, SCENARIOS = 500, 200, 1000
MONTHS = (3, 6, 12, 24, 60, 120, 240, 360)


def measure() -> Iterator[Ratio]:
    market, levels = _market(SCENARIOS)
    positions = _positions(10_000)
    portfolio = Portfolio(positions, market, AS_OF, "USD")
    assert set(portfolio.reasons) == {""}, set(portfolio.reasons)
    rows = positions.assign(reason=portfolio.reasons)
    days = np.arange(SCENARIOS).astype("datetime64[D]")
    by_hand = ByHand(portfolio, levels)

    def ours() -> tuple[float, float, np.ndarray]:
        _, vectors = rollup(rows, portfolio.pnl(levels), ("book",))
        whole = vectors[0]
        return historical_var(whole), expected_shortfall(whole), component_var(vectors[1:], parent=whole)

    for mine, theirs in zip(ours(), by_hand.statistics(), strict=True):
        assert np.allclose(mine, theirs, rtol=2e-3, atol=np.abs(theirs).max() * 2e-3), (
            "the hand-written numbers do not agree"
        )
    yield pair(
        "10,000 positions × 1,000 scenarios, VaR, ES and 200 components",
        ours,
        "hand-written float32 numpy",
        by_hand.statistics,
        1.5,
    )

    with TemporaryDirectory() as folder:
        np.save(Path(folder) / "pnl.npy", portfolio.pnl(levels))
        stored = Vectors(rows, np.load(Path(folder) / "pnl.npy", mmap_mode="r"), days)
        pivot = lambda: value_at_risk(stored, by=("strategy",))  # noqa: E731
        yield pair(
            "stored vectors pivoted by another attribute: VaR, ES and components of 60 groups",
            pivot,
            "reading them once",
            stored.pnl.sum,
            4.0,
            runs=15,
        )
        yield pair("the same pivot", pivot, "revaluing", ours, 0.2)
        trades = Portfolio(positions.iloc[:100], market, AS_OF, "USD")
        added = Vectors(rows.iloc[:100], trades.pnl(levels), days)
        _, before = rollup(stored.rows, stored.pnl, ("book",))

        def what_if() -> float:
            _, change = rollup(added.rows, added.pnl, ("book",))
            whole = before[0] + change[0]
            return historical_var(whole) + expected_shortfall(whole)

        yield plain("what-if of 100 trades beside the book, their pricing apart", what_if, 0.02)
    yield from _slope(market, levels)
    once, twice = (_peak(Portfolio(_positions(n), market, AS_OF, "USD"), levels[:500]) for n in (50_000, 100_000))
    yield Ratio(
        "peak memory of writing vectors of 100,000 positions × 500 scenarios",
        "of 50,000",
        twice,
        once,
        twice / once,
        1.1,
        "MB",
    )


def _slope(market: Market, levels: np.ndarray) -> Iterator[Ratio]:
    """Ten times the positions cost ten times the time and no more."""
    small, large = (Portfolio(_positions(n), market, AS_OF, "USD") for n in (5_000, 50_000))
    tenfold = pair("", lambda: large.pnl(levels[:200]), "", lambda: small.pnl(levels[:200]), 13.0, runs=5)
    ours, theirs = tenfold.ours / 50_000, tenfold.theirs / 5_000
    yield Ratio(
        "cost a position, 50,000 positions against 5,000", "per position", ours, theirs, tenfold.ratio / 10, 1.3
    )


def _peak(portfolio: Portfolio, levels: np.ndarray) -> float:
    """Most memory, in MB, that was held beside the portfolio while its vectors were written."""
    step = AT_ONCE // len(portfolio.positions)
    plan = Plan(portfolio, portfolio.rows, np.arange(len(levels)), levels.__getitem__, step)
    with TemporaryDirectory() as folder:
        tracemalloc.start()
        deque(fill(Path(folder) / "pnl.npy", Path(folder) / "draft", plan), maxlen=0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak / 2**20


class ByHand:
    """The same numbers the shortest way: linear positions netted to book × factor, options in blocks, float32."""

    def __init__(self, portfolio: Portfolio, levels: np.ndarray) -> None:
        p, f4 = portfolio.positions, np.float32
        self.book = pd.factorize(p["book"], sort=True)[0]
        self.moves = (levels / portfolio.levels[:-1] - 1).T.astype(f4)
        self.shift = (levels - portfolio.levels[:-1]).T.astype(f4)
        column = portfolio.market.column
        kind = p["instrument_type"].to_numpy(dtype=str)
        self.net = np.zeros((BOOKS, len(self.moves)), f4)
        linear = kind == "equity"
        spot = p["symbol"].map(lambda s: column.get(f"spot:{s}", -1)).to_numpy()
        np.add.at(self.net, (self.book[linear], spot[linear]), p["value"].to_numpy()[linear])
        self.options = next(k for k in portfolio.kernels if type(k).__name__ == "Option")
        self.bonds = next(k for k in portfolio.kernels if type(k).__name__ == "Bonds")
        place = np.array([column[f"spot:S{i}"] for i in range(SPOTS)])
        under = np.array([pair[0] for pair in portfolio._pairs])
        self.under = under[self.options.under]
        assert set(self.under) <= set(place)
        self.spot = portfolio.levels[self.under].astype(f4)
        zero = self.options.curve.astype(f4)
        self.rate = (zero @ portfolio.levels).astype(f4)
        self.rates = zero[:, :-1]
        self.levels, self.base = levels.T.astype(f4), portfolio.levels
        self.cuts = [cut[:, :-1].astype(f4) for cut in self.options.slices]
        self.scale = (self.options.volatility / self.options.smile).astype(f4)
        self.price = black_scholes(
            self.base[self.under],
            self.options.strike,
            self.options.years,
            rate=self.rate,
            volatility=self.options.volatility,
            call=self.options.call,
        ).astype(f4)

    def statistics(self) -> tuple[float, float, np.ndarray]:
        total = self.net @ self.moves
        self._add_options(total)
        self._add_bonds(total)
        books = total.astype(np.float64)
        firm = books.sum(axis=0)
        order = np.argpartition(firm, 27)[:27]
        order = order[np.argsort(firm[order])]
        worst = firm[order]
        rank = 0.01 * (SCENARIOS + 1)
        low, part = int(rank), rank - int(rank)
        weights = np.array([1 - part, part])
        var = -(worst[low - 1 : low + 1] @ weights)
        return var, -worst[:25].mean(), -(books[:, order[low - 1 : low + 1]] @ weights)

    def _add_options(self, total: np.ndarray) -> None:
        o, f4 = self.options, np.float32
        moved = self.levels[self.under] / self.spot[:, None]
        rates = self.rates @ self.levels
        cuts, grid = [cut @ self.levels for cut in self.cuts], self.options.grid.astype(f4)
        root = np.sqrt(o.years).astype(f4)
        for start in range(0, len(o.rows), 32):
            cut = slice(start, start + 32)
            discount = np.exp(-rates[cut] * o.years[cut, None].astype(f4))
            spot = moved[cut] * self.spot[cut, None]
            strike = discount * o.strike[cut, None].astype(f4)
            at = strike / spot
            vol = cuts[0][cut].copy()
            for k in range(len(grid) - 1):
                vol += (
                    (cuts[k + 1][cut] - cuts[k][cut])
                    * (np.clip(at, grid[k], grid[k + 1]) - grid[k])
                    / (grid[k + 1] - grid[k])
                )
            spread = vol * (self.scale * root)[cut, None]
            d1 = np.log(spot / strike) / spread + spread * f4(0.5)
            sign = np.where(o.call[cut, None], f4(1), f4(-1))
            price = sign * (spot * ndtr(sign * d1) - strike * ndtr(sign * (d1 - spread)))
            np.add.at(total, self.book[o.rows[cut]], (price - self.price[cut, None]) * o.size[cut, None].astype(f4))

    def _add_bonds(self, total: np.ndarray) -> None:
        b, f4 = self.bonds, np.float32
        curve = b.curve[:, :-1].astype(f4)
        after = np.exp(-(curve @ self.levels) * b.times[:, None].astype(f4))
        before = np.exp(-(curve @ self.base[:-1].astype(f4)) * b.times.astype(f4))
        flows = np.zeros((BOOKS, len(b.times)), f4)
        np.add.at(flows, self.book[b.rows], b.flows.astype(f4))
        total += flows @ (after - before[:, None])


def _market(scenarios: int) -> tuple[Market, np.ndarray]:
    rng = np.random.default_rng(7)
    names = [("spot", f"S{i}", 0, 0.0) for i in range(SPOTS)] + [("zero", "USD", m, 0.0) for m in MONTHS]
    names += [("vol", f"S{i}", m, k) for i in range(50) for m in (1, 3, 6) for k in (0.8, 1.0, 1.2)]
    factors = pd.DataFrame(names, columns=["kind", "owner", "months", "moneyness"])
    ends = factors["kind"].map({"spot": "", "zero": ":{m:g}", "vol": ":{m:g}:{k:g}"})
    factors["name"] = [
        f"{kind}:{owner}{end.format(m=m, k=k)}"
        for kind, owner, m, k, end in zip(
            *(factors[c] for c in ("kind", "owner", "months", "moneyness")), ends, strict=True
        )
    ]
    kinds = factors["kind"].to_numpy(dtype=str)
    base = np.select([kinds == "spot", kinds == "zero"], [rng.uniform(20, 400, len(kinds)), 0.03], 0.3)
    common = rng.normal(0, 0.01, (scenarios, 1))
    noise = rng.normal(0, 0.015, (scenarios, len(kinds)))
    moves = np.where(kinds == "zero", noise * 0.03, common + noise)
    levels = np.where(kinds == "zero", base + moves, base * (1 + moves))
    return Market(factors, np.array([AS_OF], dtype="datetime64[D]"), base[None, :]), levels


def _positions(count: int) -> pd.DataFrame:
    """Seven in ten linear, two in ten options on the fifty names with surfaces, one in ten bonds."""
    rng = np.random.default_rng(11)
    market, _ = _market(1)
    kind = rng.choice(["equity", "option", "government_bond"], count, p=[0.7, 0.2, 0.1])
    is_option, is_bond = kind == "option", kind == "government_bond"
    name = np.where(is_option, rng.integers(0, 50, count), rng.integers(0, SPOTS, count))
    spot = market.levels[0][name]
    frame = pd.DataFrame(
        {"symbol": [f"S{i}" for i in name], "instrument_type": kind, "asset_class": "equity", "currency": "USD"}
    )
    frame["book"] = [f"B{i:03d}" for i in rng.integers(0, BOOKS, count)]
    frame["strategy"] = [f"T{i:02d}" for i in rng.integers(0, 60, count)]
    frame["underlying"] = frame["symbol"].where(is_option, None)
    frame["multiplier"], frame["price_factor"] = np.where(is_option, 100.0, 1.0), np.where(is_bond, 0.01, 1.0)
    frame["strike"] = np.where(is_option, spot * rng.uniform(0.85, 1.15, count), np.nan)
    years = rng.integers(20, 300, count)
    frame["expiry"] = [AS_OF + timedelta(days=int(d)) if o else None for d, o in zip(years, is_option, strict=True)]
    frame["option_type"] = np.where(is_option, rng.choice(["call", "put"], count), None)
    frame["coupon"], frame["coupon_frequency"] = np.where(is_bond, 3.0, np.nan), np.where(is_bond, 2, np.nan)
    ends = rng.integers(1, 31, count)
    frame["maturity"] = [date(AS_OF.year + int(y), 6, 15) if b else None for y, b in zip(ends, is_bond, strict=True)]
    frame["quantity"] = rng.normal(0, 100, count).round() + 0.5
    theory = black_scholes(
        spot,
        np.where(is_option, frame["strike"], 1.0),
        years / 365,
        rate=0.03,
        volatility=0.3,
        call=frame["option_type"] == "call",
    )
    frame["price"] = np.select([is_option, is_bond], [theory, 98.0], spot)
    frame["value"] = frame["quantity"] * frame["price"] * frame["multiplier"] * frame["price_factor"]
    return frame.assign(wealth=0.0)

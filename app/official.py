"""The official run: each day's forecasts of VaR and ES, and the P&L they are held against, stored for good.

A forecast is made from one day's positions for the next business day and is never changed; a second run of a day
stands beside the first. Firm, desks and books are forecast apart, each from its own summed vector.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.engine import ENGINE, Engine
from app.risk.cube import summed
from app.risk.market import Market
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.var import expected_shortfall, historical_var, var_scenarios
from data.calendar import business_days
from data.load import create
from data.relations import Ask, read
from data.runs import write_runs
from data.scope import NOBODY
from data.warehouse import Warehouse

WINDOW = 500
METHOD = "weibull"
VAR_LEVELS = {"var_99": 0.99, "var_975": 0.975}
ES_LEVELS = {"es_975": 0.975}
ALIKE, EACH = ("as_of", "observations", "measure", "confidence"), ("place", "value", "scenario_dates")
BATCH = 64
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Runs:
    """Runs of some days in the columns of data.runs: forecasts for the next day, and the P&L of each day."""

    forecasts: pd.DataFrame
    pnls: pd.DataFrame

    @classmethod
    def joined(cls, parts: list["Runs"]) -> "Runs":
        """The days of all parts in ascending order."""
        frames = ([part.forecasts for part in parts], [part.pnls for part in parts])
        return cls(*(pd.concat(rows, ignore_index=True).sort_values("as_of", kind="stable") for rows in frames))


@dataclass(frozen=True, eq=False)
class Tree:
    """The firm, its desks and its books in a fixed order, so that every day's sums are rows of the same array."""

    nodes: pd.DataFrame
    books: dict[str, int]
    desk_of: NDArray[np.intp]

    @classmethod
    def of(cls, wealth: pd.DataFrame) -> "Tree":
        """From every desk and book that ever held something."""
        pairs = wealth[["desk", "book"]].drop_duplicates().sort_values(["desk", "book"])
        desks, books = pairs["desk"].unique().tolist(), pairs["book"].tolist()
        kinds = ["firm"] + ["desk"] * len(desks) + ["book"] * len(books)
        nodes = pd.DataFrame({"scope_kind": kinds, "node": ["", *desks, *books]}, dtype=object)
        place = {desk: number for number, desk in enumerate(desks)}
        return cls(nodes, {book: number for number, book in enumerate(books)}, pairs["desk"].map(place).to_numpy(int))

    def sums(self, portfolio: Portfolio, pnl: Floats) -> Floats:
        """The vectors of every node (nodes, scenarios)."""
        book = np.where(portfolio.reasons == "", self._books(portfolio), -1)
        return self.up(summed(pnl, book, len(self.books)))

    def up(self, books: Floats) -> Floats:
        """Rows of the firm and its desks above the rows of the books."""
        desks = summed(books, self.desk_of, len(self.nodes) - len(self.books) - 1)
        return np.vstack([desks.sum(axis=0, keepdims=True), desks, books])

    def holds(self, portfolio: Portfolio) -> NDArray[np.bool_]:
        """Which nodes hold a position."""
        counts = np.bincount(self._books(portfolio), minlength=len(self.books)).astype(float)
        held: NDArray[np.bool_] = self.up(counts[:, None])[:, 0] > 0
        return held

    def by_day(self, booked: pd.DataFrame) -> pd.DataFrame:
        """as_of, scope_kind, node, place, actual, hypothetical: what daily_pnl found, summed up the tree.

        A holding whose P&L is not known at both ends is left out, as in the product's own P&L.
        """
        whole = booked.dropna(subset=["actual", "hypothetical"])
        days, day = np.unique(whole["day"].to_numpy(dtype=object), return_inverse=True)
        group = day * len(self.books) + whole["book"].map(self.books).to_numpy(dtype=int)
        amounts = summed(whole[["actual", "hypothetical"]].to_numpy(dtype=float), group, len(days) * len(self.books))
        cube = amounts.reshape(len(days), len(self.books), 2).swapaxes(0, 1)
        tall = self.up(cube.reshape(len(self.books), -1)).reshape(len(self.nodes), len(days), 2)
        place, when = np.divmod(np.arange(len(self.nodes) * len(days)), max(len(days), 1))
        frame = self.nodes.iloc[place].reset_index(drop=True).assign(as_of=days[when], place=place)
        frame["actual"], frame["hypothetical"] = tall.reshape(-1, 2).T
        return frame

    def table(self, forecasts: list[list[dict[str, Any]]]) -> pd.DataFrame:
        """Forecasts of many days and levels as one frame."""
        parts = [part for day in forecasts for part in day]
        sizes = [len(part["place"]) for part in parts]
        alike = {name: np.repeat(np.array([part[name] for part in parts]), sizes) for name in ALIKE}
        each = {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in EACH}
        nodes = self.nodes.iloc[each["place"]].reset_index(drop=True)
        return nodes.assign(**alike, value=each["value"], scenario_dates=each["scenario_dates"]).assign(
            window_days=WINDOW, method=METHOD
        )

    def _books(self, portfolio: Portfolio) -> NDArray[np.intp]:
        return np.array([self.books[book] for book in portfolio.positions["book"]], dtype=np.intp)


def run(warehouse: Warehouse, wanted: list[date], base: str, release: str, tell: Callable[[str, float], None]) -> int:
    """Run the wanted days (of the calendar, ascending) and publish them as one new snapshot; the number of days run.

    Days are shared out to one process a core. Interrupted, it stores the batches that are complete and raises
    KeyboardInterrupt; run again for the days that are left. Where a load holds the warehouse at the end, it waits.
    """
    number = warehouse.current().number
    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    workers = min(len(batches), os.cpu_count() or 1)
    done: list[Runs] = []
    tell("official runs", 0.0)
    with ProcessPoolExecutor(max(workers, 1), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_batch, warehouse.folder, number, days, base, release) for days in batches]
        try:
            for finished in as_completed(waiting):
                done.append(finished.result())
                tell("official runs", _count(done) / len(wanted))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            _publish(warehouse, done, base, number, release)
    return _count(done)


def _count(done: list[Runs]) -> int:
    return sum(part.pnls["as_of"].nunique() for part in done)


def days_without_run(warehouse: Warehouse) -> list[date]:
    """The business days of the current snapshot that have no official run yet, in ascending order."""
    cursor = warehouse.cursor(warehouse.current().number)
    try:
        ran = set(read(cursor, "runs", NOBODY, Ask({}, "")).to_pandas()["as_of"])
    except duckdb.CatalogException:  # a snapshot of an older release has no place for runs
        ran = set()
    return [day for day in business_days(cursor) if day not in ran]


def _batch(folder: Path, number: str, days: list[date], base: str, release: str) -> Runs:
    warehouse = Warehouse(folder)
    engine = Engine(folder, warehouse.cursor, release)
    try:
        stretches = _stretches(days, business_days(warehouse.cursor(number)))
        return Runs.joined([official_runs(engine, number, *part, base) for part in stretches])
    finally:
        warehouse.close()


def _stretches(days: list[date], calendar: dict[date, date]) -> list[tuple[list[date], date]]:
    """Runs of consecutive business days, each with the business day before it."""
    stretches: list[tuple[list[date], date]] = []
    for day in days:
        previous = calendar[day]
        if stretches and stretches[-1][0][-1] == previous:
            stretches[-1][0].append(day)
        else:
            stretches.append(([day], previous))
    return stretches


def _publish(warehouse: Warehouse, done: list[Runs], base: str, number: str, release: str) -> None:
    if not done:
        return
    every = Runs.joined(done)
    with warehouse.draft(release, wait=True) as draft:
        create(draft.connection)
        write_runs(
            draft.connection,
            every.forecasts,
            every.pnls,
            base=base,
            snapshot=number,
            release=release,
            run_at=datetime.now(UTC),
        )


def official_runs(engine: Engine, snapshot: str, days: list[date], before: date, base: str) -> Runs:
    """Run `days`, consecutive and ascending; the positions of `before`, the business day before, meet their market."""
    market = engine.market_between(snapshot, before, days[-1], window=WINDOW)
    ask = Ask({"first": before, "as_of": days[-1]}, base)
    cursor = engine.cursor(snapshot)
    frames = (read(cursor, name, ENGINE, ask).to_pandas() for name in ("risk_positions", "daily_wealth", "daily_rates"))
    positions, wealth, rates = (_plain(frame) for frame in frames)
    tree = Tree.of(wealth)
    held = positions.groupby("day").indices

    def portfolio(day: date) -> Portfolio:
        rows = positions.iloc[held.get(day, [])].reset_index(drop=True)
        return Portfolio(rows, market.until(day), day, base)

    forecasts, theory = [], []
    yesterday = portfolio(before) if before >= market.days[0].item() else None
    for day in days:
        theory.append(_theoretical(yesterday, market, day, tree))
        yesterday = portfolio(day)
        forecasts.append(_forecasts(day, yesterday, tree))
    booked = tree.by_day(daily_pnl(wealth, rates))
    pnls = booked[booked["as_of"] != before]
    rows = np.searchsorted(np.array(days, dtype="datetime64[D]"), pnls["as_of"].to_numpy(dtype="datetime64[D]"))
    known = np.array(theory)[rows, pnls["place"]]
    return Runs(tree.table(forecasts), pnls.assign(theoretical=known).drop(columns="place"))


def _theoretical(yesterday: Portfolio | None, market: Market, day: date, tree: Tree) -> Floats:
    """P&L (nodes,) of yesterday's positions by the model's factors; NaN for nodes that held nothing."""
    if yesterday is None:
        return np.full(len(tree.nodes), np.nan)
    gap = float((day - yesterday.as_of).days)
    moved = yesterday.pnl(market.rebased(yesterday.as_of).on(day)[None, :], days=gap, dtype=np.float64)
    return np.where(tree.holds(yesterday), tree.sums(yesterday, moved)[:, 0], np.nan)


def daily_pnl(wealth: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Actual and hypothetical P&L of every holding on every day but its first, from the relation daily_wealth.

    day, desk, book, instrument, actual, hypothetical. Actual is the P&L of the day before fees; hypothetical is the
    same where nothing was traded, else yesterday's quantity at the move of its mark and yesterday's wealth at the
    move of its rate. Null where an end is not priced.
    """
    frame = wealth.merge(rates, on=["day", "currency"], how="left")
    before = frame.groupby(["book", "instrument"], sort=False).shift()
    new = before["day"].isna()
    start = before["wealth"].where(~new, 0.0) * before["rate"].where(~new, 0.0)
    fees = (frame["fees"] - before["fees"].fillna(0)) * frame["rate"]
    actual = frame["wealth"] * frame["rate"] - start + fees
    marked = before["quantity"] * (frame["unit_value"] * frame["split"] - before["unit_value"]) * frame["rate"]
    moved = before["wealth"] * (frame["rate"] - before["rate"])
    still = (frame["trades"] == before["trades"]) | frame["unit_value"].isna()
    hypothetical = actual.where(still, (marked + moved).where(~new, 0.0))
    return frame[["day", "desk", "book", "instrument"]].assign(actual=actual, hypothetical=hypothetical)


def _forecasts(day: date, portfolio: Portfolio, tree: Tree) -> list[dict[str, Any]]:
    """Every level's forecast for each node that holds something; `place` is the node's."""
    scenarios = historical(portfolio.market, window=WINDOW)
    levels = shifted(portfolio.market.on(day), scenarios.moves, portfolio.market.absolute)
    holds = np.flatnonzero(tree.holds(portfolio))
    vectors = tree.sums(portfolio, portfolio.pnl(levels))[holds]
    worst = np.argsort(vectors, axis=1, kind="stable")
    common = {"as_of": day, "place": holds, "observations": len(scenarios)}
    parts = []
    for name, confidence in (VAR_LEVELS | ES_LEVELS).items():
        if name in VAR_LEVELS:
            value = historical_var(vectors, confidence=confidence, method=METHOD)
            ranks = var_scenarios(np.arange(len(scenarios)), confidence=confidence, method=METHOD).indices
        else:
            value = expected_shortfall(vectors, confidence=confidence)
            ranks = np.arange(min(3, len(scenarios)))
        when = [" ".join(dates) for dates in scenarios.days[worst[:, ranks]].astype(str)]
        parts.append({**common, "measure": name, "confidence": confidence, "value": value, "scenario_dates": when})
    return parts


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts as plain objects, of which a day's rows are taken many times faster."""
    texts = {str(name): object for name, kind in frame.dtypes.items() if kind == "str"}
    return frame.astype(texts)

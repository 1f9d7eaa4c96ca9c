"""The risk engine's state: the market of a day, portfolios ready to be revalued, and stored P&L vectors.

Vectors are computed once for every position of a snapshot and day, whoever asks first, and lie in one file a day,
memory-mapped. A server has a background job make those that would keep the reader waiting. A reader gets the rows of
the positions that his own read returned and no others: the scope's single WHERE decides, here as everywhere.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from hashlib import sha256
from math import inf
from os import getpid
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app import vectors
from app.flight import Flight
from app.jobs import Jobs
from app.risk.cube import Vectors
from app.risk.market import Days, Market, assemble, in_base
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.stress import Scenario
from data.relations import Ask, read
from data.scenarios import FOLDER, File, scenario_files, scenarios
from data.scope import NOBODY, Scope

ENGINE = Scope(reader="", name="the risk engine", firm=True)
MARKET = ("factor_spots", "factor_rates", "factor_zeros", "factor_vols")
NEEDS = ("portfolio", "portfolio_before", "pnl_vectors", "market_history", "scenarios")
SESSIONS_A_YEAR = 252
ALL_HISTORY = 6000
AT_ONCE = 1 << 24  # numbers of a day that a reader waits for: a second or two
STEPS = 20  # of a job, whatever its size, so that their number says nothing of the firm's positions


@dataclass(frozen=True, slots=True)
class Setting:
    """What a vector depends on beside its position: the day, the base currency, and the scenarios."""

    snapshot: str
    as_of: date
    base: str
    window: int = 500


class Engine:
    """Markets, portfolios and vectors of one warehouse; `cursor` opens a snapshot by number, `folder` keeps vectors.

    Vectors of more than `at_once` numbers are made by a job, for which nobody waits.
    """

    def __init__(
        self, folder: Path, cursor: Callable[[str], duckdb.DuckDBPyConnection], release: str, *, at_once: float = inf
    ) -> None:
        self.folder = folder
        self.cursor = cursor
        self.release = release
        self.at_once = at_once
        self.jobs = Jobs(folder)
        self._flight = Flight()
        self._reading = Lock()
        self._markets = lru_cache(maxsize=8)(self._read_market)

    def market(self, setting: Setting) -> Market:
        """Every factor up to the setting's day, with enough history for its window."""
        with self._reading:
            return self._markets(setting.snapshot, setting.as_of, setting.window)

    def history(self, setting: Setting) -> Market:
        """Every factor up to the setting's day, as far back as there is."""
        with self._reading:
            return self._markets(setting.snapshot, setting.as_of, ALL_HISTORY)

    def market_between(self, snapshot: str, first: date, as_of: date, *, window: int) -> Market:
        """Every factor up to a day, with `window` moves before `first`."""
        start = first - timedelta(days=int((window + 12) * 366 / SESSIONS_A_YEAR) + 10)
        ask = Ask({"as_of": as_of, "start": start}, "")
        return assemble(*(read(self.cursor(snapshot), name, NOBODY, ask).to_pandas() for name in MARKET))

    def need(self, name: str, setting: Setting, before: date, scope: Scope, rows: Mapping[str, str]) -> Any:
        """What a measure asks for by the name of a parameter, one of NEEDS; `before` is the day compared with."""
        if name == "portfolio":
            return self.portfolio(setting, scope, rows)
        if name == "portfolio_before":
            return self.portfolio(setting, scope, rows, on=before)
        if name == "pnl_vectors":
            return self.vectors(setting, scope, rows)
        return self.history(setting) if name == "market_history" else self.scenarios()

    def scenario_files(self) -> tuple[File, ...]:
        """The files that scenarios are read from: those of the product, and the firm's own beside the warehouse."""
        return scenario_files(FOLDER, self.folder.parent / "scenarios")

    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios as their files are now; ScenarioError for a file that cannot be used."""
        return _parsed(self.scenario_files())

    def portfolio(
        self, setting: Setting, scope: Scope, rows: Mapping[str, str], *, on: date | None = None
    ) -> Portfolio:
        """The reader's open positions of the setting's day, or of an earlier one, under that day's market."""
        own = replace(setting, as_of=on or setting.as_of)
        positions, market = self._positions(own, scope, rows), self.market(own)
        return Portfolio(positions, market, own.as_of, own.base)

    def vectors(self, setting: Setting, scope: Scope, rows: Mapping[str, str]) -> Vectors:
        """P&L vectors of the reader's open positions; PendingError while a job is making them, or was stopped at it."""
        return self.own(self._stored(setting), setting, scope, rows)

    def start(self, setting: Setting) -> None:
        """Go on with the job that makes the vectors of a setting; nothing where they are complete."""
        path, step = self._path(setting), -(-setting.window // STEPS)
        if not path.exists():
            work = partial(self._fill, setting, path.with_suffix(".draft"), step=step)
            self.jobs.start(self._key(setting), -(-setting.window // step), work)

    def cancel(self, setting: Setting) -> None:
        """Stop that job after the step it is at."""
        self.jobs.cancel(self._key(setting))

    def own(self, whole: Vectors, setting: Setting, scope: Scope, rows: Mapping[str, str]) -> Vectors:
        """Of the vectors of every position those of the reader's, with their market value in the base currency."""
        positions = self._positions(setting, scope, rows)
        keys = pd.MultiIndex.from_frame(whole.rows[["book", "instrument"]])
        places = keys.get_indexer(pd.MultiIndex.from_frame(positions[["book", "instrument"]]))
        found = whole.rows.drop(columns=["book", "instrument"]).iloc[places].reset_index(drop=True)
        market = self.market(setting)
        value = in_base(positions["value"], positions["currency"], market, setting.as_of, setting.base)
        everything = np.array_equal(places, np.arange(len(whole.rows)))  # the firm's reader: no copy of the file
        pnl = whole.pnl if everything else whole.pnl[places]
        return Vectors(positions.assign(market_value=value, **found), pnl, whole.days)

    def revalued(self, portfolio: Portfolio, setting: Setting) -> Vectors:
        """P&L vectors of a portfolio, kept nowhere."""
        rows, levels, days = _scenarios(portfolio, setting)
        return Vectors(rows, portfolio.pnl(levels), days)

    def _read_market(self, snapshot: str, as_of: date, window: int) -> Market:
        return self.market_between(snapshot, as_of, as_of, window=window)

    def _positions(self, setting: Setting, scope: Scope, rows: Mapping[str, str]) -> pd.DataFrame:
        ask = Ask({"as_of": setting.as_of, "first": setting.as_of}, setting.base, rows=rows)
        frame: pd.DataFrame = read(self.cursor(setting.snapshot), "risk_positions", scope, ask).to_pandas()
        return frame

    def _stored(self, setting: Setting) -> Vectors:
        """The vectors of every position of the day, from their file, made now if it is small enough."""
        path = self._path(setting)
        self._flight.once(str(path), lambda: b"kept" if path.exists() else None, lambda: self._make(setting))
        what = f"P&L in {setting.window:,} scenarios for {setting.as_of} in {setting.base}"
        return vectors.find(self.jobs, self._key(setting), what)

    def _make(self, setting: Setting) -> bytes:
        """Fill the file, or have a job do it; one that somebody stopped, or that failed, is not begun again."""
        progress = self.jobs.state(self._key(setting))
        if progress:
            if progress.status == "stopped":
                self.start(setting)
            return b"begun"
        held = len(self._positions(setting, ENGINE, {}))
        if held * setting.window > self.at_once:
            self.start(setting)
            return b"begun"
        draft = self._path(setting).with_suffix(f".{getpid()}")
        try:
            deque(self._fill(setting, draft, step=max(AT_ONCE // max(held, 1), 1)), maxlen=0)
        finally:
            draft.unlink(missing_ok=True)
        return b"made"

    def _fill(self, setting: Setting, draft: Path, done: int = 0, *, step: int) -> Iterator[int]:
        portfolio = self.portfolio(setting, ENGINE, {})
        rows, levels, days = _scenarios(portfolio, setting)
        plan = vectors.Plan(portfolio, rows, days, levels.__getitem__, step)
        return vectors.fill(self._path(setting), draft, plan, done)

    def _key(self, setting: Setting) -> str:
        name = sha256(repr((self.release, astuple(setting))).encode()).hexdigest()[:16]
        return f"{setting.snapshot}/{setting.as_of}-{name}"

    def _path(self, setting: Setting) -> Path:
        return self.folder / f"{self._key(setting)}.npy"


@lru_cache(maxsize=4)
def _parsed(files: tuple[File, ...]) -> tuple[Scenario, ...]:
    return tuple(Scenario.of(record) for record in scenarios(files))


def _scenarios(portfolio: Portfolio, setting: Setting) -> tuple[pd.DataFrame, NDArray[np.float64], Days]:
    """The portfolio's rows, every factor's level (scenarios, factors) in history, and the days the scenarios ended on.

    `proxied` of a row is the share of its scenarios that rest on a move which history lacks.
    """
    market = portfolio.market
    scenarios = historical(market, window=setting.window)
    levels = shifted(market.on(setting.as_of), scenarios.moves, market.absolute)
    return portfolio.rows.assign(proxied=portfolio.reading(scenarios.proxied)), levels, scenarios.days

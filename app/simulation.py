"""Simulated P&L of every position of a day: made by a background job, kept in a file, read by rows like any vectors.

A run is asked for and never starts by itself. It revalues the firm's positions in full on every path, a block at a
time, into a file that bears its own name only when it is complete. A reader gets the rows of the positions that his
own read returned and no others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app import vectors
from app.engine import ENGINE, Engine, Setting
from app.jobs import Jobs
from app.risk.cube import Vectors
from app.risk.returns import historical, shifted
from app.risk.simulation import BLOCK, PATHS, SEED, simulated_moves
from data.scope import Scope


class Simulations:
    """The runs of one engine's warehouse, beside its vectors."""

    def __init__(self, engine: Engine, *, paths: int = PATHS, seed: int = SEED) -> None:
        self.engine = engine
        self.paths = paths
        self.seed = seed
        self.jobs = Jobs(engine.folder)

    def vectors(self, setting: Setting, scope: Scope, rows: Mapping[str, str]) -> Vectors:
        """The reader's open positions on every path; a path has no day. PendingError until the run is complete.

        Where history holds no move to draw from there are no paths.
        """
        whole = vectors.find(self.jobs, self._key(setting), self.describe(setting))
        return self.engine.own(whole, setting, scope, rows)

    def complete(self, setting: Setting) -> bool:
        """Whether nothing is left to run."""
        return self._path(setting).exists()

    def start(self, setting: Setting) -> None:
        """Run it in the background, from where it stands; nothing if it is complete."""
        if not self.complete(setting):
            self.jobs.start(self._key(setting), -(-self.paths // BLOCK), partial(self._run, setting))

    def cancel(self, setting: Setting) -> None:
        """Stop it after the block it is at."""
        self.jobs.cancel(self._key(setting))

    def describe(self, setting: Setting) -> str:
        """What is run: `10,000 paths for 2022-12-28 in USD from 500 days of moves`."""
        return f"{self.paths:,} paths for {setting.as_of} in {setting.base} from {setting.window:,} days of moves"

    def _key(self, setting: Setting) -> str:
        parts = (self.engine.release, astuple(setting), "normal", self.paths, self.seed)
        return f"{setting.snapshot}/{setting.as_of}-{sha256(repr(parts).encode()).hexdigest()[:16]}"

    def _path(self, setting: Setting) -> Path:
        return self.engine.folder / f"{self._key(setting)}.npy"

    def _run(self, setting: Setting, done: int) -> Iterator[int]:
        portfolio, path = self.engine.portfolio(setting, ENGINE, {}), self._path(setting)
        market = portfolio.market
        moves, today = historical(market, window=setting.window).moves, market.on(setting.as_of)
        days = np.full(self.paths if len(moves) else 0, np.datetime64("NaT", "D"))

        def levels(span: slice) -> NDArray[np.float64]:
            block = span.start // BLOCK
            drawn = simulated_moves(moves, market.absolute, paths=self.paths, seed=self.seed, block=block)
            return shifted(today, drawn, market.absolute)

        plan = vectors.Plan(portfolio, portfolio.rows, days, levels, BLOCK)
        return vectors.fill(path, path.with_suffix(".draft"), plan, done)

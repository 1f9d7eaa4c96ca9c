"""The risk engine's state: the market of a day, portfolios ready to be revalued, and stored P&L vectors.

Vectors are computed once for every position of a snapshot and day, whoever asks first, and lie in one file a day,
memory-mapped. A reader gets the rows of the positions that his own read returned and no others: the scope's single
WHERE decides, here as everywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from app.flight import Flight
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
AT_ONCE = 1 << 24


@dataclass(frozen=True, slots=True)
class Setting:
    """What a vector depends on beside its position: the day, the base currency, and the scenarios."""

    snapshot: str
    as_of: date
    base: str
    window: int = 500


class Engine:
    """Markets, portfolios and vectors of one warehouse; `cursor` opens a snapshot by number, `folder` keeps vectors."""

    def __init__(self, folder: Path, cursor: Callable[[str], duckdb.DuckDBPyConnection], release: str) -> None:
        self.folder = folder
        self.cursor = cursor
        self.release = release
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
        """P&L vectors of the reader's open positions."""
        return self.own(self._stored(setting), setting, scope, rows)

    def own(self, whole: Vectors, setting: Setting, scope: Scope, rows: Mapping[str, str]) -> Vectors:
        """Of the vectors of every position those of the reader's, with their market value in the base currency."""
        positions = self._positions(setting, scope, rows)
        keys = pd.MultiIndex.from_frame(whole.rows[["book", "instrument"]])
        places = keys.get_indexer(pd.MultiIndex.from_frame(positions[["book", "instrument"]]))
        reasons = whole.rows["reason"].to_numpy(dtype=object)[places]
        market = self.market(setting)
        value = in_base(positions["value"], positions["currency"], market, setting.as_of, setting.base)
        everything = np.array_equal(places, np.arange(len(whole.rows)))  # the firm's reader: no copy of the file
        pnl = whole.pnl if everything else whole.pnl[places]
        return Vectors(positions.assign(reason=reasons, market_value=value), pnl, whole.days)

    def revalued(self, portfolio: Portfolio, setting: Setting) -> Vectors:
        """P&L vectors of a portfolio, kept nowhere."""
        levels, days = _scenario_levels(portfolio.market, setting)
        return Vectors(portfolio.rows, portfolio.pnl(levels), days)

    def _read_market(self, snapshot: str, as_of: date, window: int) -> Market:
        return self.market_between(snapshot, as_of, as_of, window=window)

    def _positions(self, setting: Setting, scope: Scope, rows: Mapping[str, str]) -> pd.DataFrame:
        ask = Ask({"as_of": setting.as_of, "first": setting.as_of}, setting.base, rows=rows)
        frame: pd.DataFrame = read(self.cursor(setting.snapshot), "risk_positions", scope, ask).to_pandas()
        return frame

    def _stored(self, setting: Setting) -> Vectors:
        """The vectors of every position of the day, from their file or computed into it."""
        name = sha256(repr((self.release, astuple(setting))).encode()).hexdigest()[:16]
        path = self.folder / setting.snapshot / f"{setting.as_of}-{name}.npy"
        self._flight.once(str(path), lambda: b"kept" if path.exists() else None, lambda: self._store(setting, path))
        keys = pd.read_feather(path.with_suffix(".keys"))
        return Vectors(keys, np.load(path, mmap_mode="r"), np.load(path.with_suffix(".days")))

    def _store(self, setting: Setting, path: Path) -> bytes:
        portfolio = self.portfolio(setting, ENGINE, {})
        levels, days = _scenario_levels(portfolio.market, setting)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path.with_suffix(".keys"), portfolio.rows[["book", "instrument", "reason"]].to_feather)
        _write(path.with_suffix(".days"), lambda file: np.save(file, days))
        _write(path, lambda file: fill(file, portfolio, levels))
        return b"made"


@lru_cache(maxsize=4)
def _parsed(files: tuple[File, ...]) -> tuple[Scenario, ...]:
    return tuple(Scenario.of(record) for record in scenarios(files))


def _scenario_levels(market: Market, setting: Setting) -> tuple[NDArray[np.float64], Days]:
    """Every factor's level (scenarios, factors) in the historical scenarios, and the days that these ended on."""
    scenarios = historical(market, window=setting.window)
    return shifted(market.on(setting.as_of), scenarios.moves, market.absolute), scenarios.days


def fill(file: Any, portfolio: Portfolio, levels: NDArray[np.float64]) -> None:
    """Write the vectors a block of scenarios at a time, so that memory holds AT_ONCE numbers however many there are."""
    shape = (len(portfolio.positions), len(levels))
    if not all(shape):
        np.save(file, np.zeros(shape, np.float32))
        return
    pnl, step = open_memmap(file.name, "w+", np.float32, shape), max(AT_ONCE // shape[0], 1)
    for start in range(0, shape[1], step):
        pnl[:, start : start + step] = portfolio.pnl(levels[start : start + step])
    pnl.flush()


def _write(path: Path, write: Callable[[Any], Any]) -> None:
    """Write a file under another name first, so that nobody ever opens half of one."""
    with NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        try:
            write(draft)
        except BaseException:
            Path(draft.name).unlink()
            raise
    Path(draft.name).replace(path)

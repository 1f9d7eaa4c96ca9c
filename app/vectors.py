"""Files of P&L vectors, one a snapshot, day and setting: written in steps beside their name, and read memory-mapped.

A file bears its own name only when it is complete, so that nobody ever opens half of one. Work that is cut short
goes on from the steps that are done.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from app.jobs import Jobs, PendingError
from app.risk.cube import Vectors
from app.risk.market import Days
from app.risk.portfolio import Portfolio

KEPT = ("book", "instrument", "reason", "proxied")


def find(jobs: Jobs, key: str, what: str) -> Vectors:
    """The vectors that a job of this key makes; their rows have those of KEPT that were written.

    PendingError, which calls them `what`, until they are complete.
    """
    path = jobs.folder / f"{key}.npy"
    if not path.exists():
        progress = jobs.state(key)
        if not path.exists():
            raise PendingError(key, what, progress)
    keys, days = pd.read_feather(path.with_suffix(".keys")), np.load(path.with_suffix(".days"))
    return Vectors(keys, np.load(path, mmap_mode="r"), days)


@dataclass(frozen=True, eq=False)
class Plan:
    """What a file is to hold: the P&L of a portfolio in scenarios of `days`, revalued `step` of them at a time.

    `levels(span)` gives every factor's level in some of the scenarios. `rows` are the portfolio's, with what else is
    known of them; those of KEPT are written.
    """

    portfolio: Portfolio
    rows: pd.DataFrame
    days: Days
    levels: Callable[[slice], NDArray[np.float64]]
    step: int


def fill(path: Path, draft: Path, plan: Plan, done: int = 0) -> Iterator[int]:
    """Write the draft and then call it `path`; yield how many steps are done after each.

    The first `done` steps are taken from the draft, where it is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path.with_suffix(".keys"), plan.rows[[name for name in KEPT if name in plan.rows]].to_feather)
    _write(path.with_suffix(".days"), lambda file: np.save(file, plan.days))
    done = done if draft.exists() else 0
    draft.touch(0o600)
    shape = (len(plan.rows), len(plan.days))
    pnl = open_memmap(draft, "r+") if done else open_memmap(draft, "w+", np.float32, shape)
    for number in range(done, -(-len(plan.days) // plan.step)):
        span = slice(number * plan.step, min((number + 1) * plan.step, len(plan.days)))
        pnl[:, span] = plan.portfolio.pnl(plan.levels(span))
        pnl.flush()
        yield number + 1
    draft.replace(path)


def _write(path: Path, write: Callable[[Any], Any]) -> None:
    """Write a file under another name first."""
    with NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        try:
            write(draft)
        except BaseException:
            Path(draft.name).unlink()
            raise
    Path(draft.name).replace(path)

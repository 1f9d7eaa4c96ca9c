"""Timing two sides in turn, so that a drifting machine drifts under both."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Ratio:
    """`ours` ÷ `theirs` by medians of paired runs (or a plain figure when `theirs` is 1), with its limit."""

    what: str
    against: str
    ours: float
    theirs: float
    ratio: float
    limit: float
    unit: str = "s"

    @property
    def held(self) -> bool:
        return self.ratio <= self.limit

    def row(self) -> str:
        theirs = f"{self.against} {_told(self.theirs, self.unit)}".strip()
        verdict = "yes" if self.held else "**no**"
        return f"| {self.what} | {_told(self.ours, self.unit)} | {theirs} | {self.ratio:.3g} | ≤ {self.limit:g} | {verdict} |"

    def line(self) -> str:
        return f"{'ok  ' if self.held else 'MISS'} {self.what}: {_told(self.ours, self.unit)} / {_told(self.theirs, self.unit)} = {self.ratio:.3g} (≤ {self.limit:g}; {self.against})"


def _told(value: float, unit: str) -> str:
    return f"{value * 1000:.1f} ms" if unit == "s" and value < 1 else f"{value:.2f} {unit}"


def seconds(run: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def pair(
    what: str, ours: Callable[[], object], against: str, theirs: Callable[[], object], limit: float, *, runs: int = 7
) -> Ratio:
    """Run both in turn, after one unmeasured run of each."""
    ours(), theirs()
    times = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    return Ratio(
        what, against, median(t[0] for t in times), median(t[1] for t in times), median(a / b for a, b in times), limit
    )


def plain(what: str, run: Callable[[], object], limit: float, *, runs: int = 7, warm: int = 1) -> Ratio:
    """A figure held to seconds: ratio to one second."""
    for _ in range(warm):
        run()
    taken = median(seconds(run) for _ in range(runs))
    return Ratio(what, "a limit of", taken, limit, taken / limit, 1.0)

"""`make bench`: ratios against the best hand-written code, measured in one run on this machine.

Each line times both sides in turn and prints the median of the ratios; limits are what the project holds itself
to. `--fills` sets the number of trades (10,000,000 by default), `--write` keeps the page docs/benchmarks.md.
"""

import argparse
import os
import platform
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import answers, gate, regroup, risk, screens, warehouse, writing
from tests.bench.clock import Ratio

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fills", type=int, default=10_000_000)
    options.add_argument("--rows", type=int, default=1_000_000, help="rows of the export benches")
    options.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = options.parse_args()
    found: list[Ratio] = []
    for ratio in risk.measure():
        print(ratio.line(), flush=True)
        found.append(ratio)
    with tempfile.TemporaryDirectory(prefix="parapet-bench-") as folder:
        home = Path(folder)
        parts = (
            warehouse.measure(home, given.fills),
            answers.measure(home),
            writing.measure(given.rows),
            regroup.measure(),
            gate.measure(),
            screens.measure(home),
        )
        for part in parts:
            for ratio in part:
                print(ratio.line(), flush=True)
                found.append(ratio)
    missed = [ratio for ratio in found if not ratio.held]
    print(f"\n{len(found) - len(missed)} of {len(found)} within their limit")
    if given.write:
        PAGE.write_text(page(found, given.fills, given.rows))


def page(found: list[Ratio], fills: int, rows: int) -> str:
    facts = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in facts if "model name" in line), platform.machine())
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "numpy", "dash", "polars"))
    head = [
        "# Benchmarks",
        "",
        f"`make bench ARGS=--write` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({cpu}), Python {platform.python_version()}, {packages}; {fills:,} trades, {rows:,} rows of export.",
        "Compare ratios, not seconds: both sides of a line run in turn in one process.",
        "",
        "| what | ours | against | ratio | limit | held |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(head + [ratio.row() for ratio in found]) + "\n"


if __name__ == "__main__":
    main()

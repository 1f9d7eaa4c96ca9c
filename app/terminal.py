"""The terminal of the commands: where they say what they do, and a bar for each step that takes long."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

say = Console(stderr=True, highlight=False)


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A bar a step on a terminal, and nothing but silence elsewhere."""
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(40),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=say, disable=not sys.stderr.isatty()) as bars:
        steps: dict[str, Any] = {}

        def tell(step: str, share: float) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=1.0)
            bars.update(steps[step], completed=share)

        yield tell

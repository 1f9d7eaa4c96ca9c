"""The drawings of tables, found by module name: a file here with a `draw` is a figure, nothing else is edited.

A figure module has `draw(table, *, theme, scale, **options) -> dict`, a Dash component tree as plain JSON-able
dicts. It may say `THEMED = True` (its drawing differs with the dress: dark or light, palette, or numbers written in
it) and `HOLLOW = True` (it draws a table without rows itself, for instance because its rows come later).
"""

import importlib
import pkgutil
from functools import lru_cache
from types import ModuleType
from typing import Any

from app.figures.blank import blank
from app.figures.cells import rows
from app.figures.dress import THEMES, Dress
from app.figures.number import separated
from app.table import Table

__all__ = ["THEMES", "Dress", "draw", "figures", "rows", "themed"]


@lru_cache
def figures() -> dict[str, ModuleType]:
    """Every figure module by its name."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {module.__name__.rpartition(".")[2]: module for module in modules if hasattr(module, "draw")}


def themed(figure: str) -> bool:
    """Whether the drawing differs with the dress; False means that one drawing serves all."""
    return getattr(figures()[figure], "THEMED", False)


def draw(figure: str, table: Table, *, theme: str, scale: str, **options: Any) -> dict[str, Any]:
    """The table drawn by the named figure in a dress, which `theme` names; its modules are told its `ink`.

    A table without rows becomes a sentence, `empty` if the panel has its own.
    """
    module = figures()[figure]
    items = table.frame[table.frame["level"] > 0] if "level" in table.frame else table.frame
    if items.empty and not getattr(module, "HOLLOW", False):
        return blank(table, options.get("empty", ""))
    dress = Dress.read(theme)
    with separated(dress.numbers):
        drawn: dict[str, Any] = module.draw(table, theme=dress.ink, scale=scale, **options)
    return drawn

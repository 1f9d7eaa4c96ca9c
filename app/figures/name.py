"""What an item is called on screen, above all the one that has no name."""

from typing import Any

from app.table import Column

_NAMELESS = {"", "none", "None", "nan"}


def name(value: Any, column: Column) -> str:
    """The item's own name; `no sector` where the attribute is missing (`none` in a grouped answer)."""
    found = str(value)
    return f"no {column.label.lower()}" if value is None or found in _NAMELESS else found

"""A rollup: holdings as a tree, the total, then a node for each value of each key, with sums exact at every level."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from app.risk.holdings import Array, Holdings

UNITS = 10_000
_LARGEST = 2.0**60


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes in display order: a node before its children, siblings by name; without keys only the total.

    A node covers the items `order[begins:ends]`; `level` is 0 for the total, 1 for a value of the first key, …;
    `keys` are each node's values of each key, missing above the key's level.
    """

    order: Array
    level: Array
    begins: Array
    ends: Array
    keys: Mapping[str, Any]

    def counts(self, **items: Array) -> dict[str, Array]:
        """The sum of whole numbers, or how many are true, over the items of each node."""
        values = np.column_stack(list(items.values()))[self.order]
        values = values.astype(np.int64) if values.dtype == bool else values
        running = np.zeros((len(values) + 1, len(items)), dtype=values.dtype)
        np.cumsum(values, axis=0, out=running[1:])
        return dict(zip(items, (running[self.ends] - running[self.begins]).T, strict=True))

    def sums(self, **items: Array) -> dict[str, Array]:
        """The exact sum of amounts made by `whole` over the items of each node, as a float."""
        return {name: (sums / UNITS).astype(float) for name, sums in self.counts(**items).items()}

    def alike(self, names: Any, codes: Array) -> Any:
        """The name that all items of a leaf node share, of those that have one (code −1: none); missing otherwise.

        It is missing above the leaves too: what a parent's children share is not said.
        """
        leaves = np.flatnonzero(self.level == len(self.keys))
        shared = np.full(len(self.level), -1)
        if len(self.order):
            ordered = codes[self.order]
            least = np.minimum.reduceat(np.where(ordered < 0, len(names), ordered), self.begins[leaves])
            most = np.maximum.reduceat(ordered, self.begins[leaves])
            shared[leaves] = np.where(least == most, most, -1)
        return _spread(names, shared)

    def frame(self, **columns: Any) -> pd.DataFrame:
        """level, keys and the given columns, but for those of a key's name; a row a node."""
        others = {name: values for name, values in columns.items() if name not in self.keys}
        return pd.DataFrame({"level": self.level, **self.keys, **others})


def rollup(holdings: Holdings, by: tuple[str, ...] = (), among: Array | None = None) -> Tree:
    """The tree of the items (of those that are true in `among`) by attributes, outermost first."""
    items = np.flatnonzero(np.ones_like(holdings.held) if among is None else among)
    named = {key: holdings.named(key) for key in by}
    codes = [of_items[items] for _names, of_items in named.values()]
    sorting = np.lexsort(codes[::-1]) if codes else np.arange(len(items))
    begun = np.zeros((len(by) + 1, max(len(items), 1)), dtype=bool)
    begun[0, 0] = True
    for depth, code in enumerate(codes, 1):
        begun[depth, : len(items)] = begun[depth - 1, : len(items)]
        begun[depth, 1 : len(items)] |= np.diff(code[sorting]) != 0
    begins, level = np.nonzero(begun.T)
    ends = np.empty_like(begins)
    for depth in range(len(by) + 1):
        nodes = np.flatnonzero(level == depth)
        ends[nodes] = np.append(begins[nodes[1:]], len(items))
    order = items[sorting]
    keys = {}
    for depth, (key, (names, of_items)) in enumerate(named.items(), 1):
        own = np.full(len(level), -1)
        below = level >= depth
        own[below] = of_items[order[begins[below]]]
        keys[key] = _spread(names, own)
    return Tree(order, level, begins, ends, keys)


def whole(amounts: Array) -> Array:
    """Amounts in whole ten-thousandths, so that sums are exact in any order; an unknown one (NaN) adds nothing.

    Integers of 64 bits; of any size where together they might not fit. Raises OverflowError for an infinite amount.
    """
    units = np.where(np.isnan(amounts), 0.0, np.rint(amounts * UNITS))
    if np.abs(units).sum() < _LARGEST:
        return units.astype(np.int64)
    return np.array([int(unit) for unit in units], dtype=object)


def _spread(names: Any, codes: Array) -> Any:
    """The name of each code; missing for −1."""
    return pd.Series(names).array.take(codes, allow_fill=True)

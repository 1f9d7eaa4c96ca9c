"""The cube: a P&L vector a position over the scenarios, and its sums at every node of any grouping.

Vectors are float32 as stored; every sum is float64. Non-additive measures are taken from the summed vectors of each
node, never from its rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.market import Days

Floats = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Vectors:
    """P&L in one currency of each position (rows of `rows`) in each scenario (columns, ended on `days`).

    `rows` has the attributes to group by and `reason`, empty where the position could be valued; a position with a
    reason has no P&L, counts in coverage, and takes no part in any sum. Where they are of history, `proxied` is the
    share of a position's scenarios that rest on a move which history lacks.
    """

    rows: pd.DataFrame
    pnl: Floats
    days: Days

    @property
    def priced(self) -> NDArray[np.bool_]:
        """Which positions could be valued."""
        return (self.rows["reason"] == "").to_numpy(dtype=bool)

    @property
    def proxied(self) -> float:
        """The share of all P&Ls that rest on a move which history lacks."""
        return float(self.rows.loc[self.priced, "proxied"].mean()) if self.priced.any() else 0.0

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Vectors":
        """The chosen positions only."""
        return Vectors(self.rows.iloc[chosen].reset_index(drop=True), self.pnl[chosen], self.days)

    def join(self, other: "Vectors") -> "Vectors":
        """Both sets of positions over the same scenarios; ValueError for different ones."""
        if not np.array_equal(self.days, other.days):
            raise ValueError("vectors over different scenarios cannot be added")
        return Vectors(
            pd.concat([self.rows, other.rows], ignore_index=True), np.concatenate([self.pnl, other.pnl]), self.days
        )


def rollup(rows: pd.DataFrame, values: Floats, by: tuple[str, ...]) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Nodes and the sums of their rows' values: level 0 the total, then each key inside its parent, in tree order.

    `rows` (positions) has the keys and `reason`; `values` is (positions, any). The frame has level, the keys (null
    below their level, `none` for a missing attribute), held and priced; the matrix is (nodes, any).
    """
    priced = (rows["reason"] == "").to_numpy(dtype=bool)
    coded = [_coded(rows[name]) for name in by]
    codes, texts = [code for code, _ in coded], [names for _, names in coded]
    paths, leaf = _distinct(np.stack(codes, axis=1) if by else np.zeros((len(rows), 0), dtype=np.intp))
    leaves = summed(values, np.where(priced, leaf, -1), len(paths))
    held, count = (np.bincount(leaf, weight, len(paths)) for weight in (None, priced.astype(float)))
    keys, sums = [np.full((1, len(by)), -1)], [leaves.sum(axis=0, keepdims=True)]
    counts = [np.array([[held.sum(), count.sum()]])]
    for level in range(1, len(by) + 1):
        parents, node = _distinct(paths[:, :level])
        keys.append(np.pad(parents, ((0, 0), (0, len(by) - level)), constant_values=-1))
        sums.append(summed(leaves, node, len(parents)))
        counts.append(np.stack([np.bincount(node, c, len(parents)) for c in (held, count)], axis=1))
    tree, matrix, tally = np.concatenate(keys), np.concatenate(sums), np.concatenate(counts).astype(int)
    order = np.lexsort(tree.T[::-1]) if by else np.zeros(1, dtype=np.intp)
    gap = np.array([None], dtype=object)
    names = {name: np.append(known, gap)[code] for name, known, code in zip(by, texts, tree[order].T, strict=True)}
    frame = pd.DataFrame(
        {
            "level": (tree[order] >= 0).sum(axis=1),
            **{name: pd.Series(text, dtype=object) for name, text in names.items()},
            "held": tally[order, 0],
            "priced": tally[order, 1],
        }
    )
    return frame, matrix[order]


def leaves(rows: pd.DataFrame, values: Floats, by: tuple[str, ...]) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """The keys and sums of the innermost groups alone; without keys, one group of everything."""
    frame, sums = rollup(rows, values, by)
    inner = (frame["level"] == len(by)).to_numpy()
    return frame.loc[inner, list(by)].reset_index(drop=True), sums[inner]


def crossed(rows: pd.DataFrame, values: Floats, by: tuple[str, ...], about: pd.DataFrame, name: str) -> pd.DataFrame:
    """A row an innermost group and column of `values`: its keys, the column's row of `about`, and the sum as `name`."""
    groups, sums = leaves(rows, values, by)
    row, column = np.divmod(np.arange(sums.size), max(len(about), 1))
    described = about.iloc[column].reset_index(drop=True).assign(**{name: sums.ravel()})
    return pd.concat([groups.iloc[row].reset_index(drop=True), described], axis=1)


def summed(values: Floats, group: NDArray[np.intp], groups: int) -> NDArray[np.float64]:
    """Sums (groups, …) of the rows of each group, in float64; rows of group −1 are left out."""
    flat = values.reshape(len(values), prod(values.shape[1:]))
    total = np.zeros((groups, flat.shape[1]))
    _compiled()(flat, group, total)
    return total.reshape(groups, *values.shape[1:])


def prepare() -> None:
    """Compile the sums of stored vectors, so that their first reader need not wait for it."""
    summed(np.zeros((1, 1), np.float32), np.zeros(1, np.intp), 1)


@cache
def _compiled() -> Callable[[Floats, NDArray[np.intp], NDArray[np.float64]], None]:
    """The loop as machine code: it reads each value once, which is three times quicker than numpy and scipy manage."""
    from numba import njit  # noqa: PLC0415 a compiler takes a second to load; only sums wait for it

    compiled: Callable[[Floats, NDArray[np.intp], NDArray[np.float64]], None] = njit(nogil=True)(_add)
    return compiled


def _add(values: Floats, group: NDArray[np.intp], total: NDArray[np.float64]) -> None:
    for row in range(len(group)):
        into = group[row]
        if into >= 0:
            for column in range(values.shape[1]):
                total[into, column] += values[row, column]


def _coded(names: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Each row's place among the sorted names, `none` for a missing one."""
    found, texts = pd.factorize(names)
    known = np.asarray(texts, dtype=object)
    if (found < 0).any():
        known, found = np.append(known, "none"), np.where(found < 0, len(known), found)
    distinct, place = np.unique(known.astype(str), return_inverse=True)
    return place[found] if len(known) else found, distinct.astype(object)


def _distinct(paths: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct rows in order, and which of them each row is."""
    if not paths.shape[1]:
        return paths[:1], np.zeros(len(paths), dtype=np.intp)
    sizes = paths.max(axis=0, initial=0) + 1
    which, found = pd.factorize(np.ravel_multi_index(tuple(paths.T), tuple(sizes)), sort=True)
    return np.stack(np.unravel_index(found, tuple(sizes)), axis=1), which

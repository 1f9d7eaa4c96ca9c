"""Weights that read a curve or a surface between its nodes: a sparse row a reading, a column a factor of the market."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.risk.market import Nodes

Floats = NDArray[Any]
Places = NDArray[np.intp]
Entries = tuple[Places, Places, Floats]
"""Readings, factors and weights of the entries of a sparse matrix."""


def weights(owners: NDArray[np.str_], read: Callable[[str, Places], Entries], factors: int) -> sparse.csr_matrix:
    """Weights (readings, factors) of every reading, each from the curve or surface of its owner.

    `read` gives the entries of one owner's readings, numbered from 0; an owner without nodes has weights of zero.
    """
    names, which = np.unique(owners, return_inverse=True)
    none = np.empty(0, dtype=np.intp)
    parts: list[Entries] = [(none, none, np.empty(0))]
    for number, name in enumerate(names.tolist()):
        at = np.flatnonzero(which == number)
        readings, places, shares = read(name, at)
        parts.append((at[readings], places, shares))
    rows, columns, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return sparse.csr_matrix((values, (rows, columns)), (len(owners), factors))


def on_curve(nodes: Nodes, years: Floats) -> Entries:
    """A zero curve, or one slice of a surface: linear in years between its nodes, flat outside."""
    if not len(nodes.place):
        none = np.empty(0, dtype=np.intp)
        return none, none, np.empty(0)
    readings = np.arange(len(years))
    low, high, up = _between(nodes.months / 12, years)
    return np.tile(readings, 2), np.append(nodes.place[low], nodes.place[high]), np.append(1 - up, up)


def _between(nodes: Floats, at: Floats) -> tuple[Places, Places, Floats]:
    if len(nodes) == 1:
        none = np.zeros(len(at), dtype=np.intp)
        return none, none, np.zeros(len(at))
    low = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, len(nodes) - 2)
    return low, low + 1, np.clip((at - nodes[low]) / (nodes[low + 1] - nodes[low]), 0.0, 1.0)

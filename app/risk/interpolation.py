"""Weights that read a curve or a surface between its nodes: a sparse row a reading, a column a factor of the market."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.risk.market import Nodes

Floats = NDArray[Any]


def curve_weights(nodes: Nodes, years: Floats, factors: int) -> sparse.csr_matrix:
    """Weights (readings, factors) of a zero curve: linear in years between its nodes, flat outside.

    No nodes give weights of zero.
    """
    if not len(nodes.place):
        return sparse.csr_matrix((len(years), factors))
    low, high, up = _between(nodes.months / 12, years)
    return _weights([(nodes.place[low], 1 - up), (nodes.place[high], up)], factors)


def surface_slices(nodes: Nodes, years: Floats, factors: int) -> tuple[Floats, list[sparse.csr_matrix]]:
    """A volatility surface cut at each moneyness of its nodes: the grid (K,), and K weights (readings, factors).

    Each slice is linear in years between its own months, flat outside, so that a surface may lack nodes.
    """
    grid = np.unique(nodes.moneyness)
    cuts = (nodes.moneyness == strike for strike in grid)
    slices = (Nodes(nodes.months[cut], nodes.moneyness[cut], nodes.place[cut]) for cut in cuts)
    return grid, [curve_weights(part, years, factors) for part in slices]


def _weights(parts: list[tuple[NDArray[np.intp], Floats]], factors: int) -> sparse.csr_matrix:
    readings = len(parts[0][0])
    rows = np.tile(np.arange(readings), len(parts))
    places, weights = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    return sparse.csr_matrix((weights, (rows, places)), (readings, factors))


def _between(nodes: Floats, at: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    if len(nodes) == 1:
        none = np.zeros(len(at), dtype=np.intp)
        return none, none, np.zeros(len(at))
    low = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, len(nodes) - 2)
    return low, low + 1, np.clip((at - nodes[low]) / (nodes[low + 1] - nodes[low]), 0.0, 1.0)

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


def surface_weights(nodes: Nodes, years: Floats, moneyness: Floats, factors: int) -> sparse.csr_matrix:
    """Weights (readings, factors) of a volatility surface: bilinear in years and moneyness, flat outside.

    A surface that is not a full grid of months and moneyness is read at its nearest node.
    """
    if not len(nodes.place):
        return sparse.csr_matrix((len(years), factors))
    months, strikes = np.unique(nodes.months), np.unique(nodes.moneyness)
    if len(nodes.place) != len(months) * len(strikes):
        far = np.abs(nodes.months / 12 - years[:, None]) + np.abs(nodes.moneyness - moneyness[:, None])
        return _weights([(nodes.place[far.argmin(axis=1)], np.ones(len(years)))], factors)
    grid = nodes.place.reshape(len(months), len(strikes))
    near, beyond, up = _between(months / 12, years)
    left, right, out = _between(strikes, moneyness)
    rows = ((near, 1 - up), (beyond, up))
    sides = ((left, 1 - out), (right, out))
    return _weights([(grid[row, side], a * b) for row, a in rows for side, b in sides], factors)


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

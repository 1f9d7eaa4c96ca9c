"""Weights that read a curve or a surface between its nodes: a sparse row a reading, a column a factor of the market."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[Any]


def curve_weights(nodes: pd.DataFrame, years: Floats, factors: int) -> sparse.csr_matrix:
    """Weights (readings, factors) of a zero curve: linear in years between its nodes, flat outside.

    `nodes` are Market.nodes of one curve; no nodes give weights of zero.
    """
    if not len(nodes):
        return sparse.csr_matrix((len(years), factors))
    low, high, up = _between(nodes["months"].to_numpy(dtype=float) / 12, years)
    places = nodes["place"].to_numpy()
    return _weights([(places[low], 1 - up), (places[high], up)], factors)


def surface_weights(nodes: pd.DataFrame, years: Floats, moneyness: Floats, factors: int) -> sparse.csr_matrix:
    """Weights (readings, factors) of a volatility surface: bilinear in years and moneyness, flat outside.

    A surface that is not a full grid of months and moneyness is read at its nearest node.
    """
    if not len(nodes):
        return sparse.csr_matrix((len(years), factors))
    months, strikes = (np.unique(nodes[name].to_numpy(dtype=float)) for name in ("months", "moneyness"))
    places = nodes["place"].to_numpy()
    if len(nodes) != len(months) * len(strikes):
        late = np.abs(nodes["months"].to_numpy() / 12 - years[:, None])
        far = np.abs(nodes["moneyness"].to_numpy() - moneyness[:, None])
        return _weights([(places[(late + far).argmin(axis=1)], np.ones(len(years)))], factors)
    grid = places.reshape(len(months), len(strikes))
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

"""Components: what each node adds to the VaR or ES of its parent, in the scenarios that make the parent's figure."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from app.risk.tail import Array, es_weights, figure, finite, var_weights


def component_var(
    vectors: ArrayLike,
    *,
    confidence: float = 0.99,
    method: str = "weibull",
    parent: ArrayLike | None = None,
) -> Any:
    """Each node's loss in the parent's VaR scenarios, with the parent's interpolation weights; they sum to its VaR.

    `vectors` is (nodes × scenarios) and gives (nodes,); a single vector (scenarios,) gives its own VaR as a float. The
    parent is the sum of the rows unless its vector (scenarios,) is given, as for rows that are not all of it. A hedge
    has a negative component. Where scenarios of the parent tie, the earlier one counts. A NaN or infinity is refused.
    """
    rows = finite("vectors", vectors)
    return _in_scenarios(rows, var_weights(_parent(rows, parent), confidence=confidence, method=method))


def component_es(
    vectors: ArrayLike,
    *,
    confidence: float = 0.975,
    tail: str = "fractional",
    method: str = "weibull",
    parent: ArrayLike | None = None,
) -> Any:
    """Each node's loss in the parent's ES scenarios, with the parent's weights; they sum to its ES.

    Shapes, `parent` and NaN as in `component_var`; `tail` and `method` as in `expected_shortfall`.
    """
    rows = finite("vectors", vectors)
    return _in_scenarios(rows, es_weights(_parent(rows, parent), confidence=confidence, tail=tail, method=method))


def marginal_var(pnl: ArrayLike, unit: ArrayLike, *, confidence: float = 0.99, method: str = "weibull") -> Any:
    """The derivative of the VaR of `pnl` (scenarios,) by the size of a position with P&L `unit` per unit of it.

    A float for one `unit` (scenarios,), an array for (positions × scenarios). A position's component is its marginal
    VaR times its size. Exact for changes small enough that the scenarios of the VaR keep their order.
    """
    return component_var(unit, confidence=confidence, method=method, parent=pnl)


def total(vectors: ArrayLike) -> Array:
    """The parent's P&L (scenarios,): the sum over nodes, in float64; a single vector is its own parent."""
    rows = finite("vectors", vectors)
    if rows.ndim > 2:
        raise ValueError(f"vectors has the shape {rows.shape}; it is (nodes × scenarios) or (scenarios,)")
    whole: Array = np.atleast_2d(rows).sum(axis=0, dtype=np.float64)
    return whole


def _parent(rows: Array, parent: ArrayLike | None) -> Array:
    whole = total(rows) if parent is None else finite("parent", parent)
    if whole.shape != rows.shape[-1:]:
        raise ValueError(f"parent has the shape {whole.shape}; {rows.shape[-1]} scenarios need ({rows.shape[-1]},)")
    return whole


def _in_scenarios(rows: Array, weights: Array) -> Any:
    weighing = np.flatnonzero(weights)
    return figure(0.0 - rows[..., weighing].astype(np.float64) @ weights[weighing])

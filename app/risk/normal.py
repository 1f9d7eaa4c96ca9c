"""The normal distribution function: scipy's in float64, and in float32 one that numpy evaluates three times faster."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

# Minimax rational fit of exp(x²/2)·Φ(−x) on 0 ≤ x ≤ 12.5, relative error 4e-9: float32 keeps 1.5e-7 of a probability.
# All coefficients are positive, so nothing cancels.
ABOVE = tuple(np.float32(c) for c in (0.00394951961, 0.0395034902, 0.179872343, 0.433734728, 0.5))
BELOW = tuple(np.float32(c) for c in (0.00989981455, 0.0990287072, 0.460595246, 1.1885015, 1.66535433, 1))
FARTHEST, HALF = np.float32(12.5), np.float32(0.5)  # Φ(−12.5) is the smallest that float32 still holds exactly enough


def normal(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Probability of a standard normal outcome below `x`, as an array of its shape and floating type."""
    if x.dtype != np.float32:
        return np.asarray(ndtr(x))
    size = np.asarray(np.abs(x))
    np.minimum(size, FARTHEST, out=size)
    tail = _polynomial(ABOVE, size)
    tail /= _polynomial(BELOW, size)
    size *= size
    size *= -HALF
    tail *= np.exp(size, out=size)
    step = np.asarray(np.copysign(HALF, x, out=size))
    step += HALF
    step -= np.copysign(tail, x, out=tail)
    return step


def _polynomial(coefficients: tuple[np.float32, ...], x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    value = np.asarray(x * coefficients[0])
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    value += coefficients[-1]
    return value

"""VaR by formula: from the moments of a P&L vector, or from sensitivities and the covariance of their factors."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from app.risk.tail import Array, alpha, figure, finite

Expansion = Literal["cornish_fisher", "normal"]
EXPANSIONS: tuple[Expansion, ...] = get_args(Expansion)


def gaussian_var(pnl: ArrayLike, *, confidence: float) -> Any:
    """−(mean + z · standard deviation), z the normal quantile at 1 − confidence; population moments.

    A float of a vector (scenarios,), an array of a stack with scenarios last; 0.0 without scenarios. The mean is
    included, so that a sure profit is a negative VaR. A NaN or infinity is refused.
    """
    array = finite("pnl", pnl)
    level = ndtri(alpha(confidence))
    if not array.shape[-1]:
        return figure(np.zeros(array.shape[:-1]))
    mean, deviation = array.mean(axis=-1, dtype=np.float64), array.std(axis=-1, dtype=np.float64)
    return figure(0.0 - (mean + level * deviation))


def cornish_fisher_var(pnl: ArrayLike, *, confidence: float) -> Any:
    """The Gaussian VaR with its quantile corrected for skewness and excess kurtosis (Cornish and Fisher 1938).

    z + (z² − 1)S/6 + (z³ − 3z)K/24 − (2z³ − 5z)S²/36 takes the place of z; S and K are population moments, K in excess
    of 3. Shapes, mean and NaN as in `gaussian_var`. With heavy tails the expansion is no longer monotone in the
    confidence; it is given as it is.
    """
    array = finite("pnl", pnl).astype(np.float64)
    level = ndtri(alpha(confidence))
    if not array.shape[-1]:
        return figure(np.zeros(array.shape[:-1]))
    mean = array.mean(axis=-1)
    centred = array - mean[..., np.newaxis]
    squares = centred * centred
    second, third, fourth = (powers.mean(axis=-1) for powers in (squares, squares * centred, squares * squares))
    return figure(0.0 - (mean + _expanded(level, second, third, fourth - 3 * second**2)))


def parametric_var(delta: ArrayLike, covariance: ArrayLike, *, confidence: float) -> Any:
    """The normal quantile times √(δ'Σδ), zero mean.

    `delta` (factors,), in money per unit of factor, gives a float, (nodes × factors) an array; no factors give 0.0.
    `covariance` is (factors × factors) over the horizon wanted; nothing is scaled here. A NaN or infinity, another
    shape, or a matrix that is not a covariance is refused.
    """
    deltas, matrix = _matched(delta, covariance)
    variance = ((deltas @ matrix) * deltas).sum(axis=-1)
    return figure(0.0 - ndtri(alpha(confidence)) * np.sqrt(variance.clip(0)))


def delta_gamma_var(
    delta: ArrayLike,
    gamma: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    expansion: str = "cornish_fisher",
) -> Any:
    """The VaR of P&L = δ'x + ½ x'Γx with x normal, zero mean and covariance Σ, from the cumulants of P&L.

    κ₁ = ½ tr ΓΣ, κ₂ = δ'Σδ + ½ tr (ΓΣ)², κ₃ = 3 δ'ΣΓΣδ + tr (ΓΣ)³, κ₄ = 12 δ'Σ(ΓΣ)²δ + 3 tr (ΓΣ)⁴. `expansion`
    `normal` takes mean and variance only, `cornish_fisher` skewness and excess kurtosis as well. `gamma` is the matrix
    of second derivatives, (factors × factors), so that its diagonal is not halved; only its symmetric part counts.
    Shapes and refusals as in `parametric_var`; stacks are (nodes × factors) with (nodes × factors × factors).
    """
    if expansion not in EXPANSIONS:
        raise ValueError(f"expansion is {expansion!r}; it is one of {', '.join(EXPANSIONS)}")
    level = ndtri(alpha(confidence))
    mean, second, third, fourth = _cumulants(*_matched(delta, covariance), finite("gamma", gamma))
    spread = _expanded(level, second, third, fourth) if expansion == "cornish_fisher" else level * np.sqrt(second)
    return figure(0.0 - (mean + spread))


def covariance_matrix(covariance: ArrayLike) -> Array:
    """`covariance` in float64, checked to be one: square, symmetric, no eigenvalue below 0 but for rounding."""
    matrix = finite("covariance", covariance).astype(np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"covariance has the shape {matrix.shape}; it is (factors × factors)")
    scale = np.abs(matrix).max(initial=0.0)
    if np.abs(matrix - matrix.T).max(initial=0.0) > 1e-8 * scale:
        raise ValueError("covariance is not symmetric")
    if matrix.size and np.linalg.eigvalsh(matrix)[0] < -1e-8 * scale:
        raise ValueError("covariance has a negative eigenvalue; it must be positive semi-definite")
    return matrix


def _matched(delta: ArrayLike, covariance: ArrayLike) -> tuple[Array, Array]:
    deltas, matrix = finite("delta", delta).astype(np.float64), covariance_matrix(covariance)
    if deltas.shape[-1] != len(matrix):
        raise ValueError(f"delta has {deltas.shape[-1]} factors on its last axis; covariance has {len(matrix)}")
    return deltas, matrix


def _cumulants(delta: Array, covariance: Array, gamma: Array) -> tuple[Array, Array, Array, Array]:
    if gamma.shape[-2:] != covariance.shape:
        raise ValueError(f"gamma has the shape {gamma.shape}; its last two axes must be {covariance.shape}")
    deltas = delta[..., np.newaxis, :]
    curve = (gamma + gamma.swapaxes(-1, -2)).astype(np.float64) / 2 @ covariance
    square = curve @ curve
    linear = [
        (deltas @ covariance @ power * deltas).sum(axis=(-1, -2)) for power in (np.eye(len(covariance)), curve, square)
    ]
    traces = [np.trace(power, axis1=-2, axis2=-1) for power in (curve, square, square @ curve, square @ square)]
    return (
        traces[0] / 2,
        (linear[0] + traces[1] / 2).clip(0),
        3 * linear[1] + traces[2],
        12 * linear[2] + 3 * traces[3],
    )


def _expanded(level: float, second: Array, third: Array, fourth: Array) -> Array:
    """The Cornish–Fisher quantile, less the mean, from the second to fourth cumulants; 0 without variance."""
    deviation = np.sqrt(second)
    unit = np.where(deviation > 0, deviation, 1.0)
    skewness, excess = third / unit / unit / unit, fourth / unit / unit / unit / unit
    return deviation * (
        level
        + (level**2 - 1) * skewness / 6
        + (level**3 - 3 * level) * excess / 24
        - (2 * level**3 - 5 * level) * skewness**2 / 36
    )

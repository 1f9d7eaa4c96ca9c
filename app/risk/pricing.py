"""Closed-form prices on whole arrays: European options and their Greeks, forwards, and bonds off a zero curve.

Rates, yields and volatilities are fractions per year, rates continuously compounded, times Act/365 years. Arguments
broadcast; arrays of float32 give float32, everything else float64. NaN in gives NaN out, at that place only.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from app.risk.normal import normal

Array = npt.NDArray[np.floating]
DAY = np.timedelta64(1, "D")
NO_DEVIATION = 1e-30  # σ√t of an option without time or volatility: its price is the limit, to the last digit


@dataclass(frozen=True, slots=True)
class Greeks:
    """Derivatives of one option's price, each an array of the shape of the question.

    `delta` ∂V/∂S, `gamma` ∂²V/∂S², `vega` ∂V/∂σ per 1.00 of volatility, `theta` −∂V/∂t per year, `rho` ∂V/∂r and
    `dividend_rho` ∂V/∂q per 1.00 of rate, `vanna` ∂²V/∂S∂σ, `volga` ∂²V/∂σ², `charm` −∂²V/∂S∂t per year, and
    `elasticity` ∂ln V/∂ln S, which is NaN where the option is worth nothing.
    """

    delta: Array
    gamma: Array
    vega: Array
    theta: Array
    rho: Array
    dividend_rho: Array
    vanna: Array
    volga: Array
    charm: Array
    elasticity: Array


def black_scholes(  # noqa: PLR0913 an option is defined by so many
    spot: Any, strike: Any, years: Any, *, rate: Any, volatility: Any, dividend: Any = 0.0, call: Any = True
) -> Array:
    """Price European options on what pays a continuous yield (Black, Scholes and Merton; Haug 2007, 1.1.6).

    `dividend` is that yield: a foreign rate for FX (Garman–Kohlhagen), the rate itself for a future (Black 1976).
    `call` is a bool or an array of them. Without time or volatility left (a negative one counts as none), and where
    spot or strike is not positive, the price is the discounted intrinsic value of the forward: at or past expiry
    the intrinsic value; for a spot of zero or less, 0 for a call and discounted strike − spot for a put.
    """
    spot, strike, years, rate, volatility, dividend = _floats(spot, strike, years, rate, volatility, dividend)
    sign = np.where(call, 1, -1).astype(spot.dtype)
    held, paid, drift, deviation = _terms(strike, years, rate, volatility, dividend)
    first = np.empty(np.broadcast_shapes(spot.shape, strike.shape, drift.shape, sign.shape), spot.dtype)
    slope, width = sign / deviation, sign * deviation
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        np.maximum(_moneyness(spot, strike), 0, out=first)
        np.log(first, out=first)
        first += drift
        first *= slope
        second = np.subtract(first, width, out=np.empty_like(first))
    price, second = normal(first), normal(second)
    price *= spot
    price *= sign * held
    second *= sign * paid
    price -= second
    if np.any(strike <= 0):
        np.maximum(price, sign * (spot * held - paid), out=price)
    return np.asarray(np.maximum(price, 0, out=price))[()]


def greeks(  # noqa: PLR0913 an option is defined by so many
    spot: Any, strike: Any, years: Any, *, rate: Any, volatility: Any, dividend: Any = 0.0, call: Any = True
) -> Greeks:
    """Differentiate `black_scholes`; the same arguments and units, see `Greeks` for those of the answer.

    Where no model is left (expired, no volatility, spot or strike not positive) delta, theta and the rhos are those
    of the discounted intrinsic value, delta half at the kink itself, and the second derivatives and vega are 0.
    """
    arguments = _floats(spot, strike, years, rate, volatility, dividend)
    spot, strike, years, rate, volatility, dividend = arguments
    sign = np.where(call, 1, -1).astype(spot.dtype)
    held, paid, drift, deviation = _terms(strike, years, rate, volatility, dividend)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        d1 = (np.log(np.maximum(_moneyness(spot, strike), 0)) + drift) / deviation
        value = black_scholes(spot, strike, years, rate=rate, volatility=volatility, dividend=dividend, call=call)
        dead = (spot <= 0) | (strike <= 0) | (years <= 0) | (volatility <= 0)
        nothing = 0 * (spot + held + paid + drift + deviation)
        second = np.where(dead, nothing, d1 - deviation)
        density = np.where(dead, nothing, held * np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi))
        d1_finite, left = np.where(dead, nothing, d1), np.maximum(years, 0)
        delta = sign * held * ndtr(sign * d1)
        owed = sign * paid * ndtr(sign * (d1 - deviation))
        root = np.where(dead, 1, np.sqrt(left))
        sigma, base, time = (np.where(dead, 1, x) for x in (volatility, spot, left))
        vega = density * spot * root
        decay = density * ((rate - dividend) / (sigma * root) - second / (2 * time))
        theta = dividend * spot * delta - rate * owed - vega * sigma / (2 * time)
        return Greeks(
            delta=delta,
            gamma=density / (base * sigma * root),
            vega=vega,
            theta=np.where(years <= 0, nothing, theta),
            rho=left * owed,
            dividend_rho=-left * spot * delta,
            vanna=-density * second / sigma,
            volga=vega * d1_finite * second / sigma,
            charm=np.where(years <= 0, nothing, dividend * delta - decay),
            elasticity=np.where(value > 0, delta * spot / value, np.nan),
        )


def implied_volatility(  # noqa: PLR0913 an option is defined by so many
    price: Any, spot: Any, strike: Any, years: Any, *, rate: Any, dividend: Any = 0.0, call: Any = True
) -> Array:
    """Find the volatility at which `black_scholes` gives `price`: Newton on the log of the time value, bracketed.

    NaN where the price is outside the no-arbitrage bounds (below the discounted intrinsic value, or not below the
    discounted spot of a call or strike of a put), and for an expired option; 0 for a price on the lower bound.
    """
    numbers = (np.asarray(value, dtype=float) for value in (price, spot, strike, years, rate, dividend))
    price, spot, strike, years, rate, dividend = np.broadcast_arrays(*numbers)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        held, paid = spot * np.exp(-dividend * years), strike * np.exp(-rate * years)
        scale = np.sqrt(np.where((held > 0) & (paid > 0) & (years > 0), held * paid, np.nan))
        noise = 4 * np.finfo(float).eps * (held + paid)
        time_value = price - np.maximum(np.where(call, 1, -1) * (held - paid), 0)
        time_value = np.where(np.abs(time_value) <= noise, 0, time_value) / scale
        return np.asarray(_deviation(time_value, -np.abs(np.log(held / paid))) / np.sqrt(years))[()]


def digital(  # noqa: PLR0913 an option is defined by so many
    spot: Any, strike: Any, years: Any, *, rate: Any, volatility: Any, dividend: Any = 0.0, call: Any = True
) -> tuple[Array, Array]:
    """Price what pays the asset, and what pays 1, if the option ends in the money (Haug 2007, 4.19.2 and 4.19.3).

    All others are made of the two: cash of C is C × the second; a gap option that pays spot − X beyond the strike
    is the first − X × the second, negated for a put. At the strike itself a digital without time left pays half.
    """
    spot, strike, years, rate, volatility, dividend = _floats(spot, strike, years, rate, volatility, dividend)
    sign = np.where(call, 1, -1).astype(spot.dtype)
    held, _, drift, deviation = _terms(strike, years, rate, volatility, dividend)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        d1 = (np.log(np.maximum(_moneyness(spot, strike), 0)) + drift) / deviation
    asset, cash = normal(sign * d1), normal(sign * (d1 - deviation))
    return (spot * held * asset)[()], (np.exp(-rate * np.maximum(years, 0)) * cash)[()]


def forward_price(spot: Any, years: Any, *, rate: Any, carry: Any = 0.0) -> Array:
    """Price for delivery in `years` of what earns its holder the yield `carry`; for FX the base currency's rate."""
    spot, years, rate, carry = _floats(spot, years, rate, carry)
    return np.asarray(spot * np.exp((rate - carry) * years))[()]


def forward_value(spot: Any, strike: Any, years: Any, *, rate: Any, carry: Any = 0.0) -> Array:
    """Value today of having bought at `strike` for delivery in `years`; after delivery, spot − strike."""
    spot, strike, years, rate, carry = _floats(spot, strike, years, rate, carry)
    left = np.maximum(years, 0)
    return np.asarray(spot * np.exp(-carry * left) - strike * np.exp(-rate * left))[()]


def discount_factor(zero: Any, years: Any) -> Array:
    """Value today of 1 paid in `years` at the continuously compounded `zero` rate."""
    zero, years = _floats(zero, years)
    return np.asarray(np.exp(-zero * years))[()]


def zero_rate(nodes_years: Any, nodes_rates: Any, years: Any) -> Array:
    """Interpolate curves linearly in the rate, flat outside their nodes.

    `nodes_rates` is (…, nodes): one curve or one a scenario; `years` of shape (k…) gives (…, k…). `nodes_years`
    increases strictly, or ValueError.
    """
    nodes_years, nodes_rates, years = _floats(nodes_years, nodes_rates, years)
    if nodes_years.ndim != 1 or not nodes_years.size or np.any(np.diff(nodes_years) <= 0):
        raise ValueError(f"nodes_years is {nodes_years.tolist()}: it must be one strictly increasing list of years")
    if nodes_rates.shape[-1:] != nodes_years.shape:
        raise ValueError(f"nodes_rates has shape {nodes_rates.shape}: its last axis must hold {nodes_years.size} nodes")
    inside = np.clip(years, nodes_years[0], nodes_years[-1])
    right = np.clip(np.searchsorted(nodes_years, inside), 1, max(nodes_years.size - 1, 1))
    right, left = np.minimum(right, nodes_years.size - 1), right - 1
    gap = nodes_years[right] - nodes_years[left]
    weight = (inside - nodes_years[left]) / np.where(gap > 0, gap, 1)
    return np.asarray(nodes_rates[..., left] * (1 - weight) + nodes_rates[..., right] * weight)[()]


def cashflows(
    coupon: float, frequency: int, maturity: date | np.datetime64, settle: date | np.datetime64
) -> tuple[Array, Array]:
    """List what a bullet bond pays after `settle`: times in Act/365 years from it, and amounts per 100 nominal.

    `coupon` is per cent a year, `frequency` 1, 2, 4 or 12 payments a year, 0 for a zero-coupon bond. Dates count
    back from the maturity, unadjusted, on its day of the month or the last one there is; a flow on `settle` itself
    is the seller's. Empty for a bond that has matured.
    """
    if frequency not in {0, 1, 2, 3, 4, 6, 12}:
        raise ValueError(f"frequency is {frequency}: it may be 0 (no coupons), 1, 2, 3, 4, 6 or 12 payments a year")
    last, start = np.asarray(maturity, "M8[D]")[()], np.asarray(settle, "M8[D]")[()]
    months = np.arange(int((last - start) / DAY * 12 / 365) + 13) if frequency else np.zeros(1, int)
    month = last.astype("M8[M]") - months[:: 12 // max(frequency, 1)][::-1]
    end = (month + 1).astype("M8[D]") - DAY
    dates = np.minimum(month.astype("M8[D]") + (last - last.astype("M8[M]")), end)
    dates = dates[dates > start]
    amounts = np.full(dates.size, coupon / frequency if frequency else 0.0)
    amounts[-1:] += 100
    return (dates - start) / DAY / 365, amounts


def bond_value(cashflows: Any, times: Any, zeros_at_times: Any, spread: Any = 0.0) -> Array:
    """Present (dirty) value of flows discounted at their zero rates plus a spread.

    The last axis of the first three is the flows and is summed; `spread` has the leading shape. Zeros of shape
    (scenarios, flows) give one value a scenario. Flows at time 0 or before are gone, so rows may be padded with 0.
    """
    cashflows, times, zeros_at_times, spread = _floats(cashflows, times, zeros_at_times, spread)
    due = np.where(times > 0, cashflows, 0 * times)
    return np.asarray(np.vecdot(due, np.exp(-(zeros_at_times + spread[..., None]) * times)))[()]


def z_spread(price: Any, cashflows: Any, times: Any, zeros_at_times: Any) -> Array:
    """Find the spread over the zero curve at which `bond_value` is the dirty `price`; one a bond, or bonds at once.

    Newton on the log of the value, which is convex and nearly straight in the spread. NaN for a price that is not
    positive or a bond with nothing left to pay. Amounts must not be negative.
    """
    price, cashflows, times, zeros_at_times = (
        np.asarray(value, dtype=float) for value in (price, cashflows, times, zeros_at_times)
    )
    due = np.where(times > 0, cashflows, 0 * times)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        present = due * np.exp(-zeros_at_times * times)
        target, spread = np.log(price), np.zeros(np.broadcast_shapes(price.shape, present.shape[:-1]))
        for _ in range(50):
            values = present * np.exp(-spread[..., None] * times)
            value = values.sum(axis=-1)
            step = (np.log(value) - target) * value / np.vecdot(values, times)
            spread = spread + step
            if not np.any(np.abs(step) > 1e-14):
                break
    return np.asarray(spread)[()]


def _floats(*values: Any) -> list[Array]:
    """Bring all to one floating type: float32 if no array asks for more, plain numbers ask for nothing."""
    arrays = [float(value) if isinstance(value, int | float) else np.asarray(value) for value in values]
    kind = np.result_type(*arrays)
    kind = kind if np.issubdtype(kind, np.floating) else np.dtype(float)
    return [np.asarray(value, dtype=kind) for value in arrays]


def _moneyness(spot: Array, strike: Array) -> Array:
    """Spot ÷ strike; infinite for a strike that is not positive, which every positive spot is above."""
    return spot / strike if np.all(strike > 0) else np.where(strike <= 0, np.inf, spot / strike)


def _terms(strike: Array, years: Array, rate: Array, volatility: Array, dividend: Array) -> tuple[Array, ...]:
    """Discounting of the asset, the discounted strike, d₁'s numerator less ln(S/K), and σ√t."""
    left = np.maximum(years, 0)
    deviation = np.maximum(np.maximum(volatility, 0) * np.sqrt(left), NO_DEVIATION)
    drift = (rate - dividend) * left + deviation * deviation / 2
    return np.exp(-dividend * left), strike * np.exp(-rate * left), drift, deviation


def _deviation(value: Array, log_moneyness: Array) -> Array:
    """Solve the out-of-the-money price, in units of √(asset × discounted strike), for σ√t; NaN if out of bounds.

    The price is convex in σ√t below its inflection √(2|x|) and concave above. Below, Newton runs on the log of the
    price, above on the log of what it lacks to its upper bound: both are nearly straight, so a few steps suffice;
    a step out of the bracket is replaced by its middle.
    """
    half = np.exp(log_moneyness / 2)
    value = np.where((value >= 0) & (value < half * (1 - 8 * np.finfo(float).eps)), value, np.nan)
    bend = np.sqrt(-2 * log_moneyness)
    low = np.sqrt(2 * np.pi) * value
    below = _normalised(np.maximum(bend, NO_DEVIATION), log_moneyness)[0] > value
    high = np.where(below, bend, bend + 100)
    guess = np.maximum(bend, low)
    for _ in range(64):
        price, lacking, slope = _normalised(guess, log_moneyness)
        low, high = np.where(price < value, guess, low), np.where(price > value, guess, high)
        step = np.where(below, np.log(value / price) * price, np.log(lacking / (half - value)) * lacking) / slope
        following = np.where(price == value, guess, guess + step)
        following = np.where((following >= low) & (following <= high), following, (low + high) / 2)
        moved, guess = np.abs(following - guess), following
        if not np.any(moved > 1e-13 * guess):
            break
    return np.where(value == 0, 0, guess)


def _normalised(deviation: Array, log_moneyness: Array) -> tuple[Array, Array, Array]:
    """Out-of-the-money price in units of √(asset × discounted strike), what it lacks to its bound, and its slope."""
    half = np.exp(log_moneyness / 2)
    d1 = log_moneyness / deviation + deviation / 2
    d2 = d1 - deviation
    slope = half * np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi)
    return half * ndtr(d1) - ndtr(d2) / half, half * ndtr(-d1) + ndtr(d2) / half, slope

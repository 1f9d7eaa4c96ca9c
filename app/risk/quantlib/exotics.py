"""Options without a simple closed form, American and barrier, priced one by one through QuantLib.

Units, broadcasting and the NaN policy are those of `pricing`. Every option is restated as one that runs a year with
rates and variance scaled to its time, which is exact and needs no dates.
"""

from datetime import date
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813 its own documentation calls it so

from app.risk.pricing import Array, black_scholes, forward_value
from app.risk.quantlib.evaluation import evaluating

TODAY = date(2001, 1, 1)  # any day that is a year before another
YEAR = 365
METHODS = {
    "exact": ql.QdFpAmericanEngine,
    "barone_adesi_whaley": ql.BaroneAdesiWhaleyApproximationEngine,
    "bjerksund_stensland": ql.BjerksundStenslandApproximationEngine,
}
BARRIERS = {
    "down_in": ql.Barrier.DownIn,
    "down_out": ql.Barrier.DownOut,
    "up_in": ql.Barrier.UpIn,
    "up_out": ql.Barrier.UpOut,
}


def american_option(  # noqa: PLR0913 an option is defined by so many
    spot: Any,
    strike: Any,
    years: Any,
    *,
    rate: Any,
    volatility: Any,
    dividend: Any = 0.0,
    call: Any = True,
    method: str = "exact",
) -> Array:
    """Price options that may be exercised at any time, about half a millisecond each.

    `exact` solves for the exercise boundary (Andersen, Lake and Offengenden 2016), by finite differences where a
    rate is negative; the approximations named by their authors are kept to reproduce their published figures and
    are up to 0.3 off. Without time, volatility or a positive spot the price is the best of exercise now and at
    expiry. NaN in gives NaN out.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}: it may be one of {', '.join(METHODS)}")
    with evaluating(TODAY) as today:
        price = np.vectorize(lambda *terms: _american(today, METHODS[method], *terms), otypes=[float])
        return np.asarray(price(spot, strike, years, rate, volatility, dividend, call))[()]


def barrier_option(  # noqa: PLR0913 an option is defined by so many
    spot: Any,
    strike: Any,
    years: Any,
    *,
    barrier: Any,
    kind: Any,
    rate: Any,
    volatility: Any,
    dividend: Any = 0.0,
    call: Any = True,
    rebate: Any = 0.0,
) -> Array:
    """Price European options that a continuously watched barrier knocks in or out (Reiner and Rubinstein 1991).

    `kind` is down_in, down_out, up_in or up_out. `rebate` is paid when knocked out, or at expiry when never knocked
    in. A spot at or beyond the barrier has touched it: the rebate for an out, the European option for an in. At
    expiry what was not touched is the intrinsic value for an out, the rebate for an in. NaN without volatility.
    """
    unknown = sorted(set(np.unique(kind)) - set(BARRIERS))
    if unknown:
        raise ValueError(f"kind is {', '.join(unknown)}: it may be one of {', '.join(BARRIERS)}")
    with evaluating(TODAY) as today:
        price = np.vectorize(lambda *terms: _barrier(today, *terms), otypes=[float])
        return np.asarray(price(spot, strike, years, rate, volatility, dividend, call, barrier, kind, rebate))[()]


def _american(today: ql.Date, engine: Any, *terms: Any) -> float:
    spot, strike, years, rate, volatility, dividend, call = terms
    if np.isnan(terms[:-1]).any():
        return np.nan
    if min(years, volatility, spot, strike) <= 0:
        held = forward_value(spot, strike, [0, years], rate=rate, carry=dividend)
        return max(0.0, float((held if call else -held).max()))
    option = ql.VanillaOption(_payoff(strike, call), ql.AmericanExercise(today, today + YEAR))
    process = _process(today, *terms[:-1])
    if engine is ql.QdFpAmericanEngine and min(rate, dividend) < 0:
        option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, 200, 400))
    else:
        option.setPricingEngine(engine(process))
    return float(option.NPV())


def _barrier(today: ql.Date, *terms: Any) -> float:
    spot, strike, years, rate, volatility, dividend, call, barrier, kind, rebate = terms
    if np.isnan([*terms[:6], barrier, rebate]).any():
        return np.nan
    touched = spot <= barrier if kind.startswith("down") else spot >= barrier
    inward = kind.endswith("_in")
    if years <= 0 and inward and not touched:
        return float(rebate)
    if touched and not inward:
        return float(rebate)
    if touched or years <= 0:
        european = black_scholes(spot, strike, years, rate=rate, volatility=volatility, dividend=dividend, call=call)
        return float(european)
    if min(volatility, spot, strike, barrier) <= 0:
        return np.nan
    exercise = ql.EuropeanExercise(today + YEAR)
    option = ql.BarrierOption(BARRIERS[kind], float(barrier), float(rebate), _payoff(strike, call), exercise)
    option.setPricingEngine(ql.AnalyticBarrierEngine(_process(today, *terms[:6])))
    return float(option.NPV())


def _payoff(strike: float, call: bool) -> ql.PlainVanillaPayoff:
    return ql.PlainVanillaPayoff(ql.Option.Call if call else ql.Option.Put, float(strike))


def _process(today: ql.Date, *terms: float) -> ql.BlackScholesMertonProcess:
    """Rates × years and σ × √years over one year: the same prices as the given ones over `years`."""
    spot, _, years, rate, volatility, dividend = (float(term) for term in terms)
    counter = ql.Actual365Fixed()
    growth, discount = (ql.FlatForward(today, x * years, counter) for x in (dividend, rate))
    smile = ql.BlackConstantVol(today, ql.NullCalendar(), volatility * years**0.5, counter)
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)),
        ql.YieldTermStructureHandle(growth),
        ql.YieldTermStructureHandle(discount),
        ql.BlackVolTermStructureHandle(smile),
    )

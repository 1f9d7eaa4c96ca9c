"""Futures, options and forwards of the demo: when they live, and synthetic quotes on each day of their lives.

Options live three months, futures and forwards six, so that listings and expiries fall inside the history. The
quotes follow from real spots and the synthetic curves and surfaces (no dividend yield), so a pricer finds them.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.demo.curves import Floats, zero_rate
from data.demo.reference import EQUITIES, instrument_frame
from data.demo.vols import black_scholes, volatility

OPTION_NAMES = ("AMD", "JPM", "LLY", "MSFT", "XOM")
INDEX_SLOTS = (("put", 0.85), ("put", 0.95), ("put", 1.0), ("call", 1.0), ("call", 1.05))
NAME_SLOTS = (("put", 0.9), ("put", 1.0), ("call", 1.0), ("call", 1.1))
FORWARD_PAIRS = ("EURUSD", "GBPUSD", "USDJPY")
SECTORS = {symbol: sector for symbol, _, sector, _ in EQUITIES}
SPAN = ("2020-01-01", "2023-06-30")


def expiries(sessions: pd.DatetimeIndex, rule: str, months: int) -> pd.DataFrame:
    """Lay out `expiry` and `listed`: the rule's days (or the session before a holiday), listed months earlier."""
    days = pd.date_range(*SPAN, freq=rule)
    expiry = sessions[sessions.searchsorted(days, side="right") - 1]
    listed = sessions[sessions.searchsorted(expiry - pd.DateOffset(months=months), side="right")]
    return pd.DataFrame({"expiry": expiry, "listed": listed})


def futures(index: pd.Series, curve: pd.DataFrame, sessions: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List quarterly index futures and quote them at spot grown at the zero rate; the last quote is the index."""
    terms = expiries(sessions, "WOM-3FRI", 6)
    terms = terms[terms["expiry"].dt.month % 3 == 0].assign(underlying="SPX")
    lives = _lives(terms, pd.DatetimeIndex(index.index))
    forward = index.to_numpy()[lives["row"]] * np.exp(zero_rate(curve, *_when(lives)) * lives["years"])
    listed = _dated_symbols(terms).assign(
        name="S&P 500 future " + terms["expiry"].dt.strftime("%d %b %Y") + " (synthetic)",
        asset_class="index",
        instrument_type="future",
        currency="USD",
        exchange="XCME",
        multiplier=50.0,
        synthetic=True,
    )
    return instrument_frame(listed), _quotes(listed, lives, forward.round(2))


def forwards(
    spots: pd.DataFrame, curves: dict[str, pd.DataFrame], sessions: pd.DatetimeIndex
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List quarterly currency forwards and quote outrights by interest parity; `spots` stands on the sessions."""
    terms = expiries(sessions, "WOM-3WED", 6)
    terms = terms[terms["expiry"].dt.month % 3 == 0].merge(pd.DataFrame({"underlying": FORWARD_PAIRS}), how="cross")
    lives = _lives(terms, pd.DatetimeIndex(spots.index))
    outright = np.zeros(len(lives))
    for pair in FORWARD_PAIRS:
        of = (terms["underlying"] == pair).to_numpy()[lives["term"]]
        here = lives[of]
        gap = zero_rate(curves[pair[3:]], *_when(here)) - zero_rate(curves[pair[:3]], *_when(here))
        outright[of] = spots[pair].to_numpy()[here["row"]] * np.exp(gap * here["years"])
    listed = _dated_symbols(terms).assign(
        name=terms["underlying"] + " forward " + terms["expiry"].dt.strftime("%d %b %Y") + " (synthetic)",
        asset_class="fx",
        instrument_type="fx_forward",
        currency=terms["underlying"].str[3:],
        synthetic=True,
    )
    return instrument_frame(listed), _quotes(listed, lives, outright.round(6))


def options(
    closes: pd.DataFrame, surfaces: dict[str, Floats], curve: pd.DataFrame, sessions: pd.DatetimeIndex
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """List monthly options; return instruments, quotes (with delta per unit of the underlying) and terms.

    Terms name each option's instrument, underlying, expiry, option_type, slot (strike / spot when listed) and
    listed day. The quote of the expiry day is the intrinsic value; what expires worthless has none that day.
    """
    slots = [("SPX", *slot) for slot in INDEX_SLOTS] + [(name, *slot) for name in OPTION_NAMES for slot in NAME_SLOTS]
    kinds = pd.DataFrame(slots, columns=["underlying", "option_type", "slot"])
    days = pd.DatetimeIndex(closes.index)
    terms = expiries(sessions, "WOM-3FRI", 3)
    terms = terms[terms["listed"] <= days[-1]].merge(kinds, how="cross")
    spot = closes.to_numpy()[
        days.get_indexer(pd.Index(terms["listed"])), closes.columns.get_indexer(pd.Index(terms["underlying"]))
    ]
    step = np.select([terms["underlying"] == "SPX", spot >= 100, spot >= 40], [25.0, 5.0, 2.5], 1.0)
    terms["strike"] = (spot * terms["slot"] / step).round() * step
    letter = terms["option_type"].map({"call": "C", "put": "P"})
    day = terms["expiry"].dt.strftime(" %Y%m%d ")
    terms["instrument"] = terms["underlying"] + day + letter + terms["strike"].map("{:g}".format)
    lives = _lives(terms, days)
    price, delta = _option_values(terms.iloc[lives["term"]], lives, closes, surfaces, curve)
    listed = terms.rename(columns={"instrument": "symbol"}).assign(
        name=terms["underlying"]
        + " "
        + terms["option_type"]
        + terms["strike"].map(" {:g} ".format)
        + terms["expiry"].dt.strftime("%d %b %Y")
        + " (synthetic)",
        asset_class=terms["underlying"].eq("SPX").map({True: "index", False: "equity"}),
        instrument_type="option",
        sector=terms["underlying"].map(SECTORS),
        currency="USD",
        exchange="XCBO",
        multiplier=100.0,
        synthetic=True,
    )
    quotes = _quotes(listed, lives, price).assign(delta=delta)
    return instrument_frame(listed), quotes[quotes["price"] > 0], terms


def _option_values(
    terms: pd.DataFrame, lives: pd.DataFrame, closes: pd.DataFrame, surfaces: dict[str, Floats], curve: pd.DataFrame
) -> tuple[Floats, Floats]:
    rows, years = _when(lives)
    spot = closes.to_numpy()[rows, closes.columns.get_indexer(pd.Index(terms["underlying"]))]
    strike = terms["strike"].to_numpy()
    rate = zero_rate(curve, rows, years)
    moneyness = strike / (spot * np.exp(rate * years))
    vol = np.zeros(len(terms))
    for name, nodes in surfaces.items():
        of = (terms["underlying"] == name).to_numpy()
        vol[of] = volatility(nodes, rows[of], years[of], moneyness[of])
    call = np.where(terms["option_type"] == "call", 1.0, -1.0)
    price, delta = black_scholes(spot, strike, years, rate, vol, call)
    return np.where(years > 0, np.maximum(price.round(2), 0.01), price.round(4)), delta


def _lives(terms: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Lay out each term's days alive: its position `term`, the day's position `row`, `day` and `years` left."""
    start, stop = days.searchsorted(terms["listed"]), days.searchsorted(terms["expiry"], side="right")
    count = np.maximum(stop - start, 0)
    term = np.repeat(np.arange(len(terms)), count)
    row = np.arange(len(term)) - np.repeat(np.cumsum(count) - count - start, count)
    years = (terms["expiry"].to_numpy()[term] - days.to_numpy()[row]) / np.timedelta64(365, "D")
    return pd.DataFrame({"term": term, "row": row, "day": days[row], "years": years})


def _when(lives: pd.DataFrame) -> tuple[NDArray[np.intp], Floats]:
    return lives["row"].to_numpy(), lives["years"].to_numpy()


def _dated_symbols(terms: pd.DataFrame) -> pd.DataFrame:
    return terms.assign(symbol=terms["underlying"] + terms["expiry"].dt.strftime("-%Y%m%d"))


def _quotes(listed: pd.DataFrame, lives: pd.DataFrame, price: pd.Series | Floats) -> pd.DataFrame:
    names = listed["symbol"].to_numpy()[lives["term"]]
    return pd.DataFrame({"instrument": names, "price_date": lives["day"], "price": np.asarray(price)})

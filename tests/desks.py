"""Two desks over half a year of one random market, every kind of instrument among them, to keep them apart.

Everything of desk North is called N…, everything of desk South S…; ZED is held by both. Trading begins at FIRST.
"""

import shutil
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from app.official import Runs, official_runs
from data.runs import write_runs
from tests.ledger import NOW, Ledger, tables

HOLIDAYS = ["2022-01-17", "2022-02-21", "2022-04-15", "2022-05-30", "2022-06-20"]
SESSIONS = pd.bdate_range("2022-01-03", "2022-06-28").drop(pd.to_datetime(HOLIDAYS))
DAYS = [day.date() for day in SESSIONS[44:]]
FIRST, LAST = DAYS[0], DAYS[-1]
NORTH, SOUTH = ("NONE", "NTWO"), ("SONE", "STWO")
OF_NORTH = ("NEQ", "NEUR", "NCALL", "NBOND")
OF_SOUTH = ("SEQ", "SPUT", "SINDEX", "SFUT", "SFWD", "SOIL")
FIXED = tables(
    """
    books:
      book desk  strategy trader
      NONE North Nvalue   Nora
      NTWO North Ncarry   Nils
      SONE South Svol     Sara
      STWO South Smacro   Saul
    instruments:
      symbol asset_class instrument_type currency sector  underlying strike expiry     option_type multiplier
      NEQ    equity      equity          USD      Nsector -          -      -          -           1
      NEUR   equity      equity          EUR      Nsector -          -      -          -           1
      SEQ    equity      equity          USD      Ssector -          -      -          -           1
      ZED    equity      equity          GBP      -       -          -      -          -           1
      SINDEX index       index           USD      -       -          -      -          -           1
      SOIL   commodity   commodity       USD      -       -          -      -          -           1
      NCALL  equity      option          USD      -       NEQ        105    2022-12-16 call        100
      SPUT   equity      option          USD      -       SEQ        95     2022-12-16 put         100
      SFUT   index       future          USD      -       SINDEX     -      2022-09-16 -           50
      EURUSD fx          fx_spot         USD      -       -          -      -          -           1
      SFWD   fx          fx_forward      USD      -       EURUSD     -      2022-09-30 -           1
    actions:
      instrument ex_date    action   value
      ZED        2022-04-21 split    2
      NEQ        2022-05-17 dividend 0.7
    limits:
      limit_id  scope_kind scope_node measure               soft   hard
      firm-var  firm       -          value_at_risk.var     100    1000000
      n-gross   desk       North      exposure.gross        100    1000000
      n-var     desk       North      value_at_risk.var     100    1000000
      n-one     book       NONE       value_at_risk.es      100    1000000
      s-gross   desk       South      exposure.gross        100    1000000
      s-var     desk       South      value_at_risk.var     100    1000000
      s-one     book       SONE       sensitivities.delta   100    1000000
      s-pv01    desk       South      sensitivities.pv01    100    1000000
    """
)
BOND = {
    "symbol": "NBOND",
    "asset_class": "rates",
    "instrument_type": "government_bond",
    "currency": "USD",
    "coupon": 4,
    "coupon_frequency": 2,
    "maturity": "2027-05-15",
}
FX_BASE, SPOTS = {"USD": 1.08, "GBP": 0.85}, {"NEQ": 100, "NEUR": 40, "SEQ": 95, "ZED": 60, "SINDEX": 400, "SOIL": 5}
_BUILT = {}
SIZES = {"NCALL": 4, "SPUT": -5, "SFUT": 3, "SFWD": 40_000, "NBOND": 30_000, "SOIL": 900}


@lru_cache
def market():
    """Prices, exchange rates, curves and volatilities of every session, as files hold them; South's oil nears zero."""
    draw = np.random.default_rng(11)
    steps = draw.normal(0, 0.015, (len(SESSIONS), len(SPOTS)))
    close = pd.DataFrame(np.exp(steps.cumsum(axis=0)) * list(SPOTS.values()), SESSIONS, list(SPOTS)).round(4)
    close.loc["2022-04-21":, "ZED"] = (close.loc["2022-04-21":, "ZED"] / 2).round(4)
    close["SOIL"] = (5 + draw.normal(0, 0.8, len(SESSIONS)).cumsum()).round(4)
    close["NCALL"] = (8 + (close["NEQ"] - 100) / 2).clip(lower=1).round(4)
    close["SPUT"] = (9 - (close["SEQ"] - 95) / 2).clip(lower=1).round(4)
    close["SFUT"] = (close["SINDEX"] * 1.01).round(2)
    walk = np.exp(draw.normal(0, 0.005, (len(SESSIONS), 2)).cumsum(axis=0)) * list(FX_BASE.values())
    rates = pd.DataFrame(walk, SESSIONS, list(FX_BASE)).round(5)
    close["EURUSD"], close["SFWD"] = rates["USD"], (rates["USD"] * 1.003).round(5)
    level = 0.02 + draw.normal(0, 0.0005, len(SESSIONS)).cumsum()
    close["NBOND"] = (100 - 400 * (level - 0.02)).round(4)
    smile = 0.25 * np.exp(draw.normal(0, 0.02, len(SESSIONS)).cumsum())
    nodes = [(months, level + months / 20_000) for months in (3, 24, 120)]
    surface = [(months, strike, smile * (1.2 - 0.2 * strike)) for months in (1, 12) for strike in (0.9, 1.0, 1.1)]
    return {
        "prices": _long(close, "instrument", "price_date", "price"),
        "fx": _long(rates, "quote", "rate_date", "rate"),
        "curves": pd.concat(
            pd.DataFrame(
                {"curve": name, "currency": name, "curve_date": SESSIONS, "months": months, "rate": rate.round(6)}
            )
            for name in ("USD", "EUR")
            for months, rate in nodes
        ),
        "vols": pd.concat(
            pd.DataFrame(
                {"instrument": name, "vol_date": SESSIONS, "months": m, "moneyness": k, "volatility": v.round(6)}
            )
            for name in ("NEQ", "SEQ")
            for m, k, v in surface
        ),
    }


def trades(desk_books, symbols, seed, *, times=1):
    """Trades of every symbol in both books on the first day, and some more later; quantities `times` over."""
    draw = np.random.default_rng(seed)
    close = market()["prices"].pivot_table(index="price_date", columns="instrument", values="price")
    rows = []
    for symbol in symbols:
        for day in (0, *sorted(draw.choice(np.arange(1, len(DAYS) - 1), 6, replace=False))):
            size = SIZES.get(symbol, 100) * draw.choice([-1, 1, 1]) * (1 + draw.integers(0, 5)) * times
            price = close.loc[pd.Timestamp(DAYS[day]), symbol]
            rows.append((desk_books[len(rows) % 2], symbol, size, round(price * 1.001, 4), str(DAYS[day])))
    frame = pd.DataFrame(rows, columns=["book", "instrument", "quantity", "price", "trade_date"])
    return frame.assign(trade_id=[f"{desk_books[0]}-{number}" for number in range(len(frame))], fees=1.5)


def build(folder, *, times=1):
    """A ledger of both desks, South's trades `times` over or, with 0, none."""
    ledger = Ledger(folder)
    of_south = [trades(SOUTH, (*OF_SOUTH, "ZED"), 2, times=times)] if times else []
    instruments = pd.concat([FIXED["instruments"], pd.DataFrame([BOND])])
    booked = pd.concat([trades(NORTH, (*OF_NORTH, "ZED"), 1), *of_south])
    ledger.load({**FIXED, **market(), "instruments": instruments, "trades": booked})
    return ledger


def opened(factory, *, times=1):
    """A ledger of one's own: built once a session, copied for each asker; `factory` makes temporary folders."""
    if times not in _BUILT:
        _BUILT[times] = factory.mktemp("desks")
        build(_BUILT[times], times=times).warehouse.close()
    folder = factory.mktemp("copy") / "ledger"
    shutil.copytree(_BUILT[times], folder)
    return Ledger(folder)


def publish(ledger, days, base="USD"):
    """Store the official runs of consecutive days, computed in this process."""
    number = ledger.warehouse.current().number
    runs = official(ledger, days, base)
    with ledger.warehouse.draft("test") as draft:
        made = {"base": base, "snapshot": number, "release": "test", "run_at": NOW}
        write_runs(draft.connection, runs.forecasts, runs.pnls, **made)


def official(ledger, days, base="USD") -> Runs:
    """The official runs of consecutive days, stored nowhere."""
    calendar = ledger.sql("SELECT day, previous_day FROM business_day").set_index("day")["previous_day"]
    before: date = calendar[pd.Timestamp(days[0])].date()
    return official_runs(ledger.answers.engine, ledger.answers.version(), list(days), before, base)


def _long(wide, name, day, value):
    return wide.rename_axis(day).reset_index().melt(day, var_name=name, value_name=value)

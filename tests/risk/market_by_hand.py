"""A market and positions of a dozen numbers, for the tests of what stands on them."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from app.risk.market import Market, assemble
from app.risk.portfolio import Portfolio

DAYS = pd.bdate_range("2024-01-01", periods=6)
AS_OF = DAYS[-1].date()
TERMS: dict[str, Any] = {
    "desk": "One",
    "book": "A",
    "asset_class": "equity",
    "instrument_type": "equity",
    "currency": "USD",
    "multiplier": 1.0,
    "price_factor": 1.0,
    "underlying": None,
    "strike": np.nan,
    "expiry": None,
    "option_type": None,
    "coupon": np.nan,
    "coupon_frequency": np.nan,
    "maturity": None,
    "wealth": 0.0,
}


def spots(**prices: list[float]) -> pd.DataFrame:
    """A row a symbol and day, without corporate actions."""
    rows = [
        {"symbol": symbol, "asset_class": "equity", "day": day, "price": price, "split": 1.0, "dividend": 0.0}
        for symbol, series in prices.items()
        for day, price in zip(DAYS, series, strict=True)
    ]
    return pd.DataFrame(rows, columns=["symbol", "asset_class", "day", "price", "split", "dividend"])


def rates(**rate: list[float]) -> pd.DataFrame:
    rows = [(name, day, value) for name, series in rate.items() for day, value in zip(DAYS, series, strict=True)]
    return pd.DataFrame(rows, columns=["currency", "day", "rate"])


def zeros(currency: str, nodes: dict[int, float], drift: float = 0.0001) -> pd.DataFrame:
    rows = [(currency, m, day, rate + drift * i) for m, rate in nodes.items() for i, day in enumerate(DAYS)]
    return pd.DataFrame(rows, columns=["currency", "months", "day", "rate"])


def vols(symbol: str, nodes: dict[tuple[int, float], float], drift: float = 0.01) -> pd.DataFrame:
    rows = [(symbol, m, k, day, vol + drift * i) for (m, k), vol in nodes.items() for i, day in enumerate(DAYS)]
    return pd.DataFrame(rows, columns=["symbol", "months", "moneyness", "day", "volatility"])


def market() -> Market:
    """Two shares, a commodity below zero, euros and dollars in euros, a dollar and a euro curve, a surface of X."""
    quotes = spots(X=[100, 101, 99, 102, 103, 104], Y=[50, 50, 51, 49, 50, 50], OIL=[20, 10, -5, -37, 9, 12])
    quotes.loc[quotes["symbol"] == "OIL", "asset_class"] = "commodity"
    grid = {(m, k): 0.2 + (1 - k) * 0.2 for m in (1, 6) for k in (0.9, 1.0, 1.1)}
    curves = pd.concat([zeros("USD", {3: 0.04, 60: 0.045, 120: 0.05}), zeros("EUR", {3: 0.02, 120: 0.03})])
    return assemble(quotes, rates(EUR=[1.0] * 6, USD=[0.90, 0.91, 0.92, 0.91, 0.93, 0.94]), curves, vols("X", grid))


def positions(*rows: dict[str, Any]) -> pd.DataFrame:
    """Positions from what differs from a plain dollar share."""
    frame = pd.DataFrame([{**TERMS, **row} for row in rows], columns=[*TERMS, "symbol", "quantity", "price", "value"])
    return frame.assign(instrument=frame["symbol"])


def share(symbol: str = "X", quantity: float = 10.0, price: float = 104.0, **more: Any) -> dict[str, Any]:
    return {"symbol": symbol, "quantity": quantity, "price": price, "value": quantity * price, **more}


def option(strike: float = 100.0, price: float = 8.0, quantity: float = 2.0, **more: Any) -> dict[str, Any]:
    terms = {"instrument_type": "option", "underlying": "X", "strike": strike, "expiry": date(2024, 4, 8)}
    return {
        "symbol": f"X C{strike}",
        "option_type": "call",
        "multiplier": 100.0,
        "quantity": quantity,
        "price": price,
        **terms,
        "value": quantity * price * 100,
        **more,
    }


def bond(price: float = 98.0, quantity: float = 1000.0, **more: Any) -> dict[str, Any]:
    terms = {"instrument_type": "government_bond", "asset_class": "rates", "coupon": 4.0, "coupon_frequency": 2}
    return {
        "symbol": "BOND",
        "maturity": date(2031, 1, 8),
        "price_factor": 0.01,
        "quantity": quantity,
        "price": price,
        **terms,
        "value": quantity * price / 100,
        **more,
    }


def portfolio(*rows: dict[str, Any], base: str = "USD") -> Portfolio:
    return Portfolio(positions(*rows), market(), AS_OF, base)

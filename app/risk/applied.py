"""The book with imagined trades done: what a measure is given in place of the official one.

Every trade is done at the mark of the date, so nothing is earned by it: quantity, value and cost change, P&L does not.
A trade without a price changes nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import Vectors
from app.risk.holdings import Holdings, item_keys, places
from app.risk.portfolio import Portfolio

SUMS = ("quantity", "value", "wealth", "market_value")


def applied(official: Any, positions: Callable[[], Portfolio], vectors: Callable[[], Vectors]) -> Any:
    """Holdings, a Portfolio or Vectors with the trades done; anything else as it is, for trades do not touch it.

    `positions` and `vectors` give what the trades add, as app.whatif does: vectors over the official scenarios.
    """
    if isinstance(official, Vectors):
        added = vectors()
        done = added.take(_priced(added.rows))
        return official.join(replace(done, rows=done.rows[list(official.rows.columns)]))
    if not isinstance(official, Holdings | Portfolio):
        return official
    imagined = positions().positions
    imagined = imagined[_priced(imagined)].reset_index(drop=True)
    if isinstance(official, Holdings):
        return traded(official, imagined)
    return Portfolio(netted(official.positions, imagined), official.market, official.as_of, official.base)


def _priced(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of the added positions could be given a price."""
    return (rows["why"] == "").to_numpy(dtype=bool)


def netted(positions: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """Positions and those added, a row a book and instrument, in the columns of `positions`."""
    both = pd.concat([positions, added[[name for name in positions.columns if name in added]]], ignore_index=True)
    found = both.groupby(["book", "instrument"], sort=False)
    first = found.head(1).set_index(["book", "instrument"])
    sums = {name: found[name].sum(min_count=1) for name in SUMS if name in positions.columns}
    return first.assign(**sums).reset_index()[list(positions.columns)]


def traded(holdings: Holdings, added: pd.DataFrame) -> Holdings:
    """Holdings with the quantity and value (in its own currency) of each added book and instrument, as of the date."""
    rows, day = dict(holdings.rows), np.datetime64(holdings.days["as_of"])
    new = added.groupby(["book", "instrument"], as_index=False)[["quantity", "value"]].sum()
    book = holdings.books.ids_of("book", new["book"])
    instrument = holdings.instruments.ids_of("instrument", new["instrument"])
    keys = item_keys(rows["book_id"], rows["instrument_id"])
    on_day = np.flatnonzero(rows["position_date"] == day)
    found = places(keys[on_day], item_keys(book, instrument))
    missing = found < 0
    count = int(missing.sum())
    fresh = {"book_id": book[missing], "instrument_id": instrument[missing]}
    fresh |= dict.fromkeys(("position_date", "price_date"), np.full(count, day))
    grown = {
        name: np.concatenate([old, fresh.get(name, np.zeros(count)).astype(old.dtype)]) for name, old in rows.items()
    }
    at = np.where(missing, len(keys) + np.cumsum(missing) - 1, np.append(on_day, -1)[found])
    for name, amount in (("quantity", "quantity"), ("value", "value"), ("cost", "value")):
        grown[name][at] += new[amount].to_numpy(dtype=float)
    return replace(holdings, rows=grown)

"""What-if: the positions that a reader's imagined trades would add to his own, valued like those.

Trades are done at the mark, in the order written, each on what the one before left. Only books and holdings that the
reader's own reads return take part; terms and prices of instruments are the same for everybody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from app.changes import Change, parse
from app.engine import Engine, Setting
from app.filters import BadFilterError
from app.question import DeniedError
from app.risk.cube import Vectors
from app.risk.market import in_base
from app.risk.portfolio import Portfolio
from app.risk.pricing import cashflows
from data.relations import Ask, read
from data.scope import NOBODY, Scope

DAY = np.timedelta64(1, "D")
Legs = list["Leg"]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one trade adds to one position; a NaN quantity could not be worked out."""

    trade: int
    change: str
    book: str
    instrument: str
    quantity: float
    why: str = ""


def whatif_vectors(engine: Engine, setting: Setting, scope: Scope, rows: Mapping[str, str], text: str) -> Vectors:
    """P&L vectors of the positions that the changes of `text` add, over the scenarios of the stored ones.

    As `whatif_portfolio`; a row that has no value says why in `reason`.
    """
    found = engine.revalued(whatif_portfolio(engine, setting, scope, rows, text), setting)
    why = found.rows["why"].to_numpy(dtype=object)
    return replace(found, rows=found.rows.assign(reason=np.where(why == "", found.rows["reason"], why)))


def whatif_portfolio(engine: Engine, setting: Setting, scope: Scope, rows: Mapping[str, str], text: str) -> Portfolio:
    """The positions that the changes of `text` add, narrowed like any positions, under the market of the day.

    DeniedError for a book that is not open to the reader, whether it exists or not; BadFilterError for what cannot be
    done: an instrument that does not exist, or is not held where it is to be closed.
    """
    changes, market = parse(text), engine.market(setting)
    cursor, dates = engine.cursor(setting.snapshot), {"as_of": setting.as_of, "first": setting.as_of}
    symbols = sorted({name for change in changes for name in (change.instrument, change.into) if name})
    held = read(cursor, "risk_positions", scope, Ask(dates, setting.base)).to_pandas()
    books = read(cursor, "books", scope, Ask({}, "")).to_pandas()
    terms = read(cursor, "instrument_terms", NOBODY, Ask(dates, "", values={"symbols": symbols})).to_pandas()
    terms = priced(terms, setting.as_of)
    terms["worth"] = in_base(terms["unit_value"], terms["currency"], market, setting.as_of, setting.base)
    unrated = (terms["why"] == "") & terms["worth"].isna()
    terms["why"] = terms["why"].where(~unrated, "no exchange rate of " + terms["currency"])
    added = added_positions(changes, held, books, terms).assign(day=setting.as_of)
    added["market_value"] = in_base(added["value"], added["currency"], market, setting.as_of, setting.base)
    for name, value in rows.items():
        added = added[added[name] == value]
    return Portfolio(added.reset_index(drop=True), market, setting.as_of, setting.base)


def priced(terms: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Terms with `unit_value`, the money in its own currency that one unit is worth, and `why` where there is none."""
    dirty = terms["price"] + [
        _accrued(*row) for row in terms[["coupon", "coupon_frequency", "maturity", "settles"]].itertuples(index=False)
    ]
    ended = pd.to_datetime(terms["expiry"]) <= pd.Timestamp(as_of)
    ended |= pd.to_datetime(terms["maturity"]) <= pd.to_datetime(terms["settles"])
    why = np.select(
        [ended, terms["price"].isna()], [terms["symbol"] + " has expired", "no price of " + terms["symbol"]], ""
    )
    value = (dirty * terms["multiplier"] * terms["price_factor"]).where(why == "")
    return terms.assign(unit_value=value, why=why)


def added_positions(
    changes: Iterable[Change], held: pd.DataFrame, books: pd.DataFrame, terms: pd.DataFrame
) -> pd.DataFrame:
    """A row each position that a change adds to, in the columns of `held` (relation risk_positions), wealth 0.

    Besides: `trade`, its number, `change`, its text, and `why` it has no value. `books` are those open to the reader,
    `terms` as `priced`, with the base currency's `worth` of a unit. What changes nothing has no row. Both halves of
    a roll or replacement have no value where either has none. Errors as in `whatif_portfolio`.
    """
    legs = pd.DataFrame(_legs(changes, held, set(books["book"]), terms), columns=list(Leg.__slots__))
    rows = legs.merge(books, on="book", how="left").merge(
        terms.drop(columns=["why", "worth", "settles"]), on="instrument", how="left"
    )
    value = (rows["quantity"] * rows["unit_value"]).where(rows["why"] == "")
    rows = rows.assign(value=value, wealth=0.0)
    return rows[[*(name for name in held.columns if name in rows), "trade", "change", "why"]]


def _legs(changes: Iterable[Change], held: pd.DataFrame, books: set[str], terms: pd.DataFrame) -> Legs:
    """The legs of every change, each on what those before it left."""
    left = dict(zip(zip(held["book"], held["instrument"], strict=True), held["quantity"], strict=True))
    known = terms.set_index("instrument")[["worth", "why"]].T.to_dict()
    found: Legs = []
    for number, change in enumerate(changes, 1):
        if change.book not in books:
            raise DeniedError(f"trade {number} ({change}): book {change.book!r} is not open to you")
        for name in filter(None, (change.instrument, change.into)):
            if name not in known:
                raise BadFilterError(f"whatif: trade {number} ({change}): there is no instrument {name}")
        have = left.get((change.book, change.instrument), 0.0)
        if change.kind != "trade" and not have:
            raise BadFilterError(
                f"whatif: trade {number} ({change}): {change.book} holds no {change.instrument} on the date; "
                f"trade a quantity instead, as in +100 {change.instrument} @ {change.book}"
            )
        why = next((known[name]["why"] for name in (change.instrument, change.into) if name and known[name]["why"]), "")
        added = dict(_quantities(change, have, known))
        if not why and np.isnan(list(added.values())).any():
            why = f"{change.into} is worth nothing"
        for instrument, quantity in added.items():
            if quantity:
                found.append(Leg(number, str(change), change.book, instrument, quantity, why))
                if not why:
                    left[change.book, instrument] = left.get((change.book, instrument), 0.0) + quantity
    return found


def _quantities(change: Change, have: float, known: Mapping[Any, Any]) -> Iterator[tuple[str, float]]:
    """What a change adds to each instrument."""
    if change.kind == "trade":
        yield change.instrument, float(change.amount)
    elif change.kind == "scale":
        yield change.instrument, (float(change.amount) - 1.0) * have
    else:
        yield change.instrument, -have
    if change.kind == "roll":
        yield change.into, have
    if change.kind == "replace":
        worth, each = known[change.instrument]["worth"], known[change.into]["worth"]
        yield change.into, round(have * worth / each, 4) if each else np.nan


def _accrued(coupon: float, frequency: float, maturity: Any, settles: Any) -> float:
    """Interest per 100 nominal since the last coupon, actual over actual days, in the decimals of a price."""
    if not (coupon > 0 and frequency > 0) or pd.isna(maturity):
        return 0.0
    settle = pd.Timestamp(settles)
    start = settle - pd.Timedelta(days=400)
    years, _ = cashflows(coupon, int(frequency), np.datetime64(maturity, "D"), np.datetime64(start, "D"))
    days = np.rint(years * 365) - 400
    if not (days[:1] <= 0).any() or not (days[-1:] > 0).any():
        return 0.0
    past, due = days[days <= 0][-1], days[days > 0][0]
    return round(float(coupon / frequency * -past / (due - past)), 8)

"""Holdings: each book's position in each instrument as of a date, beside what it was on the days compared with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]
NONE = "none"


@dataclass(frozen=True, slots=True)
class Register:
    """What books or instruments are called: for each attribute its values in alphabetical order, and a code an id."""

    ids: Array
    names: Mapping[str, Any]
    codes: Mapping[str, Array]

    @classmethod
    def of(cls, rows: Arrays, key: str) -> "Register":
        """From rows whose column `key` is the id; a value that is missing is 'none'."""
        order = np.argsort(rows[key])
        coded = {name: _coded(values[order]) for name, values in rows.items() if name != key}
        return cls(rows[key][order], *({name: pair[part] for name, pair in coded.items()} for part in (0, 1)))

    def ids_of(self, attribute: str, names: "pd.Series[str]") -> Array:
        """The id that has each name, where no two ids share one; KeyError for a name that there is not."""
        known = pd.Series(self.ids, np.asarray(self.names[attribute], dtype=object)[self.codes[attribute]])
        return known.loc[names.to_numpy(dtype=object)].to_numpy()


@dataclass(frozen=True)
class Holdings:
    """One item a book and instrument with a row on the day `as_of`, closed ones included; every array is as long.

    `rows` are the relation holdings, in any order, `rates` the relation rates, by which amounts come into the
    currency `base`; `days` says which date `as_of`, `vs`, … is. Unknown amounts and rates are NaN.
    """

    rows: Arrays
    books: Register
    instruments: Register
    rates: Arrays
    days: Mapping[str, date]
    base: str

    def there(self, day: str) -> Array:
        """Whether the book had ever held the instrument by that day."""
        return self._places[day] >= 0

    def amount(self, name: str, day: str = "as_of") -> Array:
        """A column of the rows on a day, in the instrument's own currency; NaN where there was no position."""
        at = self._places[day]
        return np.where(at < 0, np.nan, self.rows[name][at]) if len(at) else np.empty(0)

    def rate(self, day: str = "as_of") -> Array:
        """The value of one unit of the instrument's currency in the base currency."""
        return self._rates[day]

    def named(self, attribute: str) -> tuple[Any, Array]:
        """The values of an attribute in alphabetical order, and which of them each item has; a missing one is 'none'.

        KeyError for an attribute that neither books nor instruments have.
        """
        if attribute in self.books.names:
            return self.books.names[attribute], self.books.codes[attribute][self._book]
        return self.instruments.names[attribute], self.instruments.codes[attribute][self._instrument]

    @cached_property
    def instrument(self) -> Array:
        """The instrument_id of each item."""
        return self.rows["instrument_id"][self._places["as_of"]]

    @cached_property
    def held(self) -> Array:
        """Whether the position is open."""
        return np.not_equal(self.amount("quantity"), 0)

    @cached_property
    def coverage(self) -> dict[str, Array]:
        """held, priced, carried, no_price, no_rate: which open positions are so."""
        valued, rated = ~np.isnan(self.amount("value")), ~np.isnan(self.rate())
        priced = self.held & valued & rated
        earlier = self.rows["price_date"][self._places["as_of"]] < np.datetime64(self.days["as_of"])
        return {
            "held": self.held,
            "priced": priced,
            "carried": priced & earlier,
            "no_price": self.held & ~valued,
            "no_rate": self.held & valued & ~rated,
        }

    @cached_property
    def _places(self) -> dict[str, Array]:
        """Of each day: where in the rows each item is; −1 where it is not."""
        keys = item_keys(self.rows["book_id"], self.rows["instrument_id"])
        on = {day: np.flatnonzero(self.rows["position_date"] == np.datetime64(at)) for day, at in self.days.items()}
        items = keys[on["as_of"]]
        return {day: np.append(at, -1)[places(keys[at], items)] for day, at in on.items()}

    @cached_property
    def _rates(self) -> dict[str, Array]:
        names, codes = self.named("currency")
        rates = {}
        for day, at in self.days.items():
            on_day = self.rates["mark_date"] == np.datetime64(at)
            known = dict(zip(self.rates["currency"][on_day], self.rates["rate"][on_day], strict=True))
            in_pivot = np.array([known.get(name, np.nan) for name in names], dtype=float)
            rates[day] = (in_pivot / known.get(self.base, np.nan))[codes]
        return rates

    @cached_property
    def _book(self) -> Array:
        return np.searchsorted(self.books.ids, self.rows["book_id"][self._places["as_of"]])

    @cached_property
    def _instrument(self) -> Array:
        return np.searchsorted(self.instruments.ids, self.instrument)


def item_keys(books: Array, instruments: Array) -> Array:
    """One number a book and instrument, from their ids."""
    return (books.astype(np.int64) << 32) | instruments


def places(known: Array, wanted: Array) -> Array:
    """Where each wanted number stands among the known ones, which differ from each other; −1 where it does not."""
    if not len(known):
        return np.full(len(wanted), -1)
    order = np.argsort(known, kind="stable")
    found = order[np.searchsorted(known, wanted, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[found] == wanted, found, -1)


def _coded(values: Array) -> tuple[Any, Array]:
    texts = [NONE if value is None else str(value) for value in values]
    names, codes = np.unique(np.array(texts, dtype=object), return_inverse=True)
    return pd.array(names, dtype="str"), codes

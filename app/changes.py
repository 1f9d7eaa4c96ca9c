"""Changes of the portfolio that a reader imagines, in the words he writes them in: what-if's grammar.

One change a line or between semicolons: `+1000 AAPL @ LS-TREND`, `x0.5 AAPL @ LS-TREND`, `close MSFT @ LS-VALUE`,
`replace AAPL by MSFT @ LS-TREND`, `roll SPX-20221216 to SPX-20230317 @ IDXARB-FUT`. Or rows out of a sheet:
instrument, book and quantity apart by tabs, commas or semicolons, in another order where a line of headings says so.
"""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["trade", "scale", "close", "replace", "roll"]
FORMS = (
    "+1000 AAPL @ BOOK, -1000 AAPL @ BOOK, x0.5 AAPL @ BOOK, close AAPL @ BOOK, replace AAPL by MSFT @ BOOK, "
    "roll OLD to NEW @ BOOK, or rows of instrument, book, quantity"
)
HEADINGS = ("instrument", "book", "quantity")
LONGEST_READ = 20_000
LONGEST_NAME = 100
LARGEST = Decimal(10) ** 12
SMALLEST = Decimal("0.0001")
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
SENTENCES: dict[Kind, re.Pattern[str]] = {
    "trade": re.compile(rf"(?P<amount>[+-]? ?{NUMBER}) (?P<instrument>.+)"),
    "scale": re.compile(rf"[x×*] ?(?P<amount>{NUMBER}) (?P<instrument>.+)", re.IGNORECASE),
    "close": re.compile(r"close (?P<instrument>.+)", re.IGNORECASE),
    "replace": re.compile(r"replace (?P<instrument>.+?) by (?P<into>.+)", re.IGNORECASE),
    "roll": re.compile(r"roll (?P<instrument>.+?) to (?P<into>.+)", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change in one book: `amount` is the quantity traded or the factor scaled by, `into` what is held instead."""

    kind: Kind
    instrument: str
    book: str
    amount: Decimal = Decimal(0)
    into: str = ""

    def __str__(self) -> str:
        """The change as `parse` reads it, in the one form it is kept in."""
        what = {
            "trade": f"{self.amount.normalize():+f} {self.instrument}",
            "scale": f"x{self.amount.normalize():f} {self.instrument}",
            "close": f"close {self.instrument}",
            "replace": f"replace {self.instrument} by {self.into}",
            "roll": f"roll {self.instrument} to {self.into}",
        }
        return f"{what[self.kind]} @ {self.book}"


def parse(text: str) -> tuple[Change, ...]:
    """The changes of a text, in its order; none of an empty one.

    ValueError for one that cannot be read: its number, what it says, and what may be written.
    """
    if len(text) > LONGEST_READ:
        raise ValueError(f"{len(text):,} characters are too many; write at most {LONGEST_READ:,}")
    found: list[Change] = []
    order: tuple[int, ...] = ()
    for line in text.splitlines():
        cells = [] if "@" in line else _cells(line)
        headings = [cell.lower() for cell in cells]
        if set(HEADINGS) <= set(headings):
            order = tuple(map(headings.index, HEADINGS))
        elif len(cells) > 1:
            found.append(_row(len(found) + 1, line, cells, order))
        else:
            parts = filter(str.strip, line.split(";"))
            found += [_sentence(number, part) for number, part in enumerate(parts, len(found) + 1)]
    return tuple(found)


def canonical(text: str) -> str:
    """The same changes in the one form that addresses carry; ValueError as in `parse`."""
    return "; ".join(map(str, parse(text)))


def _cells(line: str) -> list[str]:
    """The cells of a pasted row; one or none where the line is not a row."""
    delimiter = next((mark for mark in "\t;," if mark in line), "\t")
    cells = [cell.strip() for row in csv.reader([line], delimiter=delimiter) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _row(number: int, line: str, cells: list[str], order: tuple[int, ...]) -> Change:
    if len(cells) <= max(order, default=2) or (not order and len(cells) > len(HEADINGS)):
        raise _unreadable(number, line, "a row has an instrument, a book and a quantity")
    instrument, book, quantity = (cells[place] for place in order or range(3))
    if not re.fullmatch(f"[+-]? ?{NUMBER}", _plain(quantity)):
        raise _unreadable(number, line, f"{quantity[:40]!r} is no quantity")
    return _checked(number, line, "trade", {"instrument": instrument, "amount": _plain(quantity)}, book)


def _sentence(number: int, text: str) -> Change:
    head, mark, book = _plain(text).rpartition("@")
    if not mark:
        raise _unreadable(number, text, "it names no book")
    for kind, sentence in SENTENCES.items():
        if match := sentence.fullmatch(head.strip()):
            return _checked(number, text, kind, match.groupdict(), book)
    raise _unreadable(number, text, "it is none of the forms")


def _checked(number: int, text: str, kind: Kind, parts: dict[str, str], book: str) -> Change:
    names = [_plain(name) for name in (parts["instrument"], book, parts.get("into", "-"))]
    for name in names:
        if not name or len(name) > LONGEST_NAME or not name.isprintable() or set("@;") & set(name):
            raise _unreadable(number, text, f"names have 1 to {LONGEST_NAME} printable characters, none of them @ or ;")
    amount = Decimal(parts.get("amount", "0").replace(",", "").replace(" ", ""))
    if kind == "trade" and (not amount or abs(amount) > LARGEST or amount % SMALLEST):
        raise _unreadable(number, text, f"a quantity is not 0, has up to 4 decimals and is at most {LARGEST:,}")
    if kind == "scale" and (amount > 1000 or amount % SMALLEST):
        raise _unreadable(number, text, "a factor is from 0 to 1000 with up to 4 decimals")
    return Change(kind, names[0], names[1], amount, names[2] if "into" in parts else "")


def _plain(text: str) -> str:
    """With single spaces and the plain minus sign."""
    return " ".join(text.replace("\N{MINUS SIGN}", "-").split())


def _unreadable(number: int, text: str, why: str) -> ValueError:
    shown = " ".join(text.split())
    return ValueError(f"trade {number} ({shown[:80]!r}) cannot be read: {why}; write {FORMS}")

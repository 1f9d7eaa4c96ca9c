"""Holdings under test: a few positions written as rows, or those of a ledger."""

from datetime import date

import numpy as np

from app.risk.holdings import Holdings, Register
from data.relations import Ask
from tests.ledger import FIRM

AS_OF, VS, MONTH, YEAR = date(2022, 3, 16), date(2022, 3, 15), date(2022, 2, 28), date(2021, 12, 31)
DAYS = {"as_of": AS_OF, "vs": VS, "month_start": MONTH, "year_start": YEAR, "start": VS}
AMOUNTS = ("wealth", "realised", "income", "fees", "quantity", "cost", "value")
BOOKS = {
    "book_id": np.array([2, 1, 3]),
    "desk": np.array(["Cash", "Cash", "Vol"], dtype=object),
    "book": np.array(["EQ2", "EQ1", "VOL"], dtype=object),
    "strategy": np.array([None, "Carry", "none"], dtype=object),
}
INSTRUMENTS = {
    "instrument_id": np.array([10, 20, 30, 40]),
    "instrument": np.array(["AAA", "EEE", "FUT", "ZZZ"], dtype=object),
    "name": np.array(["Alpha", "Echo", "Future", "Zulu"], dtype=object),
    "asset_class": np.array(["equity", "equity", "index", "equity"], dtype=object),
    "instrument_type": np.array(["equity", "equity", "future", "equity"], dtype=object),
    "sector": np.array(["Energy", None, None, "Energy"], dtype=object),
    "currency": np.array(["USD", "EUR", "USD", "CHF"], dtype=object),
}
RATES = [(day, currency, rate) for day in (AS_OF, VS, MONTH, YEAR) for currency, rate in (("USD", 1.0), ("EUR", 1.25))]


def hold(*rows, rates=RATES, base="USD", days=DAYS):
    """From rows as dicts: book, instrument (ids), day (default: as of), price_date, amounts (default: 0)."""
    dated = [{"day": AS_OF, "price_date": AS_OF, **dict.fromkeys(AMOUNTS, 0.0), **row} for row in rows]
    leaves = {
        "position_date": np.array([row["day"] for row in dated], dtype="datetime64[D]"),
        "book_id": np.array([row["book"] for row in dated], dtype=np.int32),
        "instrument_id": np.array([row["instrument"] for row in dated], dtype=np.int32),
        "price_date": np.array([row["price_date"] for row in dated], dtype="datetime64[D]"),
        **{name: np.array([row[name] for row in dated], dtype=float) for name in AMOUNTS},
    }
    converted = {
        "mark_date": np.array([day for day, _, _ in rates], dtype="datetime64[D]"),
        "currency": np.array([currency for _, currency, _ in rates], dtype=object),
        "rate": np.array([rate for _, _, rate in rates], dtype=float),
    }
    registers = Register.of(BOOKS, "book_id"), Register.of(INSTRUMENTS, "instrument_id")
    return Holdings(leaves, *registers, converted, days, base)


def nothing_held():
    """Holdings without a position."""
    return hold()


def held(ledger, scope=FIRM, *, base="USD", **dates):
    """The holdings of the last day, compared with the day before the first trade unless `dates` say otherwise."""
    days, before = ledger.answers.rows.calendar(ledger.answers.version())
    usual = {"as_of": days[-1], **dict.fromkeys(("vs", "month_start", "year_start", "start"), before)}
    return ledger.answers.rows.holdings(ledger.answers.version(), scope, Ask(usual | dates, base))

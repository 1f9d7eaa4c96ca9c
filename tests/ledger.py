"""The book under test: tables written in a test's docstring, loaded through the product's own loader.

A docstring holds blocks such as

    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03

Cells are separated by blanks; `-` is an empty cell. What a block leaves out is filled in here with the dullest
value; business days run from the first trade to the last price.
"""

import shutil
import textwrap
from datetime import UTC, datetime

import pandas as pd
import pytest
from flask import Flask
from flask_caching import Cache

from app.answer import Answers
from data.derive import derive
from data.load import create, load
from data.relations import Ask, read
from data.scope import ROLES, Scope
from data.warehouse import Warehouse

NOW = datetime(2023, 1, 1, tzinfo=UTC)
FIRM = Scope("helena", "Helena", frozenset({"risk_manager"}), firm=True)
OPERATOR = Scope("operator", "Operator", frozenset(ROLES), firm=True)
ORDER = ("books", "counterparties", "instruments", "fx", "curves", "vols", "prices", "actions", "trades", "limits")
USUAL = {
    "instruments": {"asset_class": "equity", "instrument_type": "equity", "currency": "USD"},
    "books": {"business_unit": "Markets", "legal_entity": "Parapet Ltd"},
    "trades": {"version": 1, "action": "new", "fees": 0},
    "fx": {"base": "EUR"},
    "limits": {"currency": "USD", "valid_from": "2020-01-01"},
}


def trader(*desks):
    return Scope("tom", "Tom", frozenset({"trader"}), frozenset(desks))


def tables(text):
    """The blocks of a docstring as frames of text."""
    found = {}
    lines = textwrap.dedent(text).splitlines()
    for line in lines:
        if line.rstrip().endswith(":") and not line.startswith(" ") and len(line.split()) == 1:
            rows = found.setdefault(line.strip().rstrip(":"), [])
        elif found and line.startswith(" ") and line.strip():
            rows.append([None if cell == "-" else cell for cell in line.split()])
    return {name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in found.items()}


class Ledger:
    """A warehouse filled from a docstring, with the shortest ways to ask it something."""

    def __init__(self, folder, text=""):
        self.folder = folder
        self.warehouse = Warehouse(folder / "warehouse")
        cache = Cache(
            Flask("test"), config={"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 0, "CACHE_THRESHOLD": 10_000}
        )
        self.answers = Answers(self.warehouse, cache, base_currency="USD", release="test")
        if text:
            self.add(text)

    def add(self, text):
        """Load more tables, written as in a docstring, into a new snapshot."""
        self.load(tables(text))

    def load(self, given, now=NOW):
        """Load frames by table name into a new snapshot, each through a CSV file and the product's loader."""
        with self.warehouse.draft("test") as draft:
            create(draft.connection)
            batches = []
            for name in sorted(given, key=ORDER.index):
                frame = given[name].assign(**{k: v for k, v in USUAL.get(name, {}).items() if k not in given[name]})
                if name == "trades":
                    frame["trade_time"] = frame.get("trade_time", frame["trade_date"] + "T15:00:00Z")
                    frame["settle_date"] = frame.get("settle_date", frame["trade_date"])
                path = self.folder / f"{name}-{len(list(self.folder.glob('*.csv')))}.csv"
                frame.to_csv(path, index=False)
                batches.append(load(draft.connection, name, path, now=now).batch_id)
            derive(draft.connection, batches)

    def sql(self, text):
        return self.warehouse.cursor(self.warehouse.current().number).execute(text).df()

    def read(self, relation, scope=FIRM, *, base="USD", rows=None, values=None, **dates):
        days = self.sql("SELECT day, previous_day FROM business_day ORDER BY day")
        last, first = days["day"].iloc[-1].date(), days["previous_day"].iloc[0].date()
        known = {"as_of": last, "vs": first, "month_start": first, "year_start": first, "start": first}
        ask = Ask(known | dates, base, rows or {}, values or {})
        cursor = self.warehouse.cursor(self.warehouse.current().number)
        return read(cursor, relation, scope, ask).to_pandas()


_BUILT = {}


@pytest.fixture
def open_ledger(tmp_path, tmp_path_factory):
    """A function from a text of tables to their warehouse; each text is loaded once and copied for each test."""
    opened = []

    def build(text):
        if text not in _BUILT:
            _BUILT[text] = tmp_path_factory.mktemp("ledger")
            Ledger(_BUILT[text], text).warehouse.close()
        folder = tmp_path / f"ledger-{len(opened)}"
        shutil.copytree(_BUILT[text], folder)
        opened.append(Ledger(folder))
        return opened[-1]

    yield build
    for ledger in opened:
        ledger.warehouse.close()


@pytest.fixture
def ledger(request, open_ledger):
    """The warehouse of the tables in the test's docstring."""
    return open_ledger(request.function.__doc__)

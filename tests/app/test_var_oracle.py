"""VaR and ES of real equities through the product, against an oracle in plain Python that shares no code with it.

A long/short book of three desks: closes as quoted with splits and dividends, a share listed within the window, holes
in the prices, a share quoted in euros, two base currencies. The product keeps each position's scenario P&L in single
precision; the oracle rounds the same numbers the same way, and nothing else.
"""

import struct
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.filters import Filters
from tests.ledger import FIRM, Ledger, trader

ROOT = Path(__file__).parents[2]
DEMO, SHARED = ROOT / "data" / "demo" / "market.parquet", ROOT.parent / "shared" / "data"
CENT = Decimal("0.0001")
CARRIED = 5
BOOKS = {"LONG": "Value", "SHORT": "Value", "PAIRS": "Arbitrage", "INDEX": "Arbitrage", "EURO": "Frankfurt"}
SETTINGS = [
    {"confidence": 0.99, "es_confidence": 0.975, "method": "weibull", "window": 500},
    {"confidence": 0.95, "es_confidence": 0.9, "method": "linear", "window": 500},
    {"confidence": 0.975, "es_confidence": 0.99, "method": "weibull", "window": 250},
]


@dataclass
class Real:
    """Closes as quoted by symbol and day, splits and dividends by symbol and ex-date, units of a currency per euro."""

    as_of: date
    closes: dict[str, dict[date, float]]
    splits: dict[tuple[str, date], float]
    dividends: dict[tuple[str, date], float]
    per_euro: dict[str, dict[date, float]]
    holes: tuple[str, str]
    euro: str


def demo():
    """Shares and funds of the demo; its closes are adjusted, so the split is put back in. The funds list in 2014."""
    table = pq.read_table(DEMO)
    long = table.to_pandas()
    long["value"] /= float(table.schema.metadata[b"scale"])
    long["date"] = pd.to_datetime(long["date"]).dt.date
    long = long[long["date"].between(date(2013, 5, 1), date(2015, 7, 15))]
    splits = {("AAPL", date(2014, 6, 9)): 7.0}
    closes = defaultdict(dict)
    for kind, day, symbol, value in long[["kind", "date", "symbol", "value"]].itertuples(index=False):
        if kind in {"equity", "etf"}:
            closes[symbol][day] = round(value * (7 if symbol == "AAPL" and day < date(2014, 6, 9) else 1), 4)
    dividends = {("XOM", date(2014, 11, 10)): 0.69, ("GE", date(2015, 2, 19)): 0.23, ("KO", date(2015, 6, 11)): 0.33}
    fixings = long[(long["kind"] == "fx") & long["symbol"].isin(["USD", "GBP"])]
    rates = {name: dict(zip(rows["date"], rows["value"], strict=True)) for name, rows in fixings.groupby("symbol")}
    return Real(date(2015, 6, 30), dict(closes), splits, dividends, rates, ("BBY", "RRC"), "JNJ")


def shared():
    """120 shares as quoted, with the splits, spin-offs and dividends of the time; one lists in March 2020."""
    long = pd.read_parquet(SHARED / "equities_us_daily.parquet")
    long = long[long["date"] >= date(2019, 3, 1)]
    rows = long[["ticker", "date", "close", "split", "dividend"]].itertuples(index=False)
    closes, splits, dividends = defaultdict(dict), {}, {}
    for symbol, day, close, split, dividend in rows:
        closes[symbol][day] = round(close, 4)
        if split != 1:
            splits[symbol, day] = split
        if dividend:
            dividends[symbol, day] = round(dividend, 4)
    fixings = pd.read_csv(SHARED / "fx_ecb_eur.csv.gz", usecols=["Date", "USD", "GBP"]).set_index("Date")
    fixings = fixings["2019-03-01":"2021-04-30"].dropna()
    rates = {
        name: dict(zip(map(date.fromisoformat, fixings.index), fixings[name], strict=True)) for name in ("USD", "GBP")
    }
    return Real(date(2021, 4, 20), dict(closes), splits, dividends, rates, ("PFE", "GM"), "JNJ")


SOURCES = {"demo": demo, **({"shared": shared} if (SHARED / "equities_us_daily.parquet").exists() else {})}


class Oracle:
    """The book's P&L in every scenario, position by position."""

    def __init__(self, real):
        self.real = real
        days = sorted({day for quotes in real.closes.values() for day in quotes})
        self.sessions = [day for day in days if day <= real.as_of]
        for symbol, gap in zip(real.holes, (3, 9), strict=True):
            for day in self.sessions[-100 : -100 + gap]:
                if (symbol, day) not in real.splits.keys() | real.dividends.keys():
                    del real.closes[symbol][day]
        rate = real.per_euro["USD"]
        quoted = {day: round(close / rate[day], 4) for day, close in real.closes[real.euro].items() if day in rate}
        self.closes = real.closes | {"FRANKFURT": quoted}
        self.currency = dict.fromkeys(real.closes, "USD") | {"FRANKFURT": "EUR"}
        self.trades = self._trades()
        self.holdings, self.vectors, self.levels = cache(self._holdings), cache(self._vectors), cache(self._levels)

    def _trades(self):
        """Long, short and paired holdings: the first half bought before the actions, all of them traded again."""
        early, late, rows = self.sessions[-320], self.sessions[-6], []
        for place, symbol in enumerate(sorted(self.real.closes)):
            book = ("LONG", "SHORT", "PAIRS", "INDEX")[place % 4]
            sign = -1 if book == "SHORT" or (book != "LONG" and place % 8 > 3) else 1
            listed = early in self.real.closes[symbol] and place % 3 < 2
            for day, size in ((early, 40), (late, 24)) if listed else ((late, 104),):
                rows.append((book, symbol, sign * size * (1 + place % 5), day))
        rows += [("EURO", "FRANKFURT", 480, late), ("EURO", self.real.euro, -400, late)]
        return [
            (book, symbol, size, round(self.closes[symbol][day] * 1.01, 4), day) for book, symbol, size, day in rows
        ]

    def _holdings(self):
        """(book, symbol) → value and wealth in its own currency, exact to the ten-thousandth."""
        found, traded = {}, defaultdict(dict)
        for book, symbol, size, price, day in self.trades:
            traded[book, symbol][day] = size, Decimal(str(price))
        for (book, symbol), fills in traded.items():
            quantity, cash = Decimal(0), Decimal(0)
            for day in self.sessions:
                if paid := self.real.dividends.get((symbol, day)):
                    cash += (quantity * Decimal(str(paid))).quantize(CENT, ROUND_HALF_UP)
                if ratio := self.real.splits.get((symbol, day)):
                    quantity = (quantity * Decimal(str(ratio))).quantize(CENT, ROUND_HALF_UP)
                size, price = fills.get(day, (0, Decimal(0)))
                quantity, cash = quantity + size, cash - size * price
            value = quantity * Decimal(str(self.closes[symbol][self.real.as_of]))
            found[book, symbol] = float(value), float(value + cash)
        return found

    def moves(self, symbol, window):
        """Total returns of the last sessions; None where one is not known."""
        pairs = list(pairwise(self.levels(symbol)))[-window:]
        return [None if None in pair else pair[1] / pair[0] - 1 for pair in pairs]

    def _levels(self, symbol):
        """What one unit of money has become by each session; None where no close is known for more than five."""
        quotes, level, before, age, levels = self.closes[symbol], None, None, 0, []
        for day in self.sessions:
            if (price := quotes.get(day)) is not None:
                split, paid = self.real.splits.get((symbol, day), 1.0), self.real.dividends.get((symbol, day), 0.0)
                level = 1.0 if before is None else level * (price * split + paid) / before
                before, age = price, 0
            else:
                age += 1
            levels.append(level if level is not None and age <= CARRIED else None)
        return levels

    def euros(self, currency, window):
        """The value of one unit in euros: today's, and under each scenario."""
        fixings = self.real.per_euro.get(currency)
        if fixings is None:
            return 1.0, [1.0] * window
        days = sorted(fixings)
        levels = [1 / fixings[days[bisect_right(days, day) - 1]] for day in self.sessions[-window - 1 :]]
        return levels[-1], [levels[-1] * after / before for before, after in pairwise(levels)]

    def _vectors(self, base, window):
        """(book, symbol) → P&L by scenario in the base currency, each rounded to single precision as it is kept."""
        moves = {symbol: self.moves(symbol, window) for symbol in self.closes}
        mean = [
            sum(known) / len(known)
            for known in ([m[place] for m in moves.values() if m[place] is not None] for place in range(window))
        ]
        found = {}
        for (book, symbol), (value, wealth) in self.holdings().items():
            own = [single(value * (mean[place] if move is None else move)) for place, move in enumerate(moves[symbol])]
            if self.currency[symbol] != base:
                (now, then), (base_now, base_then) = (self.euros(it, window) for it in (self.currency[symbol], base))
                rates = [a / b for a, b in zip(then, base_then, strict=True)]
                own = [
                    single(pnl * rate + wealth * (rate - now / base_now)) for pnl, rate in zip(own, rates, strict=True)
                ]
            found[book, symbol] = own
        return found


def single(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def summed(vectors):
    return [sum(column) for column in zip(*vectors, strict=True)]


def value_at_risk(pnl, confidence, method):
    """Rank α(N + 1) from 1 (weibull), or α(N − 1) from 0 (linear), interpolated."""
    alpha, ordered = 1 - confidence, sorted(pnl)
    rank = alpha * (len(pnl) + 1) - 1 if method == "weibull" else alpha * (len(pnl) - 1)
    low = int(rank)
    return -(ordered[low] + (ordered[low + 1] - ordered[low]) * (rank - low))


def shortfall(pnl, confidence):
    size, ordered = (1 - confidence) * len(pnl), sorted(pnl)
    whole = int(size + 1e-9)
    return -(sum(ordered[:whole]) + (size - whole) * ordered[whole]) / size


def component(pnl, parent, confidence):
    """The node's loss in the two scenarios that the parent's weibull VaR lies between."""
    rank = (1 - confidence) * (len(pnl) + 1) - 1
    places = sorted(range(len(parent)), key=parent.__getitem__)[int(rank) : int(rank) + 2]
    return -(pnl[places[0]] * (1 - rank % 1) + pnl[places[1]] * (rank % 1))


@pytest.fixture(scope="module", params=SOURCES)
def loaded(request, tmp_path_factory):
    oracle = Oracle(SOURCES[request.param]())
    ledger = Ledger(tmp_path_factory.mktemp(f"oracle-{request.param}"))
    real = oracle.real
    quotes = [(s, day, price) for s, closes in oracle.closes.items() for day, price in closes.items()]
    acts = [(*key, "split", value) for key, value in real.splits.items()]
    acts += [(*key, "dividend", value) for key, value in real.dividends.items()]
    rates = [(name, day, rate) for name, fixings in real.per_euro.items() for day, rate in fixings.items()]
    booked = pd.DataFrame(oracle.trades, columns=["book", "instrument", "quantity", "price", "trade_date"])
    ledger.load(
        {
            "books": pd.DataFrame({"book": list(BOOKS), "desk": list(BOOKS.values())}),
            "instruments": pd.DataFrame({"symbol": list(oracle.currency), "currency": list(oracle.currency.values())}),
            "prices": pd.DataFrame(quotes, columns=["instrument", "price_date", "price"]),
            "actions": pd.DataFrame(acts, columns=["instrument", "ex_date", "action", "value"]),
            "fx": pd.DataFrame(rates, columns=["quote", "rate_date", "rate"]),
            "trades": booked.assign(
                trade_id=[f"T{number}" for number in range(len(booked))], trade_date=booked["trade_date"].astype(str)
            ),
        }
    )
    assert ledger.sql("SELECT sum(rows_rejected) AS bad FROM load_batch")["bad"].iloc[0] == 0
    yield oracle, ledger
    ledger.warehouse.close()


def answered(ledger, filters, scope=FIRM):
    frame = ledger.answers.table("var-tree-by-book", filters, scope).frame
    names = frame["book"].where(frame["level"] == 2, frame["desk"].where(frame["level"] == 1, "")).tolist()
    return frame.assign(node=names).set_index("node")


@pytest.mark.parametrize("base", ["USD", "EUR"])
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: "-".join(map(str, setting.values())))
def test_var_and_es_of_firm_desks_and_books_are_the_oracles(loaded, base, setting):
    oracle, ledger = loaded
    vectors = oracle.vectors(base, setting["window"])
    nodes = {"": summed(vectors.values())}
    for name, desk in BOOKS.items():
        nodes[desk] = summed(v for (book, _), v in vectors.items() if BOOKS[book] == desk)
        nodes[name] = summed(v for (book, _), v in vectors.items() if book == name)
    frame = answered(ledger, Filters(as_of=oracle.real.as_of, ccy=base, **setting))
    confidence, method = setting["confidence"], setting["method"]
    var = {name: value_at_risk(pnl, confidence, method) for name, pnl in nodes.items()}
    es = {name: shortfall(pnl, setting["es_confidence"]) for name, pnl in nodes.items()}
    assert frame["var"].to_dict() == pytest.approx(var, rel=1e-9)
    assert frame["es"].to_dict() == pytest.approx(es, rel=1e-9)
    assert frame["unpriced"].sum() == 0
    if method == "weibull":
        parts = {name: component(pnl, nodes[""], confidence) for name, pnl in nodes.items()}
        assert frame["component"].to_dict() == pytest.approx(parts, rel=1e-9)


def test_a_trader_of_a_desk_and_a_reader_narrowed_to_it_get_the_oracles_var_of_the_desk(loaded):
    oracle, ledger = loaded
    vectors, asked = oracle.vectors("USD", 500), Filters(as_of=oracle.real.as_of)
    desk = summed(v for (book, _), v in vectors.items() if BOOKS[book] == "Value")
    book = summed(v for (name, _), v in vectors.items() if name == "SHORT")
    for filters, pnl in ((asked, desk), (replace(asked, book="SHORT"), book)):
        found = answered(ledger, filters, trader("Value")).loc["", "var"]
        assert found == pytest.approx(value_at_risk(pnl, 0.99, "weibull"), rel=1e-9)


def test_every_scenario_is_the_oracles_on_its_day(loaded):
    oracle, ledger = loaded
    frame = ledger.answers.table("var-scenarios", Filters(as_of=oracle.real.as_of, ccy="EUR"), FIRM).frame
    found = dict(zip(pd.to_datetime(frame["day"]).dt.date, frame["pnl"], strict=True))
    assert found == pytest.approx(
        dict(zip(oracle.sessions[-500:], summed(oracle.vectors("EUR", 500).values()), strict=True)), rel=1e-9, abs=1e-6
    )


def test_the_real_history_holds_what_makes_it_hard(loaded):
    oracle, _ = loaded
    inside = oracle.sessions[-501]
    acts = oracle.real.splits.keys() | oracle.real.dividends.keys()
    assert any(day > inside for _, day in oracle.real.splits)
    assert sum(day > inside for _, day in acts) > 3
    proxied = {symbol: oracle.moves(symbol, 500).count(None) for symbol in oracle.closes}
    assert max(proxied.values()) > 100
    assert proxied[oracle.real.holes[0]] == 0 < proxied[oracle.real.holes[1]] < 10
    assert oracle.sessions[-1] - oracle.sessions[-501] > timedelta(days=700)

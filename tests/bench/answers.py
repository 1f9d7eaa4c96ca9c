"""Asking: panels through the whole path against the best hand-written SQL on the same snapshot."""

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from flask import Flask
from flask_caching import Cache

from app.answer import Answers
from app.filters import Filters
from app.table import Table
from data.scope import Scope
from data.warehouse import Warehouse
from tests.bench.clock import Ratio, pair, plain

FIRM = Scope("bench", "Bench", frozenset({"risk_manager"}), firm=True)
RATES = """
    SELECT c.currency, c.rate / b.rate AS rate FROM fx_mark c
    JOIN fx_mark b ON b.mark_date = c.mark_date AND b.currency = 'USD' WHERE c.mark_date = DATE '{day}'
"""
PNL = """
    WITH e AS ({end}), d AS ({vs}), m AS ({month}), y AS ({year}),
    held AS (
        SELECT desk, book, p.wealth * e.rate AS w, p.value * e.rate AS v,
               p.wealth * e.rate - coalesce(pd.wealth * d.rate, 0) AS day,
               p.wealth * e.rate - coalesce(pm.wealth * m.rate, 0) AS mtd,
               p.wealth * e.rate - coalesce(py.wealth * y.rate, 0) AS ytd
        FROM position p JOIN book USING (book_id) JOIN instrument i USING (instrument_id)
        LEFT JOIN e ON e.currency = i.currency LEFT JOIN d ON d.currency = i.currency
        LEFT JOIN m ON m.currency = i.currency LEFT JOIN y ON y.currency = i.currency
        LEFT JOIN position pd ON pd.position_date = DATE '{vs_day}' AND pd.book_id = p.book_id AND pd.instrument_id = p.instrument_id
        LEFT JOIN position pm ON pm.position_date = DATE '{month_day}' AND pm.book_id = p.book_id AND pm.instrument_id = p.instrument_id
        LEFT JOIN position py ON py.position_date = DATE '{year_day}' AND py.book_id = p.book_id AND py.instrument_id = p.instrument_id
        WHERE p.position_date = DATE '{day}')
    SELECT desk, book, sum(day) AS day, sum(mtd) AS mtd, sum(ytd) AS ytd, sum(w) AS inception, sum(abs(v)) AS gross, sum(v) AS net,
           count(*) AS positions, count(v) AS priced
    FROM held GROUP BY ROLLUP (desk, book) ORDER BY desk NULLS FIRST, book NULLS FIRST
"""
POSITIONS = """
    WITH e AS ({end}), d AS ({vs}),
    held AS (
        SELECT desk, book, symbol, name, asset_class, i.currency, p.quantity, k.price, k.price_date,
               p.value * e.rate AS v, p.cost * e.rate AS c,
               p.wealth * e.rate - coalesce(pd.wealth * d.rate, 0) AS day
        FROM position p JOIN book USING (book_id) JOIN instrument i USING (instrument_id)
        LEFT JOIN e ON e.currency = i.currency LEFT JOIN d ON d.currency = i.currency
        LEFT JOIN mark k ON k.instrument_id = p.instrument_id AND k.mark_date = p.position_date
        LEFT JOIN position pd ON pd.position_date = DATE '{vs_day}' AND pd.book_id = p.book_id AND pd.instrument_id = p.instrument_id
        WHERE p.position_date = DATE '{day}' AND (p.quantity <> 0 OR day <> 0))
    SELECT desk, book, symbol, any_value(name), any_value(asset_class), any_value(currency), any_value(price), any_value(price_date),
           sum(quantity), sum(v) AS value, sum(c) AS cost, sum(v - c) AS unrealised, sum(day) AS day, sum(abs(v)) AS gross,
           count(*) AS held, count(v) AS priced
    FROM held GROUP BY ROLLUP (desk, book, symbol) ORDER BY desk NULLS FIRST, book NULLS FIRST, symbol NULLS FIRST
"""
RAW = """
    WITH current AS (SELECT e.* FROM trade_event e ANTI JOIN superseded USING (trade_id, version)),
    held AS (
        SELECT book_id, instrument_id, sum(quantity) AS q, sum(quantity::DECIMAL(38, 4) * price) AS cash, sum(fees) AS fees,
               sum(quantity) FILTER (trade_date <= DATE '{vs_day}') AS q0,
               sum(quantity::DECIMAL(38, 4) * price) FILTER (trade_date <= DATE '{vs_day}') AS cash0,
               sum(fees) FILTER (trade_date <= DATE '{vs_day}') AS fees0
        FROM current GROUP BY ALL)
    SELECT desk, sum(q::DECIMAL(38, 4) * k.unit_value - cash * multiplier::DOUBLE * price_factor::DOUBLE - fees
                     - coalesce(q0::DECIMAL(38, 4) * k0.unit_value - cash0 * multiplier::DOUBLE * price_factor::DOUBLE - fees0, 0)) AS day
    FROM held JOIN book USING (book_id) JOIN instrument USING (instrument_id)
    LEFT JOIN mark k ON k.instrument_id = held.instrument_id AND k.mark_date = DATE '{day}'
    LEFT JOIN mark k0 ON k0.instrument_id = held.instrument_id AND k0.mark_date = DATE '{vs_day}'
    GROUP BY desk
"""


def measure(home: Path) -> Iterator[Ratio]:
    warehouse = Warehouse(home / "warehouse")
    cache = Cache(
        Flask("bench"),
        config={"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(home / "cache"), "CACHE_THRESHOLD": 10_000},
    )
    answers = Answers(warehouse, cache, base_currency="USD", release="bench")
    cursor = warehouse.cursor(warehouse.current().number)
    days = _days(answers)
    named = {
        name: RATES.format(day=days[key])
        for name, key in (("end", "day"), ("vs", "vs_day"), ("month", "month_day"), ("year", "year_day"))
    }

    def by_hand(sql: str) -> duckdb.DuckDBPyConnection:
        return cursor.execute(sql.format(**named, **days))

    release = itertools.count()

    def asked(key: str) -> Table:
        """Through the whole path under a release of its own, so that nothing asked before can be found."""
        answers.kept.release = f"bench-{next(release)}"
        return answers.table(key, Filters(), FIRM)

    panels = {"overview-pnl-by-book": PNL, "positions-tree-by-instrument": POSITIONS}
    _agree(asked("overview-pnl-by-book").frame["day"], by_hand(PNL).df()["day"])
    _agree(asked("positions-tree-by-instrument").frame["cost"], by_hand(POSITIONS).df()["cost"])
    for key, sql in panels.items():
        yield pair(
            f"{key} through the path, not kept",
            lambda key=key: asked(key),
            "hand-written SQL",
            lambda sql=sql: by_hand(sql).df(),
            1.3,
            runs=25,
        )
    yield pair(
        "desk P&L through the path, not kept",
        lambda: asked("overview-pnl-by-book"),
        "adding up the raw trades",
        lambda: by_hand(RAW).df(),
        0.1,
        runs=5,
    )
    for key in ("overview-summary", "overview-pnl-by-book", "positions-tree-by-instrument"):
        kept = lambda key=key: answers.drawn(key, Filters(), FIRM, "dark")  # noqa: E731
        yield plain(f"{key} kept: answered, drawn and serialised", kept, 0.003, runs=101, warm=3)
    middle = answers.trades("blotter-trades", Filters(), FIRM, start=0, end=1)[1] // 2
    yield plain(
        "a page of the blotter in the middle",
        lambda: answers.trades("blotter-trades", Filters(), FIRM, start=middle, end=middle + 200),
        0.2,
        runs=9,
    )
    warehouse.close()


def _days(answers: Answers) -> dict[str, date]:
    moment = answers.question("overview-pnl-by-book", Filters(), FIRM).moment
    return {"day": moment.as_of, "vs_day": moment.vs, "month_day": moment.month_start, "year_day": moment.year_start}


def _agree(ours: object, theirs: object) -> None:
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    assert a.shape == b.shape, (a.shape, b.shape)
    assert np.allclose(np.nan_to_num(a), np.nan_to_num(b), atol=0.05), "the hand-written SQL does not agree"

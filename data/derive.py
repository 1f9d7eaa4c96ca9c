"""What is worked out once, when files are loaded, so that no screen ever adds up trades.

Order: superseded trade events → business days → marks and FX marks → daily positions → trade counts. Everything
is rolled again from the earliest day that the new batches touch, and only from there.
"""

from collections.abc import Callable, Sequence
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from data import marks, rolling

CHUNK_DAYS = 64
Progress = Callable[[str, float], None]


def derive(db: duckdb.DuckDBPyConnection, batches: Sequence[int], *, progress: Progress | None = None) -> None:
    """Bring every derived table up to date with the given load batches, in one transaction."""
    tell = progress or (lambda _what, _share: None)
    db.execute("SET asof_loop_join_threshold = 0")  # rows not yet committed look few, and loops over them take minutes
    db.execute("BEGIN")
    try:
        db.execute("CREATE OR REPLACE TEMP TABLE fresh AS SELECT unnest($1::INTEGER[]) AS batch_id", [list(batches)])
        _supersede(db)
        since = _since(db)
        if marks.lay_calendar(db):
            tell("marks", 0.0)
            marks.mark_instruments(db, since)
            marks.mark_currencies(db)
            _roll(db, since, tell)
            _count(db, since)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _supersede(db: duckdb.DuckDBPyConnection) -> None:
    """An event is superseded by a later version of its trade; a cancel is itself no trade."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE touched AS
        SELECT DISTINCT trade_id FROM trade_event
        WHERE batch_id IN (FROM fresh) AND (version > 1 OR action = 'cancel')
        """
    )
    db.execute("DELETE FROM superseded WHERE trade_id IN (FROM touched)")
    db.execute(
        """
        INSERT INTO superseded
        SELECT trade_id, version
        FROM trade_event SEMI JOIN touched USING (trade_id)
        QUALIFY version < max(version) OVER (PARTITION BY trade_id) OR action = 'cancel'
        """
    )


def _since(db: duckdb.DuckDBPyConnection) -> date:
    """The earliest date whose positions may have changed; date.max when none has."""
    row = db.execute(
        """
        SELECT least(
            (SELECT min(trade_date) FROM trade_event WHERE batch_id IN (FROM fresh)),
            (SELECT min(trade_date) FROM trade_event SEMI JOIN touched USING (trade_id)),
            (SELECT min(price_date) FROM price WHERE batch_id IN (FROM fresh)),
            (SELECT min(ex_date) FROM corporate_action WHERE batch_id IN (FROM fresh)),
            (SELECT min(position_date) FROM position JOIN instrument USING (instrument_id)
             WHERE instrument.batch_id IN (FROM fresh)))
        """
    ).fetchone()
    return (row and row[0]) or date.max


def _roll(db: duckdb.DuckDBPyConnection, since: date, tell: Progress) -> None:
    """Replace the positions from `since` on."""
    days = [
        row[0] for row in db.execute("SELECT day FROM business_day WHERE day >= $1 ORDER BY day", [since]).fetchall()
    ]
    db.execute("DELETE FROM position WHERE position_date >= $1", [since])
    if not days:
        return
    _flows(db, since)
    keys = db.execute(
        """
        SELECT DISTINCT book_id, instrument_id FROM (
            SELECT book_id, instrument_id FROM flow UNION
            SELECT book_id, instrument_id FROM position WHERE position_date = (SELECT max(position_date) FROM position))
        ORDER BY ALL
        """
    ).df()
    state = _standing(db, keys)
    events = _events(db, keys, since)
    chunk: list[pd.DataFrame] = []
    for done, frame in enumerate(rolling.roll(days, keys["instrument_id"].to_numpy(np.int64), state, events), 1):
        chunk.append(frame)
        if len(chunk) == CHUNK_DAYS or done == len(days):
            _store(db, pd.concat(chunk), keys)
            chunk.clear()
            tell("positions", done / len(days))


def _flows(db: duckdb.DuckDBPyConnection, since: date) -> None:
    """Bought and sold by business day, book and instrument; cash is exact per group, not rounded per fill."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE flow AS
        WITH fills AS (
            SELECT trade_date, settle_date, book_id, instrument_id, count(*) AS trades, sum(fees) AS fees,
                   sum(quantity) FILTER (quantity > 0) AS bought, sum(amount) FILTER (quantity > 0) AS paid,
                   sum(quantity) FILTER (quantity < 0) AS sold, sum(amount) FILTER (quantity < 0) AS received
            FROM (SELECT *, quantity::DECIMAL(38, 4) * price AS amount FROM trade_event)
            ANTI JOIN superseded USING (trade_id, version)
            WHERE trade_date > coalesce((SELECT max(day) FROM business_day WHERE day < $1), DATE '0001-01-01')
            GROUP BY ALL
        ),
        dirty AS (
            SELECT fills.*, (multiplier::DECIMAL(38, 6) * price_factor) AS factor,
                   coalesce(amount * (settle_date - period_start) / (period_end - period_start), 0)
                       ::DECIMAL(18, 8) AS accrued
            FROM fills JOIN held USING (instrument_id)
            LEFT JOIN coupon ON coupon.instrument_id = fills.instrument_id
                            AND settle_date >= period_start AND settle_date < period_end
        ),
        dated AS (SELECT dirty.*, day FROM dirty ASOF JOIN business_day ON trade_date <= day)
        SELECT day, book_id, instrument_id, sum(trades)::BIGINT AS trades, sum(fees)::DECIMAL(18, 4) AS fees,
               coalesce(sum(bought), 0)::DECIMAL(18, 4) AS bought, -coalesce(sum(sold), 0)::DECIMAL(18, 4) AS sold,
               coalesce(sum((paid + bought * accrued) * factor), 0)::DECIMAL(18, 4) AS paid,
               -coalesce(sum((received + sold * accrued) * factor), 0)::DECIMAL(18, 4) AS received
        FROM dated GROUP BY ALL
        """,
        [since],
    )


def _standing(db: duckdb.DuckDBPyConnection, keys: pd.DataFrame) -> dict[str, rolling.Whole]:
    last = db.execute(
        """
        SELECT book_id, instrument_id, trades,
               (COLUMNS(['quantity', 'cost', 'cash', 'income', 'fees'])::DECIMAL(38, 4) * 10000)::BIGINT
        FROM position WHERE position_date = (SELECT max(position_date) FROM position)
        """
    ).df()
    merged = keys.merge(last, how="left", on=["book_id", "instrument_id"])
    return {name: merged[name].fillna(0).round().to_numpy(np.int64, copy=True) for name in rolling.FIELDS}


def _events(db: duckdb.DuckDBPyConnection, keys: pd.DataFrame, since: date) -> rolling.Events:
    flows = db.execute(
        """
        SELECT day, book_id, instrument_id, trades,
               (COLUMNS(['bought', 'paid', 'sold', 'received', 'fees'])::DECIMAL(38, 4) * 10000)::BIGINT
        FROM flow
        """
    ).df()
    index = pd.MultiIndex.from_frame(keys)
    flows["key"] = index.get_indexer(pd.MultiIndex.from_frame(flows[["book_id", "instrument_id"]]))
    actions = """
        SELECT (SELECT min(day) FROM business_day WHERE day >= ex_date) AS day, instrument_id,
               round(value::DOUBLE * {unit} * 100000000)::BIGINT AS rate
        FROM (SELECT instrument_id, ex_date, action, arg_max(value, known_from) AS value
              FROM corporate_action GROUP BY ALL)
        JOIN held USING (instrument_id) WHERE action = '{action}' AND ex_date >= first_day AND day >= $1
    """
    coupons = """
        SELECT (SELECT min(day) FROM business_day WHERE next_day >= period_end) AS day, instrument_id,
               round(amount::DOUBLE * multiplier * price_factor * 100000000)::BIGINT AS rate
        FROM coupon JOIN held USING (instrument_id) WHERE day >= $1
    """
    settlements = """
        WITH due AS (SELECT * FROM held WHERE settle_day >= $1),
        struck AS (
            SELECT due.*, quote.price AS spot
            FROM due ASOF JOIN quote
                ON quote.instrument_id = coalesce(underlying_id, due.instrument_id) AND settle_day >= price_date
        )
        SELECT settle_day AS day, instrument_id, round(multiplier::DOUBLE * price_factor * 100000000 * CASE
                   WHEN option_type = 'call' THEN greatest(spot - strike, 0)
                   WHEN option_type = 'put' THEN greatest(strike - spot, 0) ELSE spot END)::BIGINT AS rate
        FROM struck WHERE instrument_type <> 'government_bond'
        UNION ALL
        SELECT settle_day, instrument_id, round(multiplier::DOUBLE * price_factor * 100 * 100000000)::BIGINT
        FROM due WHERE instrument_type = 'government_bond'
    """
    frames = [
        db.execute(sql, [since]).df()
        for sql in (
            actions.format(unit="1", action="split"),
            f"{actions.format(unit='multiplier * price_factor', action='dividend')} UNION ALL {coupons}",
            settlements,
        )
    ]
    return rolling.Events(*(_dated(frame) for frame in (flows, *frames)))


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(day=pd.to_datetime(frame["day"]).dt.date)


def _store(db: duckdb.DuckDBPyConnection, rows: pd.DataFrame, keys: pd.DataFrame) -> None:
    """Value the rolled rows at the marks and append them, each beside its wealth of the day before."""
    db.register("rolled", rows.reset_index(drop=True))
    db.register("keys", keys.assign(key=np.arange(len(keys))))
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE valued AS
        WITH exact AS (
            SELECT day::DATE AS day, key, trades,
                   (COLUMNS(['quantity', 'cost', 'cash', 'income', 'fees'])::DECIMAL(18, 0) * 0.0001)::DECIMAL(18, 4)
            FROM rolled
        )
        SELECT day, book_id, keys.instrument_id, quantity, cost, cash, income, fees, trades,
               CASE WHEN quantity = 0 THEN day ELSE price_date END AS price_date,
               (CASE WHEN quantity = 0 THEN 0 ELSE quantity::DECIMAL(38, 4) * unit_value END)::DECIMAL(18, 4) AS value,
               (value + cash + income - fees)::DECIMAL(18, 4) AS wealth
        FROM exact JOIN keys USING (key)
        LEFT JOIN mark ON mark.instrument_id = keys.instrument_id AND mark_date = day
        """
    )
    db.execute(
        """
        INSERT INTO position
        WITH earlier AS (
            SELECT day, book_id, instrument_id, wealth FROM valued UNION ALL
            SELECT position_date, book_id, instrument_id, wealth FROM position
            WHERE position_date = (SELECT max(position_date) FROM position)
        )
        SELECT valued.*, CASE WHEN earlier.day IS NULL THEN 0 ELSE earlier.wealth END
        FROM valued JOIN business_day USING (day)
        LEFT JOIN earlier ON earlier.day = previous_day AND earlier.book_id = valued.book_id
                         AND earlier.instrument_id = valued.instrument_id
        ORDER BY valued.day, valued.book_id, valued.instrument_id
        """
    )
    db.unregister("rolled")
    db.unregister("keys")


def _count(db: duckdb.DuckDBPyConnection, since: date) -> None:
    db.execute("DELETE FROM trade_count WHERE trade_date >= $1", [since])
    db.execute(
        """
        INSERT INTO trade_count
        SELECT trade_date, book_id, count(*)
        FROM trade_event ANTI JOIN superseded USING (trade_id, version)
        WHERE trade_date >= $1 GROUP BY ALL ORDER BY ALL
        """,
        [since],
    )

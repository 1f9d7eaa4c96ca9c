"""Marks: the business days, and what every held instrument and currency is worth on each of them.

A price is carried forward for at most CARRY_DAYS and keeps the date it is from; older, it is no price. Carried over a
split it is divided by the ratio, as the shares have been multiplied by it. Bonds are quoted clean and marked dirty:
accrued interest runs to the next business day, when a trade of today would settle.
"""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

CARRY_DAYS = 14
CALENDAR = "XNYS"


def lay_calendar(db: duckdb.DuckDBPyConnection) -> bool:
    """Lay the business days from the first trade to the last price of what is held; False when nothing is held."""
    row = db.execute(
        """
        WITH held AS (SELECT DISTINCT instrument_id FROM trade_event)
        SELECT min(trade_date),
               greatest(max(trade_date), (SELECT max(price_date) FROM price SEMI JOIN held USING (instrument_id)))
        FROM trade_event
        """
    ).fetchone()
    if row is None or row[0] is None:
        return False
    first, last = row
    known = db.execute("SELECT min(day) <= $1 AND max(next_day) > $2 FROM business_day", [first, last]).fetchone()
    if known and known[0]:
        return True
    import exchange_calendars  # noqa: PLC0415 takes most of a second and is needed at load only

    calendar = exchange_calendars.get_calendar(
        CALENDAR, start=first - timedelta(days=10), end=last + timedelta(days=10)
    )
    sessions = calendar.sessions
    inner = (sessions >= pd.Timestamp(first)) & (sessions <= pd.Timestamp(last))
    days = np.flatnonzero(inner)
    frame = pa.table(
        {
            "day": sessions[days].date,
            "previous_day": sessions[days - 1].date,
            "next_day": sessions[days + 1].date,
        }
    )
    db.execute("DELETE FROM business_day")
    db.register("sessions", frame)
    db.execute("INSERT INTO business_day SELECT * FROM sessions ORDER BY day")
    db.unregister("sessions")
    return True


def mark_instruments(db: duckdb.DuckDBPyConnection, since: date) -> None:
    """Quote, coupon periods, settlements and the mark of each held instrument from `since` on."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE held AS
        WITH traded AS (SELECT instrument_id, min(trade_date) AS first_day FROM trade_event GROUP BY ALL)
        SELECT instrument.*, first_day, under.instrument_id AS underlying_id,
               CASE WHEN instrument.instrument_type = 'government_bond'
                    THEN (SELECT min(day) FROM business_day WHERE next_day >= instrument.maturity)
                    ELSE (SELECT min(day) FROM business_day WHERE day >= instrument.expiry) END AS settle_day
        FROM instrument JOIN traded USING (instrument_id)
        LEFT JOIN instrument AS under ON under.symbol = instrument.underlying
        """
    )
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE quote AS
        WITH needed AS (SELECT instrument_id FROM held UNION SELECT underlying_id FROM held)
        SELECT instrument_id, price_date, arg_max(price, known_from) AS price
        FROM price SEMI JOIN needed USING (instrument_id)
        WHERE price_date >= $1::DATE - $2::INTEGER
        GROUP BY ALL
        """,
        [min(since, date(9000, 1, 1)), CARRY_DAYS + 1],
    )
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE coupon AS
        SELECT instrument_id,
               (maturity - to_months((12 // coupon_frequency) * (k + 1)::INTEGER))::DATE AS period_start,
               (maturity - to_months((12 // coupon_frequency) * k::INTEGER))::DATE AS period_end,
               coupon / coupon_frequency AS amount
        FROM held, range(0, 1200) AS periods(k)
        WHERE coupon IS NOT NULL AND maturity IS NOT NULL AND period_end >= first_day
        """
    )
    db.execute("DELETE FROM mark WHERE mark_date >= $1", [since])
    db.execute(
        """
        INSERT INTO mark
        WITH wanted AS MATERIALIZED (
            SELECT instrument_id, day, next_day, multiplier, price_factor
            FROM held JOIN business_day
                ON day >= first_day AND day < coalesce(settle_day, DATE '9999-12-31') AND day >= $1
        ),
        last AS MATERIALIZED (
            SELECT wanted.*, price, price_date
            FROM wanted ASOF JOIN quote ON quote.instrument_id = wanted.instrument_id AND day >= price_date
            WHERE day - price_date <= $2
        ),
        split AS (
            SELECT instrument_id, ex_date, arg_max(value, known_from)::DOUBLE AS ratio
            FROM corporate_action WHERE action = 'split' GROUP BY ALL
        ),
        divided AS (
            SELECT instrument_id, day, (any_value(price) / product(ratio))::DECIMAL(18, 8) AS price
            FROM last JOIN split USING (instrument_id) WHERE ex_date > price_date AND ex_date <= day GROUP BY ALL
        ),
        quoted AS (
            SELECT last.* REPLACE (coalesce(divided.price, last.price) AS price)
            FROM last LEFT JOIN divided USING (instrument_id, day)
        )
        SELECT quoted.instrument_id, day, price,
               (price + coalesce(amount * (next_day - period_start) / (period_end - period_start), 0)::DECIMAL(18, 8))
               ::DECIMAL(38, 8) * multiplier * price_factor,
               price_date
        FROM quoted LEFT JOIN coupon
            ON coupon.instrument_id = quoted.instrument_id AND next_day >= period_start AND next_day < period_end
        ORDER BY day, quoted.instrument_id
        """,
        [since, CARRY_DAYS],
    )


def mark_currencies(db: duckdb.DuckDBPyConnection) -> None:
    """Each currency in the pivot: the base currency that most rates are quoted against."""
    db.execute("DELETE FROM fx_mark")
    db.execute(
        """
        INSERT INTO fx_mark
        WITH anchor AS (SELECT base FROM fx_rate GROUP BY base ORDER BY count(*) DESC, base LIMIT 1),
        rate AS (
            SELECT quote AS currency, rate_date, 1 / arg_max(rate, known_from)::DOUBLE AS rate
            FROM fx_rate SEMI JOIN anchor USING (base) GROUP BY ALL
        ),
        wanted AS (SELECT currency, day FROM business_day CROSS JOIN (SELECT DISTINCT currency FROM rate))
        SELECT wanted.currency, day, rate.rate, rate.rate_date
        FROM wanted ASOF JOIN rate ON rate.currency = wanted.currency AND day >= rate.rate_date
        WHERE day - rate.rate_date <= $1
        UNION ALL
        SELECT base, day, 1, day FROM anchor CROSS JOIN business_day
        ORDER BY day, currency
        """,
        [CARRY_DAYS],
    )
    db.execute(
        """
        INSERT INTO fx_mark
        SELECT currency, day, 1, day
        FROM business_day CROSS JOIN (SELECT min(currency) AS currency FROM held HAVING count(DISTINCT currency) = 1)
        WHERE NOT EXISTS (FROM fx_mark)
        """
    )

"""What the official run of a day leaves behind: its forecasts, and the P&L that earlier forecasts are tested by.

Written by data/runs.py and never changed: a second run of a day stands beside the first. A node is named, and its
desk is that of `book` when it is read.
"""

from sqlalchemy import CheckConstraint, Column, Date, Double, Integer, String, Table

from data.schema.terms import INSTANT, MONEY, RUN_SCOPES, metadata, one_of

official_run = Table(
    "official_run",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False, doc="rising: the last run of a day counts"),
    Column("as_of", Date, nullable=False),
    Column("run_at", INSTANT, nullable=False),
    Column("base", String(3), nullable=False, doc="currency of every amount of the run"),
    Column("snapshot", String(6), nullable=False, doc="the snapshot it was computed from"),
    Column("release", String, nullable=False),
)

forecast = Table(
    "forecast",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    Column("scope_kind", String, primary_key=True),
    Column("node", String, primary_key=True, doc="the desk or book; empty for the firm"),
    Column("measure", String, primary_key=True, doc="such as var_99, var_975, es_975"),
    Column("confidence", Double, nullable=False),
    Column("window_days", Integer, nullable=False),
    Column("method", String, nullable=False, doc="the convention in words, quantile rule included"),
    Column("observations", Integer, nullable=False),
    Column("value", Double, doc="for the next business day, a loss is positive; null where it could not be computed"),
    Column("scenario_dates", String, doc="the dates that set the value, worst first, separated by blanks"),
    one_of("scope_kind", RUN_SCOPES),
    CheckConstraint("confidence > 0 AND confidence < 1"),
)

backtest_pnl = Table(
    "backtest_pnl",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    Column("scope_kind", String, primary_key=True),
    Column("node", String, primary_key=True, doc="the desk or book; empty for the firm"),
    Column("actual", MONEY, doc="APL of the run's as-of date; null where missing, which counts as an exception"),
    Column("hypothetical", MONEY, doc="HPL: the positions of the day before at the market of the day"),
    Column("theoretical", MONEY, doc="RTPL: the same, by the risk model's factors"),
    one_of("scope_kind", RUN_SCOPES),
)

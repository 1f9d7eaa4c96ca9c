"""What official runs left behind: forecasts, the P&L they are tested by, and which run of a day counts."""

from typing import Any

from sqlalchemy import ColumnElement, Double, FromClause, Select, Table, bindparam, case, cast, func, select
from sqlalchemy.sql.selectable import Subquery

from data.relations import relation
from data.schema import backtest_pnl, book, forecast, official_run

FORECAST = (
    forecast.c.measure,
    forecast.c.confidence,
    forecast.c.window_days,
    forecast.c.method,
    forecast.c.observations,
    forecast.c.value,
    forecast.c.scenario_dates,
)
PNL = tuple(cast(backtest_pnl.c[name], Double).label(name) for name in ("actual", "hypothetical", "theoretical"))


@relation(shared=True)
def runs() -> Select[Any]:
    """run_id, as_of, run_at, base, snapshot, release, latest: every official run, newest first.

    `latest` marks the last run of its as-of date, the one whose numbers are read. It holds no numbers of any book.
    """
    run = official_run.c
    last = func.max(run.run_id).over(partition_by=run.as_of)
    return select(
        run.run_id, run.as_of, run.run_at, run.base, run.snapshot, run.release, (run.run_id == last).label("latest")
    ).order_by(run.as_of.desc(), run.run_id.desc())


@relation()
def forecasts() -> Select[Any]:
    """as_of, scope, measure, value and how it was made, of each day's last run after `start` up to `as_of`.

    A row of the firm has no desk. The value of a day is the forecast for the business day after it.
    """
    return _of_days(forecast, FORECAST).order_by(forecast.c.measure)


@relation()
def forecasts_of_run() -> Select[Any]:
    """As `forecasts`, of the run with the number bound as `run`: what was read before a day was run again."""
    run = select(official_run).where(official_run.c.run_id == bindparam("run")).subquery("run")
    return _of_runs(run, forecast, FORECAST).order_by(forecast.c.measure)


@relation()
def backtest_pnls() -> Select[Any]:
    """as_of, scope, actual, hypothetical, theoretical of each day's last run after `start` up to `as_of`.

    A row of the firm has no desk; a missing amount is null.
    """
    return _of_days(backtest_pnl, PNL)


def _of_days(table: Table, columns: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    """Rows of the last run of each as-of date of the window."""
    last = (
        select(func.max(official_run.c.run_id))
        .where(official_run.c.as_of > bindparam("start"), official_run.c.as_of <= bindparam("as_of"))
        .group_by(official_run.c.as_of)
    )
    return _of_runs(select(official_run).where(official_run.c.run_id.in_(last)).subquery("run"), table, columns)


def _of_runs(run: Subquery, table: Table, columns: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    """Rows of these runs under the desk that they belong to today, as with positions; in order of day and scope."""
    kind, node = table.c.scope_kind, table.c.node
    belongs = case((kind == "book", book.c.book == node), (kind == "desk", book.c.desk == node), else_=False)
    source: FromClause = run.join(table, table.c.run_id == run.c.run_id).outerjoin(book, belongs)
    return (
        # A desk's row meets each of its books, so that narrowing to any of them keeps it; `distinct` leaves one.
        select(
            run.c.run_id,
            run.c.run_at,
            run.c.as_of,
            kind,
            node,
            book.c.desk,
            run.c.base,
            *columns,
            run.c.snapshot,
            run.c.release,
        )
        .distinct()
        .select_from(source)
        .order_by(run.c.as_of, kind, node)
    )

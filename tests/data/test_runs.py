"""Official runs: appended whole, the last one of a day is read, and each row by the readers of its desk."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.runs import FORECASTS, PNLS, write_runs
from data.scope import NOBODY
from tests.ledger import FIRM, Ledger, trader

ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2022, 1, 3), date(2022, 1, 4)
RUN_AT = datetime(2022, 1, 4, 22, 0, tzinfo=UTC)
MADE = {"base": "USD", "snapshot": "000001", "release": "test", "run_at": RUN_AT}
BOOKS = """
    books:
      book desk
      V1   Vol
      V2   Vol
      V3   Vol
      F1   FX
      Vol  FX
    instruments:
      symbol
      AAA
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 10
    trades:
      trade_id book instrument quantity price trade_date
      T1       V1   AAA        100      10    2022-01-03
"""
NODES = [("firm", ""), ("desk", "Vol"), ("desk", "FX"), ("book", "V1"), ("book", "V2"), ("book", "F1"), ("book", "Vol")]
OF_VOL = {("desk", "Vol"), ("book", "V1"), ("book", "V2")}
OF_FX = {("desk", "FX"), ("book", "F1"), ("book", "Vol")}
KILLED = """
import os, signal, sys
from pathlib import Path
from data.warehouse import Warehouse
from tests.data.test_runs import MADE, forecasts, pnls
from data.runs import write_runs
with Warehouse(Path(sys.argv[1])).draft() as draft:
    write_runs(draft.connection, forecasts(), pnls(), **MADE)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def forecasts(*, value=100.0, days=(FIRST, LAST), nodes=NODES):
    rows = [
        (day, kind, node, measure, confidence, 500, "historical, weibull", 500, value, "2020-03-12 2020-03-16")
        for day in days
        for kind, node in nodes
        for measure, confidence in (("var_99", 0.99), ("es_975", 0.975))
    ]
    return pd.DataFrame(rows, columns=list(FORECASTS))


def pnls(*, days=(FIRST, LAST), nodes=NODES, actual=-12.3456):
    rows = [(day, kind, node, actual, 2.0, 3.0) for day in days for kind, node in nodes]
    return pd.DataFrame(rows, columns=list(PNLS))


def write(ledger, given, profits, **changes):
    with ledger.warehouse.draft("test") as draft:
        return write_runs(draft.connection, given, profits, **MADE | changes)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two days' runs over two desks, to be read only; a book of FX bears the name of the desk Vol."""
    ledger = Ledger(tmp_path_factory.mktemp("runs"), BOOKS)
    assert write(ledger, forecasts(), pnls()) == {FIRST: 1, LAST: 2}
    yield ledger
    ledger.warehouse.close()


@pytest.fixture
def fresh(open_ledger):
    return open_ledger(BOOKS)


def read(ledger, relation, scope=FIRM, **how):
    return ledger.read(relation, scope, **{"start": date(2022, 1, 2), "as_of": LAST} | how)


def nodes(frame):
    """The scopes of an answer; each stands once a day and measure."""
    key = [name for name in ("as_of", "scope_kind", "node", "measure") if name in frame]
    assert not frame.duplicated(key).any()
    return set(zip(frame["scope_kind"], frame["node"], strict=True))


# Writing and reading


def test_a_forecast_reads_as_it_was_written(run):
    row = read(run, "forecasts", start=FIRST).iloc[-1]
    assert pd.isna(row["desk"])
    assert row.drop("desk").to_dict() == {
        "as_of": LAST,
        "run_at": RUN_AT,
        "run_id": 2,
        "scope_kind": "firm",
        "node": "",
        "base": "USD",
        "measure": "var_99",
        "confidence": 0.99,
        "window_days": 500,
        "method": "historical, weibull",
        "observations": 500,
        "value": 100.0,
        "scenario_dates": "2020-03-12 2020-03-16",
        "snapshot": "000001",
        "release": "test",
    }


def test_the_pnl_of_the_day_is_exact_to_the_ten_thousandth(run):
    frame = read(run, "backtest_pnls", start=FIRST)
    assert frame[["actual", "hypothetical", "theoretical"]].drop_duplicates().to_numpy().tolist() == [[-12.3456, 2, 3]]
    assert run.sql("SELECT DISTINCT actual::VARCHAR AS actual FROM backtest_pnl")["actual"].tolist() == ["-12.3456"]


@pytest.mark.parametrize("relation", ["forecasts", "backtest_pnls"])
@pytest.mark.parametrize(
    ("start", "as_of", "days"),
    [("2022-01-02", "2022-01-04", 2), ("2022-01-03", "2022-01-04", 1), ("2022-01-02", "2022-01-03", 1)],
)
def test_a_window_begins_after_its_start_and_holds_its_end(run, relation, start, as_of, days):
    frame = read(run, relation, start=date.fromisoformat(start), as_of=date.fromisoformat(as_of))
    assert frame["as_of"].nunique() == days
    assert nodes(frame) == set(NODES)


def test_missing_values_stay_missing(fresh):
    write(fresh, forecasts(value=np.nan), pnls(actual=np.nan).assign(theoretical=None))
    assert read(fresh, "forecasts")["value"].isna().all()
    assert read(fresh, "backtest_pnls")[["actual", "theoretical"]].isna().all(axis=None)


def test_a_day_may_have_forecasts_before_it_has_any_pnl(fresh):
    assert write(fresh, forecasts(days=[FIRST]), pnls(days=[])) == {FIRST: 1}
    assert read(fresh, "backtest_pnls").empty
    assert len(read(fresh, "forecasts")) == 2 * len(NODES)


def test_nothing_to_write_is_no_run(fresh):
    assert write(fresh, forecasts(days=[]), pnls(days=[])) == {}
    assert read(fresh, "runs").empty


def test_the_last_run_of_a_day_is_read_and_the_earlier_stays_readable(fresh):
    write(fresh, forecasts(value=100), pnls())
    later = datetime(2022, 1, 5, 8, tzinfo=UTC)
    assert write(fresh, forecasts(value=120, days=[LAST]), pnls(days=[]), run_at=later, snapshot="000002") == {LAST: 3}
    by_day = read(fresh, "forecasts").groupby("as_of")["value"].unique().map(list).tolist()
    assert by_day == [[100], [120]]
    assert set(read(fresh, "backtest_pnls")["as_of"]) == {FIRST}
    assert read(fresh, "forecasts_of_run", values={"run": 2})["value"].unique().tolist() == [100]
    listed = read(fresh, "runs")
    assert listed[["run_id", "latest", "snapshot"]].to_numpy().tolist() == [
        [3, True, "000002"],
        [2, False, "000001"],
        [1, True, "000001"],
    ]


def test_the_draft_is_published_with_the_runs_and_earlier_snapshots_do_not_know_them(fresh):
    before = fresh.warehouse.current().number
    write(fresh, forecasts(), pnls())
    assert fresh.warehouse.current().number > before
    assert fresh.warehouse.cursor(before).execute("SELECT count(*) FROM official_run").fetchone() == (0,)


def test_a_kill_between_writing_and_publishing_leaves_the_last_snapshot_whole(fresh):
    write(fresh, forecasts(days=[FIRST]), pnls(days=[FIRST]))
    before = fresh.warehouse.current().number
    command = [sys.executable, "-c", KILLED, str(fresh.warehouse.folder)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert fresh.warehouse.current().number == before
    assert read(fresh, "runs")["as_of"].tolist() == [FIRST]
    assert write(fresh, forecasts(days=[LAST]), pnls(days=[LAST])) == {LAST: 2}


@pytest.mark.parametrize(
    ("given", "profits", "changes", "message"),
    [
        (forecasts().drop(columns="method"), pnls(), {}, "forecasts: method missing"),
        (forecasts(), pnls().drop(columns=["actual", "node"]), {}, "pnls: node, actual missing"),
        (forecasts(nodes=[("desk", "Equity")]), pnls(), {}, "forecasts: no 'desk Equity'"),
        (forecasts(nodes=[("book", "FX")]), pnls(), {}, "forecasts: no 'book FX'"),
        (forecasts(), pnls(nodes=[("firm", "Parapet")]), {}, "pnls: no 'firm Parapet'"),
        (forecasts(), pnls(nodes=[("trader", "V1")]), {}, "one of firm, desk, book"),
        (pd.concat([forecasts(), forecasts()]), pnls(), {}, "2022-01-03 has firm '' twice"),
        (forecasts(), pnls(nodes=[("desk", "FX"), ("desk", "FX")]), {}, "has desk 'FX' twice"),
        (forecasts(value=np.inf), pnls(), {}, "forecasts: value holds an infinite number"),
        (forecasts(), pnls(actual=-np.inf), {}, "pnls: actual holds an infinite number"),
        (forecasts(), pnls(), {"run_at": datetime(2022, 1, 4)}, "run_at: .* has no time zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_kept_is_refused_whole(run, given, profits, changes, message):
    before = run.warehouse.current().number
    with pytest.raises(ValueError, match=message):
        write(run, given, profits, **changes)
    assert run.warehouse.current().number == before


def test_a_failure_half_way_writes_nothing(run):
    with run.warehouse.draft("test") as draft:
        with pytest.raises(Exception, match="CHECK"):
            write_runs(draft.connection, forecasts().assign(confidence=99), pnls(), **MADE)
        assert draft.connection.execute("SELECT count(*) FROM official_run").fetchone() == (2,)
        draft.abandon()


# Who sees what


@pytest.mark.parametrize("relation", ["forecasts", "backtest_pnls"])
@pytest.mark.parametrize(
    ("desks", "seen"),
    [
        (["Vol"], OF_VOL),
        (["FX"], OF_FX),
        (["Vol", "FX"], OF_VOL | OF_FX),
        (["Cash"], set()),
        ([""], set()),
        ([], set()),
    ],
)
def test_a_trader_sees_the_rows_of_the_trader_s_desks_and_nothing_else(run, relation, desks, seen):
    assert nodes(read(run, relation, trader(*desks))) == seen


def test_the_runs_of_the_past_are_open_to_no_one_else_either(run):
    assert nodes(read(run, "forecasts_of_run", trader("Vol"), values={"run": 1})) == OF_VOL
    assert nodes(read(run, "forecasts_of_run", values={"run": 1})) == set(NODES)


@pytest.mark.parametrize("relation", ["forecasts", "backtest_pnls"])
def test_the_firm_sees_every_row_once_under_its_desk(run, relation):
    frame = read(run, relation)
    assert nodes(frame) == set(NODES)
    desks = {name: nodes(rows) for name, rows in frame.groupby(frame["desk"].fillna("-"))}
    assert desks == {"Vol": OF_VOL, "FX": OF_FX, "-": {("firm", "")}}


@pytest.mark.parametrize("relation", ["forecasts", "backtest_pnls"])
def test_nobody_sees_nothing_and_a_trader_is_told_no_other_desk(run, relation):
    assert read(run, relation, NOBODY).empty
    told = read(run, relation, trader("Vol")).to_csv()
    assert "FX" not in told
    assert "F1" not in told


@pytest.mark.parametrize("relation", ["forecasts", "backtest_pnls"])
@pytest.mark.parametrize(
    ("rows", "firm", "vol"),
    [
        ({"desk": "FX"}, OF_FX, set()),
        ({"desk": "Vol"}, OF_VOL, OF_VOL),
        ({"book": "V3"}, {("desk", "Vol")}, {("desk", "Vol")}),
        ({"book": "Vol"}, {("desk", "FX"), ("book", "Vol")}, set()),
        ({"business_unit": "Markets"}, OF_VOL | OF_FX, OF_VOL),
    ],
)
def test_narrowing_keeps_what_belongs_to_the_books_chosen_and_never_widens(run, relation, rows, firm, vol):
    assert nodes(read(run, relation, rows=rows)) == firm
    assert nodes(read(run, relation, trader("Vol"), rows=rows)) == vol


def test_the_list_of_runs_is_open_to_all_and_counts_nothing_of_any_book(run):
    frame = read(run, "runs", NOBODY)
    assert list(frame) == ["run_id", "as_of", "run_at", "base", "snapshot", "release", "latest"]


def test_a_book_that_moves_takes_its_forecasts_along(fresh):
    write(fresh, forecasts(), pnls())
    fresh.add(
        """
    books:
      book desk
      V1   FX
    """
    )
    assert nodes(read(fresh, "forecasts", trader("Vol"))) == OF_VOL - {("book", "V1")}
    assert nodes(read(fresh, "forecasts", trader("FX"))) == OF_FX | {("book", "V1")}

"""The official run: what it forecasts is what the screens show, what it earned is the product's P&L, and it is kept."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from app import official
from app.cli import main
from app.filters import Filters
from app.view import discover
from data.warehouse import EmptyError
from tests import desks
from tests.ledger import FIRM, Ledger, trader

LEVELS = {"var_99": ("confidence", 0.99, "var"), "var_975": ("confidence", 0.975, "var")}
LEVELS |= {"es_975": ("es_confidence", 0.975, "es")}
ALL = {"start": desks.SESSIONS[0].date(), "as_of": desks.LAST}
RUN_PANELS = [panel.key for name in ("backtest", "limits") for panel in discover()[name].panels]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks with a run of each of their days, made in one stretch over a split and a dividend."""
    opened = desks.opened(tmp_path_factory)
    desks.publish(opened, desks.DAYS)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def fresh(tmp_path_factory, monkeypatch):
    """Both desks without a run, their folder the home of the command; runs are shared out to threads."""
    opened = desks.opened(tmp_path_factory)
    monkeypatch.setenv("PARAPET_HOME", str(opened.folder))
    monkeypatch.setattr(official, "ProcessPoolExecutor", lambda workers, **_: ThreadPoolExecutor(workers))
    yield opened
    opened.warehouse.close()


def command(*words):
    result = CliRunner().invoke(main, words)
    return result.exit_code, " ".join(result.output.split())


def of_node(frame, kind, node):
    return frame[(frame["scope_kind"] == kind) & (frame["node"] == node)].set_index("as_of")


def traded(ledger):
    rows = ledger.sql("SELECT DISTINCT trade_date, book FROM trade_event JOIN book USING (book_id)")
    return {(day.date(), book) for day, book in rows.itertuples(index=False)}


# Forecasts


@pytest.mark.parametrize("day", [desks.FIRST, desks.DAYS[30], desks.DAYS[49], desks.LAST], ids=str)
@pytest.mark.parametrize("measure", LEVELS)
def test_a_forecast_is_what_the_var_page_shows_for_the_day_and_the_node(ledger, measure, day):
    setting, level, column = LEVELS[measure]
    filters = replace(Filters(as_of=day), **{setting: level})
    shown = ledger.answers.table("var-tree-by-book", filters, FIRM).frame
    names = shown["book"].where(shown["level"] == 2, shown["desk"].where(shown["level"] == 1, ""))
    expected = dict(zip(names, shown[column], strict=True))
    rows = ledger.read("forecasts", **ALL)
    rows = rows[(rows["measure"] == measure) & (rows["as_of"] == day)]
    assert dict(zip(rows["node"], rows["value"], strict=True)) == pytest.approx(expected, rel=1e-5)
    assert set(zip(rows["confidence"], rows["window_days"], rows["method"], strict=True)) == {(level, 500, "weibull")}


def test_a_forecast_says_how_many_scenarios_it_had_and_which_days_set_it(ledger):
    rows = of_node(ledger.read("forecasts", **ALL).query("measure == 'var_99'"), "firm", "")
    assert rows["observations"].tolist() == list(range(44, 44 + len(desks.DAYS)))
    summary = ledger.answers.table("var-summary", Filters(), FIRM).frame.iloc[0]
    assert str(pd.Timestamp(summary["var_day"]).date()) in rows["scenario_dates"].iloc[-1].split()


def test_a_day_run_alone_and_a_day_in_a_stretch_have_the_same_run(ledger):
    """What comes later in the stretch, a split and a dividend among it, plays no part."""
    stored = {name: ledger.read(name, **ALL) for name in ("forecasts", "backtest_pnls")}
    for day in (desks.DAYS[20], desks.DAYS[45]):
        alone = desks.official(ledger, [day])
        for name, frame in (("forecasts", alone.forecasts), ("backtest_pnls", alone.pnls)):
            key = [column for column in ("node", "measure") if column in frame]
            values = [column for column in ("value", "actual", "hypothetical", "theoretical") if column in frame]
            rows = stored[name][stored[name]["as_of"] == day].set_index(key)[values].sort_index()
            found = frame.set_index(key)[values].sort_index()
            assert found.index.tolist() == rows.index.tolist()
            assert np.allclose(found, rows, rtol=1e-5, atol=0.001)


# P&L


@pytest.mark.parametrize(("kind", "node", "scope"), [("firm", "", FIRM), ("desk", "North", trader("North"))])
def test_the_actual_pnl_less_fees_is_the_product_s_pnl_of_each_day(ledger, kind, node, scope):
    actual = of_node(ledger.read("backtest_pnls", **ALL), kind, node)["actual"]
    history = ledger.answers.table("pnl-history", Filters(), scope).frame
    shown = pd.Series(history["pnl"].to_numpy(dtype=float), pd.to_datetime(history["day"]).dt.date)
    paid = ledger.sql(
        f"""
        SELECT trade_date, sum(fees * mine.rate / dollar.rate) AS fees
        FROM trade_event JOIN book USING (book_id) JOIN instrument USING (instrument_id)
        JOIN fx_mark AS mine ON mine.currency = instrument.currency AND mine.mark_date = trade_date
        JOIN fx_mark AS dollar ON dollar.currency = 'USD' AND dollar.mark_date = trade_date
        WHERE {str(kind == "firm").upper()} OR desk = '{node}' GROUP BY ALL
        """
    )
    fees = pd.Series(paid["fees"].to_numpy(dtype=float), paid["trade_date"].dt.date).reindex(shown.index).fillna(0.0)
    assert len(shown) == len(actual) == len(desks.DAYS)
    assert (fees > 0).any()
    assert actual.sort_index().to_numpy() == pytest.approx((shown + fees).sort_index().to_numpy(), abs=0.01)


@pytest.mark.parametrize("book", ["NONE", "STWO"])
def test_hypothetical_is_actual_where_nothing_traded_and_only_there(ledger, book):
    """The split, the dividend and the moves of exchange rates are in both."""
    rows = of_node(ledger.read("backtest_pnls", **ALL), "book", book)
    still = np.array([(day, book) not in traded(ledger) for day in rows.index])
    differ = (rows["actual"] - rows["hypothetical"]).abs()
    assert 20 < still.sum() < len(rows) - 10
    assert (differ[still] == 0).all()
    assert (differ[~still & (rows.index != desks.FIRST)] > 0).all()
    assert (rows.loc[[desks.FIRST], "hypothetical"] == 0).all()


def test_the_model_s_pnl_follows_the_hypothetical_one(ledger):
    """Shares, a split and a dividend: the theoretical P&L is theirs to the cent; what has curves is near."""
    rows = ledger.read("backtest_pnls", **ALL)
    firm = of_node(rows, "firm", "").loc[desks.DAYS[1] :]
    assert firm["theoretical"].notna().all()
    assert firm["theoretical"].corr(firm["hypothetical"]) > 0.95
    assert np.isnan(of_node(rows, "firm", "").loc[desks.FIRST, "theoretical"])


def test_books_add_up_to_desks_and_desks_to_the_firm(ledger):
    rows, names = ledger.read("backtest_pnls", **ALL), ["actual", "hypothetical", "theoretical"]
    firm, *others = (
        rows[rows["scope_kind"] == kind].groupby("as_of")[names].sum().to_numpy() for kind in ("firm", "desk", "book")
    )
    for parts in others:
        assert parts == pytest.approx(firm, abs=0.001)


# Running


def test_a_day_run_again_stands_beside_its_first_run(fresh):
    days = desks.DAYS[-3:]
    tell = lambda *_: None  # noqa: E731
    for wanted in (days, days[-1:]):
        assert official.run(fresh.warehouse, wanted, "USD", "test", tell) == len(wanted)
    runs = fresh.read("runs", **ALL)
    assert runs["as_of"].tolist() == [days[2], days[2], days[1], days[0]]
    assert runs["latest"].tolist() == [True, False, True, True]
    assert runs["snapshot"].tolist() == ["000002", "000001", "000001", "000001"]
    first, again = (fresh.read("forecasts_of_run", values={"run": int(run)}) for run in runs["run_id"][1::-1])
    assert first["value"].tolist() == again["value"].tolist()
    assert len(fresh.read("forecasts", **ALL)) == 3 * len(first)


def test_a_stopped_run_keeps_what_is_complete_and_goes_on_where_it_stopped(fresh, monkeypatch):
    monkeypatch.setattr(official, "BATCH", 3)
    wanted = desks.DAYS[-9:]

    def stop(_step, share):
        if 0 < share < 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        official.run(fresh.warehouse, wanted, "USD", "test", stop)
    left = [day for day in official.days_without_run(fresh.warehouse) if day in wanted]
    assert len(left) in {3, 6}
    assert len(fresh.read("runs", **ALL)) == 9 - len(left)
    assert official.run(fresh.warehouse, left, "USD", "test", lambda *_: None) == len(left)
    assert official.days_without_run(fresh.warehouse) == desks.DAYS[:-9]
    once = desks.official(fresh, wanted)
    stored = of_node(fresh.read("forecasts", **ALL).query("measure == 'var_99'"), "firm", "")["value"]
    straight = of_node(once.forecasts.query("measure == 'var_99'"), "firm", "")["value"]
    assert stored.to_numpy() == pytest.approx(straight.to_numpy(), rel=1e-5)


def test_the_command_runs_the_newest_day_a_day_and_the_days_that_are_missing(fresh):
    assert command("run")[0] == 0
    day = desks.DAYS[5]
    code, said = command("run", "--as-of", str(day))
    assert (code, "1 days run; snapshot 000003 is current" in said) == (0, True)
    assert fresh.read("runs", **ALL)["as_of"].tolist() == [desks.LAST, day]


@pytest.mark.parametrize("day", ["2022-05-30", "2022-05-28", "2021-12-31", "2031-01-02"])
def test_a_day_that_is_no_business_day_is_refused_with_those_there_are(fresh, day):
    code, said = command("run", "--as-of", day)
    assert code == 1
    assert said == f"{day} is no business day of the warehouse; it has {desks.FIRST} to {desks.LAST}"
    assert fresh.warehouse.current().number == "000001"


def test_before_the_first_load_the_command_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PARAPET_HOME", str(tmp_path))
    assert command("run") == (1, "no trades are loaded yet; run `parapet load trades FILE`")


# A warehouse of an older release


@pytest.fixture
def older(fresh):
    """The same warehouse without the tables of runs and limits."""
    fresh.warehouse.close()
    with duckdb.connect(str(fresh.folder / "warehouse" / "000001.duckdb")) as connection:
        for table in ("backtest_pnl", "forecast", "official_run", "risk_limit"):
            connection.execute(f"DROP TABLE {table}")
    return Ledger(fresh.folder)


@pytest.mark.parametrize("key", RUN_PANELS)
def test_an_older_snapshot_has_no_runs_or_limits_and_says_so(older, key):
    with pytest.raises(EmptyError) as told:
        older.answers.table(key, Filters(), FIRM)
    assert re.fullmatch(r"snapshot 000001 is of an older release without \w+; choose a newer one", str(told.value))
    assert older.answers.table("var-summary", Filters(), FIRM).frame["var"].iloc[0] > 0


def test_an_older_snapshot_is_brought_up_to_date_by_its_first_run(older):
    assert official.days_without_run(older.warehouse) == desks.DAYS
    assert official.run(older.warehouse, desks.DAYS[-2:], "USD", "test", lambda *_: None) == 2
    assert older.read("runs", **ALL)["as_of"].tolist() == desks.DAYS[:-3:-1]
    assert official.days_without_run(older.warehouse) == desks.DAYS[:-2]

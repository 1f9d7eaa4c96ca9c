"""The engine's vectors: whose rows they are, how their file comes to be, and which market a day is seen in."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from app import engine, vectors
from app.engine import ENGINE, Engine, Setting
from app.filters import Filters
from app.risk.portfolio import Portfolio
from tests import desks
from tests.ledger import FIRM, trader

LATER = datetime(2023, 2, 1, tzinfo=UTC)
MIDDLE = desks.DAYS[40]
NEEDING = {
    "portfolio": "sensitivities-tree-by-instrument",
    "portfolio_before": "explain-tree-by-instrument",
    "pnl_vectors": "var-tree-by-book",
    "market_history": "stress-tree-by-instrument",
    "portfolio and history": "sensitivities-beta-by-book",
    "limit_values": "limits-use",
    "horizons": "frtb-shortfall",
}
SETTING = Setting("000001", desks.LAST, "USD", window=60)
NORTH = trader("North")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks, to be read only."""
    opened = desks.opened(tmp_path_factory)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def fresh(tmp_path_factory):
    """Both desks, to be written to."""
    opened = desks.opened(tmp_path_factory)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def start(ledger, tmp_path):
    """A function that starts another process's engine over the same warehouse and the same new folder."""
    return lambda release="test": Engine(tmp_path / "vectors", ledger.warehouse.cursor, release)


@pytest.fixture
def computed(monkeypatch):
    """The settings whose vectors were computed, as they are."""
    found, fill = [], Engine._fill

    def listed(self, setting, *given, **named):
        found.append(setting)
        return fill(self, setting, *given, **named)

    monkeypatch.setattr(Engine, "_fill", listed)
    return found


def equal(left, right):
    return (
        left.rows.equals(right.rows) and np.array_equal(left.pnl, right.pnl) and np.array_equal(left.days, right.days)
    )


# Whose rows


@pytest.mark.parametrize("scope", [FIRM, NORTH, trader("North", "South"), trader("north")])
@pytest.mark.parametrize("rows", [{}, {"book": "NTWO"}, {"instrument": "ZED"}])
def test_a_reader_s_vectors_are_those_of_the_positions_his_own_read_returns(ledger, scope, rows):
    vectors = ledger.answers.engine.vectors(SETTING, scope, rows)
    own = ledger.read("risk_positions", scope, rows=rows, first=desks.LAST, as_of=desks.LAST)
    keys = ["desk", "book", "instrument", "quantity", "value"]
    assert vectors.rows[keys].to_numpy().tolist() == own[keys].to_numpy().tolist()
    assert vectors.pnl.shape == (len(own), 60)


@pytest.mark.parametrize("scope", [NORTH, trader("South")])
def test_kept_vectors_are_those_of_the_reader_s_portfolio_revalued_alone(ledger, scope):
    found = ledger.answers.engine
    kept = found.vectors(SETTING, scope, {})
    alone = found.revalued(found.portfolio(SETTING, scope, {}), SETTING)
    assert np.allclose(kept.pnl, alone.pnl, rtol=1e-6, atol=1e-3)
    assert kept.rows["reason"].tolist() == alone.rows["reason"].tolist()


def test_without_a_desk_there_is_no_vector(ledger):
    assert ledger.answers.engine.vectors(SETTING, trader(), {}).pnl.shape == (0, 60)


# The file


def test_a_reader_is_given_the_numbers_and_not_the_file(ledger, start):
    """What a reader does to his rows is done to a copy."""
    mine = start().vectors(SETTING, NORTH, {})
    before = mine.pnl.copy()
    mine.pnl[:] = 0
    assert np.array_equal(start().vectors(SETTING, NORTH, {}).pnl, before)
    assert ledger.answers.engine.vectors(SETTING, NORTH, {}).pnl.any()


def test_concurrent_askers_compute_one_file_whoever_they_are(start, monkeypatch):
    calls, begun, go, found, asked = [], threading.Event(), threading.Event(), [], start()
    fill = Engine._fill

    def slow(self, setting, *given, **named):
        calls.append(setting)
        begun.set()
        go.wait(5)
        return fill(self, setting, *given, **named)

    monkeypatch.setattr(Engine, "_fill", slow)
    scopes = [NORTH, trader("South"), FIRM] * 2
    threads = [threading.Thread(target=lambda s=s: found.append(asked.vectors(SETTING, s, {}))) for s in scopes]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    go.set()
    for thread in threads:
        thread.join()
    assert calls == [SETTING]
    sizes = sorted({len(vectors.rows) for vectors in found})
    assert sizes[2] == sizes[0] + sizes[1]


def test_another_process_reads_the_same_file_and_another_release_does_not(start, computed):
    first = start().vectors(SETTING, NORTH, {})
    assert equal(start().vectors(SETTING, NORTH, {}), first)
    assert len(computed) == 1
    assert equal(start("next").vectors(SETTING, NORTH, {}), first)
    assert len(computed) == 2


@pytest.mark.parametrize(
    "other", [{"window": 50}, {"base": "EUR"}, {"as_of": desks.DAYS[-2]}], ids=lambda o: next(iter(o))
)
def test_whatever_a_vector_depends_on_has_its_own_file(start, computed, other):
    asked = start()
    one = asked.vectors(SETTING, FIRM, {})
    two = asked.vectors(replace(SETTING, **other), FIRM, {})
    assert one.pnl.shape != two.pnl.shape or not np.array_equal(one.pnl, two.pnl)
    assert computed == [SETTING, replace(SETTING, **other)]
    assert equal(asked.vectors(SETTING, FIRM, {}), one)


@pytest.mark.parametrize("written", [0, 1])
def test_a_write_that_fails_leaves_nothing_that_anybody_opens(start, monkeypatch, written):
    """The disk is full after `written` of the files beside the vectors, in the middle of the next."""
    asked, write, files = start(), vectors._write, []

    def fill_the_disk(path, save):
        def half(file):
            save(file)
            file.truncate(64)
            raise OSError("no space left on device")

        files.append(path)
        write(path, save if len(files) <= written else half)

    monkeypatch.setattr(vectors, "_write", fill_the_disk)
    with pytest.raises(OSError, match="no space"):
        asked.vectors(SETTING, NORTH, {})
    assert sorted(asked.folder.glob("000001/*")) == sorted(files[:written])
    monkeypatch.setattr(vectors, "_write", write)
    assert asked.vectors(SETTING, NORTH, {}).pnl.any()


def test_vectors_cut_short_leave_no_draft(start, monkeypatch):
    asked, pnl = start(), Portfolio.pnl
    monkeypatch.setattr(Portfolio, "pnl", lambda self, levels: 1 / 0 if len(levels) else pnl(self, levels))
    with pytest.raises(ZeroDivisionError):
        asked.vectors(SETTING, NORTH, {})
    assert {path.suffix for path in asked.folder.glob("000001/*")} == {".keys", ".days"}
    monkeypatch.setattr(Portfolio, "pnl", pnl)
    assert asked.vectors(SETTING, NORTH, {}).pnl.any()


def test_vectors_written_in_blocks_of_scenarios_are_the_same(start, ledger, monkeypatch):
    whole = start().vectors(SETTING, FIRM, {})
    monkeypatch.setattr(engine, "AT_ONCE", 7 * len(whole.rows))
    for path in ledger.answers.engine.folder.rglob("*.npy"):
        path.unlink()
    assert equal(start().vectors(SETTING, FIRM, {}), whole)


def test_what_a_killed_writer_left_is_written_again(start, ledger):
    asked = start()
    expected = asked.vectors(SETTING, FIRM, {})
    (path,) = asked.folder.rglob("*.npy")
    path.rename(path.with_name("tmphalf"))
    for suffix in (".keys", ".days"):
        path.with_suffix(suffix).write_bytes(b"half")
    assert equal(start().vectors(SETTING, FIRM, {}), expected)
    assert equal(ledger.answers.engine.vectors(SETTING, FIRM, {}), expected)


# Snapshots and days


def test_a_new_snapshot_has_new_vectors_and_the_old_one_its_own(fresh, computed):
    before = fresh.answers.table("var-summary", Filters(window=60), NORTH).frame
    fresh.add(
        """
        trades:
          trade_id book instrument quantity price trade_date
          MORE     NONE NEQ        9000     100   2022-06-27
        """
    )
    after = fresh.answers.table("var-summary", Filters(window=60), NORTH).frame
    known = fresh.answers.table("var-summary", Filters(window=60, known="000001"), NORTH).frame
    assert after["var"].iloc[0] > 2 * before["var"].iloc[0]
    assert known.equals(before)
    assert [setting.snapshot for setting in computed] == ["000001", "000002"]


def test_an_as_of_in_the_past_knows_its_own_positions_and_the_market_up_to_it(fresh):
    """Afterwards every later price, rate, curve and volatility is corrected, and later trades are added."""
    later = {}
    for name, day in (("prices", "price_date"), ("fx", "rate_date"), ("curves", "curve_date"), ("vols", "vol_date")):
        frame = desks.market()[name]
        frame, value = frame[frame[day] > pd.Timestamp(MIDDLE)], frame.columns[-1]
        later[name] = frame.assign(**{value: (frame[value] * 1.3).round(4)}, known_from="2023-01-31T00:00:00Z")
    more = desks.trades(desks.NORTH, ("NEQ", "NCALL"), 5, times=9)
    more = more[more["trade_date"] > str(MIDDLE)].assign(trade_id=lambda frame: "L" + frame["trade_id"])
    fresh.load({**later, "trades": more}, now=LATER)
    asked = Filters(window=50, as_of=MIDDLE)
    for need, key in NEEDING.items():
        new, old = (fresh.answers.table(key, replace(asked, known=known), NORTH).frame for known in ("", "000001"))
        assert new.equals(old), need
    newest = Filters(window=50)
    for need, key in NEEDING.items():
        new, old = (fresh.answers.table(key, replace(newest, known=known), NORTH).frame for known in ("", "000001"))
        assert not new.equals(old), need


def test_the_market_of_a_day_ends_with_it_and_scenarios_before_it(ledger):
    found = ledger.answers.engine
    for day in (desks.FIRST, MIDDLE, desks.LAST):
        setting = replace(SETTING, as_of=day)
        assert found.market(setting).days[-1] == np.datetime64(day)
        assert found.history(setting).days[[0, -1]].tolist() == [desks.SESSIONS[0].date(), day]
        assert found.vectors(setting, FIRM, {}).days[-1] == np.datetime64(day)
        assert set(found.vectors(setting, FIRM, {}).rows["day"]) == {day}


def test_the_day_compared_with_has_its_own_market_however_far_back(ledger):
    """A window of 5 days loads two months; the first day of trading lies before them."""
    short, long = (
        ledger.answers.table(
            "explain-tree-by-instrument", Filters(window=window, as_of=desks.LAST, vs=desks.FIRST), NORTH
        ).frame
        for window in (5, 500)
    )
    assert short.loc[0, "priced"] == short.loc[0, "held"] > 0
    pd.testing.assert_frame_equal(short, long, rtol=1e-9, atol=1e-6)


def test_on_the_first_day_of_trading_nothing_was_held_before(ledger):
    setting = replace(SETTING, as_of=desks.FIRST)
    before = ledger.answers.engine.portfolio(setting, ENGINE, {}, on=desks.FIRST - timedelta(days=3))
    assert before.positions.empty
    assert before.pnl(before.market.levels[-3:]).shape == (0, 3)

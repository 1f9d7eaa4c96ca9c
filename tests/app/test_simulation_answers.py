"""Monte Carlo through the one path: who may run it, who sees what of it, and that a run cut short ends the same."""

from dataclasses import replace

import numpy as np
import pytest

from app import simulation
from app.engine import Engine, Setting
from app.filters import Filters
from app.question import DeniedError, PendingError, UnknownError
from app.risk.simulation import PATHS
from app.simulation import Simulations
from app.view import panel_of
from data.scope import Scope
from tests import desks
from tests.ledger import FIRM, Ledger, trader

KEY = "var-simulated-by-book"
ASKED = Filters(window=60)
SETTING = Setting("000001", desks.LAST, "USD", window=60)
NORTH, SOUTH = trader("North"), trader("South")
MONEY = ["var", "var_error", "es", "es_error", "historical"]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks, to be read only, their simulation done."""
    opened = desks.opened(tmp_path_factory)
    run(opened.answers)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def answers(ledger, tmp_path):
    """The same warehouse with nothing kept and no vectors."""
    (tmp_path / "warehouse").symlink_to(ledger.folder / "warehouse")
    opened = Ledger(tmp_path)
    yield opened.answers
    opened.warehouse.close()


@pytest.fixture
def begin(ledger, tmp_path):
    """A function that starts another process's simulations over the same new folder."""

    def start(paths=2_600, release="test", folder=tmp_path / "vectors"):
        return Simulations(Engine(folder, ledger.warehouse.cursor, release), paths=paths)

    return start


def run(answers, filters=ASKED, scope=FIRM):
    answers.run(KEY, filters, scope)
    answers.needs.simulations.jobs.wait()


def table(answers, scope=FIRM, **asked):
    return answers.table(KEY, replace(ASKED, **asked), scope).frame.fillna("")


def done(found, setting=SETTING):
    found.start(setting)
    found.jobs.wait()
    return found.vectors(setting, FIRM, {})


# Asking


def test_before_a_run_nobody_computes_and_the_answer_says_what_would_run(answers):
    with pytest.raises(PendingError, match=r"10,000 paths for 2022-06-28 in USD from 60 days .* press Run") as told:
        table(answers)
    assert told.value.progress is None
    assert not answers.engine.folder.joinpath("000001").exists()


def test_while_it_runs_every_reader_is_told_how_far_it_is(answers, gate):
    at, go = gate
    answers.run(KEY, ASKED, NORTH)
    assert at.wait(10)
    for scope in (NORTH, FIRM):
        with pytest.raises(PendingError, match="is going: 2 of 20 steps; ask again") as told:
            table(answers, scope)
        assert (told.value.progress.status, told.value.progress.done) == ("running", 2)
    answers.cancel(KEY, ASKED, SOUTH)
    go.set()
    answers.needs.simulations.jobs.wait()
    with pytest.raises(PendingError, match="not complete") as told:
        table(answers)
    assert (told.value.progress.status, told.value.progress.done) == ("cancelled", 3)
    run(answers)
    assert table(answers)["paths"].unique().tolist() == [PATHS]


@pytest.mark.parametrize("order", ["run", "cancel"])
def test_what_a_reader_may_not_see_he_may_not_run_or_cancel(answers, monkeypatch, order):
    def closed(wanted):
        view, panel = panel_of(wanted)
        return replace(view, roles=frozenset({"risk_manager"})), panel

    ask = getattr(answers, order)
    with pytest.raises(DeniedError):
        ask(KEY, replace(ASKED, desk="South"), NORTH)
    with pytest.raises(UnknownError):
        ask("pnl-day-by-book", ASKED, FIRM)
    with pytest.raises(UnknownError):
        ask("no-such-panel", ASKED, FIRM)
    monkeypatch.setattr("app.questions.panel_of", closed)
    for scope in (NORTH, Scope("x", "X", desks=NORTH.desks)):
        with pytest.raises(DeniedError):
            ask(KEY, ASKED, scope)
    answers.needs.simulations.jobs.wait()
    assert not answers.engine.folder.exists()


# Whose rows


def test_a_trader_gets_the_rows_of_his_desk_and_the_firm_all_whoever_ran_it(answers, ledger):
    run(answers, scope=SOUTH)
    mine, whole = table(answers, NORTH), table(answers, FIRM)
    assert mine["desk"].unique().tolist() == ["", "North"]
    assert whole["desk"].unique().tolist() == ["", "North", "South"]
    of_north = whole[whole["desk"] == "North"].reset_index(drop=True)
    assert mine[mine["level"] > 0].reset_index(drop=True).equals(of_north)
    assert mine.loc[0, MONEY].tolist() == pytest.approx(of_north.loc[0, MONEY].tolist(), rel=1e-12)
    assert mine.to_csv() == table(ledger.answers, NORTH).to_csv()


def test_one_file_serves_every_reader_and_filter(answers):
    run(answers)
    for scope in (NORTH, SOUTH, FIRM):
        table(answers, scope)
        table(answers, scope, confidence=0.9, instrument="ZED")
    assert len([*answers.engine.folder.rglob("*.npy")]) == 2
    assert {path.stat().st_mode & 0o77 for path in answers.engine.folder.rglob("*.npy")} == {0}


def test_a_role_without_the_page_is_denied_even_what_was_run(ledger, monkeypatch):
    view, panel = panel_of(KEY)
    monkeypatch.setattr("app.questions.panel_of", lambda _: (replace(view, roles=frozenset({"risk_manager"})), panel))
    with pytest.raises(DeniedError):
        table(ledger.answers, NORTH)


# What a run is of


@pytest.mark.parametrize(
    "other", [{"window": 50}, {"base": "EUR"}, {"as_of": desks.DAYS[-2]}], ids=lambda other: next(iter(other))
)
def test_whatever_a_simulation_depends_on_has_a_run_of_its_own(begin, other):
    found = begin()
    one = done(found)
    with pytest.raises(PendingError):
        found.vectors(replace(SETTING, **other), FIRM, {})
    two = done(found, replace(SETTING, **other))
    assert one.pnl.shape != two.pnl.shape or not np.array_equal(one.pnl, two.pnl)


def test_a_new_snapshot_another_release_and_another_number_of_paths_have_runs_of_their_own(begin):
    done(begin())
    for found, setting in (
        (begin(), replace(SETTING, snapshot="000002")),
        (begin(release="next"), SETTING),
        (begin(paths=2_000), SETTING),
    ):
        with pytest.raises(PendingError):
            found.vectors(setting, FIRM, {})


def test_the_same_seed_makes_the_same_file_in_any_folder(begin, tmp_path):
    one, two = done(begin()), done(begin(folder=tmp_path / "other"))
    assert one.pnl.any()
    assert np.array_equal(one.pnl, two.pnl)
    assert np.isnat(one.days).all()


def test_positions_follow_the_same_factors_as_in_history(ledger):
    """What cannot be revalued has no path; what can has about the spread of its EWMA history."""
    simulated = ledger.answers.needs.simulations.vectors(SETTING, FIRM, {})
    past = ledger.answers.engine.vectors(SETTING, FIRM, {})
    assert simulated.rows.equals(past.rows.drop(columns="proxied"))
    assert not simulated.pnl[~simulated.priced].any()
    weights = 0.94 ** np.arange(past.pnl.shape[1])[::-1]
    recent = np.sqrt((past.pnl.astype(float) ** 2 * weights).sum(axis=1) / weights.sum())
    linear = (simulated.rows["instrument_type"].isin(["equity", "index", "commodity"]) & simulated.priced).to_numpy()
    assert linear.sum() >= 5
    assert simulated.pnl[linear].std(axis=1) == pytest.approx(recent[linear], rel=0.1)


def test_where_history_has_no_move_there_are_no_paths(open_ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol currency
      AAA    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
    """
    answers = open_ledger(test_where_history_has_no_move_there_are_no_paths.__doc__).answers
    run(answers, Filters())
    frame = answers.table(KEY, Filters(), FIRM).frame
    assert frame["paths"].unique().tolist() == [0]
    assert not frame[MONEY].to_numpy().any()


# Cut short


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another process"])
def test_a_run_that_was_cancelled_goes_on_to_the_same_numbers(begin, tmp_path, gate, elsewhere):
    at, go = gate
    found = begin()
    found.start(SETTING)
    assert at.wait(10)
    found.cancel(SETTING)
    go.set()
    found.jobs.wait()
    with pytest.raises(PendingError):
        found.vectors(SETTING, FIRM, {})
    cut = done(begin() if elsewhere else found)
    whole = done(begin(folder=tmp_path / "whole"))
    assert np.array_equal(cut.pnl, whole.pnl)
    assert not [*found.engine.folder.rglob("*.draft")]


def test_a_run_that_failed_says_why_and_goes_on_to_the_same_numbers(begin, tmp_path, monkeypatch):
    moves, found, blocks = simulation.simulated_moves, begin(), []

    def full(*given, block, **named):
        blocks.append(block)
        if blocks == [0, 1, 2, 3]:
            raise OSError(28, "No space left on device")
        return moves(*given, block=block, **named)

    monkeypatch.setattr(simulation, "simulated_moves", full)
    found.start(SETTING)
    found.jobs.wait()
    with pytest.raises(PendingError) as told:
        found.vectors(SETTING, FIRM, {})
    failed = told.value.progress
    assert (failed.status, failed.done, failed.total, failed.message) == ("failed", 3, 6, "no space left on device")
    cut = done(found)
    assert blocks == [0, 1, 2, 3, 3, 4, 5]
    assert np.array_equal(cut.pnl, done(begin(folder=tmp_path / "whole")).pnl)


def test_a_run_whose_draft_was_deleted_begins_again(begin, tmp_path, gate):
    at, go = gate
    found = begin()
    found.start(SETTING)
    assert at.wait(10)
    found.cancel(SETTING)
    go.set()
    found.jobs.wait()
    (draft,) = found.engine.folder.rglob("*.draft")
    draft.unlink()
    assert np.array_equal(done(found).pnl, done(begin(folder=tmp_path / "whole")).pnl)


# Limits


def test_a_limit_on_a_measure_of_a_run_is_not_measured_and_the_other_limits_are(open_ledger):
    """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol currency
      AAA    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
    limits:
      limit_id scope_kind scope_node measure           soft hard
      var      firm       -          simulated_var.var 1    2
      gross    firm       -          exposure.gross    1    2
    """
    answers = open_ledger(test_a_limit_on_a_measure_of_a_run_is_not_measured_and_the_other_limits_are.__doc__).answers
    for _ in ("before", "after"):
        states = answers.table("limits-use", Filters(), FIRM).frame.set_index("limit_id")["state"]
        assert states.to_dict() == {"gross": "breach", "var": "unknown"}
        run(answers, Filters())

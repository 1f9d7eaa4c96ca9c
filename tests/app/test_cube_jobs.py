"""Vectors that would keep a reader waiting: a job makes them, and the numbers are those made at once."""

from dataclasses import replace

import pytest

from app.filters import Filters
from app.jobs import Progress
from app.question import PendingError
from app.risk.portfolio import Portfolio
from tests import desks
from tests.ledger import FIRM, Ledger, trader

KEYS = ["var-tree-by-book", "var-summary", "limits-use"]
ASKED = Filters(window=60)
NORTH = trader("North")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks, to be read only."""
    opened = desks.opened(tmp_path_factory)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def answers(ledger, tmp_path):
    """The same warehouse, served where no reader waits for a single number."""
    (tmp_path / "warehouse").symlink_to(ledger.folder / "warehouse")
    opened = Ledger(tmp_path)
    opened.answers.engine.at_once = 0
    yield opened.answers
    opened.warehouse.close()


def pending(answers, key="var-tree-by-book", scope=FIRM, **asked):
    with pytest.raises(PendingError) as told:
        answers.table(key, replace(ASKED, **asked), scope)
    return told.value


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("scope", [FIRM, NORTH], ids=["firm", "desk"])
def test_whoever_asks_first_begins_the_job_and_its_numbers_are_those_made_at_once(answers, ledger, key, scope):
    told = pending(answers, key, scope)
    assert told.progress.total == 20
    assert "P&L in 60 scenarios for 2022-06-28 in USD" in str(told)
    answers.engine.jobs.wait()
    assert answers.table(key, ASKED, scope).frame.equals(ledger.answers.table(key, ASKED, scope).frame)


def test_what_is_said_of_the_job_does_not_depend_on_how_much_there_is(answers):
    """A trader of one desk must not learn the size of the others' books."""
    assert pending(answers, scope=NORTH).progress.total == pending(answers, scope=trader()).progress.total == 20


def test_a_cancelled_job_is_begun_again_by_a_reader_and_not_by_a_look(answers, monkeypatch):
    engine, pnl, cancelled = answers.engine, Portfolio.pnl, []

    def cancel(self, levels, **how):
        if not cancelled:
            cancelled.append(answers.cancel("var-tree-by-book", ASKED, NORTH))
        return pnl(self, levels, **how)

    monkeypatch.setattr(Portfolio, "pnl", cancel)
    pending(answers)
    engine.jobs.wait()
    for key in KEYS:
        assert pending(answers, key).progress == Progress("cancelled", 1, 20)
    answers.run("limits-use", ASKED, NORTH)
    engine.jobs.wait()
    assert answers.table("var-tree-by-book", ASKED, FIRM).frame["var"].iloc[0] > 0


def test_a_job_whose_process_died_goes_on_by_itself(answers):
    engine, key = answers.engine, pending(answers).key
    engine.jobs.wait()
    path = engine.folder / f"{key}.npy"
    path.unlink()
    engine.jobs._write(key, Progress("running", 3, 20))
    assert pending(answers).progress.going
    engine.jobs.wait()
    assert path.exists()


def test_monte_carlo_beside_history_waits_for_both(answers):
    key = "var-simulated-by-book"
    answers.run(key, ASKED, FIRM)
    answers.needs.simulations.jobs.wait()
    assert "scenarios" in pending(answers, key).run
    answers.engine.jobs.wait()
    assert answers.table(key, ASKED, FIRM).frame["historical"].iloc[0] > 0


def test_few_enough_numbers_are_made_while_the_reader_waits(answers):
    held = answers.status(ASKED, FIRM).coverage.held
    answers.engine.at_once = 60 * held
    assert answers.table("var-tree-by-book", ASKED, FIRM).frame["var"].iloc[0] > 0
    answers.engine.at_once -= 1
    pending(answers, as_of=desks.DAYS[-2])

"""Background jobs: one at a time, seen by every process, and what is done of them is never lost."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.jobs import Jobs, Progress

ROOT = Path(__file__).parents[2]
KEY = "000001/run"
DIES = """
import os, sys, threading
from pathlib import Path
from app.jobs import Jobs

def work(done):
    yield 1
    yield 2
    os._exit(9)

Jobs(Path(sys.argv[1])).start("000001/run", 5, work)
threading.Event().wait()
"""


class Steps:
    """Work of some steps, each of which waits until it is let; says from where it was begun and what it did."""

    def __init__(self, total=4, failing=None):
        self.total = total
        self.failing = failing
        self.begun = []
        self.made = []
        self._at = threading.Semaphore(0)
        self._let = threading.Semaphore(0)

    def __call__(self, done):
        self.begun.append(done)
        for step in range(done + 1, self.total + 1):
            self._at.release()
            assert self._let.acquire(timeout=10)
            if self.failing and step == self.failing[0]:
                raise self.failing[1]
            self.made.append(step)
            yield step

    def reached(self):
        """Wait until it is at the next step."""
        assert self._at.acquire(timeout=10)

    def let(self, count=1):
        """Let it do so many steps."""
        self._let.release(count)

    def at(self, step):
        """Let it do all steps before this one, and wait until it is at it."""
        self.let(step - 1)
        for _ in range(step):
            self.reached()


@pytest.fixture
def jobs(tmp_path):
    return Jobs(tmp_path)


@pytest.fixture
def elsewhere(tmp_path):
    """What another process sees and does."""
    return Jobs(tmp_path)


def test_a_job_that_nobody_began_has_no_state(jobs):
    assert jobs.state(KEY) is None
    jobs.cancel(KEY)
    assert jobs.state(KEY) is None


def test_every_process_sees_the_same_progress(jobs, elsewhere):
    work = Steps()
    jobs.start(KEY, 4, work)
    work.at(3)
    assert jobs.state(KEY) == elsewhere.state(KEY) == Progress("running", 2, 4)
    work.let(2)
    jobs.wait()
    assert jobs.state(KEY) is elsewhere.state(KEY) is None
    assert work.made == [1, 2, 3, 4]


def test_nothing_is_left_of_a_job_that_is_done(jobs):
    work = Steps(1)
    work.let()
    jobs.start(KEY, 1, work)
    jobs.wait()
    assert [path.name for path in jobs.folder.rglob("*.*")] == ["jobs.lock"]


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_cancelled_job_ends_after_its_step_and_goes_on_from_there(jobs, elsewhere, where):
    work = Steps()
    jobs.start(KEY, 4, work)
    work.at(2)
    (jobs if where == "here" else elsewhere).cancel(KEY)
    work.let(9)
    jobs.wait()
    assert jobs.state(KEY) == Progress("cancelled", 2, 4)
    (jobs if where == "here" else elsewhere).start(KEY, 4, work)
    jobs.wait()
    elsewhere.wait()
    assert work.begun == [0, 2]
    assert work.made == [1, 2, 3, 4]
    assert jobs.state(KEY) is None


def test_a_job_that_is_started_again_before_its_cancelling_took_effect_just_goes_on(jobs, elsewhere):
    work = Steps()
    jobs.start(KEY, 4, work)
    work.at(2)
    jobs.cancel(KEY)
    elsewhere.start(KEY, 4, work)
    work.let(9)
    jobs.wait()
    assert work.begun == [0]
    assert work.made == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device", "/secret/path"), "no space left on device"),
        (MemoryError(), "out of memory"),
        (ValueError("position SECRET cannot be valued"), "an unexpected error"),
    ],
    ids=["disk", "memory", "unexpected"],
)
def test_a_job_that_fails_keeps_what_is_done_and_a_reason_that_tells_no_secret(jobs, elsewhere, error, reason):
    work = Steps(failing=(3, error))
    jobs.start(KEY, 4, work)
    with capture_logs() as logged:
        work.let(9)
        jobs.wait()
    assert elsewhere.state(KEY) == Progress("failed", 2, 4, reason)
    assert (logged[0]["reference"], logged[0]["exc_info"]) == (KEY, error)
    work.failing = None
    jobs.start(KEY, 4, work)
    jobs.wait()
    assert work.begun == [0, 2]
    assert jobs.state(KEY) is None


def test_a_job_whose_record_cannot_be_written_does_not_take_the_others_with_it(jobs):
    lost, next_one = Steps(), Steps(1)
    jobs.start(KEY, 4, lost)
    jobs.start("000002/run", 1, next_one)
    lost.reached()
    for path in (jobs.folder / "000001").iterdir():
        path.unlink()
    (jobs.folder / "000001").rmdir()
    with capture_logs() as logged:
        lost.let(9)
        next_one.let()
        jobs.wait()
    assert "job lost" in [entry["event"] for entry in logged]
    assert next_one.made == [1]


def test_jobs_of_a_process_run_one_at_a_time_in_the_order_in_which_they_were_asked_for(jobs, elsewhere):
    first, second = Steps(1), Steps(1)
    jobs.start(KEY, 1, first)
    jobs.start("000001/other", 1, second)
    first.reached()
    assert elsewhere.state("000001/other") == Progress("queued", 0, 1)
    second.let()
    assert second.begun == []
    first.let()
    jobs.wait()
    assert (first.made, second.made) == ([1], [1])


def test_a_job_cancelled_while_it_waits_never_begins(jobs):
    first, second = Steps(1), Steps(1)
    jobs.start(KEY, 1, first)
    jobs.start("000001/other", 1, second)
    jobs.cancel("000001/other")
    assert jobs.state("000001/other") == Progress("cancelled", 0, 1)
    first.let()
    jobs.wait()
    assert second.begun == []
    assert jobs.state("000001/other") == Progress("cancelled", 0, 1)


def test_a_job_that_is_going_is_not_started_twice_here_or_elsewhere(jobs, elsewhere):
    work, again = Steps(2), Steps(2)
    jobs.start(KEY, 2, work)
    work.reached()
    jobs.start(KEY, 2, again)
    elsewhere.start(KEY, 2, again)
    work.let(2)
    jobs.wait()
    elsewhere.wait()
    assert work.made == [1, 2]
    assert again.begun == []


def test_a_job_whose_process_died_is_seen_as_stopped_and_goes_on_from_the_steps_that_are_done(jobs):
    died = subprocess.run([sys.executable, "-c", DIES, str(jobs.folder)], cwd=ROOT, check=False, timeout=60)
    assert died.returncode == 9
    assert jobs.state(KEY) == Progress("stopped", 2, 5, "the server ended before it was done")
    work = Steps(5)
    work.let(9)
    jobs.start(KEY, 5, work)
    jobs.wait()
    assert work.begun == [2]
    assert work.made == [3, 4, 5]


def test_a_record_that_cannot_be_read_counts_as_none(jobs):
    (jobs.folder / "000001").mkdir()
    (jobs.folder / f"{KEY}.job").write_bytes(b'{"status": "runn')
    assert jobs.state(KEY) is None
    work = Steps(1)
    work.let()
    jobs.start(KEY, 1, work)
    jobs.wait()
    assert work.begun == [0]

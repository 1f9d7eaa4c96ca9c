"""Snapshots: immutable, numbered, published whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from data.warehouse import BusyError, EmptyError, Warehouse

ROOT = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from data.warehouse import Warehouse
with Warehouse(__import__("pathlib").Path(sys.argv[1])).draft() as draft:
    draft.connection.execute("INSERT INTO t VALUES (2)")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def warehouse(tmp_path):
    found = Warehouse(tmp_path / "warehouse")
    with found.draft("1.0") as draft:
        draft.connection.execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)")
    yield found
    found.close()


def numbers(warehouse, snapshot=None):
    cursor = warehouse.cursor(snapshot or warehouse.current().number)
    return [row[0] for row in cursor.execute("SELECT n FROM t ORDER BY n").fetchall()]


def append(warehouse, number):
    with warehouse.draft("1.1") as draft:
        draft.connection.execute("INSERT INTO t VALUES ($1)", [number])


def test_an_empty_warehouse_says_what_to_do(tmp_path):
    with pytest.raises(EmptyError, match="parapet load"):
        Warehouse(tmp_path).current()


def test_each_draft_becomes_the_next_snapshot_and_the_old_stays(warehouse):
    append(warehouse, 2)
    assert [s.number for s in warehouse.snapshots()] == ["000002", "000001"]
    assert (numbers(warehouse), numbers(warehouse, "000001")) == ([1, 2], [1])
    assert warehouse.current().parent == "000001"


def test_a_reader_in_the_middle_keeps_what_it_opened_while_a_new_one_is_published(warehouse):
    cursor = warehouse.cursor(warehouse.current().number)
    append(warehouse, 2)
    assert cursor.execute("SELECT count(*) FROM t").fetchone() == (1,)
    assert numbers(warehouse) == [1, 2]


def test_many_snapshots_can_be_read_though_few_are_held_open(warehouse):
    cursors = []
    for number in range(2, 9):
        cursors.append(warehouse.cursor(warehouse.current().number))
        append(warehouse, number)
    assert [c.execute("SELECT count(*) FROM t").fetchone()[0] for c in cursors] == list(range(1, 8))
    assert numbers(warehouse, "000001") == [1]


def test_a_reader_cannot_write(warehouse):
    with pytest.raises(Exception, match="read-only"):
        warehouse.cursor("000001").execute("INSERT INTO t VALUES (3)")


def test_an_error_in_a_draft_publishes_nothing(warehouse):
    with pytest.raises(ZeroDivisionError), warehouse.draft() as draft:
        draft.connection.execute("INSERT INTO t VALUES (2)")
        raise ZeroDivisionError
    assert (warehouse.current().number, numbers(warehouse)) == ("000001", [1])


def test_an_abandoned_draft_publishes_nothing(warehouse):
    with warehouse.draft() as draft:
        draft.abandon()
    assert warehouse.current().number == "000001"


def test_a_killed_writer_leaves_the_last_snapshot_whole_and_the_next_one_clears_up(warehouse):
    done = subprocess.run([sys.executable, "-c", KILLED, str(warehouse.folder)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (warehouse.current().number, numbers(warehouse)) == ("000001", [1])
    assert (warehouse.folder / "draft.duckdb").exists()
    append(warehouse, 3)
    assert numbers(warehouse) == [1, 3]
    assert not list(warehouse.folder.glob("draft*"))


def test_a_snapshot_renamed_but_never_made_current_was_never_published(warehouse):
    os.link(warehouse.folder / "000001.duckdb", warehouse.folder / "000002.duckdb")
    assert [s.number for s in warehouse.snapshots()] == ["000001"]
    append(warehouse, 5)
    assert numbers(warehouse, "000002") == [1, 5]


def test_a_writer_that_waits_begins_where_the_other_one_ended(warehouse):
    waiting, seen = threading.Event(), []

    def second():
        waiting.set()
        with Warehouse(warehouse.folder).draft(wait=True) as draft:
            seen.extend(draft.connection.sql("SELECT n FROM t ORDER BY n").fetchall())
            draft.abandon()

    thread = threading.Thread(target=second)
    with warehouse.draft() as draft:
        thread.start()
        assert waiting.wait(5)
        draft.connection.execute("INSERT INTO t VALUES (7)")
        assert not seen
    thread.join()
    assert seen == [(1,), (7,)]


def test_a_second_writer_is_told_to_wait(warehouse):
    with warehouse.draft() as draft:
        with pytest.raises(BusyError, match="another load"), Warehouse(warehouse.folder).draft():
            pass
        draft.abandon()

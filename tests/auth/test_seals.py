"""The sealed audit trail: what was edited, removed or slipped in is found, whoever did it in the store."""

from threading import Thread

import pytest
from sqlalchemy import delete, update

from auth.audit import Audit
from auth.seals import verify
from data.scope import Scope
from data.store import audit_event, audit_seal

ADA = Scope("ada", "Ada", roles=frozenset({"admin"}), firm=True)


@pytest.fixture
def trail(store, clock):
    """Five rows of one reader."""
    audit = Audit(store, clock)
    for number in range(5):
        audit.record("export", ADA, number=number)
        clock.advance(seconds=1)
    return audit


def change(store, *statements):
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.usefixtures("trail")
def test_a_trail_that_nobody_touched_is_sound(store):
    found = verify(store)
    assert (found.sound, found.sealed, found.earlier, found.faults) == (True, 5, 0, ())
    assert len(found.head) == 64


def test_an_empty_trail_is_sound(store):
    assert verify(store).sound


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize(
    "edit",
    [{"reader": "bob"}, {"event": "login"}, {"address": "10.0.0.1"}, {"details": "{}"}],
    ids=lambda e: next(iter(e)),
)
@pytest.mark.parametrize("row", [1, 3, 5])
def test_an_edited_row_is_named(store, edit, row):
    change(store, update(audit_event).where(audit_event.c.audit_id == row).values(**edit))
    assert verify(store).faults == (f"row {row} was edited, or one before it removed",)


@pytest.mark.usefixtures("trail")
def test_an_edited_moment_is_found(store, clock):
    change(store, update(audit_event).where(audit_event.c.audit_id == 2).values(at=clock()))
    assert not verify(store).sound


@pytest.mark.usefixtures("trail")
def test_a_removed_row_is_named(store):
    change(store, delete(audit_event).where(audit_event.c.audit_id == 3))
    assert verify(store).faults == ("row 3 was removed",)


@pytest.mark.usefixtures("trail")
def test_a_row_removed_with_its_seal_breaks_the_next(store):
    change(store, *(delete(table).where(table.c.audit_id == 3) for table in (audit_event, audit_seal)))
    assert verify(store).faults == ("row 4 was edited, or one before it removed",)


@pytest.mark.usefixtures("trail")
def test_a_row_that_was_slipped_in_has_no_seal(store, clock):
    row = {"audit_id": 9, "at": clock(), "event": "login", "reader": "eve", "address": "", "details": "{}"}
    change(store, audit_event.insert().values(**row))
    assert verify(store).faults == ("row 9 was slipped in, or lost its seal",)


@pytest.mark.usefixtures("trail")
def test_rows_cut_off_the_end_are_found_by_a_seal_that_was_noted(store):
    head = verify(store).head
    change(store, *(delete(table).where(table.c.audit_id >= 4) for table in (audit_event, audit_seal)))
    assert verify(store).sound
    assert "was noted and is gone" in verify(store, head).faults[0]


def test_a_seal_that_was_noted_stands_while_rows_are_added(trail, store):
    head = verify(store).head
    trail.record("login", ADA)
    found = verify(store, head)
    assert found.sound
    assert found.head != head


def test_rows_from_before_there_were_seals_are_counted_apart(trail, store):
    change(store, delete(audit_seal))
    trail.record("login", ADA)
    found = verify(store)
    assert (found.sound, found.sealed, found.earlier) == (True, 1, 5)


def test_rows_written_at_once_form_one_chain(store, clock):
    audit = Audit(store, clock)
    threads = [Thread(target=lambda: [audit.record("export", ADA) for _ in range(10)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(store)
    assert (found.sound, found.sealed) == (True, 60)

"""A person's data: handed over as JSON, erased without breaking the trail, pruned without breaking the chain."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from auth import person
from auth.access import Access, Wish
from auth.audit import Audit
from auth.grants import GroupRules
from auth.readers import Readers
from auth.seals import prune, verify
from auth.tokens import Tokens
from data.scope import Scope
from data.store import (
    audit_digest,
    audit_erasure,
    audit_event,
    audit_seal,
    metadata,
    reader_choice,
    saved_view,
    whatif_branch,
)

ADA = Scope("ada", "Ada", frozenset({"admin"}), firm=True)
TOM = Scope("tom-7", "Tom Ford", frozenset({"trader"}), frozenset({"Vol"}))


@pytest.fixture
def house(store, clock):
    """Tom with something in every corner, and Ada who did something about him."""
    readers = Readers(store, clock, GroupRules(), timedelta(days=30))
    readers.seen("tom-7", "Tom Ford", "tom@bank.example", ["role:trader", "desk:Vol"])
    readers.seen("ada", "Ada", "", ["role:admin"])
    trail = Audit(store, clock)
    trail.record("login", TOM, name="Tom Ford", roles=["trader"])
    Tokens(store, clock).make(TOM, "excel", 5)
    with store.engine.begin() as connection:
        connection.execute(insert(whatif_branch), {"owner": "tom-7", "name": "b", "text": "x", "saved_at": clock()})
        row = {"reader": "tom-7", "look": "{}", "home": "", "chosen_at": clock()}
        connection.execute(insert(reader_choice), row)
    Access(store, clock).give(ADA, [Wish("tom-7", "desk", "FX", "allow", "cover")], {"desk": {"FX"}})
    trail.record("denied", TOM, reason="report of Tom Ford for tom@bank.example: custom-tom-77")
    trail.record("export", ADA, panel="pnl")
    return store


def everything(store):
    with store.engine.connect() as connection:
        return "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )


def change(store, statement):
    with store.engine.begin() as connection:
        connection.execute(statement)


def test_what_is_handed_over_is_all_that_is_his_and_opens_nothing(house):
    found = person.export(house, "tom-7")
    assert [row["email"] for row in found["reader"]] == ["tom@bank.example"]
    assert {name for name, rows in found.items() if rows} == {
        *("reader", "whatif_branch", "reader_choice", "access_token", "access_grant", "audit_event")
    }
    assert {row["event"] for row in found["audit_event"]} == {"login", "token_made", "denied"}
    assert "hash" not in found["access_token"][0]
    assert json.dumps(found, default=str)


def test_every_table_that_names_readers_is_known_here():
    names = {"reader", "owner", "author", "sub", "recipient", "granted_by"}
    naming = {table.name for table in metadata.sorted_tables if names & set(table.columns.keys())}
    assert naming == {table.name for table in (*person.OWN, *person.NAMED, audit_event)}
    assert saved_view in person.OWN


def test_after_an_erasure_nothing_names_him_and_the_trail_is_sound(house, clock):
    before = verify(house)
    done = person.erase(house, clock, "tom-7")
    left = everything(house)
    for word in ("tom-7'", "Tom Ford", "tom@bank.example"):
        assert word not in left
    assert "custom-tom-77" in left
    after = verify(house, before.head)
    assert (after.sound, after.faults, after.sealed) == (True, (), before.sealed + 1)
    assert done.events == 4
    assert done.pseudonym in left


def test_others_keep_what_is_theirs(house, clock):
    ada = person.export(house, "ada")
    person.erase(house, clock, "tom-7")
    kept = person.export(house, "ada")
    assert kept["reader"] == ada["reader"]
    assert [row["event"] for row in kept["audit_event"]] == [row["event"] for row in ada["audit_event"]]


def test_whom_nobody_knows_cannot_be_erased(house, clock):
    with pytest.raises(person.NobodyError, match="nothing of 'zoe'"):
        person.erase(house, clock, "zoe")
    person.erase(house, clock, "tom-7")
    with pytest.raises(person.NobodyError):
        person.erase(house, clock, "tom-7")


def test_a_row_that_is_edited_after_an_erasure_is_found(house, clock):
    person.erase(house, clock, "tom-7")
    change(house, update(audit_event).where(audit_event.c.audit_id == 1).values(event="logout"))
    assert verify(house).faults == ("row 1 was edited after a person was erased from it",)


def test_an_edit_that_calls_itself_an_erasure_is_found(house, clock):
    person.erase(house, clock, "tom-7")
    with house.engine.begin() as connection:
        number = connection.execute(select(audit_erasure.c.erased_by)).scalar()
        connection.execute(update(audit_event).where(audit_event.c.event == "export").values(reader="eve"))
        row = connection.execute(select(audit_event).where(audit_event.c.event == "export")).mappings().one()
        made_up = {"audit_id": row["audit_id"], "erased_by": number, "digest": person.seals.digest_of(row)}
        connection.execute(insert(audit_erasure), made_up)
    assert not verify(house).sound


def test_two_persons_in_one_row_are_erased_one_after_the_other(house, clock):
    person.erase(house, clock, "tom-7")
    person.erase(house, clock, "ada")
    assert verify(house).faults == ()
    assert "'ada'" not in everything(house)


def test_a_trail_of_an_older_release_is_verified_and_erased_all_the_same(house, clock):
    """Rows without digest have a seal of the row itself."""
    with house.engine.begin() as connection:
        connection.execute(delete(audit_digest))
        before = ""
        for row in connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all():
            before = person.seals._seal(before, row, None)
            where = audit_seal.c.audit_id == row["audit_id"]
            connection.execute(update(audit_seal).where(where).values(seal=before))
    assert verify(house).faults == ()
    Audit(house, clock).record("logout", ADA)
    person.erase(house, clock, "tom-7")
    assert verify(house).faults == ()
    change(house, update(audit_event).where(audit_event.c.event == "export").values(reader="eve"))
    assert not verify(house).sound


# Retention


@pytest.fixture
def aged(store, clock):
    """A row a day for ten days."""
    for number in range(10):
        Audit(store, clock).record("export", ADA, number=number)
        clock.advance(days=1)
    return store


def rows(store):
    with store.engine.connect() as connection:
        return [json.loads(row.details).get("number") for row in connection.execute(select(audit_event))]


def test_old_rows_are_taken_away_and_the_chain_begins_at_the_last_of_their_seals(aged, clock):
    noted = verify(aged).head
    assert prune(aged, clock, 4) == 6
    assert rows(aged) == [6, 7, 8, 9, None]
    found = verify(aged, noted)
    assert (found.faults, found.sealed) == ((), 5)
    clock.advance(days=30)
    assert prune(aged, clock, 4) == 5
    assert verify(aged).faults == ()
    assert prune(aged, clock, 4) == 0


def test_rows_taken_away_without_a_word_are_missed(aged, clock):
    prune(aged, clock, 4)
    change(aged, delete(audit_event).where(audit_event.c.audit_id == 7))
    assert verify(aged).faults == ("row 7 was removed",)


def test_more_cannot_be_cut_off_the_beginning_than_was_said(aged, clock):
    prune(aged, clock, 4)
    change(aged, delete(audit_event).where(audit_event.c.audit_id == 7))
    change(aged, delete(audit_seal).where(audit_seal.c.audit_id == 6))
    assert not verify(aged).sound


def test_who_was_erased_before_the_trail_is_pruned_stays_erased_and_sound(house, clock):
    person.erase(house, clock, "tom-7")
    clock.advance(days=9)
    Audit(house, clock).record("export", ADA)
    prune(house, clock, 4)
    assert verify(house).faults == ()

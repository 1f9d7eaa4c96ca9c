"""Notes pinned to numbers: seen by whoever may see the number, on its own day, wherever the same number stands."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.annotations import LONGEST, Annotations, BadNoteError, Number
from app.filters import Filters
from app.question import DeniedError, UnknownError
from data.scope import NOBODY
from data.store import audit_event
from tests.ledger import FIRM, Ledger, trader

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Cash
      EU1  Europe
    instruments:
      symbol currency sector
      AAA    USD      Energy
      BBB    USD      -
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
      USD   2022-01-05 1.20
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      AAA        2022-01-05 12
      BBB        2022-01-03 10
      BBB        2022-01-04 10
      BBB        2022-01-05 10
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  BBB        100      10    2022-01-03
      T3       EU1  AAA        50       10    2022-01-03
    limits:
      limit_id scope_kind scope_node measure        soft hard
      gross    desk       Europe     exposure.gross 100  1000
"""
TREE, BY_BOOK, LIMITS = "positions-tree-by-instrument", "pnl-split-by-instrument", "limits-use"
CASH, EUROPE, BOTH = trader("Cash"), replace(trader("Europe"), reader="eve", name="Eve"), trader("Cash", "Europe")
ALL = Filters()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    yield ledger
    ledger.warehouse.close()


@pytest.fixture
def notes(store, ledger):
    moments = (NOON + timedelta(minutes=minute) for minute in range(10_000))
    return Annotations(store, ledger.answers, lambda: next(moments))


def at(*names, panel=TREE, column="day"):
    return Number(panel, "\t".join(names), column)


def texts(notes, number, scope, filters=ALL):
    return [note.text for note in notes.of(number, filters, scope)]


def test_notes_stand_under_their_number_with_author_and_moment_the_oldest_first(notes):
    notes.pin(at("Cash", "EQ1"), "  rolled early\n", ALL, CASH)
    notes.pin(at("Cash", "EQ1"), "yes", ALL, FIRM)
    first, second = notes.of(at("Cash", "EQ1"), ALL, FIRM)
    assert (first.text, first.author, first.author_name, first.made_at) == ("rolled early", "tom", "Tom", NOON)
    assert (first.node, first.as_of) == ({"book": "EQ1", "desk": "Cash"}, "2022-01-05")
    assert (second.text, second.author_name) == ("yes", "Helena")
    for other in (at("Cash"), at("Cash", "EQ2"), at("Cash", "EQ1", "AAA"), at("Cash", "EQ1", column="cost")):
        assert texts(notes, other, FIRM) == []


def test_a_note_belongs_to_its_day(notes):
    notes.pin(at("Cash"), "today", ALL, FIRM)
    yesterday = Filters.parse("as_of=2022-01-04")
    assert texts(notes, at("Cash"), FIRM, yesterday) == []
    assert notes.marks(yesterday, FIRM) == {}
    assert texts(notes, at("Cash"), FIRM, Filters.parse("as_of=2022-01-05&ccy=EUR&scale=m")) == ["today"]


def test_one_note_stands_wherever_the_same_number_stands(notes):
    notes.pin(at("Cash"), "all of it", ALL, FIRM)
    narrowed = Filters(desk="Cash")
    assert texts(notes, at(), FIRM, narrowed) == texts(notes, at("Cash"), FIRM, narrowed) == ["all of it"]
    assert notes.marks(ALL, FIRM) == {TREE: {"Cash": {"day": "Helena: all of it"}}}
    assert set(notes.marks(narrowed, FIRM)[TREE]) == {"", "Cash"}
    assert notes.marks(Filters(desk="Cash", sector="Energy"), FIRM) == {}


def test_a_book_brings_its_desk(notes):
    notes.pin(at(), "of the book", Filters(book="EQ1"), FIRM)
    assert texts(notes, at("Cash", "EQ1"), CASH) == ["of the book"]
    assert notes.marks(ALL, FIRM) == {TREE: {"Cash\tEQ1": {"day": "Helena: of the book"}}}


def test_a_note_of_another_desk_is_not_there(notes):
    notes.pin(at("Cash"), "secret", ALL, FIRM)
    notes.pin(at("Cash", "EQ1"), "secret", ALL, CASH)
    assert notes.marks(ALL, EUROPE) == {}
    for number in (at("Cash"), at("Cash", "EQ1"), at("Europe")):
        assert texts(notes, number, EUROPE) == []
    with pytest.raises(DeniedError, match="desk 'Cash' is not open to you"):
        notes.of(at(), Filters(desk="Cash"), EUROPE)
    assert texts(notes, at("Cash"), BOTH) == ["secret"]


def test_a_total_of_the_firm_is_the_firms(notes):
    notes.pin(at(), "firm", ALL, FIRM)
    notes.pin(at(), "energy", Filters(sector="Energy"), FIRM)
    for scope in (CASH, EUROPE, BOTH):
        assert notes.marks(ALL, scope) == notes.marks(Filters(sector="Energy"), scope) == {}
        assert texts(notes, at(), scope) == []


def test_the_total_of_a_reader_of_one_desk_is_that_desks(notes):
    notes.pin(at(), "mine", ALL, CASH)
    assert texts(notes, at("Cash"), FIRM) == ["mine"]
    assert texts(notes, at(), FIRM) == []


def test_a_total_over_several_desks_that_is_not_the_firms_takes_no_note(notes):
    with pytest.raises(DeniedError, match="choose one of them first"):
        notes.pin(at(), "ours", ALL, BOTH)
    assert notes.marks(ALL, BOTH) == {}


def test_a_row_of_a_list_takes_a_note_too(notes, ledger):
    row = json.loads(ledger.answers.drawn(LIMITS, ALL, FIRM, "dark"))["props"]["children"]["props"]["rowData"][0]
    number = Number(LIMITS, row["_at"], "use")
    notes.pin(number, "agreed until Friday", ALL, FIRM)
    assert texts(notes, number, FIRM) == ["agreed until Friday"]
    assert notes.marks(ALL, FIRM) == {LIMITS: {row["_at"]: {"use": "Helena: agreed until Friday"}}}
    assert notes.marks(ALL, EUROPE) == {}


def test_a_number_that_is_not_there_takes_no_note(notes):
    for number in (at("Cash", "EU1"), at("Nowhere"), at("Cash", column="name"), at("Cash", column="nothing")):
        with pytest.raises(BadNoteError, match="no such number here"):
            notes.pin(number, "text", ALL, FIRM)
    with pytest.raises(BadNoteError, match="no such number here"):
        notes.pin(at("Europe"), "text", ALL, CASH)
    with pytest.raises(UnknownError):
        notes.pin(at(panel="nothing"), "text", ALL, FIRM)
    with pytest.raises(DeniedError):
        notes.pin(at(), "text", ALL, NOBODY)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST + 1), "\u202edesrever", "bell\a"])
def test_a_note_has_1_to_500_printable_characters(notes, text):
    with pytest.raises(BadNoteError, match="1 to 500 printable characters; write one"):
        notes.pin(at("Cash"), text, ALL, FIRM)


def test_only_its_author_deletes_a_note_and_only_once(notes):
    note = notes.pin(at("Cash"), "mine", ALL, CASH)
    for other in (FIRM, EUROPE, NOBODY):
        with pytest.raises(BadNoteError, match="no such note"):
            notes.unpin(note.note_id, other)
    notes.unpin(note.note_id, CASH)
    assert texts(notes, at("Cash"), FIRM) == []
    with pytest.raises(BadNoteError, match="deleted already"):
        notes.unpin(note.note_id, CASH)


def test_a_role_taken_away_closes_the_notes(notes):
    notes.pin(at("Cash"), "mine", ALL, CASH)
    assert notes.marks(ALL, replace(CASH, roles=frozenset())) == {}
    assert notes.marks(ALL, replace(CASH, desks=frozenset({"Europe"}))) == {}


def test_pinning_and_deleting_leave_audit_rows_without_the_text(notes, store):
    note = notes.pin(at("Cash"), "for our eyes", ALL, CASH)
    notes.unpin(note.note_id, CASH)
    with store.engine.connect() as connection:
        rows = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
    assert [(row["event"], row["reader"]) for row in rows] == [("note_pinned", "tom"), ("note_deleted", "tom")]
    assert json.loads(rows[0]["details"])["node"] == {"desk": "Cash"}
    assert "eyes" not in rows[0]["details"]

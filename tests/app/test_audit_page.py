"""The audit page: searched on the server, read page by page, exported like any panel; whether the chain holds.

| row | at         | event  | reader | what                |
|-----|------------|--------|--------|---------------------|
| 1…5 | 2026-03-01 | export | tom    | panel pnl-1 … pnl-5 |
| 6   | 2026-03-02 | denied | vera   | reason 100% of it   |
| 7   | 2026-03-03 | login  | ada    | name Ada            |
"""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import delete, update

from app.filters import BadFilterError, Filters
from app.question import DeniedError
from app.risk.measure import measures
from auth.audit import Audit
from auth.chain import check
from data import records
from data.scope import Scope
from data.store import Store, audit_check, audit_event, audit_seal
from tests.app.test_screen import BOOKS
from tests.ledger import FIRM, Ledger

AUDITOR = Scope("clara", "Clara", frozenset({"auditor"}), firm=True)
KEY = "audit-trail"


class Clock:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    clock = Clock()
    trail = Audit(store, clock)
    for number in range(1, 6):
        trail.record("export", Scope("tom", "Tom"), panel=f"pnl-{number}")
    clock.now += timedelta(days=1)
    trail.record("denied", Scope("vera", "Vera"), reason="100% of it")
    clock.now += timedelta(days=1)
    trail.record("login", Scope("ada", "Ada"), name="Ada")
    ledger.answers.needs.store = store
    yield ledger.answers
    store.close()
    ledger.warehouse.close()


def found(answers, start=0, end=100, **asked):
    table, total = answers.trades(KEY, Filters.parse(asked), AUDITOR, start=start, end=end)
    return table.frame["reader"].tolist(), total


def test_the_newest_row_comes_first_and_only_the_rows_asked_for_are_read(answers):
    assert found(answers) == (["ada", "vera", *["tom"] * 5], 7)
    assert found(answers, 1, 3) == (["vera", "tom"], 7)
    assert found(answers, 90, 100) == ([], 7)


@pytest.mark.parametrize(
    ("asked", "readers"),
    [
        ({"who": "tom"}, ["tom"] * 5),
        ({"who": "to"}, []),
        ({"event": "denied"}, ["vera"]),
        ({"text": "PNL-3"}, ["tom"]),
        ({"text": "100%"}, ["vera"]),
        ({"text": "1%"}, []),
        ({"text": "_"}, []),
        ({"since": "2026-03-02"}, ["ada", "vera"]),
        ({"until": "2026-03-02", "event": "denied"}, ["vera"]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, ["vera"]),
    ],
    ids=str,
)
def test_a_search_finds_what_it_says(answers, asked, readers):
    assert found(answers, **asked) == (readers, len(readers))


def test_a_day_that_is_none_is_told_so():
    with pytest.raises(BadFilterError, match="since"):
        Filters.parse({"since": "yesterday"})


def test_a_search_narrows_no_other_panel(answers):
    searched = Filters.parse({"who": "tom", "text": "x"})
    key = "positions-tree-by-instrument"
    assert answers.question(key, searched, FIRM).filters == Filters()
    assert len(answers.table("operations-audit", searched, AUDITOR).frame) == 7


@pytest.mark.parametrize(
    ("details", "what"),
    [
        ({"fresh": True, "server": "idp"}, "fresh · server idp"),
        ({"fresh": False, "sessions": 0}, "sessions 0"),
        ({"from": "2026-12-01T00:00:00+00:00"}, "from 2026-12-01 00:00Z"),
        ({"until": "2027-01-01 00:00:00+00:00"}, "until 2027-01-01 00:00Z"),
    ],
    ids=str,
)
def test_details_are_told_in_words(details, what):
    events = pd.DataFrame([{"at": Clock.now, "event": "login", "reader": "tom", "details": json.dumps(details)}])
    assert measures()["audit_trail"].compute(events)["what"].tolist() == [what]


def test_the_export_holds_every_row_of_the_search(answers):
    columns, about, batches = answers.stream(KEY, Filters.parse({"who": "tom"}), AUDITOR)
    assert sum(batch.num_rows for batch in batches) == 5
    assert [column.name for column in columns] == ["at", "event", "reader", "what", "address"]
    assert ("who", "tom") in about.filters
    assert sum(batch.num_rows for batch in answers.stream(KEY, Filters(who="nobody"), AUDITOR)[2]) == 0


def test_the_panels_are_drawn(answers):
    for key in ("audit-trail", "audit-chain", "audit-grants"):
        assert answers.drawn(key, Filters(), AUDITOR, "dark")


@pytest.mark.parametrize("role", ["trader", "risk_manager", "viewer"])
def test_the_trail_is_closed_to_everybody_else_through_every_door(answers, role):
    scope = Scope("x", "X", frozenset({role}), firm=True)
    store = answers.needs.store
    for ask in (
        lambda: answers.trades(KEY, Filters(), scope, start=0, end=1),
        lambda: answers.stream(KEY, Filters(), scope),
        lambda: records.search(store, records.Search(), scope, 0, 1),
        lambda: records.count(store, records.Search(), scope),
    ):
        with pytest.raises(DeniedError):
            ask()


def chain(answers):
    return answers.table("audit-chain", Filters(), AUDITOR).frame.iloc[0]


def test_the_chain_says_what_it_found_and_when(answers):
    seen = chain(answers)
    assert (seen["state"], seen["sealed"]) == ("pass", 7)
    assert len(seen["head"]) == 64


def looks(store):
    with store.engine.connect() as connection:
        return [row.faults for row in connection.execute(audit_check.select().order_by(audit_check.c.check_id))]


def change(store, statement):
    with store.engine.begin() as connection:
        connection.execute(statement)


def test_a_look_counts_for_five_minutes(answers):
    store, clock = answers.needs.store, Clock()
    change(store, delete(audit_check))
    check(store, clock)
    clock.now += timedelta(minutes=4)
    check(store, clock)
    assert looks(store) == [""]
    second = audit_event.c.audit_id == 2
    change(store, update(audit_event).where(second).values(reader="eve"))
    clock.now += timedelta(minutes=1)
    check(store, clock)
    change(store, update(audit_event).where(second).values(reader="tom"))
    assert looks(store) == ["", "row 2 was edited, or one before it removed"]


def test_the_next_look_must_find_the_newest_seal_again(answers):
    store, clock = answers.needs.store, Clock()
    change(store, delete(audit_check))
    clock.now += timedelta(days=3)
    Audit(store, clock).record("logout", Scope("ada", "Ada"))
    check(store, clock)
    for table in (audit_event, audit_seal):
        change(store, delete(table).where(table.c.audit_id == 8))
    clock.now += timedelta(hours=1)
    check(store, clock)
    assert "was noted and is gone" in looks(store)[-1]

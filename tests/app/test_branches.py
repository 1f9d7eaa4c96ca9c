"""Named what-if branches: every reader has his own, and a name holds nothing but trades that can be read."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.branches import MOST, BadBranchError, Branch, Branches
from app.filters import BadFilterError, Filters
from app.question import DeniedError
from app.view import discover
from data.scope import NOBODY
from data.store import LONGEST_NAME, audit_event
from tests.ledger import FIRM, trader

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
TOM = trader("Cash")
EVE = replace(TOM, reader="eve", name="Eve")


@pytest.fixture
def branches(store):
    moments = (NOON + timedelta(minutes=minute) for minute in range(10_000))
    return Branches(store, lambda: next(moments))


@pytest.fixture
def audited(store):
    def rows():
        with store.engine.connect() as connection:
            found = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
        return [(row["event"], row["reader"], json.loads(row["details"])) for row in found]

    return rows


def names(branches, scope):
    return [branch.name for branch in branches.all(scope)]


def test_a_branch_keeps_trades_in_their_canonical_form_with_the_moment(branches):
    assert branches.save(TOM, "  Less oil ", "5 AAA@EQ1\nclose BBB @ EQ1") is False
    assert branches.all(TOM) == [Branch("Less oil", "+5 AAA @ EQ1; close BBB @ EQ1", NOON)]
    assert branches.all(TOM)[0].trades == 2


def test_the_newest_comes_first_and_a_name_saved_again_is_replaced_and_newest(branches):
    for name in ("one", "two", "three"):
        branches.save(TOM, name, "+1 AAA @ EQ1")
    assert branches.save(TOM, "one", "+2 AAA @ EQ1") is True
    assert names(branches, TOM) == ["one", "three", "two"]
    assert branches.all(TOM)[0].text == "+2 AAA @ EQ1"


def test_nobody_reads_overwrites_or_deletes_the_branch_of_another_reader(branches):
    branches.save(TOM, "mine", "+1 AAA @ EQ1")
    for other in (EVE, FIRM):
        assert branches.all(other) == []
        with pytest.raises(BadBranchError, match="you have no branch 'mine'"):
            branches.forget(other, "mine")
    assert branches.save(EVE, "mine", "+2 AAA @ EQ1") is False
    branches.forget(EVE, "mine")
    assert branches.all(TOM) == [Branch("mine", "+1 AAA @ EQ1", NOON)]


def test_a_branch_is_the_readers_whatever_else_of_the_scope_changes(branches):
    branches.save(TOM, "mine", "+1 AAA @ EQ1")
    assert names(branches, replace(TOM, name="Thomas", desks=frozenset({"Europe"}))) == ["mine"]


def test_what_is_forgotten_is_given_back_once(branches):
    branches.save(TOM, "mine", "+1 AAA @ EQ1")
    assert branches.forget(TOM, "mine").text == "+1 AAA @ EQ1"
    assert branches.all(TOM) == []
    with pytest.raises(BadBranchError, match="it may be deleted already"):
        branches.forget(TOM, "mine")


@pytest.mark.parametrize("scope", [NOBODY, replace(TOM, roles=frozenset()), replace(TOM, reader="")])
def test_without_a_reader_or_a_role_that_opens_the_page_nothing_is_kept_or_told(branches, scope):
    for ask in (
        lambda: branches.all(scope),
        lambda: branches.save(scope, "mine", "+1 AAA @ EQ1"),
        lambda: branches.forget(scope, "mine"),
    ):
        with pytest.raises(DeniedError, match="What-if is not open to your role"):
            ask()


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * (LONGEST_NAME + 1), "two\nlines", "tab\tbed", "\u202edesrever", "\ud800"]
)
def test_a_name_has_1_to_60_printable_characters(branches, name):
    for ask in (lambda: branches.save(TOM, name, "+1 AAA @ EQ1"), lambda: branches.forget(TOM, name)):
        with pytest.raises(BadBranchError, match="1 to 60 printable characters; write one"):
            ask()
    assert branches.all(TOM) == []


def test_a_long_or_strange_name_is_a_name(branches):
    for name in ("x" * LONGEST_NAME, "'; DROP TABLE whatif_branch --", "Öl × ½ {a.b}", "0"):
        branches.save(TOM, name, "+1 AAA @ EQ1")
        assert branches.forget(TOM, name).name == name


@pytest.mark.parametrize("text", ["five AAA", "+1 AAA", "+0 AAA @ EQ1", "; ".join(["+1 AAA @ EQ1"] * 200)])
def test_trades_that_no_address_can_carry_are_refused_in_the_words_of_the_editor(branches, text):
    with pytest.raises(BadFilterError) as editor:
        Filters.parse({"whatif": text})
    with pytest.raises(BadFilterError) as refused:
        branches.save(TOM, "mine", text)
    assert str(refused.value) == str(editor.value)
    assert branches.all(TOM) == []


@pytest.mark.parametrize("text", ["", "  \n ", ";;"])
def test_a_branch_has_a_trade(branches, text):
    with pytest.raises(BadBranchError, match="there is no trade to save; write one first"):
        branches.save(TOM, "mine", text)


def test_a_reader_has_at_most_a_hundred_and_may_still_replace_one(branches):
    for number in range(MOST):
        branches.save(TOM, f"branch {number}", "+1 AAA @ EQ1")
    with pytest.raises(BadBranchError, match="there are 100 branches already; delete one first"):
        branches.save(TOM, "one more", "+1 AAA @ EQ1")
    assert len(branches.all(TOM)) == MOST
    assert branches.save(TOM, "branch 7", "+2 AAA @ EQ1") is True
    assert branches.save(EVE, "one more", "+1 AAA @ EQ1") is False
    branches.forget(TOM, "branch 8")
    assert branches.save(TOM, "one more", "+1 AAA @ EQ1") is False


def test_each_change_leaves_an_audit_row_without_the_trades_and_a_refusal_none(branches, audited):
    branches.save(TOM, "mine", "+1 AAA @ EQ1")
    branches.save(TOM, "mine", "+1 AAA @ EQ1; close BBB @ EQ1")
    branches.forget(TOM, "mine")
    for refused in (lambda: branches.forget(EVE, "mine"), lambda: branches.save(TOM, "mine", "")):
        with pytest.raises(BadBranchError):
            refused()
    assert audited() == [
        ("branch_saved", "tom", {"branch": "mine", "trades": 1, "replaced": False}),
        ("branch_saved", "tom", {"branch": "mine", "trades": 2, "replaced": True}),
        ("branch_forgotten", "tom", {"branch": "mine", "trades": 2}),
    ]


def test_a_branch_of_a_desk_taken_away_is_still_listed_and_no_longer_computed(branches, ledger):
    """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency
      AAA    USD
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  AAA        100      10    2022-01-03
    limits:
      limit_id scope_kind scope_node measure        soft hard
      gross    desk       Europe     exposure.gross 100  1000
    """
    branches.save(TOM, "mine", "close AAA @ EQ1")
    (branch,) = branches.all(TOM)
    ask = Filters(whatif=branch.text)
    assert len(ledger.answers.table("whatif-trades", ask, TOM).frame) == 1
    moved = trader("Europe")
    assert branches.all(moved) == [branch]
    for panel in discover()["whatif"].panels:
        with pytest.raises(DeniedError, match="book 'EQ1' is not open to you"):
            ledger.answers.table(panel.key, ask, moved)

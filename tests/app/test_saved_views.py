"""Saved views: addresses under a name, each reader's own; a shared one shows nobody more than he may see anyway."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.filters import BadFilterError
from app.question import DeniedError
from app.saved_views import LONGEST_NAME, MOST, BadViewError, SavedViews
from data.scope import NOBODY, Scope
from data.store import audit_event
from tests.app.test_annotations import BOOKS
from tests.ledger import FIRM, Ledger, trader

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
TOM = trader("Cash")
EVE = replace(trader("Europe"), reader="eve", name="Eve")
TIM = replace(TOM, reader="tim", name="Tim")
ADMIN = Scope("ada", "Ada", frozenset({"admin"}), firm=True)
TREE = "positions-tree-by-instrument"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    yield ledger
    ledger.warehouse.close()


@pytest.fixture
def views(store, ledger):
    return SavedViews(store, ledger.answers, lambda: NOON)


def names(found):
    return [view.name for view in found]


def shared(views, scope, name, query="", audience="everyone", *, page="positions"):
    """A view that its reader shows to an audience."""
    views.save(scope, name, page, query)
    (view,) = (view for view in views.mine(scope) if view.name == name)
    return views.share(scope, view.view_id, audience)


def test_a_view_keeps_the_page_its_choices_and_the_moment(views):
    assert views.save(TOM, "  Morning ", "positions", "?scale=m&desk=Cash") is False
    (view,) = views.mine(TOM)
    assert (view.name, view.page, view.query, view.saved_at) == ("Morning", "positions", "desk=Cash&scale=m", NOON)
    assert (view.owner, view.owner_name, view.audience, view.grids) == ("tom", "Tom", "", {})


def test_a_name_saved_again_is_replaced_and_stays_the_same_view_shared_as_it_was(views):
    before = shared(views, TOM, "Morning", "desk=Cash")
    assert views.save(TOM, "Morning", "pnl", "") is True
    (after,) = views.mine(TOM)
    assert (after.view_id, after.audience, after.page, after.query) == (before.view_id, "everyone", "pnl", "")


def test_views_stand_by_name_and_are_nobody_elses_unless_shared(views):
    for name in ("b", "a", "c"):
        views.save(TOM, name, "positions", "")
    assert names(views.mine(TOM)) == ["a", "b", "c"]
    for other in (TIM, EVE, FIRM):
        assert views.mine(other) == views.shared(other) == []
    assert views.save(TIM, "a", "pnl", "") is False
    assert views.mine(TOM)[0].page == "positions"


def test_nobody_renames_shares_replaces_or_deletes_the_view_of_another_reader(views):
    view = shared(views, TOM, "mine")
    for change in (
        lambda: views.rename(TIM, view.view_id, "his"),
        lambda: views.share(FIRM, view.view_id, ""),
        lambda: views.forget(TIM, view.view_id),
    ):
        with pytest.raises(BadViewError, match="you have no such view"):
            change()
    assert views.mine(TOM) == [view]


@pytest.mark.parametrize(
    ("audience", "sees"),
    [
        ("", []),
        ("everyone", ["tim", "helena", "ada"]),
        ("role:trader", ["tim"]),
        ("role:risk_manager", ["helena"]),
        ("desk:Cash", ["tim"]),
    ],
)
def test_a_view_is_seen_by_its_audience(views, audience, sees):
    shared(views, TOM, "mine", "desk=Cash", audience)
    assert [scope.reader for scope in (TIM, FIRM, ADMIN) if names(views.shared(scope)) == ["mine"]] == sees


@pytest.mark.parametrize(
    "query",
    [
        "desk=Cash",
        "book=EQ1",
        "whatif=close+AAA+%40+EQ1",
        "compare=desk%3ACash",
        "compare=book%3AEQ2",
        "desk=Cash&book=EQ2",
    ],
)
def test_a_view_that_names_a_desk_or_book_is_not_there_for_whoever_may_not_see_it(views, query):
    view = shared(views, FIRM, "Cash only", query)
    assert views.shared(EVE) == []
    with pytest.raises(BadViewError, match="gone or not open to you"):
        views.find(EVE, view.view_id)
    assert names(views.shared(TOM)) == ["Cash only"]
    assert views.find(TOM, view.view_id) == view


def test_an_unknown_view_and_one_that_is_not_open_are_told_in_the_same_words(views):
    hidden = shared(views, FIRM, "Cash only", "desk=Cash")
    told = set()
    for view_id in (hidden.view_id, "0" * 16):
        with pytest.raises(BadViewError) as error:
            views.find(EVE, view_id)
        told.add(str(error.value))
    assert len(told) == 1


def test_a_view_of_a_page_of_another_role_is_not_listed(views):
    shared(views, FIRM, "limits", page="limits")
    assert names(views.shared(TOM)) == ["limits"]
    assert views.shared(replace(TOM, roles=frozenset({"nothing"}))) == []


def test_a_desk_taken_away_hides_what_was_shared_and_keeps_what_is_his(views):
    shared(views, FIRM, "Cash only", "desk=Cash")
    views.save(TOM, "mine", "positions", "desk=Cash")
    moved = replace(TOM, desks=frozenset({"Europe"}))
    assert views.shared(moved) == []
    assert names(views.mine(moved)) == ["mine"]
    assert not views.opens("positions", "desk=Cash", moved)


def test_a_reader_shares_only_with_desks_that_are_open_to_him(views):
    views.save(TOM, "mine", "positions", "")
    (view,) = views.mine(TOM)
    assert "desk:Cash" in views.offers(TOM)
    assert "desk:Europe" not in views.offers(TOM)
    for audience in ("desk:Europe", "desk:Nowhere", "role:king", "eve"):
        with pytest.raises(BadViewError, match="with everyone, with a role or with a desk that is open to you"):
            views.share(TOM, view.view_id, audience)


def test_what_does_not_open_is_not_saved(views):
    for page, query in (("nowhere", ""), ("positions", "desk=Europe"), ("positions", "whatif=close+AAA+%40+EU1")):
        with pytest.raises(DeniedError):
            views.save(TOM, "mine", page, query)
    with pytest.raises(BadFilterError, match="no such filter"):
        views.save(TOM, "mine", "positions", "colour=red")
    assert views.mine(TOM) == []


@pytest.mark.parametrize("scope", [NOBODY, replace(TOM, roles=frozenset()), replace(TOM, reader="")])
def test_without_a_reader_or_a_role_nothing_is_kept_or_told(views, scope):
    for ask in (
        lambda: views.mine(scope),
        lambda: views.shared(scope),
        lambda: views.save(scope, "mine", "positions", ""),
        lambda: views.find(scope, "0" * 16),
    ):
        with pytest.raises(DeniedError, match="sign in"):
            ask()


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "two\nlines", "\u202edesrever"])
def test_a_name_has_1_to_60_printable_characters(views, name):
    with pytest.raises(BadViewError, match="1 to 60 printable characters; write one"):
        views.save(TOM, name, "positions", "")


def test_a_view_is_renamed_unless_the_name_is_taken(views):
    views.save(TOM, "one", "positions", "")
    views.save(TOM, "two", "positions", "")
    one, two = views.mine(TOM)
    assert views.rename(TOM, one.view_id, " three ").name == "three"
    assert views.rename(TOM, one.view_id, "three").name == "three"
    with pytest.raises(BadViewError, match="'three' already"):
        views.rename(TOM, two.view_id, "three")
    assert names(views.mine(TOM)) == ["three", "two"]


def test_a_reader_has_at_most_a_hundred_and_may_still_replace_one(views):
    for number in range(MOST):
        views.save(TOM, f"view {number}", "positions", "")
    with pytest.raises(BadViewError, match="there are 100 views already; delete one first"):
        views.save(TOM, "one more", "positions", "")
    assert views.save(TOM, "view 7", "pnl", "") is True
    assert views.save(TIM, "one more", "positions", "") is False
    views.forget(TOM, views.mine(TOM)[0].view_id)
    assert views.save(TOM, "one more", "positions", "") is False


def test_of_the_columns_sent_only_what_a_grid_of_the_page_can_use_is_kept(views):
    sent = {
        TREE: [
            {"colId": "day", "width": 90, "flex": None, "hide": True, "sort": "desc", "sortIndex": 0, "aggFunc": "sum"},
            {"colId": "_name", "width": "<b>", "sort": "up"},
            {"colId": "Europe secret"},
            {"colId": ["day"]},
            "day",
        ],
        "pnl-split-by-instrument": [{"colId": "day"}],
        "free text": "x",
    }
    views.save(TOM, "mine", "positions", "", sent)
    (view,) = views.mine(TOM)
    assert view.grids == {
        TREE: [
            {"colId": "day", "flex": None, "hide": True, "width": 90, "sortIndex": 0, "sort": "desc"},
            {"colId": "_name", "flex": None, "sort": None},
        ]
    }


def test_each_change_leaves_an_audit_row_without_the_query(views, store):
    view = shared(views, TOM, "mine", "desk=Cash", "desk:Cash")
    views.rename(TOM, view.view_id, "ours")
    views.forget(TOM, view.view_id)
    with store.engine.connect() as connection:
        rows = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
    assert [(row["event"], row["reader"], json.loads(row["details"])) for row in rows] == [
        ("view_saved", "tom", {"view": "mine", "page": "positions", "replaced": False}),
        ("view_shared", "tom", {"view": "mine", "to": "desk:Cash"}),
        ("view_renamed", "tom", {"view": "mine", "to": "ours"}),
        ("view_deleted", "tom", {"view": "ours"}),
    ]

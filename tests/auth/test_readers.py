"""Readers while they are away: what their last login opened, for as long as that login counts."""

from datetime import timedelta

import pytest

from auth.grants import GroupRules
from auth.readers import Reader, Readers

VERA, DAYS = ("role:trader", "desk:Vol"), timedelta(days=30)


@pytest.fixture
def site(make_site, settings):
    return make_site(settings)


@pytest.fixture
def readers(store, clock):
    return Readers(store, clock, GroupRules(), DAYS)


def test_a_reader_away_has_what_the_last_login_opened_and_no_more(readers):
    readers.seen("v1", "Vera", "vera@bank.example", ["role:risk_manager"])
    readers.seen("v1", "Vera", "vera@bank.example", VERA)
    found = readers.scope("v1")
    assert (found.reader, found.name, found.desks, found.roles, found.firm) == (
        "v1",
        "Vera",
        {"Vol"},
        {"trader"},
        False,
    )


def test_whoever_never_signed_in_has_nothing(readers):
    assert readers.scope("v1") is None
    assert readers.find("v1") is None
    assert readers.all() == []


def test_a_login_counts_for_so_many_days_and_a_new_one_begins_them_again(readers, clock):
    readers.seen("v1", "Vera", "", VERA)
    clock.advance(days=30)
    assert readers.scope("v1")
    clock.advance(seconds=1)
    assert readers.scope("v1") is None
    readers.seen("v1", "Vera", "", VERA)
    assert readers.scope("v1").desks == {"Vol"}


def test_the_last_one_seen_comes_first_with_all_that_is_known(readers, clock):
    readers.seen("a", "Ann", "", ())
    clock.advance(hours=1)
    readers.seen("b", "Bob", "bob@bank.example", VERA)
    assert readers.all() == [
        Reader("b", "Bob", "bob@bank.example", VERA, clock()),
        Reader("a", "Ann", "", (), clock() - timedelta(hours=1)),
    ]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"email": "vera@bank.example"}, "vera@bank.example"),
        ({"email": "vera@bank.example", "email_verified": True}, "vera@bank.example"),
        ({"email": "boss@bank.example", "email_verified": False}, ""),
        ({"email": ["vera@bank.example"]}, ""),
        ({}, ""),
    ],
    ids=str,
)
def test_a_login_keeps_the_address_unless_it_is_not_verified(arrive, liar, readers, said, kept):
    liar.claims = said
    assert arrive().status_code == 302
    (found,) = readers.all()
    assert found.email == kept
    assert found.groups


def test_a_login_that_fails_keeps_nothing(arrive, liar, readers):
    liar.claims = {"nonce": "of another login"}
    assert arrive().status_code == 400
    assert readers.all() == []

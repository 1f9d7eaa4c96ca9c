"""Grants that are kept here, joined to the claims at every request.

| claims                    | granted here                 | opens                           |
|---------------------------|------------------------------|---------------------------------|
| trader, Vol               | allow desk FX                | Vol, FX                         |
| trader, Vol               | deny desk Vol                | nothing                         |
| trader, Vol               | allow and deny desk FX       | Vol                             |
| trader, Vol               | allow book FX-CARRY          | Vol, and that book              |
| risk_manager              | deny desk FX                 | all desks but FX                |
| none                      | allow role viewer, desk Vol  | Vol                             |
| risk_manager              | deny role risk_manager       | nothing                         |
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from auth.access import Access, BadGrantError, Wish
from auth.grants import GroupRules, grant, joined
from auth.readers import Readers
from data.scope import DeniedError, Scope
from data.store import audit_event

ADA = Scope("ada", "Ada", frozenset({"admin"}), firm=True)
RULES = GroupRules()
NAMES = {"desk": {"Vol", "FX"}, "book": {"FX-CARRY"}, "legal_entity": {"Parapet Ltd"}}
TRADER, MANAGER = ["role:trader", "desk:Vol"], ["role:risk_manager"]


def wish(kind="desk", value="FX", effect="allow", reader="tom", reason="cover for Aiko", **days):
    return Wish(reader, kind, value, effect, reason, **days)


@pytest.fixture
def access(store, clock):
    return Access(store, clock)


@pytest.fixture
def opened(access):
    """What Tom's groups open with what is granted here now."""

    def scope(groups=TRADER):
        return joined(grant("tom", "Tom", groups, RULES), access.given("tom"), RULES)

    return scope


@pytest.mark.parametrize(
    ("groups", "given", "reach"),
    [
        (TRADER, [], "Vol"),
        (TRADER, [("desk", "FX", "allow")], "FX, Vol"),
        (TRADER, [("desk", "Vol", "deny")], "no desk but Vol"),
        (TRADER, [("desk", "FX", "allow"), ("desk", "FX", "deny")], "Vol but FX"),
        (TRADER, [("book", "FX-CARRY", "allow")], "FX-CARRY, Vol"),
        (TRADER, [("legal_entity", "Parapet Ltd", "allow")], "Parapet Ltd, Vol"),
        (MANAGER, [("desk", "FX", "deny")], "all desks but FX"),
        (MANAGER, [("book", "FX-CARRY", "deny")], "all desks but FX-CARRY"),
        (MANAGER, [("role", "risk_manager", "deny")], "no desk"),
        ([], [("role", "viewer", "allow"), ("desk", "Vol", "allow")], "Vol"),
        ([], [("desk", "Vol", "allow")], "no desk"),
        (TRADER, [("role", "auditor", "allow")], "all desks"),
    ],
    ids=str,
)
def test_what_is_granted_here_joins_the_claims_and_deny_wins(access, opened, groups, given, reach):
    access.give(ADA, [wish(*each) for each in given], NAMES)
    assert opened(groups).reach == reach


def test_a_reader_with_less_than_all_is_no_reader_of_the_firm(access, opened):
    access.give(ADA, [wish("book", "FX-CARRY", "deny")], NAMES)
    scope = opened(MANAGER)
    assert (scope.firm, scope.rest, scope.sees("FX"), scope.sees("Vol")) == (False, True, False, False)


def test_every_difference_of_rows_or_masks_is_a_difference_of_the_cache_key():
    scopes = [
        Scope("a", "A", firm=True),
        Scope("a", "A", rest=True, closed_desks=frozenset({"X"})),
        Scope("a", "A", rest=True, closed_books=frozenset({"X"})),
        Scope("a", "A", rest=True, closed_entities=frozenset({"X"})),
        Scope("a", "A", desks=frozenset({"X"})),
        Scope("a", "A", books=frozenset({"X"})),
        Scope("a", "A", entities=frozenset({"X"})),
        Scope("a", "A", desks=frozenset({"X"}), closed_books=frozenset({"X"})),
        Scope("a", "A", desks=frozenset({"X"}), masked=frozenset({"trader"})),
        Scope("a", "A"),
    ]
    assert len({tuple(scope.key) for scope in scopes}) == len(scopes)
    assert scopes[0].key == Scope("b", "B", frozenset({"admin"}), firm=True).key


def test_a_grant_begins_and_ends_on_its_days(access, opened, clock):
    today = clock().date()
    days = {"valid_from": today + timedelta(days=1), "valid_until": today + timedelta(days=2)}
    access.give(ADA, [wish(**days)], NAMES)
    assert opened().desks == {"Vol"}
    clock.now = clock.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert opened().desks == {"Vol", "FX"}
    clock.advance(days=2, seconds=-1)
    assert opened().desks == {"Vol", "FX"}
    clock.advance(seconds=1)
    assert opened().desks == {"Vol"}
    assert access.all()[0].state(clock()) == "over"


def test_a_revoked_grant_is_gone_at_the_next_question_and_stays_on_record(access, opened, clock):
    access.give(ADA, [wish()], NAMES)
    (given,) = access.all()
    assert "FX" in opened().desks
    access.revoke(ADA, given.grant_id, "back from leave")
    assert "FX" not in opened().desks
    assert [each.state(clock()) for each in access.all()] == ["revoked"]
    with pytest.raises(BadGrantError, match="revoked already"):
        access.revoke(ADA, given.grant_id, "twice")


def test_what_acts_for_a_reader_who_is_away_has_the_grants_of_the_moment(store, clock, access):
    readers = Readers(store, clock, RULES, timedelta(days=30))
    readers.seen("tom", "Tom", "", TRADER)
    access.give(ADA, [wish(effect="deny", value="Vol"), wish()], NAMES)
    assert readers.scope("tom").desks == {"FX"}
    access.revoke(ADA, access.all()[0].grant_id, "over")
    assert readers.scope("tom").empty


def test_every_change_is_audited_with_who_about_whom_and_why(store, access):
    access.give(ADA, [wish()], NAMES)
    access.revoke(ADA, 1, "over")
    with store.engine.connect() as connection:
        rows = connection.execute(select(audit_event.c.event, audit_event.c.reader, audit_event.c.details)).all()
    assert [(row.event, row.reader) for row in rows] == [("access_granted", "ada"), ("access_revoked", "ada")]
    assert all('"of": "tom"' in row.details for row in rows)
    assert '"reason": "cover for Aiko"' in rows[0].details


@pytest.mark.parametrize("role", ["trader", "risk_manager", "auditor", "viewer"])
def test_only_administrators_grant(access, role):
    with pytest.raises(DeniedError, match="may not grant access"):
        access.give(Scope("x", "X", frozenset({role})), [wish()], NAMES)


def test_nobody_grants_himself_nor_revokes_what_binds_him(access, opened):
    tom = Scope("tom", "Tom", frozenset({"admin"}), firm=True)
    with pytest.raises(DeniedError, match="another administrator"):
        access.give(tom, [wish()], NAMES)
    access.give(ADA, [wish(effect="deny")], NAMES)
    with pytest.raises(DeniedError, match="another administrator"):
        access.revoke(tom, 1, "I need it")
    assert opened(MANAGER).reach == "all desks but FX"


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ({"kind": "country"}, "kind"),
        ({"effect": "perhaps"}, "effect"),
        ({"value": "Volatility"}, "value"),
        ({"kind": "role", "value": "king"}, "value"),
        ({"reason": "  "}, "reason"),
        ({"reader": ""}, "reader"),
        ({"reader": "tom\n"}, ""),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_and_named(access, given, column):
    if not column:
        assert access.give(ADA, [wish(**given)], NAMES) == 1
        assert access.given("tom")
        return
    with pytest.raises(BadGrantError) as refused:
        access.give(ADA, [wish(), wish(**given)], NAMES)
    assert refused.value.column == column
    assert access.all() == []


def test_a_grant_that_is_over_before_it_begins_is_refused(access, clock):
    with pytest.raises(BadGrantError, match="valid_until"):
        access.give(ADA, [wish(valid_until=clock().date() - timedelta(days=1))], NAMES)


def test_what_stands_already_is_not_kept_twice(access):
    assert access.give(ADA, [wish(), wish()], NAMES) == 1
    assert access.give(ADA, [wish(), wish(effect="deny")], NAMES) == 1
    assert len(access.all()) == 2


def test_masks_hold_for_readers_who_have_none_but_masked_roles():
    rules = GroupRules(masked={"trader": frozenset({"viewer"}), "counterparty": frozenset({"viewer", "trader"})})
    assert grant("v", "V", ["role:viewer"], rules).masked == {"trader", "counterparty"}
    assert grant("t", "T", TRADER, rules).masked == {"counterparty"}
    assert grant("t", "T", ["role:trader", "role:risk_manager"], rules).masked == set()
    assert grant("n", "N", [], rules).masked == set()

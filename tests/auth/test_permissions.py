"""Roles and permissions: one table, and every action that it names asks it.

| role         | may beside looking                                                      |
|--------------|-------------------------------------------------------------------------|
| trader       | see trades, export, save, share, what-if, notes, runs, tokens, reports   |
| risk_manager | the same, and order reports for others                                  |
| admin        | the same, and grant access, see as others                               |
| auditor      | see trades, export, save his own views, choose settings, end sessions   |
| viewer       | the same without trades                                                 |
"""

from dataclasses import replace

import pytest

from auth.permissions import LOOKING, PERMISSIONS, may, permit
from data.scope import NOBODY, ROLES, DeniedError, Scope

DESK = {"save views", "share views", "save what-ifs", "pin notes", "start runs", "make tokens", "schedule reports"}
ALWAYS = {"export", "choose settings", "save views", "end sessions"}
TRADER = ALWAYS | DESK | {"see trades"}
TABLE = {
    "trader": TRADER,
    "risk_manager": TRADER | {"schedule reports for others"},
    "admin": TRADER | {"schedule reports for others", "grant access", "see as others"},
    "auditor": ALWAYS | {"see trades"},
    "viewer": ALWAYS,
}


def of(*roles):
    return Scope("x", "X", frozenset(roles))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says_and_no_more(role):
    assert {permission for permission in PERMISSIONS if may(of(role), permission)} == TABLE[role]


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_whoever_has_no_role_may_nothing_and_is_told_so(permission):
    for scope in (NOBODY, of(), of("janitor")):
        with pytest.raises(DeniedError, match=f"your role may not {permission}"):
            permit(scope, permission)


def test_of_several_roles_one_is_enough():
    assert may(of("viewer", "trader"), "see trades")
    assert may(of("auditor", "admin"), "grant access")


@pytest.mark.parametrize("permission", set(PERMISSIONS) - LOOKING)
def test_whoever_sees_as_another_changes_nothing_whatever_that_reader_may(permission):
    scope = replace(of(*ROLES), seen_by="ada")
    with pytest.raises(DeniedError, match="while you see as X"):
        permit(scope, permission)


def test_a_permission_that_there_is_not_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        may(of("admin"), "fly")

"""Groups in, scope out.

| groups                                   | roles        | desks          | firm | lacks  |
|------------------------------------------|--------------|----------------|------|--------|
| role:trader, desk:Vol                    | trader       | Vol            | no   |        |
| role:trader, desk:Vol, desk:FX           | trader       | Vol, FX        | no   |        |
| role:trader                              | trader       |                | no   | a desk |
| role:risk_manager                        | risk_manager |                | yes  |        |
| role:admin, role:trader, desk:Vol        | both         | Vol            | yes  |        |
| desk:Vol                                 |              | (none: no role)| no   | a role |
"""

import pytest

from auth.grants import GroupRules, grant, groups_in, lacking

RULES = GroupRules()


@pytest.mark.parametrize(
    ("groups", "roles", "desks", "firm"),
    [
        (["role:trader", "desk:Vol"], {"trader"}, {"Vol"}, False),
        (["role:trader", "desk:Vol", "desk:FX", "desk:Vol"], {"trader"}, {"Vol", "FX"}, False),
        (["role:trader", "desk:Long/Short"], {"trader"}, {"Long/Short"}, False),
        (["role:trader"], {"trader"}, set(), False),
        (["role:risk_manager"], {"risk_manager"}, set(), True),
        (["role:admin"], {"admin"}, set(), True),
        (["role:admin", "role:trader", "desk:Vol"], {"admin", "trader"}, {"Vol"}, True),
        (["desk:Vol"], set(), set(), False),
        (["role:Trader", "role: admin", "Role:admin", "admin", "desk:Vol"], set(), set(), False),
        (["role:trader", "desk:", "role:"], {"trader"}, set(), False),
        (["role:role:admin", "desk:role:admin"], set(), set(), False),
        ([], set(), set(), False),
    ],
)
def test_groups_open_roles_and_desks(groups, roles, desks, firm):
    scope = grant("u1", "Ada", groups, RULES)
    assert (scope.roles, scope.desks, scope.firm) == (roles, desks, firm)
    assert (scope.reader, scope.name) == ("u1", "Ada")


def test_prefixes_are_the_operators_choice():
    rules = GroupRules(role_prefix="/parapet/", desk_prefix="/parapet/desk-")
    scope = grant("u1", "Ada", ["/parapet/trader", "/parapet/desk-Vol", "role:admin"], rules)
    assert (scope.roles, scope.desks, scope.firm) == ({"trader"}, {"Vol"}, False)


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        (["desk:Vol"], ["role:trader", "role:risk_manager", "role:admin"]),
        (["role:trader"], ["desk:<desk>"]),
    ],
)
def test_what_is_missing_names_the_groups_to_ask_for(groups, names):
    sentence = lacking(grant("u1", "Ada", groups, RULES), RULES)
    assert all(name in sentence for name in names)


@pytest.mark.parametrize("groups", [["role:trader", "desk:Vol"], ["role:risk_manager"], ["role:admin"]])
def test_a_reader_with_a_role_and_rows_lacks_nothing(groups):
    assert lacking(grant("u1", "Ada", groups, RULES), RULES) == ""


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        (["a", "b"], ("a", "b")),
        ("role:admin", ("role:admin",)),
        (["a", 1, None, ["role:admin"]], ("a",)),
        ({"role:admin": True}, ()),
        (None, ()),
        (7, ()),
    ],
)
def test_a_groups_claim_is_a_list_of_names_or_one_name(claim, groups):
    assert groups_in(claim) == groups

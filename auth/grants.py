"""What a reader's groups open: a groups claim in, a Scope out."""

from collections.abc import Iterable
from dataclasses import dataclass

from data.scope import ROLES, Scope

FIRM_ROLES = frozenset({"risk_manager", "admin"})


@dataclass(frozen=True, slots=True)
class GroupRules:
    """How groups are named: `role:trader` grants a role, `desk:Vol` opens a desk; others mean nothing."""

    role_prefix: str = "role:"
    desk_prefix: str = "desk:"


def groups_in(claim: object) -> tuple[str, ...]:
    """Read the groups of a claim: a list of names, or one name; anything else is no group at all."""
    if isinstance(claim, str):
        return (claim,)
    return tuple(each for each in claim if isinstance(each, str)) if isinstance(claim, list) else ()


def grant(reader: str, name: str, groups: Iterable[str], rules: GroupRules) -> Scope:
    """Give a reader in these groups a scope; without a known role it opens nothing, desks named or not."""
    held = tuple(groups)
    roles = _named(held, rules.role_prefix) & set(ROLES)
    desks = _named(held, rules.desk_prefix) if roles else frozenset()
    return Scope(reader=reader, name=name, roles=roles, desks=desks, firm=bool(roles & FIRM_ROLES))


def lacking(scope: Scope, rules: GroupRules) -> str:
    """Say what a signed-in reader still needs in order to enter; empty when nothing is missing."""
    if not scope.roles:
        return f"a role: one of the groups {', '.join(rules.role_prefix + role for role in ROLES)}"
    if not scope.firm and not scope.desks:
        return f"a desk: a group such as {rules.desk_prefix}<desk>"
    return ""


def _named(groups: tuple[str, ...], prefix: str) -> frozenset[str]:
    return frozenset(group.removeprefix(prefix) for group in groups if group.startswith(prefix)) - {""}

"""What a reader may see: the groups of a claim and the grants that are kept here in, a Scope out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

from data.scope import ROLES, Scope

FIRM_ROLES = frozenset({"risk_manager", "admin", "auditor"})
Kind = Literal["role", "desk", "book", "legal_entity"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MASKABLE = ("counterparty", "trader")
"""Columns that can be masked."""


class Given(NamedTuple):
    """One grant that counts now: of a role, desk, book or legal entity, to be allowed or denied."""

    kind: Kind
    value: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class GroupRules:
    """How groups are named: `role:trader` grants a role, `desk:Vol` opens a desk; others mean nothing.

    `masked` are the columns of which no value is told, each to readers who have none but these roles.
    """

    role_prefix: str = "role:"
    desk_prefix: str = "desk:"
    masked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def masks(self, roles: frozenset[str]) -> frozenset[str]:
        """The columns that are masked for a reader of these roles."""
        return frozenset(column for column, who in self.masked.items() if roles and roles <= who)


def read_masks(said: str | Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Masks as they are set, `counterparty:viewer,trader;trader:viewer`; ValueError for what is no column or role."""
    if not isinstance(said, str):
        return dict(said)
    parts = [part.partition(":") for part in said.split(";") if part.strip()]
    masks = {column.strip(): frozenset(role.strip() for role in roles.split(",")) for column, _, roles in parts}
    for column, roles in masks.items():
        if column not in MASKABLE or not roles <= set(ROLES):
            there_are = f"columns {', '.join(MASKABLE)}, roles {', '.join(ROLES)}"
            raise ValueError(f"{column}:{','.join(sorted(roles))} is no mask; there are {there_are}")
    return masks


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
    firm = bool(roles & FIRM_ROLES)
    return Scope(reader=reader, name=name, roles=roles, desks=desks, firm=firm, masked=rules.masks(roles))


def joined(scope: Scope, given: Iterable[Given], rules: GroupRules) -> Scope:
    """The scope of the claims with what is given and denied here: deny over allow, nothing without a role."""
    held = frozenset(given)
    if not held:
        return scope
    allowed, denied = ({kind: _values(held, kind, side) for kind in KINDS} for side in (True, False))
    roles = ((scope.roles | allowed["role"]) & set(ROLES)) - denied["role"]
    if not roles:
        return Scope(reader=scope.reader, name=scope.name)
    desks, books = scope.closed_desks | denied["desk"], scope.closed_books | denied["book"]
    entities = scope.closed_entities | denied["legal_entity"]
    firm, closed = bool(roles & FIRM_ROLES), bool(desks or books or entities)
    return replace(
        scope,
        closed_desks=desks,
        closed_books=books,
        closed_entities=entities,
        roles=roles,
        desks=(scope.desks | allowed["desk"]) - desks,
        books=(scope.books | allowed["book"]) - books,
        entities=(scope.entities | allowed["legal_entity"]) - entities,
        firm=firm and not closed,
        rest=firm and closed,
        masked=rules.masks(roles),
    )


def lacking(scope: Scope, rules: GroupRules) -> str:
    """Say what a signed-in reader still needs in order to enter; empty when nothing is missing."""
    if not scope.roles:
        return f"a role: one of the groups {', '.join(rules.role_prefix + role for role in ROLES)}"
    if scope.empty:
        return f"a desk: a group such as {rules.desk_prefix}<desk>"
    return ""


def _named(groups: tuple[str, ...], prefix: str) -> frozenset[str]:
    return frozenset(group.removeprefix(prefix) for group in groups if group.startswith(prefix)) - {""}


def _values(held: frozenset[Given], kind: Kind, allowed: bool) -> frozenset[str]:
    return frozenset(each.value for each in held if each.kind == kind and each.allowed is allowed)

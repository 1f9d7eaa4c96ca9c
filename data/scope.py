"""What one reader may see: a required argument of every read."""

from dataclasses import dataclass, field

ROLES = ("trader", "risk_manager", "admin")


@dataclass(frozen=True, slots=True)
class Scope:
    """A reader's identity, roles and rows.

    `firm` opens every desk, present and future; otherwise only the named `desks` are open, and an empty set
    sees nothing. A scope is a value: two readers with equal `key` may share a cached answer.
    """

    reader: str
    name: str
    roles: frozenset[str] = field(default_factory=frozenset)
    desks: frozenset[str] = field(default_factory=frozenset)
    firm: bool = False

    @property
    def key(self) -> list[str]:
        """The rows this scope opens, in a form fit for a cache key: never the reader's name."""
        return ["firm"] if self.firm else [f"desk {desk}" for desk in sorted(self.desks)]

    def sees(self, desk: str) -> bool:
        """Whether rows of this desk are open."""
        return self.firm or desk in self.desks


NOBODY = Scope(reader="", name="nobody")
OPERATOR = Scope(reader="operator", name="operator", roles=frozenset(ROLES), firm=True)
"""Whoever may use the command line on the machine of the warehouse."""

"""What one reader may see: a required argument of every read."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

ROLES = ("trader", "risk_manager", "admin", "auditor", "viewer")
NONE: frozenset[str] = frozenset()


class DeniedError(PermissionError):
    """The reader may not see or do this; says nothing of whether it exists."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A reader's identity, roles and rows.

    `firm` opens every desk, present and future, and what is told of all of them at once. Otherwise open are the named
    `desks`, `books` and legal `entities`, or with `rest` all books but what is closed; `closed_desks`, `closed_books`
    and `closed_entities` are never open. Of the columns `masked` no value is told. `seen_by` is the administrator who
    looks as this reader. A scope is a value: two readers with equal `key` may share a cached answer.
    """

    reader: str
    name: str
    roles: frozenset[str] = NONE
    desks: frozenset[str] = NONE
    firm: bool = False
    books: frozenset[str] = NONE
    entities: frozenset[str] = NONE
    rest: bool = False
    closed_desks: frozenset[str] = NONE
    closed_books: frozenset[str] = NONE
    closed_entities: frozenset[str] = NONE
    masked: frozenset[str] = NONE
    seen_by: str = ""

    @property
    def key(self) -> list[str]:
        """The rows and columns this scope opens, in a form fit for a cache key: never the reader's name."""
        return [*(["firm"] if self.firm else self._rows()), *(f"masked {name}" for name in sorted(self.masked))]

    @property
    def partly(self) -> bool:
        """Whether some desk may be open in part only, so that what is told of a whole desk needs a closer look."""
        return self.rest or bool(self.books | self.entities | self._closed)

    @property
    def empty(self) -> bool:
        """Whether no row can be open."""
        return not (self.firm or self.rest or self.desks or self.books or self.entities)

    @property
    def shut(self) -> Self:
        """The same reader with no role and no row open."""
        return replace(self, roles=NONE, desks=NONE, firm=False, books=NONE, entities=NONE, rest=False)

    @property
    def reach(self) -> str:
        """What is open, in the reader's words."""
        if self.firm:
            return "all desks"
        closed = ", ".join(sorted(self._closed))
        opened = "all desks" if self.rest else ", ".join(sorted(self.desks | self.books | self.entities)) or "no desk"
        return f"{opened} but {closed}" if closed else opened

    def sees(self, desk: str) -> bool:
        """Whether the whole of a desk is surely open, so that its total is the desk's own."""
        if self.firm:
            return True
        in_part = self.closed_books or self.closed_entities
        return not in_part and desk not in self.closed_desks and (self.rest or desk in self.desks)

    @property
    def _closed(self) -> frozenset[str]:
        return self.closed_desks | self.closed_books | self.closed_entities

    def _rows(self) -> Iterator[str]:
        yield from ["rest"] if self.rest else []
        for word, kind in {"desk": "desks", "book": "books", "entity": "entities"}.items():
            yield from (f"{word} {name}" for name in sorted(getattr(self, kind)))
            yield from (f"closed {word} {name}" for name in sorted(getattr(self, f"closed_{kind}")))


NOBODY = Scope(reader="", name="nobody")
OPERATOR = Scope(reader="operator", name="operator", roles=frozenset(ROLES), firm=True)
"""Whoever may use the command line on the machine of the warehouse."""

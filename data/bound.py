"""What a reader in a portal's frame is held to beside his rows: one page, and choices that he cannot leave."""

from dataclasses import dataclass, fields

from data.scope import Scope


@dataclass(frozen=True, slots=True)
class BoundScope(Scope):
    """A scope for the one `page`, under the choices `fixed`: names of an address with what they must hold."""

    page: str = ""
    fixed: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, scope: Scope, page: str, fixed: tuple[tuple[str, str], ...] = ()) -> "BoundScope":
        """A reader's scope, held."""
        return cls(**{each.name: getattr(scope, each.name) for each in fields(scope)}, page=page, fixed=fixed)

"""What roles may do beside looking: one table, asked by every action before it does anything."""

from collections.abc import Mapping

from data.bound import BoundScope
from data.scope import DeniedError, Scope

_DESKS = frozenset({"trader", "risk_manager", "admin"})
PERMISSIONS: Mapping[str, frozenset[str]] = {
    "see trades": _DESKS | {"auditor"},
    "export": _DESKS | {"auditor", "viewer"},
    "choose settings": _DESKS | {"auditor", "viewer"},
    "save views": _DESKS | {"auditor", "viewer"},
    "share views": _DESKS,
    "save what-ifs": _DESKS,
    "pin notes": _DESKS,
    "start runs": _DESKS,
    "make tokens": _DESKS,
    "schedule reports": _DESKS,
    "schedule reports for others": frozenset({"risk_manager", "admin"}),
    "end sessions": _DESKS | {"auditor", "viewer"},
    "grant access": frozenset({"admin"}),
    "see as others": frozenset({"admin"}),
}
"""Each permission with the roles that have it; of several roles one is enough."""

LOOKING = frozenset({"see trades"})
"""What is left to an administrator who sees as another reader: nothing that changes or takes away anything."""

FRAMED = LOOKING | {"export"}
"""What is left in a portal's frame."""


def may(scope: Scope, permission: str) -> bool:
    """Whether a reader may; KeyError for a permission that there is not."""
    left = LOOKING if scope.seen_by else FRAMED if isinstance(scope, BoundScope) else PERMISSIONS.keys()
    return bool(PERMISSIONS[permission] & scope.roles) and permission in left


def permit(scope: Scope, permission: str) -> None:
    """Pass who may; DeniedError for everybody else."""
    if may(scope, permission):
        return
    if scope.seen_by:
        raise DeniedError(f"while you see as {scope.name} you can look and change nothing")
    if isinstance(scope, BoundScope):
        raise DeniedError("in a portal's frame you can look and take files, and nothing else")
    raise DeniedError(f"your role may not {permission}")

"""Who may ask which callback: all are sealed before the first request, and one without a policy stops the start.

A callback is known by what it fills. What belongs to a page is for the page's roles, what changes something for who has
the permission, the rest for every reader. A callback that its policy refuses runs all the same, but for a reader who
has no role, desk or book: it says in its own words that nothing is open.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial, wraps
from typing import Any

from dash import Dash
from flask import g

from app.view import discover
from auth import audit
from auth.guard import current_scope
from auth.permissions import permit
from data.scope import DeniedError, Scope

Policy = Callable[[Scope], None]
"""Passes a scope, or raises DeniedError."""

RUNS = "-refused"
"""Ends the name of what is filled by the callback that starts a panel's run."""

CHANGES = {
    RUNS: "start runs",
    "grants": "grant access",
    "note": "pin notes",
    "notes-kept": "pin notes",
    "reports": "schedule reports",
    "sessions": "end sessions",
    "settings": "choose settings",
    "token": "make tokens",
    "views-kept": "save views",
    "views-said": "save views",
    "whatif-kept": "save what-ifs",
}
"""What is filled by callbacks that change something, and the permission for it."""

LOOKS = {
    *("bar", "breaches", "drawer", "frame-bar", "notes", "page", "palette", "seen-as", "shown-dates"),
    *("theme-switch", "tour", "url", "views-list", "views-mine"),
}
"""What is filled for every reader, with what he may see."""


class UnsealedError(RuntimeError):
    """Of a callback nobody has said who may ask it."""


def seal(app: Dash) -> None:
    """Put its policy before every callback that the server answers; UnsealedError for one that has none."""
    for key, entry in app.callback_map.items():
        if "callback" in entry:
            entry["callback"] = _sealed(entry["callback"], policies(key))


def policies(key: str) -> list[Policy]:
    """What is asked before the callback of that key in Dash's map; UnsealedError for outputs without a policy."""
    known = _policies()
    filled = (output.rsplit(".", 1)[0] for output in key.strip(".").split("..."))
    return [known[name] for name in dict.fromkeys(_named(component, known) for component in filled)]


def _named(component: str, known: Iterable[str]) -> str:
    """Whose policy is asked of what is filled: the longest name that is its own or begins it."""
    if component.endswith(RUNS):
        return RUNS
    names = [name for name in known if component == name or component.startswith(f"{name}-")]
    if not names:
        raise UnsealedError(f"nobody has said who may fill {component}; give it a policy in {__name__}")
    return max(names, key=len)


@lru_cache
def _policies() -> dict[str, Policy]:
    looks: dict[str, Policy] = dict.fromkeys(LOOKS, lambda _scope: None)
    pages: dict[str, Policy] = {name.replace("_", "-"): view.admit for name, view in discover().items()}
    return looks | pages | {name: partial(permit, permission=permission) for name, permission in CHANGES.items()}


def _sealed(answer: Callable[..., Any], asked: list[Policy]) -> Callable[..., Any]:
    @wraps(answer)
    def guarded(*given: Any, **named: Any) -> Any:
        scope = current_scope()
        try:
            for policy in asked:
                policy(scope)
        except DeniedError as error:
            audit.deny(str(error))
            g.scope = scope.shut
        return answer(*given, **named)

    return guarded

"""A view is a value: a page described as data, answered, drawn, exported and embedded from the one description."""

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from data.scope import ROLES, DeniedError, Scope

Section = Literal["Look", "Risk", "Trades", "Control"]
SECTIONS: tuple[Section, ...] = ("Look", "Risk", "Trades", "Control")
RANKS = ("risk_manager", "trader", "admin", "auditor", "viewer")
"""Whose home counts first for a reader of several roles."""
DESKS = frozenset({"trader", "risk_manager", "admin"})
AUDITED = DESKS | {"auditor"}
EVERYONE = frozenset(ROLES)
"""For whom pages are: a page that says nothing is for the DESKS alone."""


@dataclass(frozen=True)
class Panel:
    """One question and how it is drawn.

    `key` is its DOM id, export name and API name, `<page>-<what>[-by-<group>]`; `measure` names a registered
    measure, `by` the keys it groups by (outermost first), `params` its keyword arguments; `figure` names a
    drawing in `app.figures`, `options` its keyword arguments; `width` is of 12 columns, `height` of grid rows;
    `page` names the page that says more, where the title leads.
    """

    key: str
    title: str
    about: str
    measure: str
    figure: str
    by: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    width: int = 12
    height: int = 4
    page: str = ""


@dataclass(frozen=True)
class View:
    """One page: its name is its path and its module's name, `roles` who may open it, `home` those it is the home of."""

    name: str
    title: str
    section: Section
    order: int
    panels: tuple[Panel, ...]
    roles: frozenset[str] = DESKS
    home: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Where the page is, whoever opens it."""
        return f"/{self.name}"

    def admit(self, scope: Scope) -> None:
        """Pass a reader whose role the page is for; DeniedError for every other."""
        if not self.roles & scope.roles:
            raise DeniedError(f"{self.title} is not open to your role")


@lru_cache
def discover(package: str = "pages") -> dict[str, View]:
    """Every view of the package by name, in navigation order; raises ValueError on a clash of names or keys."""
    found: dict[str, View] = {}
    keys: set[str] = set()
    root = importlib.import_module(package)
    for module in pkgutil.iter_modules(root.__path__):
        view: View = importlib.import_module(f"{package}.{module.name}").VIEW
        if view.name != module.name:
            raise ValueError(f"{package}/{module.name}.py: VIEW.name is {view.name!r}; name it after its file")
        for panel in view.panels:
            if panel.key in keys or not panel.key.startswith(f"{view.name.replace('_', '-')}-"):
                raise ValueError(
                    f"{package}/{module.name}.py: panel key {panel.key!r} is taken or lacks the page's name"
                )
            keys.add(panel.key)
        found[view.name] = view
    return dict(sorted(found.items(), key=lambda item: (SECTIONS.index(item[1].section), item[1].order)))


def home_of(roles: frozenset[str]) -> View | None:
    """What `/` opens for a reader of these roles: the home of the first of RANKS among them; None without one."""
    homes = (view for role in RANKS if role in roles for view in discover().values() if role in view.home)
    return next(homes, None)


@lru_cache
def panel_of(key: str, package: str = "pages") -> tuple[View, Panel]:
    """The panel of that key with its view; KeyError if there is none."""
    for view in discover(package).values():
        for panel in view.panels:
            if panel.key == key:
                return view, panel
    raise KeyError(key)

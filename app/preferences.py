"""What a reader chose for himself, kept in the store so that it follows him: how the screen looks, and his home."""

from dataclasses import dataclass, fields, replace
from typing import Any
from zoneinfo import available_timezones

import orjson
from sqlalchemy import bindparam, select

from app.filters import Filters
from app.question import DeniedError
from app.saved_views import SavedView, SavedViews
from app.view import discover
from auth.audit import Audit
from auth.permissions import permit
from data.scope import Scope
from data.store import Clock, Store, reader_choice

OPTIONS: dict[str, tuple[str, ...]] = {
    "theme": ("", "dark", "light"),
    "palette": ("", "blue-orange"),
    "numbers": ("", "comma-point", "point-comma", "space-comma", "apostrophe-point"),
    "density": ("", "compact"),
}
_ONE = select(reader_choice).where(reader_choice.c.reader == bindparam("id"))


class BadChoiceError(ValueError):
    """A setting that does not exist: says what there is."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a reader wants to see the screen; empty is the usual: the device's theme, the browser's numbers and zone.

    `theme` dark or light; `palette` blue-orange for gains and losses that the colour-blind tell apart; `numbers` the
    separators of thousands and decimals; `zone` a time zone such as Europe/Berlin; `density` compact.
    """

    theme: str = ""
    palette: str = ""
    numbers: str = ""
    zone: str = ""
    density: str = ""

    @classmethod
    def read(cls, text: str) -> "Look":
        """What was kept, without what is no longer a choice."""
        kept = orjson.loads(text) if text else {}
        return cls(**{field.name: kept[field.name] for field in fields(cls) if _is(field.name, kept.get(field.name))})

    def chosen(self) -> dict[str, str]:
        """What is not the usual, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


@dataclass(frozen=True, slots=True)
class Home:
    """Where `/` leads: a page with its choices; `view` if it is a saved one."""

    page: str
    query: str
    view: SavedView | None = None


class Preferences:
    """The choices of readers in the store, each reader's own; DeniedError for nobody. Changes are audited."""

    def __init__(self, store: Store, views: SavedViews, clock: Clock) -> None:
        self._engine = store.engine
        self._views = views
        self._clock = clock
        self._audit = Audit(store, clock)
        self._put = store.put(reader_choice)

    def look(self, scope: Scope) -> Look:
        """How the reader wants to see the screen."""
        return Look.read(self._kept(scope)["look"])

    def choose(self, scope: Scope, name: str, value: str) -> Look:
        """Change one setting and give back all; BadChoiceError for a setting or a value that there is not."""
        value = value.strip()
        if name not in Look.__slots__ or not _is(name, value):
            there_are = ", ".join(filter(None, OPTIONS.get(name, ()))) or "time zones such as Europe/Berlin"
            raise BadChoiceError(f"{value[:60]!r} is no {name[:20]}; there are {there_are}")
        look = replace(self.look(scope), **{name: value})
        self._keep(scope, look=orjson.dumps(look.chosen()).decode())
        self._audit.record("setting_chosen", scope, setting=name, value=value)
        return look

    def home(self, scope: Scope) -> Home | None:
        """The home that the reader set, None if he set none; LookupError if it opens to him no longer."""
        kept = self._kept(scope)["home"]
        if not kept:
            return None
        home = self._home(scope, orjson.loads(kept))
        if home is None:
            raise LookupError("the home that you set is gone or no longer open to you; this is the usual one")
        return home

    def set_home(self, scope: Scope, page: str, query: str) -> None:
        """Make a page with its choices the reader's home; DeniedError for what does not open to him."""
        query = Filters.parse(query).query()
        if not self._views.opens(page, query, scope):
            raise DeniedError("this page does not open to you under these choices")
        self._set(scope, {"page": page, "query": query})

    def set_home_view(self, scope: Scope, view_id: str) -> None:
        """Make a saved view, his own or shared, the reader's home: it follows what the view holds."""
        self._set(scope, {"view": self._views.find(scope, view_id).view_id})

    def forget_home(self, scope: Scope) -> None:
        """Go back to the home of the role."""
        self._set(scope, None)

    def _home(self, scope: Scope, kept: dict[str, str]) -> Home | None:
        if "view" in kept:
            try:
                view = self._views.find(scope, kept["view"])
            except ValueError:
                return None
            return Home(view.page, view.query, view)
        opens = kept["page"] in discover() and self._views.opens(kept["page"], kept["query"], scope)
        return Home(kept["page"], kept["query"]) if opens else None

    def _set(self, scope: Scope, home: dict[str, str] | None) -> None:
        self._keep(scope, home=orjson.dumps(home).decode() if home else "")
        self._audit.record("home_set", scope, home=home or "usual")

    def _kept(self, scope: Scope) -> dict[str, Any]:
        if not scope.reader:
            raise DeniedError("sign in to have settings")
        with self._engine.connect() as connection:
            row = connection.execute(_ONE, {"id": scope.reader}).mappings().first()
        return dict(row) if row else {"reader": scope.reader, "look": "", "home": ""}

    def _keep(self, scope: Scope, **new: str) -> None:
        permit(scope, "choose settings")
        row = {**self._kept(scope), **new, "chosen_at": self._clock()}
        with self._engine.begin() as connection:
            connection.execute(self._put, row)


def _is(name: str, value: object) -> bool:
    """Whether a setting has such a value."""
    if name == "zone":
        return value == "" or value in available_timezones()
    return value in OPTIONS.get(name, ())

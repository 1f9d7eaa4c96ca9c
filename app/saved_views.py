"""Saved views: addresses under a name, each reader's own, which he may share and others see with their own rights."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.answer import Answers
from app.changes import parse
from app.filters import BadFilterError, Filters
from app.grids import arranged
from app.question import DeniedError, EmptyError
from app.view import discover
from auth.audit import Audit
from auth.permissions import permit
from data.scope import ROLES, Scope
from data.store import LONGEST_NAME, Clock, Store, is_name, saved_view

MOST = 100
EVERYONE = "everyone"
_VIEW = saved_view.c
_COLUMNS = (_VIEW.view_id, _VIEW.owner, _VIEW.owner_name, _VIEW.name, _VIEW.page, _VIEW.query, _VIEW.grids)
_ALL = select(*_COLUMNS, _VIEW.audience, _VIEW.saved_at).order_by(_VIEW.name)
_MINE = _ALL.where(_VIEW.owner == bindparam("reader"))
_OTHERS = _ALL.where(_VIEW.owner != bindparam("reader"), _VIEW.audience.in_(bindparam("audiences", expanding=True)))
_OWN = (_VIEW.owner == bindparam("reader")) & (_VIEW.view_id == bindparam("id"))


class BadViewError(ValueError):
    """A view that cannot be kept or is not there: says why and what to do."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A page with its choices under a name; `grids` says by panel how its columns stand, `audience` who else sees it.

    An audience is empty, `everyone`, `role:<role>` or `desk:<desk>`.
    """

    view_id: str
    owner: str
    owner_name: str
    name: str
    page: str
    query: str
    grids: Mapping[str, Any]
    audience: str
    saved_at: datetime


class SavedViews:
    """The views in the store; a reader changes his own only, and sees those of others that are shared and open to him.

    A view holds no numbers: whoever opens it asks with his own scope. One whose page, desk or book is not open to a
    reader is not there for him, in lists as by its id. DeniedError for nobody; every change writes an audit row.
    """

    def __init__(self, store: Store, answers: Answers, clock: Clock) -> None:
        self._engine = store.engine
        self._answers = answers
        self._clock = clock
        self._audit = Audit(store, clock)

    def mine(self, scope: Scope) -> list[SavedView]:
        """The reader's own, by name; whether they still open is decided when they are opened."""
        return self._read(_MINE, reader=_reader(scope))

    def shared(self, scope: Scope) -> list[SavedView]:
        """Those of others that are shared with him and that he can open, by name."""
        found = self._read(_OTHERS, reader=_reader(scope), audiences=list(audiences(scope)))
        return [view for view in found if self.opens(view.page, view.query, scope)]

    def find(self, scope: Scope, view_id: str) -> SavedView:
        """One of his own or shared ones that he can open; BadViewError for any other, whether it exists or not."""
        for view in (*self.mine(scope), *self.shared(scope)):
            if view.view_id == view_id and self.opens(view.page, view.query, scope):
                return view
        raise BadViewError("this view is gone or not open to you")

    def opens(self, page: str, query: str, scope: Scope) -> bool:
        """Whether the reader can open a page under these choices, and every desk and book in them."""
        view = discover().get(page)
        if view is None or not view.panels:
            return False
        try:
            filters = Filters.parse(query)
            for named in (filters, *_also_named(filters)):
                self._answers.question(view.panels[0].key, named, scope)
        except EmptyError:
            return bool(view.roles & scope.roles)
        except (DeniedError, BadFilterError):
            return False
        return True

    def save(self, scope: Scope, name: str, page: str, query: str, grids: Mapping[str, Any] | None = None) -> bool:
        """Keep a page and its choices under a name, in place of what it held: True if it held some.

        A view that is replaced stays shared as it was. BadFilterError for choices that cannot be read, DeniedError for
        what does not open, BadViewError for a bad name and for one too many.
        """
        reader, name = _reader(scope), _checked(name)
        permit(scope, "save views")
        row: dict[str, Any] = {"page": page, "query": Filters.parse(query).query(), "saved_at": self._clock()}
        if not self.opens(page, row["query"], scope):
            raise DeniedError("this page does not open to you under these choices")
        row |= {"grids": orjson.dumps(arranged(page, grids or {})).decode()}
        own = {"reader": reader}
        with self._engine.begin() as connection, _clashes_told():
            held = {view.name: view.view_id for view in _views(connection, _MINE, own)}
            if name in held:
                connection.execute(update(saved_view).where(_OWN).values(row), {**own, "id": held[name]})
            elif len(held) >= MOST:
                raise BadViewError(f"there are {MOST} views already; delete one first")
            else:
                new = {"view_id": secrets.token_hex(8), "owner": reader, "owner_name": scope.name, "audience": ""}
                connection.execute(insert(saved_view), {**new, "name": name, **row})
        self._audit.record("view_saved", scope, view=name, page=page, replaced=name in held)
        return name in held

    def rename(self, scope: Scope, view_id: str, name: str) -> SavedView:
        """Call one of his own otherwise and give it back; BadViewError for a bad or taken name or none of his own."""
        name = _checked(name)
        if name in {view.name for view in self.mine(scope) if view.view_id != view_id}:
            raise BadViewError(f"you have a view {name!r} already; delete it first or write another name")
        return self._change(scope, view_id, "view_renamed", name=name)

    def share(self, scope: Scope, view_id: str, audience: str) -> SavedView:
        """Show one of his own to an audience, or to nobody else if it is empty; BadViewError for an unknown one.

        A desk must be open to the reader himself.
        """
        permit(scope, "share views")
        if audience and audience not in self.offers(scope):
            raise BadViewError("share it with everyone, with a role or with a desk that is open to you")
        return self._change(scope, view_id, "view_shared", audience=audience)

    def offers(self, scope: Scope) -> tuple[str, ...]:
        """The audiences with which a reader may share: everyone, each role, and the desks that are open to him."""
        desks = [desk for desk, _books in self._answers.choices(Filters(), scope).books]
        return (EVERYONE, *(f"role:{role}" for role in ROLES), *(f"desk:{desk}" for desk in desks))

    def forget(self, scope: Scope, view_id: str) -> SavedView:
        """Delete one of his own and give back what it was; BadViewError if there is none."""
        permit(scope, "save views")
        view = self._mine(scope, view_id)
        with self._engine.begin() as connection:
            connection.execute(delete(saved_view).where(_OWN), {"reader": view.owner, "id": view_id})
        self._audit.record("view_deleted", scope, view=view.name)
        return view

    def _change(self, scope: Scope, view_id: str, event: str, **new: str) -> SavedView:
        permit(scope, "save views")
        was = self._mine(scope, view_id)
        with self._engine.begin() as connection, _clashes_told():
            connection.execute(update(saved_view).where(_OWN).values(new), {"reader": was.owner, "id": view_id})
        self._audit.record(event, scope, view=was.name, to=next(iter(new.values())))
        return self._mine(scope, view_id)

    def _mine(self, scope: Scope, view_id: str) -> SavedView:
        for view in self.mine(scope):
            if view.view_id == view_id:
                return view
        raise BadViewError("you have no such view; it may be deleted already")

    def _read(self, query: Any, **given: Any) -> list[SavedView]:
        with self._engine.connect() as connection:
            return _views(connection, query, given)


def audiences(scope: Scope) -> tuple[str, ...]:
    """The audiences that a reader belongs to; to see the whole firm is not to belong to each of its desks."""
    roles, desks = sorted(scope.roles), sorted(scope.desks)
    return (EVERYONE, *(f"role:{role}" for role in roles), *(f"desk:{desk}" for desk in desks))


@contextmanager
def _clashes_told() -> Iterator[None]:
    """Another window that takes the same name at the same moment is told in words."""
    try:
        yield
    except IntegrityError:
        raise BadViewError("this name was taken a moment ago; look at your views and try again") from None


def _also_named(filters: Filters) -> list[Filters]:
    """The books and desks that the choices name elsewhere: in imagined trades, and beside which they compare."""
    kind, _, other = filters.compare.partition(":")
    compared = [Filters.parse({kind: other})] if kind in {"desk", "book"} else []
    return [*compared, *(Filters(book=book) for book in {change.book for change in parse(filters.whatif)})]


def _views(connection: Connection, query: Any, given: Mapping[str, Any]) -> list[SavedView]:
    rows = connection.execute(query, given).mappings()
    return [SavedView(**{**row, "grids": orjson.loads(row["grids"])}) for row in rows]


def _reader(scope: Scope) -> str:
    if not scope.reader or not scope.roles:
        raise DeniedError("sign in with a role to have views")
    return scope.reader


def _checked(name: str) -> str:
    name = name.strip()
    if not is_name(name):
        raise BadViewError(f"a view has a name of 1 to {LONGEST_NAME} printable characters; write one")
    return name

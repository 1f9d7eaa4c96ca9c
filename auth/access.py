"""Grants that are kept here: what readers may see beside, or in spite of, the groups of their login, and until when."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Row, bindparam, insert, or_, select, update

from auth.audit import Audit
from auth.grants import KINDS, Given, Kind
from auth.permissions import permit
from data.scope import ROLES, DeniedError, Scope
from data.store import Clock, Store, access_grant

Effect = Literal["allow", "deny"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
LONGEST = 200
_TABLE = access_grant.c
_NOW = bindparam("now", type_=_TABLE.valid_from.type)
_BEGUN = (_TABLE.valid_from <= _NOW) & or_(_TABLE.valid_until.is_(None), _TABLE.valid_until > _NOW)
_GIVEN = select(_TABLE.kind, _TABLE.value, _TABLE.effect).where(
    _TABLE.reader == bindparam("reader"), _TABLE.revoked_at.is_(None), _BEGUN
)
_ALL = select(access_grant).order_by(_TABLE.grant_id.desc())
_ONE = select(access_grant).where(_TABLE.grant_id == bindparam("id"))
_REVOKE = update(access_grant).where(_TABLE.grant_id == bindparam("id"), _TABLE.revoked_at.is_(None))

Names = Mapping[str, Collection[str]]
"""By kind the names that there are."""


class BadGrantError(ValueError):
    """A grant that cannot be made or is not there: says why and what to do; `column` names what is wrong with it."""

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Wish:
    """A grant as it is asked for: from the beginning of one day (UTC) to the end of another; no days, no bounds."""

    reader: str
    kind: str
    value: str
    effect: str
    reason: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as it is kept."""

    grant_id: int
    reader: str
    kind: Kind
    value: str
    effect: Effect
    valid_from: datetime
    valid_until: datetime | None
    reason: str
    granted_by: str
    granted_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """stands, to come, over or revoked."""
        if self.revoked_at:
            return "revoked"
        if self.valid_until and self.valid_until <= now:
            return "over"
        return "stands" if self.valid_from <= now else "to come"


class Access:
    """The grants in the store. Who changes one must be an administrator, and not the reader it is about.

    Each change writes an audit row; a grant is revoked and never deleted. `given` is asked at every request.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._engine = store.engine
        self._clock = clock
        self._audit = Audit(store, clock)

    def given(self, reader: str) -> list[Given]:
        """What counts for a reader at this moment."""
        with self._engine.connect() as connection:
            rows = connection.execute(_GIVEN, {"reader": reader, "now": self._clock()}).all()
        return [Given(row.kind, row.value, row.effect == "allow") for row in rows]

    def all(self) -> list[Grant]:
        """Every grant, the newest first, those that are over or revoked among them."""
        with self._engine.connect() as connection:
            return [_read(row) for row in connection.execute(_ALL)]

    def give(self, by: Scope, wishes: Iterable[Wish], names: Names) -> int:
        """Keep the wishes that do not stand already, all or none; how many. Errors as for `checked`.

        DeniedError for whoever may not grant access, and for a wish of his own.
        """
        permit(by, "grant access")
        wanted = [self._row(by, wish, names) for wish in wishes]
        with self._engine.begin() as connection:
            standing = {_same(row._mapping) for row in connection.execute(_ALL) if row.revoked_at is None}  # noqa: SLF001 SQLAlchemy's public name for it
            new = {_same(row): row for row in wanted if _same(row) not in standing}
            for row in new.values():
                connection.execute(insert(access_grant), row)
        for row in new.values():
            self._audit.record("access_granted", by, **_told(row))
        return len(new)

    def check(self, by: Scope, wish: Wish, names: Names) -> None:
        """Nothing where a wish could be kept; BadGrantError or DeniedError where not."""
        self._row(by, wish, names)

    def revoke(self, by: Scope, grant_id: int, reason: str) -> Grant:
        """End a grant at once and give it back; BadGrantError where none stands, DeniedError for one's own."""
        permit(by, "grant access")
        reason = _text(reason, "reason")
        with self._engine.begin() as connection:
            row = connection.execute(_ONE, {"id": grant_id}).first()
            if row is None or row.revoked_at:
                raise BadGrantError("there is no such grant; it may be revoked already")
            _four_eyes(by, row.reader)
            connection.execute(_REVOKE.values(revoked_by=by.reader, revoked_at=self._clock()), {"id": grant_id})
        self._audit.record("access_revoked", by, grant=grant_id, **_told(row._mapping) | {"reason": reason})  # noqa: SLF001 as above
        return _read(row)

    def _row(self, by: Scope, wish: Wish, names: Names) -> dict[str, Any]:
        wish = checked(wish, names)
        _four_eyes(by, wish.reader)
        now = self._clock()
        begins = datetime.combine(wish.valid_from, time.min, UTC) if wish.valid_from else now
        ends = datetime.combine(wish.valid_until + timedelta(days=1), time.min, UTC) if wish.valid_until else None
        if ends and ends <= max(now, begins):
            raise BadGrantError("valid_until is over, or before valid_from; write a later day", "valid_until")
        row = {name: getattr(wish, name) for name in ("reader", "kind", "value", "effect", "reason")}
        return {**row, "valid_from": begins, "valid_until": ends, "granted_by": by.reader, "granted_at": now}


def checked(wish: Wish, names: Names) -> Wish:
    """The wish with its words trimmed; BadGrantError for a kind, effect or name that there is not, and for no reason.

    A name that does not exist is refused: a denied desk with a slip of the pen would deny nothing.
    """
    reader = _text(wish.reader, "reader")
    if wish.kind not in KINDS:
        raise BadGrantError(f"{wish.kind[:40]!r} is no kind; write one of {', '.join(KINDS)}", "kind")
    if wish.effect not in EFFECTS:
        raise BadGrantError(f"{wish.effect[:40]!r} is no effect; write allow or deny", "effect")
    value = _text(wish.value, "value")
    known = ROLES if wish.kind == "role" else names.get(wish.kind, ())
    if value not in known:
        some = ", ".join(sorted(known)[:12]) or "none yet: load books first"
        raise BadGrantError(f"there is no {wish.kind.replace('_', ' ')} {value[:60]!r}; there are {some}", "value")
    reason = _text(wish.reason, "reason")
    return Wish(reader, wish.kind, value, wish.effect, reason, wish.valid_from, wish.valid_until)


def _four_eyes(by: Scope, reader: str) -> None:
    if by.reader == reader:
        raise DeniedError(
            "nobody changes his own grants; another administrator, or the operator by `parapet grants`, can"
        )


def _text(text: str, column: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise BadGrantError(f"{column} has 1 to {LONGEST} printable characters; write it", column)
    return text


def _same(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    """What makes two grants the same; the moment at which one without a first day was made does not."""
    begins = row["valid_from"] if row["valid_from"] != row["granted_at"] else None
    return (*(row[name] for name in ("reader", "kind", "value", "effect", "valid_until")), begins)


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    told = {"of": row["reader"], **{name: row[name] for name in ("effect", "kind", "value", "reason")}}
    return told | {"from": row["valid_from"].isoformat(), "until": str(row["valid_until"] or "revoked")}


def _read(row: Row[Any]) -> Grant:
    return Grant(**row._mapping)  # noqa: SLF001 SQLAlchemy's public name for it

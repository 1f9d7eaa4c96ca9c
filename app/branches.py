"""Named what-if branches: imagined trades that a reader keeps beside the official book, seen by nobody else."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from app.filters import Filters
from app.question import DeniedError
from app.view import discover
from auth.audit import Audit
from auth.permissions import permit
from data.scope import Scope
from data.store import LONGEST_NAME, Clock, Store, is_name, whatif_branch

MOST = 100
_OWN = whatif_branch.c.owner == bindparam("reader")
_NAMED = _OWN & (whatif_branch.c.name == bindparam("called"))
_COLUMNS = (whatif_branch.c.name, whatif_branch.c.text, whatif_branch.c.saved_at)
_ALL = select(*_COLUMNS).where(_OWN).order_by(whatif_branch.c.saved_at.desc(), whatif_branch.c.name)
_NAMES = select(whatif_branch.c.name).where(_OWN)
_FORGET = delete(whatif_branch).where(_NAMED).returning(*_COLUMNS)


class BadBranchError(ValueError):
    """A branch that cannot be kept or is not there: says why and what to do."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Trades under a name, in the canonical form of app.changes; its books may have been closed to the reader since."""

    name: str
    text: str
    saved_at: datetime

    @property
    def trades(self) -> int:
        """How many there are."""
        return self.text.count(";") + 1


class Branches:
    """The branches in the store; every way in takes a scope and reaches the rows of its reader only.

    Only text is kept: whether its books are open is decided when it is looked at, by the scope of that moment.
    Each change of a branch writes an audit row. DeniedError for nobody, and for roles that do not open What-if.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._engine = store.engine
        self._clock = clock
        self._audit = Audit(store, clock)
        self._put = store.put(whatif_branch)

    def all(self, scope: Scope) -> list[Branch]:
        """The reader's branches, newest first."""
        with self._engine.connect() as connection:
            return [Branch(*row) for row in connection.execute(_ALL, {"reader": _reader(scope)})]

    def save(self, scope: Scope, name: str, text: str) -> bool:
        """Keep trades under a name, in place of what it held: True if it held some.

        BadFilterError for trades that cannot be read, BadBranchError for none, for a bad name and for one too many.
        """
        reader, name = _keeper(scope), _checked(name)
        whatif = Filters.parse({"whatif": text}).whatif
        if not whatif:
            raise BadBranchError("there is no trade to save; write one first")
        branch = Branch(name, whatif, self._clock())
        with self._engine.begin() as connection:
            names = set(connection.execute(_NAMES, {"reader": reader}).scalars())
            if name not in names and len(names) >= MOST:
                raise BadBranchError(f"there are {MOST} branches already; delete one first")
            row = {"owner": reader, "name": name, "text": whatif, "saved_at": branch.saved_at}
            connection.execute(self._put, row)
        self._audit.record("branch_saved", scope, branch=name, trades=branch.trades, replaced=name in names)
        return name in names

    def forget(self, scope: Scope, name: str) -> Branch:
        """Delete a branch of the reader's own and give back what it was; BadBranchError if there is none."""
        reader, name = _keeper(scope), _checked(name)
        with self._engine.begin() as connection:
            row = connection.execute(_FORGET, {"reader": reader, "called": name}).first()
        if row is None:
            raise BadBranchError(f"you have no branch {name!r}; it may be deleted already")
        branch = Branch(*row)
        self._audit.record("branch_forgotten", scope, branch=name, trades=branch.trades)
        return branch


def _reader(scope: Scope) -> str:
    view = discover()["whatif"]
    if not scope.reader or not view.roles & scope.roles:
        raise DeniedError(f"{view.title} is not open to your role")
    return scope.reader


def _keeper(scope: Scope) -> str:
    reader = _reader(scope)
    permit(scope, "save what-ifs")
    return reader


def _checked(name: str) -> str:
    name = name.strip()
    if not is_name(name):
        raise BadBranchError(f"a branch has a name of 1 to {LONGEST_NAME} printable characters; write one")
    return name

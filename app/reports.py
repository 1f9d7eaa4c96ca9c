"""Scheduled reports: a page at an address, made for one reader as that reader sees it, when a schedule says so.

Only the address is kept. What a report holds is decided when it is made, by its recipient's entitlements then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, delete, insert, or_, select

from app.filters import Filters
from app.question import DeniedError
from app.schedule import Every, checked, latest
from app.view import discover
from auth.audit import Audit
from auth.permissions import may, permit
from data.scope import Scope
from data.store import LONGEST_NAME, Clock, Store, is_name, report, report_run

Into = Literal["mail", "folder"]
State = Literal["made", "waiting", "failed"]
MOST, MOST_TRIES = 50, 3
AGAIN = (timedelta(minutes=5), timedelta(minutes=30))
_MINE = or_(report.c.owner == bindparam("reader"), report.c.recipient == bindparam("reader"))
_ALL = select(report).order_by(report.c.report_id)
_OF = _ALL.where(_MINE)
_FORGET = delete(report).where(report.c.report_id == bindparam("id"), _MINE).returning(report.c.name)
_RUNS = select(report_run).order_by(report_run.c.due_at.desc())


class BadReportError(ValueError):
    """A report that cannot be kept or is not there: says why and what to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is made when, for whom and whereto; `page` and `query` are an address, `at` an hour and minute in UTC."""

    report_id: int
    owner: str
    recipient: str
    name: str
    page: str
    query: str
    every: Every
    at: str
    into: Into
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a report at one of its moments, after so many tries."""

    report_id: int
    due_at: datetime
    at: datetime
    state: State
    tries: int
    message: str


class Reports:
    """The reports in the store; a reader reaches those that he ordered and those that are made for him.

    DeniedError for nobody, and for a page that the role does not open. Orders and ends are audited.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._engine = store.engine
        self._clock = clock
        self._audit = Audit(store, clock)
        self._put = store.put(report_run)

    def of(self, scope: Scope) -> list[Report]:
        """The reader's reports, in the order in which they were ordered."""
        with self._engine.connect() as connection:
            return [Report(*row) for row in connection.execute(_OF, {"reader": _reader(scope)})]

    def order(  # noqa: PLR0913 everything that a report is
        self, scope: Scope, name: str, *, page: str, query: str, every: str, at: str, into: str, recipient: str = ""
    ) -> None:
        """Order a report, for the reader himself unless another recipient is named; BadReportError for a bad one."""
        reader, name, recipient = _reader(scope), name.strip(), recipient.strip() or scope.reader
        _permit(scope, page, recipient)
        try:
            plan, filters = checked(every, at), Filters.parse(query)
        except ValueError as error:
            raise BadReportError(str(error)) from None
        if not is_name(name):
            raise BadReportError(f"a report has a name of 1 to {LONGEST_NAME} printable characters; write one")
        if into not in {"mail", "folder"}:
            raise BadReportError("a report goes by mail or into the folder; choose one")
        row = {"owner": reader, "recipient": recipient, "name": name, "page": page, "query": filters.query()}
        row |= {"every": plan[0], "at": plan[1], "into": into}
        with self._engine.begin() as connection:
            if len(connection.execute(_OF, {"reader": reader}).all()) >= MOST:
                raise BadReportError(f"there are {MOST} reports already; end one first")
            connection.execute(insert(report), {**row, "made_at": self._clock()})
        self._audit.record("report_ordered", scope, **row)

    def end(self, scope: Scope, report_id: int) -> str:
        """End a report that the reader ordered or gets, and give back its name; BadReportError if there is none."""
        permit(scope, "schedule reports")
        with self._engine.begin() as connection:
            row = connection.execute(_FORGET, {"reader": _reader(scope), "id": report_id}).first()
        if row is None:
            raise BadReportError("you have no such report; it may be ended already")
        self._audit.record("report_ended", scope, report=report_id, name=row.name)
        return str(row.name)

    def history(self, scope: Scope, most: int = 20) -> list[tuple[Report, Run]]:
        """What became of the reader's reports, the newest first."""
        mine = {each.report_id: each for each in self.of(scope)}
        wanted = _RUNS.where(report_run.c.report_id.in_(mine)).limit(most)
        with self._engine.connect() as connection:
            runs = [Run(*row) for row in connection.execute(wanted)]
        return [(mine[run.report_id], run) for run in runs]

    def due(self, now: datetime) -> list[tuple[Report, Run]]:
        """The reports to make now, each with the run as it stands: its latest moment, and the tries before."""
        with self._engine.connect() as connection:
            reports = [Report(*row) for row in connection.execute(_ALL)]
            runs = {(row.report_id, row.due_at): Run(*row) for row in connection.execute(_RUNS)}
        found = []
        for each in reports:
            moment = latest(each.every, each.at, now)
            run = runs.get((each.report_id, moment), Run(each.report_id, moment, moment, "waiting", 0, ""))
            if moment >= each.made_at and run.state == "waiting" and run.at + _pause(run.tries) <= now:
                found.append((each, run))
        return found

    def note(self, run: Run) -> None:
        """Keep what became of a run, in place of what was kept of it."""
        with self._engine.begin() as connection:
            connection.execute(self._put, {name: getattr(run, name) for name in Run.__slots__})


def _pause(tries: int) -> timedelta:
    return AGAIN[min(tries, len(AGAIN)) - 1] if tries else timedelta(0)


def _reader(scope: Scope) -> str:
    if not scope.reader:
        raise DeniedError("sign in to have reports")
    return scope.reader


def _permit(scope: Scope, page: str, recipient: str) -> None:
    permit(scope, "schedule reports")
    view = discover().get(page)
    if view is None or not view.roles & scope.roles:
        raise DeniedError("this page is not open to your role")
    if recipient != scope.reader and not may(scope, "schedule reports for others"):
        raise DeniedError("your role orders reports for yourself only")

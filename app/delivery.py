"""Making the reports that are due, each as its recipient sees it, and handing them over; what fails is tried again."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import structlog

from app.filters import BadFilterError
from app.mail import File, Letter, MailError, MailServer
from app.question import DeniedError, UnknownError
from app.reports import MOST_TRIES, Report, Reports, Run, State
from app.view import discover
from auth.audit import Audit
from auth.readers import Reader, Readers
from data.scope import Scope
from data.store import Clock

Make = Callable[[Report, Scope], File]
_log = structlog.get_logger()


class UndeliverableError(RuntimeError):
    """A report that cannot be handed over: why, in words for its owner; `lasting` where another try would not help."""

    def __init__(self, message: str, *, lasting: bool = True) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Ways:
    """Where reports go: the mail server, the folder, either of them None where the operator has set none.

    `address` is the app's own, for the link in a letter.
    """

    mail: MailServer | None
    folder: Path | None
    address: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Makes what is due; `make` answers a report's page in a scope, with the errors of the one path.

    `lacking` says what a reader needs in order to enter: whoever could not get it himself does not get it sent.
    """

    reports: Reports
    readers: Readers
    lacking: Callable[[Scope], str]
    make: Make
    ways: Ways
    audit: Audit
    clock: Clock

    def run(self) -> Iterator[tuple[Report, Run]]:
        """Try every report that is due, once, and keep what became of it."""
        for report, run in self.reports.due(self.clock()):
            state, message = self._try(report, run.tries + 1)
            done = replace(run, state=state, at=self.clock(), tries=run.tries + 1, message=message)
            self.reports.note(done)
            if state == "failed":
                self._tell(report, message)
            yield report, done

    def _try(self, report: Report, tries: int) -> tuple[State, str]:
        about = {"report": report.report_id, "name": report.name, "page": report.page, "filters": report.query}
        try:
            scope = self._scope(report)
            where = self._hand_over(report, self._made(report, scope))
        except (UndeliverableError, MailError) as error:
            lasting, message = error.lasting, str(error)
        except (DeniedError, UnknownError, BadFilterError) as error:
            lasting, message = True, str(error)
        except Exception as error:  # noqa: BLE001 the other reports must be made
            _log.error("report failed", report=report.report_id, exc_info=error)
            lasting, message = False, "it could not be made; the operators' log says why"
        else:
            self.audit.record("report_made", scope, **about, to=where)
            return "made", where
        state: State = "failed" if lasting or tries >= MOST_TRIES else "waiting"
        self.audit.record(
            "report_failed", Scope(report.recipient, report.recipient), **about, tries=tries, reason=message
        )
        return state, message

    def _scope(self, report: Report) -> Scope:
        scope = self.readers.scope(report.recipient)
        if scope is None:
            raise UndeliverableError("its recipient has not signed in for too long; a login begins it again")
        if missing := self.lacking(scope):
            raise UndeliverableError(f"the account of its recipient lacks {missing}")
        return scope

    def _made(self, report: Report, scope: Scope) -> File:
        """The file, if its recipient may still see what is in it."""
        file = self.make(report, scope)
        if self._scope(report) != scope:
            raise UndeliverableError("what its recipient may see has changed while it was made", lasting=False)
        return file

    def _hand_over(self, report: Report, file: File) -> str:
        """Give the file to the recipient, and say where it went."""
        if report.into == "mail":
            return self._send(report, file)
        if self.ways.folder is None:
            raise UndeliverableError("there is no folder for reports; an operator sets PARAPET_REPORTS_FOLDER")
        folder = self.ways.folder / f"_{quote(report.recipient, safe='')}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{file.name}.{os.getpid()}"
        draft.touch(0o600)
        draft.write_bytes(file.body)
        draft.replace(folder / file.name)
        return f"folder {folder.name}, {file.name}"

    def _send(self, report: Report, file: File) -> str:
        reader = self._known(report.recipient)
        path = f"{discover()[report.page].path}{'?' if report.query else ''}{report.query}"
        text = (
            f"{report.name}\n\nMade for {reader.name}, with what {reader.name} may see; do not pass it on.\n"
            f"On screen: {self.ways.address}{path}\nTo end this report: {self.ways.address}/#reports=mine\n"
        )
        self._post(Letter(reader.email, f"{report.name}: {file.name}", text, (file,)))
        return f"mail to {reader.email}, {file.name}"

    def _tell(self, report: Report, why: str) -> None:
        """Tell the owner that a report was given up; where no letter goes, its history still says so."""
        text = f"The report {report.name} was not made: {why}.\nSee {self.ways.address}/#reports=mine\n"
        try:
            self._post(Letter(self._known(report.owner).email, f"Not made: {report.name}", text))
        except (UndeliverableError, MailError) as error:
            _log.warning("notice not sent", report=report.report_id, reason=str(error))

    def _post(self, letter: Letter) -> None:
        if self.ways.mail is None:
            raise UndeliverableError("there is no mail server; an operator sets PARAPET_SMTP_HOST")
        self.ways.mail.send(letter)

    def _known(self, reader: str) -> Reader:
        found = self.readers.find(reader)
        if found is None or not found.email:
            raise UndeliverableError("the login server names no verified e-mail address for its recipient")
        return found

"""Reports at work: the settings in, every report that is due made and handed over, once or minute by minute."""

import fcntl
from collections.abc import Iterator
from datetime import timedelta
from threading import Event

from app import page_file, write
from app.delivery import Delivery, Ways
from app.filters import Filters
from app.mail import File, MailServer
from app.main import create_answers, login_settings
from app.reports import Report, Reports, Run
from app.settings import Settings
from app.view import discover
from auth.audit import Audit
from auth.readers import Readers
from data.scope import Scope
from data.store import Store, opened, utc_now

MINUTE = timedelta(minutes=1).total_seconds()


def deliver(settings: Settings, *, watch: bool = False) -> Iterator[tuple[Report, Run]]:
    """Make what is due and yield what became of it; with `watch` look again every minute, until told to stop.

    One process of a home at a time: another finds the lock taken and ends with SystemExit.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "reports.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("another `parapet reports` is at work; it makes what is due") from None
        with opened(settings.store) as store:
            yield from delivery(settings, store).run()
            while watch and not Event().wait(MINUTE):
                yield from delivery(settings, store).run()


def delivery(settings: Settings, store: Store) -> Delivery:
    """What makes and hands over, with the settings' ways to readers."""
    login = login_settings(settings)
    answers = create_answers(settings)

    def make(report: Report, scope: Scope) -> File:
        asked = page_file.question_of(answers, report.page, Filters.parse(report.query), scope)
        address = f"{settings.base_url}{discover()[report.page].path}?{report.query}".rstrip("?")
        body = b"".join(page_file.workbook(answers, asked, address, utc_now()))
        return File(page_file.file_name(asked), write.FORMATS["xlsx"].mimetype, body)

    return Delivery(
        Reports(store, utc_now),
        Readers(store, utc_now, login.rules, login.away),
        login.lacking,
        make,
        Ways(_mail_server(settings), settings.reports_folder, settings.base_url),
        Audit(store, utc_now),
        utc_now,
    )


def _mail_server(settings: Settings) -> MailServer | None:
    if not settings.smtp_host:
        return None
    password = settings.smtp_password.get_secret_value()
    where = (settings.smtp_host, settings.smtp_port, settings.smtp_sender)
    return MailServer(*where, user=settings.smtp_user, password=password, tls=settings.smtp_tls)

"""Delivery: a report is made with its recipient's entitlements, goes where it was ordered to, and is tried again."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.delivery import Delivery, Ways
from app.mail import File, MailError
from app.question import DeniedError, EmptyError
from app.reports import Reports
from auth.access import Access, Wish
from auth.admission import Admission
from auth.audit import Audit
from auth.grants import GroupRules
from auth.login import LoginSettings
from auth.readers import Readers
from data.scope import Scope
from data.store import Store, audit_event

MONDAY = datetime(2022, 12, 26, 12, 0, tzinfo=UTC)
EVENING = MONDAY.replace(hour=18, minute=30)
VERA = Scope("vera", "Vera", roles=frozenset({"trader"}), desks=frozenset({"Vol"}))
RITA = Scope("rita", "Rita", roles=frozenset({"risk_manager"}), firm=True)
ADMIN = Scope("root", "Root", roles=frozenset({"admin"}), firm=True)
DAILY = {"page": "var", "query": "window=250", "every": "day", "at": "18:30"}


class Clock:
    now = MONDAY

    def __call__(self):
        return self.now


class Post:
    """A mail server that takes letters, or raises what it is told to."""

    def __init__(self):
        self.letters, self.trouble = [], []

    def send(self, letter):
        if self.trouble:
            raise self.trouble.pop(0)
        self.letters.append(letter)


class Office:
    """Everything that a delivery needs, its page a text of who sees it."""

    def __init__(self, folder):
        self.clock, self.post, self.trouble = Clock(), Post(), []
        self.listed, self.meanwhile = None, lambda: None
        self.store = Store(f"sqlite:///{folder / 'store.sqlite'}")
        self.store.create()
        self.readers = Readers(self.store, self.clock, GroupRules(), timedelta(days=30))
        self.readers.seen("vera", "Vera", "vera@bank.example", ["role:trader", "desk:Vol"])
        self.readers.seen("rita", "Rita", "rita@bank.example", ["role:risk_manager"])
        self.reports = Reports(self.store, self.clock)
        self.ways = Ways(self.post, folder / "reports", "https://parapet.bank.example")

    def make(self, report, scope):
        if self.trouble:
            raise self.trouble.pop(0)
        self.meanwhile()
        return File(f"{report.page}.xlsx", "application/zip", f"{scope.key} {report.query}".encode())

    def deliver(self, now=EVENING):
        self.clock.now = now
        audit = Audit(self.store, self.clock)
        lacking = LoginSettings("", "", "", "", admission=Admission(self.listed)).lacking
        desk = Delivery(self.reports, self.readers, lacking, self.make, self.ways, audit, self.clock)
        return [(run.state, run.tries, run.message) for _, run in desk.run()]

    def trail(self, event):
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(audit_event).where(audit_event.c.event == event)).all()
        return [(row.reader, json.loads(row.details)) for row in rows]


@pytest.fixture
def office(tmp_path):
    found = Office(tmp_path)
    yield found
    found.store.close()


def test_a_letter_holds_what_its_recipient_may_see_whoever_ordered_it(office):
    office.reports.order(RITA, "Evening VaR", into="mail", recipient="vera", **DAILY)
    assert office.deliver() == [("made", 1, "mail to vera@bank.example, var.xlsx")]
    (letter,) = office.post.letters
    assert letter.to == "vera@bank.example"
    assert letter.files[0].body == b"['desk Vol'] window=250"
    assert "https://parapet.bank.example/var?window=250" in letter.text
    assert office.deliver(EVENING + timedelta(hours=1)) == []


def test_what_was_made_stands_in_the_audit_trail_under_the_reader_who_got_it(office):
    office.reports.order(RITA, "Evening VaR", into="mail", recipient="vera", **DAILY)
    office.deliver()
    ((reader, details),) = office.trail("report_made")
    assert reader == "vera"
    assert (details["page"], details["filters"], details["to"]) == (
        "var",
        "window=250",
        "mail to vera@bank.example, var.xlsx",
    )


def test_a_file_in_the_folder_is_whole_and_the_recipient_s_alone(office):
    office.readers.seen("../rita", "Rita", "", ["role:risk_manager"])
    office.reports.order(RITA, "Evening VaR", into="folder", recipient="../rita", **DAILY)
    ((state, _, message),) = office.deliver()
    (file,) = office.ways.folder.rglob("*.xlsx")
    assert (state, message) == ("made", "folder _..%2Frita, var.xlsx")
    assert file.parent == office.ways.folder / "_..%2Frita"
    assert file.read_bytes() == b"['firm'] window=250"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_grants_that_are_gone_are_gone_from_the_next_report(office):
    office.reports.order(VERA, "Evening VaR", into="folder", **DAILY)
    office.deliver()
    office.readers.seen("vera", "Vera", "vera@bank.example", ["role:trader", "desk:Rates"])
    office.deliver(EVENING + timedelta(days=1))
    (file,) = office.ways.folder.rglob("*.xlsx")
    assert file.read_bytes() == b"['desk Rates'] window=250"


@pytest.mark.attack(21, row="report_failed")
@pytest.mark.parametrize("groups", [["role:trader", "desk:Rates"], ["role:viewer", "desk:Vol"]], ids=["desk", "role"])
def test_a_grant_that_goes_while_the_report_is_made_keeps_it_back_and_the_next_try_is_of_what_is_left(office, groups):
    office.reports.order(VERA, "Evening VaR", into="folder", **DAILY)
    office.meanwhile = lambda: office.readers.seen("vera", "Vera", "vera@bank.example", groups)
    ((state, _, message),) = office.deliver()
    assert (state, message) == ("waiting", "what its recipient may see has changed while it was made")
    assert not office.ways.folder.exists()
    ((state, _, _),) = office.deliver(EVENING + timedelta(minutes=6))
    assert state == "made"


@pytest.mark.attack(21, row="report_failed")
def test_a_recipient_who_may_not_enter_any_more_gets_nothing(office, tmp_path):
    office.listed = tmp_path / "readers.txt"
    office.listed.write_text("vera\n")
    office.reports.order(VERA, "Evening VaR", into="mail", **DAILY)
    assert [state for state, _, _ in office.deliver()] == ["made"]
    office.listed.write_text("rita\n")
    ((state, tries, message),) = office.deliver(EVENING + timedelta(days=1))
    assert (state, tries) == ("failed", 1)
    assert "lacks a place on the list of readers who may enter" in message
    assert [letter.files for letter in office.post.letters[1:]] == [()]


@pytest.mark.attack(21, row="report_failed")
@pytest.mark.parametrize(("kind", "value"), [("role", "trader"), ("desk", "Vol")])
def test_a_recipient_whose_account_is_closed_here_gets_nothing(office, kind, value):
    office.reports.order(RITA, "Evening VaR", into="folder", recipient="vera", **DAILY)
    closed = Wish("vera", kind, value, "deny", "left")
    Access(office.store, office.clock).give(ADMIN, [closed], {"desk": {"Vol"}})
    ((state, _, message),) = office.deliver()
    assert state == "failed"
    assert f"the account of its recipient lacks a {kind}" in message
    assert not office.ways.folder.exists()


def test_a_recipient_who_has_not_signed_in_for_long_gets_nothing_and_the_owner_is_told(office):
    office.reports.order(RITA, "Evening VaR", into="mail", recipient="vera", **DAILY)
    late = EVENING + timedelta(days=32)
    ((state, _, message),) = office.deliver(late)
    assert state == "failed"
    assert "has not signed in for too long" in message
    (notice,) = office.post.letters
    assert (notice.to, notice.files) == ("rita@bank.example", ())
    assert "was not made" in notice.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DeniedError("VaR & ES is not open to your role"), "not open"),
        (MailError("no such mailbox", lasting=True), "mailbox"),
    ],
    ids=["denied", "mailbox"],
)
def test_what_another_try_would_not_help_is_given_up_at_once(office, error, said):
    office.reports.order(VERA, "Evening VaR", into="mail", **DAILY)
    (office.post if isinstance(error, MailError) else office).trouble = [error]
    ((state, tries, message),) = office.deliver()
    assert (state, tries) == ("failed", 1)
    assert said in message
    assert [letter.subject for letter in office.post.letters] == ["Not made: Evening VaR"]
    assert office.trail("report_failed")[0][1]["reason"] == message


@pytest.mark.parametrize("error", [EmptyError("no trades yet"), MailError("the mail server does not answer")], ids=str)
def test_trouble_that_may_pass_is_tried_three_times_before_the_owner_is_told(office, error):
    office.reports.order(VERA, "Evening VaR", into="mail", **DAILY)
    trouble = (office.post if isinstance(error, MailError) else office).trouble
    trouble += [error] * 3
    states = []
    for minutes in (0, 5, 35):
        states += [state for state, _, _ in office.deliver(EVENING + timedelta(minutes=minutes))]
    assert states == ["waiting", "waiting", "failed"]
    assert [letter.subject for letter in office.post.letters] == ["Not made: Evening VaR"]


def test_a_report_that_breaks_is_logged_tells_no_secret_and_the_others_are_made(office):
    office.reports.order(VERA, "broken", into="folder", **DAILY)
    office.reports.order(VERA, "whole", into="folder", **DAILY)
    office.trouble = [ValueError("/secret/path")]
    states = office.deliver()
    assert [state for state, _, _ in states] == ["waiting", "made"]
    assert "secret" not in states[0][2]


@pytest.mark.parametrize(("into", "missing"), [("mail", "PARAPET_SMTP_HOST"), ("folder", "PARAPET_REPORTS_FOLDER")])
def test_where_the_operator_has_set_no_way_the_setting_is_named(office, into, missing):
    office.ways = Ways(None, None, "")
    office.reports.order(VERA, "Evening VaR", into=into, **DAILY)
    ((state, _, message),) = office.deliver()
    assert state == "failed"
    assert missing in message

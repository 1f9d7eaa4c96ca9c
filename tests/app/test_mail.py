"""Letters to a real mail server on this machine: what arrives, and what is said where nothing does."""

import smtplib
import socket
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from app.mail import File, Letter, MailError, MailServer

REPORT = File("var.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04" * 5000)
SESAME = "sesame"
LETTER = Letter("risk@bank.example", "VaR & ES\nas of 2022-12-28", "Attached.\n", (REPORT,))


class Box:
    """Takes letters, but for those to nobody@ and late@."""

    def __init__(self):
        self.letters = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 aiosmtpd's name
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        if address.startswith("late@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 aiosmtpd's name
        self.letters.append(
            (envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default))
        )
        return "250 OK"


@pytest.fixture
def box():
    """A mail server at work, with its letters and its address as `port`."""
    found = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found.port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    yield found
    controller.stop()


def server(port, **given):
    return MailServer(**{"host": "127.0.0.1", "port": port, "sender": "parapet@bank.example", "tls": False, **given})


def test_a_letter_arrives_with_its_text_and_its_file_as_they_were(box):
    server(box.port).send(LETTER)
    ((sender, to, message),) = box.letters
    assert (sender, to) == ("parapet@bank.example", ["risk@bank.example"])
    assert message["Subject"] == "VaR & ES as of 2022-12-28"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body().get_content().split() == ["Attached."]
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        REPORT.name,
        REPORT.mimetype,
        REPORT.body,
    )


@pytest.mark.parametrize(
    ("who", "said", "lasting"), [("nobody", "no such mailbox", True), ("late", "try again", False)]
)
def test_a_mailbox_that_is_refused_is_named_and_whether_another_try_helps(box, who, said, lasting):
    with pytest.raises(MailError, match=f"does not take {who}@bank.example: {said}") as told:
        server(box.port).send(Letter(f"{who}@bank.example", "x", "x"))
    assert told.value.lasting is lasting
    assert not box.letters


@pytest.mark.parametrize("address", ["", "two@a.example, b@c.example", "a@b.example\r\nBcc: c@d.example", "no at sign"])
def test_an_address_that_is_none_or_hides_another_is_never_sent_to(box, address):
    with pytest.raises(MailError, match="is not an e-mail address") as told:
        server(box.port).send(Letter(address, "x", "x"))
    assert told.value.lasting
    assert not box.letters


def test_where_no_server_answers_the_error_says_so_and_another_try_may_help():
    with socket.socket() as deaf, pytest.raises(MailError, match="does not answer: ConnectionRefusedError") as told:
        deaf.bind(("127.0.0.1", 0))
        server(deaf.getsockname()[1]).send(LETTER)
    assert not told.value.lasting


def test_no_password_is_said_to_a_server_without_tls(box):
    with pytest.raises(MailError):
        server(box.port, tls=True, user="parapet", password=SESAME).send(LETTER)
    assert not box.letters


def test_the_password_is_not_shown():
    assert SESAME not in repr(MailServer("mail", 25, "a@b.example", "u", SESAME))


def test_a_letter_refused_by_the_server_says_why(box, monkeypatch):
    def refuse(*_args, **_named):
        raise smtplib.SMTPDataError(552, b"message too large")

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    with pytest.raises(MailError, match="refused the letter: message too large"):
        server(box.port).send(LETTER)

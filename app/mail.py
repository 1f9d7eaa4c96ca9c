"""Letters: a text with files, handed to the operator's mail server."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

SECONDS = 30


class MailError(RuntimeError):
    """A letter that was not taken: why, in words that its reader may see, and whether another try may help."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class File:
    """A file of a letter: its name, its MIME type and its bytes."""

    name: str
    mimetype: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: one reader's address, a subject of one line, a text and files."""

    to: str
    subject: str
    text: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters go: TLS is begun before a password is said, unless the server is this machine."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = True

    def send(self, letter: Letter) -> None:
        """Hand over a letter; MailError when the server does not answer or does not take it."""
        message = self._message(letter)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=SECONDS) as server:
                if self.tls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise MailError(f"the mail server does not take {letter.to}: {_words(said)}", lasting=code >= 500) from None
        except smtplib.SMTPResponseException as error:
            raise MailError(f"the mail server refused the letter: {_words(error.smtp_error)}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"the mail server does not answer: {type(error).__name__}") from None

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = Address(addr_spec=self.sender), Address(addr_spec=_one(letter.to))
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=self.sender.partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        for file in letter.files:
            kind, _, subtype = file.mimetype.partition(";")[0].partition("/")
            message.add_attachment(file.body, maintype=kind, subtype=subtype, filename=file.name)
        return message


def _one(address: str) -> str:
    try:
        return Address(addr_spec=address).addr_spec
    except Exception as error:  # noqa: BLE001 the parser raises whatever it stumbles over
        raise MailError(f"{address!r} is not an e-mail address: {error}", lasting=True) from None


def _words(said: bytes | str) -> str:
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]

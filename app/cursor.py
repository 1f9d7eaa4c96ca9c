"""A cursor is a place in a panel's rows, as a text that programs hand back unread, so that a walk is of one snapshot.

It carries no authority: whoever shows it is permitted and narrowed like everybody who asks. Its seal binds it to one
question, with the rows that are open to the reader; a cursor of another question, or changed by hand, is refused.
"""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from app.filters import BadFilterError

LONGEST = 200
_FORM = re.compile(r"(?P<snapshot>[0-9]{6})\.(?P<start>[0-9]{1,12})\.(?P<seal>[0-9a-f]{24})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Row `start` of the answer that one snapshot gives to one question, which `seal` stands for."""

    snapshot: str
    start: int
    seal: str

    @classmethod
    def at(cls, snapshot: str, start: int, mark: str) -> "Cursor":
        """The place `start` rows in, of the question with that mark."""
        return cls(snapshot, start, _seal(snapshot, start, mark))

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The inverse of `str`; BadFilterError for a text that is no cursor. Check it before it is used."""
        try:
            read = _FORM.fullmatch(urlsafe_b64decode(text.encode()[:LONGEST]).decode("ascii"))
        except ValueError:
            raise _refused() from None
        if read is None:
            raise _refused()
        found = cls(read["snapshot"], int(read["start"]), read["seal"])
        if str(found) != text:
            raise _refused()
        return found

    def check(self, mark: str) -> None:
        """BadFilterError unless it was given out in an answer to the question with that mark."""
        if self.seal != _seal(self.snapshot, self.start, mark):
            raise _refused()

    def __str__(self) -> str:
        """The text that is handed out."""
        return urlsafe_b64encode(f"{self.snapshot}.{self.start}.{self.seal}".encode()).decode()


def _seal(snapshot: str, start: int, mark: str) -> str:
    return hashlib.blake2b(f"{snapshot}.{start}.{mark}".encode(), digest_size=12).hexdigest()


def _refused() -> BadFilterError:
    return BadFilterError(
        "cursor: not one of this question for you; leave everything else as it was, or begin again without a cursor"
    )

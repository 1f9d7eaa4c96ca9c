"""Admission: whether whoever can sign in may enter, or only those on a list."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Admission:
    """Everybody with a role, or with `listed`, a text file, those on it alone.

    A line is a reader's id as the audit trail has it; empty lines and those that begin with `#` mean nothing. The file
    counts as it is at each request; where it cannot be read nobody is on it.
    """

    listed: Path | None = None

    def lacking(self, reader: str) -> str:
        """Say what a signed-in reader still needs in order to enter; empty when nothing is missing."""
        if self.listed is None or reader in _names(self.listed):
            return ""
        return "a place on the list of readers who may enter"


def _names(path: Path) -> frozenset[str]:
    try:
        about = path.stat()
        return _read(path, about.st_mtime_ns, about.st_size)
    except (OSError, ValueError):
        return frozenset()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> frozenset[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))

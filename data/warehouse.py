"""Which snapshot is current, and the only way to open one: read-only for readers, as a draft for the writer.

A snapshot is an immutable DuckDB file `000017.duckdb` with a note `000017.json` beside it; `CURRENT` holds the
number of the newest. A writer copies the current file to `draft.duckdb`, changes the copy, and publishes it by
renaming; killed at any moment it leaves CURRENT and every snapshot as they were.
"""

import fcntl
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import duckdb
import orjson

OPEN_SNAPSHOTS = 4


class EmptyError(LookupError):
    """Nothing has been loaded yet, or the snapshot asked for does not exist."""


class NoSnapshotError(EmptyError):
    """The snapshot asked for does not exist, or no longer."""


class BusyError(RuntimeError):
    """Another process is writing the warehouse."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One immutable state of the warehouse; `number` is six digits, `created_at` ISO 8601 in UTC."""

    number: str
    created_at: str
    release: str
    parent: str


@dataclass(slots=True)
class Draft:
    """A writable copy of the current snapshot; `abandon` it when nothing is to be published."""

    connection: duckdb.DuckDBPyConnection
    wanted: bool = True

    def abandon(self) -> None:
        """Publish nothing."""
        self.wanted = False


class Warehouse:
    """The snapshots in one folder. Readers never block: they keep the file they opened, the next read sees the new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: OrderedDict[str, duckdb.DuckDBPyConnection] = OrderedDict()
        self._lock = threading.Lock()

    def current(self) -> Snapshot:
        """The newest published snapshot; EmptyError if there is none."""
        try:
            return self.snapshot((self.folder / "CURRENT").read_text().strip())
        except FileNotFoundError:
            raise EmptyError("nothing is loaded yet; run `parapet demo` or `parapet load`") from None

    def snapshot(self, number: str) -> Snapshot:
        """The published snapshot of that number; NoSnapshotError if there is none."""
        note = self.folder / f"{number}.json"
        try:
            found = note.stat()
        except FileNotFoundError:
            raise NoSnapshotError(f"there is no snapshot {number}; choose one from the list of snapshots") from None
        return _noted(note, found.st_ino, found.st_mtime_ns)

    def snapshots(self) -> list[Snapshot]:
        """Every published snapshot, newest first."""
        newest = self.current().number
        numbers = (path.stem for path in self.folder.glob("[0-9]*.json"))
        return [self.snapshot(number) for number in sorted(numbers, reverse=True) if number <= newest]

    def cursor(self, number: str) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one request on that snapshot, read-only."""
        with self._lock:
            connection = self._open.get(number)
            if connection is None:
                connection = duckdb.connect(str(self.folder / f"{number}.duckdb"), read_only=True)
                connection.execute("SET TimeZone = 'UTC'")
                self._open[number] = connection
            self._open.move_to_end(number)
            while len(self._open) > OPEN_SNAPSHOTS:
                self._open.popitem(last=False)
            return connection.cursor()

    def close(self) -> None:
        """Close every snapshot this process holds open."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    @contextmanager
    def draft(self, release: str = "", *, wait: bool = False) -> Iterator[Draft]:
        """A writable copy of the current snapshot, published when the block ends without an error.

        An empty warehouse gives an empty database. While another process holds the draft: BusyError, or with `wait`
        the block begins when that one is done.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "writer.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise BusyError("another load is running in this warehouse; wait for it to end") from None
            parent = self._clean()
            path = self.folder / "draft.duckdb"
            if parent:
                shutil.copyfile(self.folder / f"{parent}.duckdb", path)
            draft = Draft(duckdb.connect(str(path)))
            try:
                draft.connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
                yield draft
                draft.connection.execute("CHECKPOINT")
            finally:
                draft.connection.close()
            if draft.wanted:
                self._publish(path, parent, release)

    def _clean(self) -> str:
        """Remove what a killed writer left; return the current number or nothing."""
        try:
            newest = self.current().number
        except EmptyError:
            newest = ""
        for path in [*self.folder.glob("draft.duckdb*"), *self.folder.glob("[0-9]*.*")]:
            if path.stem > newest or path.name.startswith("draft"):
                path.unlink()
        return newest

    def _publish(self, draft: Path, parent: str, release: str) -> None:
        number = f"{int(parent or 0) + 1:06d}"
        snapshot = Snapshot(number, datetime.now(UTC).isoformat(timespec="seconds"), release, parent)
        _sync(draft)
        draft.rename(self.folder / f"{number}.duckdb")
        _write(self.folder / f"{number}.json", orjson.dumps(asdict(snapshot)))
        _write(self.folder / "CURRENT", number.encode())


@lru_cache(maxsize=1024)
def _noted(note: Path, _inode: int, _changed: int) -> Snapshot:
    return Snapshot(**orjson.loads(note.read_bytes()))


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    _sync(draft)
    draft.rename(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

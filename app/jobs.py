"""A background job: long work done in steps by one thread, its progress in files beside its result.

A job's record says how far it has come; every process reads the same one. While a process has a job, queued or at
work, it holds the job's lock, which ends with the process: a record that says `running` without a holder is of a
process that died, and the job can be started again from the steps that are done. All that is read and written here
is read and written behind one door, a lock of the folder held for a moment.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, Literal

import orjson
import structlog

Status = Literal["queued", "running", "cancelled", "failed", "stopped"]
Work = Callable[[int], Iterator[int]]
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come, in steps, and why it does not go on; `stopped` is one whose process died."""

    status: Status
    done: int
    total: int
    message: str = ""

    @property
    def going(self) -> bool:
        """Whether more will be done without anybody's doing."""
        return self.status in {"queued", "running"}


class PendingError(LookupError):
    """The numbers come from a run that is not complete; `run` says of what, `progress` how far it is, if begun."""

    def __init__(self, key: str, run: str, progress: Progress | None) -> None:
        going = progress is not None and progress.going
        state = f"is going: {progress.done} of {progress.total} steps" if progress and going else "is not complete"
        remedy = "ask again when it is done" if going else "open the panel on its page and press Run"
        super().__init__(f"the run of {run} {state}; {remedy}")
        self.key = key
        self.run = run
        self.progress = progress


class Jobs:
    """The jobs of one folder. Those started here are worked off here, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._queue: Queue[tuple[str, IO[str], Work]] = Queue()
        self._thread: Thread | None = None

    def start(self, key: str, total: int, work: Work) -> None:
        """Begin a job, or go on with one that was cancelled, failed or stopped; one that is going is left alone.

        `key` is the path of its record in the folder, without an ending. `work(done)` goes on from that many steps,
        or from fewer if what they made is gone, and yields how many are done after each; when it ends, its result
        must be in place.
        """
        with self._door():
            self._record(key).parent.mkdir(parents=True, exist_ok=True)
            found, lock = self._read(key), self._take(key)
            if found and found.going and not lock:
                return
            self._write(key, Progress("queued", found.done if found else 0, total))
            if lock:
                self._queue.put((key, lock, work))
                self._employ()

    def cancel(self, key: str) -> None:
        """Let a job end after the step it is at; what is done stays done."""
        with self._door():
            found = self._read(key)
            if found and found.going:
                self._write(key, replace(found, status="cancelled"))

    def state(self, key: str) -> Progress | None:
        """How far a job has come; nothing where none has begun and where all is done: the result says which."""
        with self._door():
            found = self._read(key)
            if not (found and found.going):
                return found
            if lock := self._take(key):
                self._release(key, lock)
                return replace(found, status="stopped", message="the server ended before it was done")
            return found

    def wait(self) -> None:
        """Until every job that was started here has ended."""
        self._queue.join()

    def _employ(self) -> None:
        if not (self._thread and self._thread.is_alive()):
            self._thread = Thread(target=self._serve, name="jobs", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            key, lock, work = self._queue.get()
            try:
                self._run(key, lock, work)
            except Exception as error:  # noqa: BLE001 the jobs behind this one must have their turn
                _log.error("job lost", reference=key, exc_info=error)
            finally:
                lock.close()
                self._queue.task_done()

    def _run(self, key: str, lock: IO[str], work: Work) -> None:
        begun = self._read(key)
        done = begun.done if begun else 0
        try:
            if not self._goes_on(key, lock, done):
                return
            for step in work(done):
                done = step
                if not self._goes_on(key, lock, done):
                    return
        except Exception as error:  # noqa: BLE001 a job that fails says so in its record
            _log.error("job failed", reference=key, done=done, exc_info=error)
            self._fail(key, lock, done, _reason(error))
        else:
            with self._door():
                self._record(key).unlink(missing_ok=True)
                self._release(key, lock)

    def _goes_on(self, key: str, lock: IO[str], done: int) -> bool:
        """Record the steps done; whether nobody has cancelled the job meanwhile."""
        with self._door():
            found = self._read(key) or Progress("running", done, done)
            going = found.status != "cancelled"
            self._write(key, replace(found, status="running" if going else "cancelled", done=done))
            if not going:
                self._release(key, lock)
        return going

    def _fail(self, key: str, lock: IO[str], done: int, reason: str) -> None:
        with self._door():
            found = self._read(key) or Progress("failed", done, done)
            self._write(key, replace(found, status="failed", done=done, message=reason))
            self._release(key, lock)

    @contextmanager
    def _door(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "jobs.lock").open("a") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield

    def _record(self, key: str) -> Path:
        return self.folder / f"{key}.job"

    def _read(self, key: str) -> Progress | None:
        try:
            record: dict[str, Any] = orjson.loads(self._record(key).read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        return Progress(**record)

    def _write(self, key: str, progress: Progress) -> None:
        path = self._record(key)
        draft = path.with_name(f"{path.name}.draft")
        draft.write_bytes(orjson.dumps(progress))
        draft.replace(path)

    def _take(self, key: str) -> IO[str] | None:
        """The lock of a job, unless a process has it."""
        lock = (self.folder / f"{key}.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def _release(self, key: str, lock: IO[str]) -> None:
        (self.folder / f"{key}.lock").unlink(missing_ok=True)
        lock.close()


def _reason(error: Exception) -> str:
    """Why a job failed, in words that any reader may see: they name no file and no position."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "out of memory" if isinstance(error, MemoryError) else "an unexpected error"

"""The server process: the address it listens on, and the workers it starts."""

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from app.settings import Settings


def expect_free(settings: Settings) -> None:
    """Stop in one line where another program has the address: the server itself would break down over it."""
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise SystemExit(
            f"cannot listen on {settings.host}:{settings.port}: {why}; choose another with PARAPET_PORT, or --port"
        ) from None


def listen(settings: Settings) -> None:
    """Serve until told to stop; the worker reads the same settings from its environment."""
    from granian import Granian  # noqa: PLC0415 needed by the commands that serve only
    from granian.constants import Interfaces  # noqa: PLC0415

    for name, value in settings.model_dump(exclude_none=True).items():
        if isinstance(value, dict):
            continue  # no command sets these: the worker reads them where they were read from
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        os.environ[f"PARAPET_{name.upper()}"] = str(plain)
    server = Granian(
        "app.serving:worker",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=settings.threads,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
    )
    with _preparing(settings):
        server.serve()


def worker() -> Flask:
    """The application of a worker process, whose search for garbage leaves out what its start made.

    All of that lives as long as the process, and looking at it took a fifth of a second in which no page was answered.
    The sums are compiled before anyone is answered: beside the first requests that took them up to a second each.
    """
    from app.main import create_server  # noqa: PLC0415 the commands that start workers need none of it
    from app.risk import cube  # noqa: PLC0415 as above

    server = create_server()
    cube.prepare()
    gc.collect()
    gc.freeze()
    return server


@contextmanager
def _preparing(settings: Settings) -> Iterator[None]:
    """Beside the block, pages are answered before they are asked for, by a process that gives way to all others."""
    if not settings.prepare:
        yield
        return
    command = ["nice", "-n", "19", sys.executable, "-m", "app", "prepare"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 our own program
        try:
            yield
        finally:
            process.terminate()

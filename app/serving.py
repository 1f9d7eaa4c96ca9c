"""The server process: the address it listens on, and the workers it starts."""

import os
import socket

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

    for name, value in settings.model_dump().items():
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        os.environ[f"PARAPET_{name.upper()}"] = str(plain)
    Granian(
        "app.main:create_server",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=settings.threads,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
    ).serve()

"""A Postgres of the tests' own: started from the machine's binaries on a socket in a folder of its own, and removed."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
"""Who runs it where the tests run as root, for Postgres will not."""


def binaries():
    """The folder of Postgres's programs; None where there is none."""
    folders = [*os.environ["PATH"].split(os.pathsep), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin")))]
    return next((Path(folder) for folder in folders if (Path(folder) / "initdb").exists()), None)


@contextmanager
def running(programs):
    """A server without a port; gives what stands before and after a database's name in its addresses."""
    home = Path(tempfile.mkdtemp(prefix="parapet-pg-"))
    root = os.geteuid() == 0
    if root:
        os.chown(home, NOBODY, NOBODY)
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []

    def run(program, *arguments):
        command = [*as_nobody, str(programs / program), *arguments]
        done = subprocess.run(
            command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr

    options = f"-c listen_addresses='' -c fsync=off -c full_page_writes=off -k {home}"
    try:
        run("initdb", "-D", str(home / "data"), "-A", "trust", "-U", "parapet", "--no-sync", "-E", "UTF8", "--locale=C")
        run("pg_ctl", "-D", str(home / "data"), "-l", str(home / "log"), "-o", options, "-w", "start")
        yield "postgresql+psycopg://parapet@/", f"?host={home}"
        run("pg_ctl", "-D", str(home / "data"), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)

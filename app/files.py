"""The house's own scripts and styles: each kind is sent as one file, whose address changes with what is in it."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from dash import Dash
from flask import Response

_TYPES = {"js": "text/javascript", "css": "text/css"}


class Joined(NamedTuple):
    """All files of a kind in one."""

    name: str
    mimetype: str
    body: bytes

    def send(self) -> Response:
        """It as an answer, which is compressed on its way out like any other of the assets."""
        return Response(self.body, mimetype=self.mimetype)


def join(app: Dash) -> list[Joined]:
    """One script and one style sheet of the app's assets, but for those it ignores, for every page of it to load.

    Whoever serves the app adds a route to each of them (`app.routes.send_files`).
    """
    folder, ignored = Path(app.config.assets_folder), re.compile(app.config.assets_ignore)
    files = [path for path in sorted(folder.iterdir()) if not ignored.search(path.name)]
    found = []
    for kind, mimetype in _TYPES.items():
        body = b"".join(path.read_bytes() for path in files if path.suffix == f".{kind}")
        found.append(Joined(f"parapet.{kind}", mimetype, body))
    script, style = (_versioned(app, each.name, each.body) for each in found)
    app.config.external_scripts, app.config.external_stylesheets = [script], [style]
    return found


def addressed(app: Dash, name: str) -> str:
    """The address of one of the assets, which changes with the file."""
    return _versioned(app, name, (Path(app.config.assets_folder) / name).read_bytes())


def _versioned(app: Dash, name: str, body: bytes) -> str:
    return f"{app.get_asset_url(name)}?m={hashlib.sha256(body).hexdigest()[:16]}"

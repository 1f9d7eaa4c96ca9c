"""The house's own scripts and styles: each kind is sent as one file, whose address changes with what is in it."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from dash import Dash
from flask import Response

from app import compression

_TYPES = {"js": "text/javascript", "css": "text/css"}


@dataclass(frozen=True)
class Joined:
    """All files of a kind in one, compressed once."""

    name: str
    mimetype: str
    body: bytes
    packed: bytes

    def send(self) -> Response:
        """It as an answer, small to a browser that takes that."""
        if not compression.accepted():
            return Response(self.body, mimetype=self.mimetype)
        told = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(self.packed, mimetype=self.mimetype, headers=told)


def join(app: Dash) -> list[Joined]:
    """One script and one style sheet of the app's assets, but for those it ignores, for every page of it to load.

    Whoever serves the app adds a route to each of them (`app.routes.send_files`).
    """
    folder, ignored = Path(app.config.assets_folder), re.compile(app.config.assets_ignore)
    files = [path for path in sorted(folder.iterdir()) if not ignored.search(path.name)]
    found = []
    for kind, mimetype in _TYPES.items():
        body = b"".join(path.read_bytes() for path in files if path.suffix == f".{kind}")
        found.append(Joined(f"parapet.{kind}", mimetype, body, gzip.compress(body, 9, mtime=0)))
    script, style = (_versioned(app, each.name, each.body) for each in found)
    app.config.external_scripts, app.config.external_stylesheets = [script], [style]
    return found


def addressed(app: Dash, name: str) -> str:
    """The address of one of the assets, which changes with the file."""
    return _versioned(app, name, (Path(app.config.assets_folder) / name).read_bytes())


def _versioned(app: Dash, name: str, body: bytes) -> str:
    return f"{app.get_asset_url(name)}?m={hashlib.sha256(body).hexdigest()[:16]}"

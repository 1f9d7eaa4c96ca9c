"""The house's own scripts and styles: each kind is sent as one file, whose address changes with what is in it."""

import gzip
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from dash import Dash
from flask import Response

from app import compression

_TYPES = {"js": "text/javascript", "css": "text/css"}


def install(app: Dash) -> None:
    """Have every page of the app load its assets, but for those it ignores, as one script and one style sheet."""
    folder, ignored = Path(app.config.assets_folder), re.compile(app.config.assets_ignore)
    files = [path for path in sorted(folder.iterdir()) if not ignored.search(path.name)]
    app.config.external_scripts = [_send(app, "js", files)]
    app.config.external_stylesheets = [_send(app, "css", files)]


def addressed(app: Dash, name: str) -> str:
    """The address of one of the assets, which changes with the file."""
    return _versioned(app, name, (Path(app.config.assets_folder) / name).read_bytes())


def _send(app: Dash, kind: str, files: Iterable[Path]) -> str:
    """Add the route of all files of that kind in one, compressed once; its address."""
    name = f"parapet.{kind}"
    body = b"".join(path.read_bytes() for path in files if path.suffix == f".{kind}")
    packed = gzip.compress(body, 9, mtime=0)

    def send() -> Response:
        if not compression.accepted():
            return Response(body, mimetype=_TYPES[kind])
        told = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(packed, mimetype=_TYPES[kind], headers=told)

    route = f"{app.config.routes_pathname_prefix}{app.config.assets_url_path}/{name}"
    app.server.add_url_rule(route, f"{app.config.name}-{kind}", send)
    return _versioned(app, name, body)


def _versioned(app: Dash, name: str, body: bytes) -> str:
    return f"{app.get_asset_url(name)}?m={hashlib.sha256(body).hexdigest()[:16]}"

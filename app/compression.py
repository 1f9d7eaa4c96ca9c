"""Answers made small: gzip for browsers that take it, once for the files of components, and how long each is kept."""

import gzip
import hashlib
from dataclasses import dataclass, field

from dash.fingerprint import check_fingerprint
from flask import Flask, Response, request

SUITES = ("/_dash-component-suites/", "/embed/_dash-component-suites/")
ASSETS = ("/assets/", "/embed/assets/")
FOR_GOOD = "private, max-age=31536000, immutable"
"""Said of an address that names the version of its file: another version has another address."""

ASK_AGAIN = "private, no-cache"
"""Said of a file whose address stays the same: kept, but asked for anew (304 if it is the same)."""

_SMALLEST = 1000
_TEXTS = frozenset(
    {
        "application/javascript",
        "application/json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)


def install(server: Flask) -> None:
    """Compress what the server answers from now on; the guard, whenever it is installed, stands outside of this.

    The files of the component packages are the same for every reader and as long as the process lives: they are
    compressed once. All else is compressed as it is sent and never kept, so nothing of one reader reaches another.
    Streams, such as exports, go out as they are.
    """
    files = _Files()
    server.before_request(files.recall)
    server.after_request(lambda response: files.keep(response) if _of_suite() else _shrink(response))


@dataclass
class _Files:
    """The files of the component packages that somebody asked for, compressed, by their path without a version."""

    packed: dict[str, tuple[bytes, str, str]] = field(default_factory=dict)

    def recall(self) -> Response | None:
        """Before a request: the file if it is kept, which spares reading and hashing it."""
        if request.method != "GET" or not _of_suite() or not accepted():
            return None
        path, versioned = check_fingerprint(request.path)
        return self._send(path, versioned=versioned) if path in self.packed else None

    def keep(self, response: Response) -> Response:
        """After a request: the file compressed, for this request and all that follow."""
        if not _worth(response) or response.content_encoding:
            return response
        path, versioned = check_fingerprint(request.path)
        body = gzip.compress(response.get_data(), 9, mtime=0)
        self.packed[path] = (body, response.mimetype or "", hashlib.sha256(body).hexdigest()[:20])
        return self._send(path, versioned=versioned)

    def _send(self, path: str, *, versioned: bool) -> Response:
        body, mimetype, tag = self.packed[path]
        response = Response(body, mimetype=mimetype, headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
        response.headers["Cache-Control"] = FOR_GOOD if versioned else ASK_AGAIN
        response.set_etag(tag)
        response.make_conditional(request)
        return response


def _shrink(response: Response) -> Response:
    """Any other answer: compressed quickly, if it is a whole text; the pages' own files are kept by their version."""
    own = request.path.startswith(ASSETS)
    if own and response.status_code == 200 and "m" in request.args:
        response.headers["Cache-Control"] = FOR_GOOD
    if not _worth(response):
        return response
    if own:
        response.direct_passthrough = False  # Flask would hand the open file to the server
    elif response.is_streamed:
        return response
    if len(body := response.get_data()) < _SMALLEST:
        return response
    response.set_data(gzip.compress(body, 9 if own else 1, mtime=0))
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _worth(response: Response) -> bool:
    return (
        response.status_code == 200
        and response.mimetype in _TEXTS
        and not response.content_encoding
        and request.method != "HEAD"
        and accepted()
    )


def _of_suite() -> bool:
    return request.path.startswith(SUITES)


def accepted() -> bool:
    """Whether who asks takes gzip."""
    return request.accept_encodings.quality("gzip") > 0

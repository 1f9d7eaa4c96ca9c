"""A notice is a small page of its own, for what a reader is told outside the dashboards."""

from dataclasses import dataclass
from pathlib import Path

from flask import Response, render_template_string

STYLE = Path(__file__).with_name("notice.css").read_text(encoding="utf-8")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
"""Policy of pages without script; it says nothing of forms, for that would cut the redirects of a logout."""

_PAGE = Path(__file__).with_name("notice.html").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Notice:
    """A title, a sentence, the detail to pass on to an operator, and the one thing to do next."""

    title: str
    text: str
    detail: str = ""
    action: str = ""
    href: str = ""
    post: bool = False


def show(notice: Notice, status: int) -> Response:
    """Answer with the notice as a page."""
    return page(_PAGE, status, notice=notice)


def page(template: str, status: int, **values: object) -> Response:
    """Answer with a self-contained page that runs no script and of which no copy is kept."""
    response = Response(render_template_string(template, style=STYLE, **values), status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response

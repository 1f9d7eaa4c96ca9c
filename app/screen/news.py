"""What is new: the changelog that lies beside the program, as a page of the drawer and a dot until it has been read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.filters import Filters
from app.screen.drawer import Open, leaf
from data.scope import Scope

NAME = "CHANGELOG.md"
_MARKS = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Release:
    """What one release brought: `changes` are kinds (Added, Changed, …) with their lines."""

    version: str
    day: str
    changes: tuple[tuple[str, tuple[str, ...]], ...]


def present() -> str:
    """The release that is running."""
    return version("parapet")


@lru_cache
def changelog() -> str:
    """The file of the package, or of the source tree; empty where an installation has none."""
    places = (files("app") / NAME, Path(__file__).parents[2] / NAME)
    return next((place.read_text(encoding="utf-8") for place in places if place.is_file()), "")


def releases(text: str) -> list[Release]:
    """The releases of a changelog (keepachangelog.com), newest first; those without a line are left out."""
    found = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        name, _, day = head.replace("[", "").replace("]", "").partition(" - ")
        if changes := tuple(_changes(body)):
            found.append(Release(name.strip(), day.strip(), changes))
    return found


def pages() -> dict[str, Open]:
    """The page of the drawer: `#news=all`."""

    def news(_: Mapping[str, str], _filters: Filters, _scope: Scope) -> list[Component]:
        parts = [_shown(release) for release in releases(changelog())]
        missing = html.P("This installation has no changelog; ask the operators.")
        return leaf("What's new", f"this is release {present()}", parts or [missing])

    return {"news": news}


def link() -> Component:
    """The link of the reader's menu."""
    return html.A("What's new", href="#news=all")


def store() -> Component:
    """The present release, for the browser to compare with the one that the reader has seen."""
    return dcc.Store(id="release", data=present())


def install(app: Dash) -> None:
    """The dot on the reader's menu: on until the page has been opened in this release."""
    app.clientside_callback(
        ClientsideFunction("news", "dot"), Output("release", "data"), Input("url", "hash"), State("release", "data")
    )


def _changes(body: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kinds with their lines; a line that goes on below is joined."""
    for part in re.split(r"^### ", body, flags=re.MULTILINE):
        kind, _, rest = part.partition("\n")
        if lines := tuple(" ".join(line.split()) for line in re.split(r"^- ", rest, flags=re.MULTILINE)[1:]):
            yield kind.strip(), lines


def _shown(release: Release) -> Component:
    name = f"Release {release.version}" if release.version[0].isdigit() else release.version
    heads = [html.H2([name, html.Span(f" {release.day}", className="faint")])]
    parts = [
        part
        for kind, lines in release.changes
        for part in (html.H3(kind), html.Ul([html.Li(list(_inline(line))) for line in lines]))
    ]
    return html.Section([*heads, *parts], className="release")


def _inline(line: str) -> Iterator[Any]:
    """Text with code and bold; of a link its words, because the files of `docs/` are not served."""
    end = 0
    for mark in _MARKS.finditer(line):
        yield line[end : mark.start()]
        code, bold, words = mark.groups()
        yield html.Code(code, className="name") if code else html.B(bold) if bold else words
        end = mark.end()
    yield line[end:]

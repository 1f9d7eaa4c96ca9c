"""The few numbers read first, as tiles; a click on one explains it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from app.figures.number import text, tone, unit
from app.figures.plain import plain
from app.table import Table

_ALARMS = {"breach", "warning"}
_JUDGED = {"breach": "breach", "red": "breach", "warning": "warning", "amber": "warning", "green": "gain", "ok": "gain"}


def draw(table: Table, *, theme: str, scale: str, tiles: Sequence[Mapping[str, Any]], **_: Any) -> dict[str, Any]:
    """One row of numbers; a tile is `{label, values: (column, …), notes: ((words, column), …)}`.

    It may have a `level`, a confidence that follows the label: the name of the reader's choice and what holds unless
    one is chosen; and `words` that follow a value (column → words). A value called `breach` or `warning` takes that
    colour unless it is 0; a value that is itself a word (a zone) judges the number before it.
    """
    del theme
    row = table.frame.iloc[0]
    cards = [_tile(table, row, tile, scale) for tile in tiles]
    drawn: dict[str, Any] = plain(html.Div(cards, className="figure tiles", **{"data-unit": unit(table, scale)}))
    return drawn


def _tile(table: Table, row: Any, tile: Mapping[str, Any], scale: str) -> html.A:
    figures = _figures(table, row, tile, scale)
    notes: list[Any] = []
    for words, name in tile.get("notes", ()):
        value, column = row[name], table.column(name)
        notes += [
            " · " if notes else "",
            f"{words} ".lstrip(),
            html.Span(text(value, column, scale), className=tone(value, column)),
        ]
    length = sum(len(part.children) * (0.6 if part.className.startswith("word") else 1) for part in figures)
    return html.A(
        [
            html.Span(_label(table, tile), className="label"),
            html.Span(figures, className="value", style={"--n": round(length, 1)}),
            html.Span(notes, className="notes"),
        ],
        className="card tile",
        href=f"#explain={table.about.key}",
    )


def _label(table: Table, tile: Mapping[str, Any]) -> str:
    if "level" not in tile:
        return str(tile["label"])
    name, usual = tile["level"]
    return f"{tile['label']} {100 * float(dict(table.about.filters).get(name, usual)):g}%"


def _figures(table: Table, row: Any, tile: Mapping[str, Any], scale: str) -> list[html.Span]:
    found: list[html.Span] = []
    for name in tile["values"]:
        value, column = row[name], table.column(name)
        said, words = text(value, column, scale), tile.get("words", {}).get(name)
        gap = " " if found else ""
        if column.kind == "text":
            found.append(html.Span(f"{gap}{said}", className=f"word {_JUDGED.get(said, '')}".rstrip()))
        elif words:
            found.append(html.Span(f"{gap}{said}", className=_alarm(name, value)))
            found.append(html.Span(f" {words}", className="word"))
        elif found:
            found.append(html.Span(f" / {said}", className="second"))
        else:
            found.append(html.Span(said, className=_alarm(name, value) or tone(value, column)))
    return found


def _alarm(name: str, value: Any) -> str:
    return name if name in _ALARMS and value else ""

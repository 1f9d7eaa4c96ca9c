"""The few numbers read first, as tiles; a click on one explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import html

from app.figures.number import least, text, tone, unit
from app.figures.plain import plain
from app.table import Column, Table

THEMED = True  # its numbers are written here, with the reader's separators
_ALARMS = {"breach", "warning"}
_JUDGED = {"breach": "breach", "red": "breach", "warning": "warning", "amber": "warning", "green": "gain", "ok": "gain"}


def draw(table: Table, *, theme: str, scale: str, tiles: Sequence[Mapping[str, Any]], **_: Any) -> dict[str, Any]:
    """One row of numbers; a tile is `{label, values: (column, …), notes: ((words, column), …)}`.

    It may have a `level`, a confidence that follows the label: the name of the reader's choice and what holds unless
    one is chosen; and `words` that follow a value (column → words). A value called `breach` or `warning` takes that
    colour unless it is 0; a value that is itself a word (a zone) judges the number before it, among the notes too.
    `judged` is a column of such a word that is not said itself: the first value takes its colour where it alarms.
    `change` is a column that stands first among the notes with an arrow and the date compared with. `otherwise` is the
    tile that stands in its place where the first number reads as zero and that tile's does not.
    """
    del theme
    row = table.frame.iloc[0]
    cards = [_tile(table, row, _leading(table, row, tile, scale), scale) for tile in tiles]
    drawn: dict[str, Any] = plain(html.Div(cards, className="figure tiles", **{"data-unit": unit(table, scale)}))
    return drawn


def _leading(table: Table, row: Any, tile: Mapping[str, Any], scale: str) -> Mapping[str, Any]:
    """The tile, or the one in its place where that alone has something to say."""
    other = tile.get("otherwise")
    if not other:
        return tile
    mine, its = (way["values"][0] for way in (tile, other))
    silent = abs(row[mine]) < least(table.column(mine), scale)
    return other if silent and abs(row[its]) >= least(table.column(its), scale) else tile


def _tile(table: Table, row: Any, tile: Mapping[str, Any], scale: str) -> html.A:
    figures = _figures(table, row, tile, scale)
    notes = _change(table, row, tile, scale)
    for words, name in tile.get("notes", ()):
        value, column = row[name], table.column(name)
        number = _number(name, said := text(value, column, scale), tone(value, column) or _judged(said, column))
        notes.append(html.Span([" · " if notes else "", f"{words} ".lstrip(), number], className="note"))
    length = sum(len(part.children) * (0.6 if part.className.startswith("word") else 1) for part in figures)
    return html.A(
        [
            html.Span(_label(table, tile), className="label"),
            html.Span(figures, className="value", style={"--n": round(length, 1)}),
            html.Span(notes, className="notes"),
        ],
        className="card tile",
        href=f"#explain={table.about.key}&column={tile['values'][0]}",
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
            found.append(_number(name, f"{gap}{said}", _alarm(name, value)))
            found.append(html.Span(f" {words}", className="word"))
        elif found:
            found.append(_number(name, f" / {said}", "second"))
        else:
            state = str(row[tile["judged"]]) if "judged" in tile else ""
            found.append(_number(name, said, _alarm(name, value) or _alarm(state, 1) or tone(value, column)))
    return found


def _change(table: Table, row: Any, tile: Mapping[str, Any], scale: str) -> list[html.Span]:
    """How much a number has risen or fallen since the date compared with; nothing where that is not known."""
    name = tile.get("change", "")
    if not name or row[name] != row[name]:
        return []
    said = text(abs(row[name]), replace(table.column(name), signed=False), scale)
    arrow, kind = ("▲", "up") if row[name] > 0 else ("▼", "down")
    return [
        html.Span([_number(name, f"{arrow} {said}", kind), f" vs {table.about.compared_with[5:]}"], className="note")
    ]


def _judged(said: str, column: Column) -> str:
    return _JUDGED.get(said, "") if column.kind == "text" else ""


def _number(name: str, said: str, kind: str) -> html.Span:
    """A number that a click explains, by its column."""
    return html.Span(said, className=kind, **{"data-column": name})


def _alarm(name: str, value: Any) -> str:
    return name if name in _ALARMS and value else ""

"""The few numbers read first, as tiles; a click on one explains it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from app.figures.number import text, tone, unit
from app.figures.plain import plain
from app.table import Table


def draw(table: Table, *, theme: str, scale: str, tiles: Sequence[Mapping[str, Any]], **_: Any) -> dict[str, Any]:
    """One row of numbers; a tile is `{label, values: (column, …), notes: ((words, column), …)}`."""
    del theme
    row = table.frame.iloc[0]
    cards = [_tile(table, row, tile, scale) for tile in tiles]
    drawn: dict[str, Any] = plain(html.Div(cards, className="figure tiles", **{"data-unit": unit(table, scale)}))
    return drawn


def _tile(table: Table, row: Any, tile: Mapping[str, Any], scale: str) -> html.A:
    shown = [(row[name], table.column(name)) for name in tile["values"]]
    texts = [text(value, column, scale) for value, column in shown]
    figures: list[Any] = [html.Span(texts[0], className=tone(*shown[0]))]
    figures += [html.Span(f" / {extra}", className="second") for extra in texts[1:]]
    notes: list[Any] = []
    for words, name in tile.get("notes", ()):
        value, column = row[name], table.column(name)
        notes += [
            " · " if notes else "",
            f"{words} ",
            html.Span(text(value, column, scale), className=tone(value, column)),
        ]
    length = {"--n": sum(map(len, texts)) + 3 * (len(texts) - 1)}
    return html.A(
        [
            html.Span(tile["label"], className="label"),
            html.Span(figures, className="value", style=length),
            html.Span(notes, className="notes"),
        ],
        className="card tile",
        href=f"#explain={table.about.key}",
    )

"""A tree as areas: how much each part contributes is its area, whether it adds or takes away its colour and sign."""

from typing import Any

from app.figures.cross import Narrowing, is_chosen, narrowing
from app.figures.name import name
from app.figures.number import exact, results, text
from app.figures.theme import graph, tint, tokens
from app.figures.tree import SEPARATOR, parents, paths
from app.table import Column, Table

THEMED = True
_ROOT = "all"


def draw(table: Table, *, theme: str, scale: str, value: str = "", most: int = 150, **more: Any) -> dict[str, Any]:
    """Rows by `level` (0 is the total) with their keys first, as in a tree.

    `value` is the column drawn (default: the first number), unless the table has numbers in the column that the option
    `rather` names.

    The area of a leaf is its absolute value and of a parent the sum of its leaves' areas, so parts that cancel out
    stay visible; the printed and hovered number is the row's own, its share that of the total row. Results (P&L) are
    drawn in gain and loss, anything else (component VaR) in accent, what lowers it in grey; what is negative is
    hatched. Beyond the `most` largest the leaves of a parent join into one. A click narrows the page to the part,
    whose frame then stands out; a click on the title of the whole takes that away.
    """
    ink = tokens(theme)
    deepest = int(table.frame["level"].max())
    keys = tuple(column.name for column in table.columns[:deepest])
    rather = more.get("rather", "")
    known = rather in table.frame and table.frame[rather].notna().any()
    column = table.column(rather if known else value or table.columns[deepest].name)
    at = paths(table.frame, keys)
    places = dict(zip(at, table.frame[column.name].fillna(0.0).tolist(), strict=True))
    whole = places.get("", sum(places[path] for path in at if path.count(SEPARATOR) == 0))
    ends = [path for path, more in zip(at, parents(table.frame), strict=True) if path and not more and places[path]]
    leaves = _joined(ends, places, most)
    areas = _areas(leaves)
    places |= {"": whole, **{path: sum(values) for path, values in leaves.items()}}
    ids = list(areas)
    narrowings = {path: _narrowing(path, at, keys, table) for path in ids}
    marked = [is_chosen(table, narrowings[path]) for path in ids]
    texts = {path: text(places[path], column, scale) for path in ids}
    tiles = {
        "type": "treemap",
        "ids": [path or _ROOT for path in ids],
        "labels": [
            _label(path, table, column) + ("" if path in leaves else f"  {said}") for path, said in texts.items()
        ],
        "parents": [(path.rpartition(SEPARATOR)[0] or _ROOT) if path else "" for path in ids],
        "values": [areas[path] for path in ids],
        "branchvalues": "total",
        "text": list(texts.values()),
        "texttemplate": "%{label}<br><b>%{text}</b>",
        "customdata": [_hover(path, places[path], whole, column) for path in ids],
        "hovertemplate": "%{customdata}<extra></extra>",
        "meta": {"cross": list(narrowings.values())},
        "marker": {
            "colors": [_colour(ink, column, places[path], leaf=path in leaves) for path in ids],
            "line": {
                "width": [1 + mark for mark in marked],
                "color": [ink["accent" if mark else "panel"] for mark in marked],
            },
            "pattern": {
                "shape": ["/" if path in leaves and places[path] < 0 else "" for path in ids],
                "fillmode": "overlay",
                "fgcolor": ink["panel"],
                "fgopacity": 0.4,
                "size": 7,
                "solidity": 0.15,
            },
            "pad": {"t": 18, "l": 3, "r": 3, "b": 3},
        },
        "tiling": {"packing": "squarify", "pad": 2},
        "textfont": {"color": ink["text"]},
        "pathbar": {"visible": False},
    }
    layout = {"margin": {"l": 8, "r": 8, "t": 0, "b": 6}, "uniformtext": {"minsize": 10, "mode": "hide"}}
    return graph(table, [tiles], layout, theme=theme, scale=scale)


def _narrowing(path: str, known: list[str], keys: tuple[str, ...], table: Table) -> Narrowing | None:
    """A part's keys, and no deeper ones; what joins several is as its parent, the whole has no key."""
    parts = [part for part in (path if path in known else path.rpartition(SEPARATOR)[0]).split(SEPARATOR) if part]
    found: Narrowing = dict.fromkeys(keys, "")
    for key, part in zip(keys, parts, strict=False):
        one = narrowing(table.column(key), part)
        if one is None:
            return None
        found |= one
    return found


def _joined(ends: list[str], places: dict[str, float], most: int) -> dict[str, list[float]]:
    """Leaf → the values it stands for: its own, or those of the small ones that share a parent."""
    large = set(sorted(ends, key=lambda path: -abs(places[path]))[:most])
    small: dict[str, list[float]] = {}
    for path in ends:
        if path not in large:
            small.setdefault(path.rpartition(SEPARATOR)[0], []).append(places[path])
    others = {f"{parent}{SEPARATOR}{len(values)} more": values for parent, values in small.items()}
    return {path: [places[path]] for path in ends if path in large} | others


def _areas(leaves: dict[str, list[float]]) -> dict[str, float]:
    """Path → area, parents before their children, without what has no area; the whole is the empty path."""
    areas: dict[str, float] = {}
    for leaf, values in leaves.items():
        parts = leaf.split(SEPARATOR)
        for level in range(len(parts) + 1):
            path = SEPARATOR.join(parts[:level])
            areas[path] = areas.get(path, 0.0) + sum(map(abs, values))
    return areas


def _label(path: str, table: Table, column: Column) -> str:
    return name(path.rpartition(SEPARATOR)[2], table.columns[path.count(SEPARATOR)]) if path else column.label


def _hover(path: str, value: float, whole: float, column: Column) -> str:
    share = f"{value / whole:.1%} of the total".replace("-", "\N{MINUS SIGN}") if whole else ""
    where = path.replace(SEPARATOR, " › ") or column.label
    return f"{where}<br><b>{exact([value])[0]}</b> {column.unit}  {share}"


def _colour(ink: dict[str, str], column: Column, value: float, *, leaf: bool) -> str:
    if not leaf:
        return ink["panel2"]
    more, less = ("gain", "loss") if results(column) else ("accent", "mute")
    return tint(ink, more if value >= 0 else less)

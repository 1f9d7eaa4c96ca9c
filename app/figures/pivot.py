"""A pivot as a grid: a tree of rows under grouped headers, shaded where the reader asks for heat; the total stays."""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any

from app.figures.blank import blank
from app.figures.cells import columns, lengths, rows
from app.figures.number import decimals, divisor, results, unit
from app.figures.theme import STRONGEST
from app.figures.tree import branches, named, paths
from app.table import Column, Table

HOLLOW = True
BETWEEN = " · "
SPAN = "20 days"
MOST_CELLS = 400_000
_FEW = 14
_WIDEST = 210
_LAYOUT = {"rows", "cols", "show", "compare", "heat", "trend"}


def draw(
    table: Table, *, theme: str, scale: str, drill: str = "", trends: Collection[str] = (), **_: Any
) -> dict[str, Any]:
    """Text columns are the keys of the tree, one a level; every other label says its groups, ` · ` between them.

    The names of numbers are those of app.pivot. Columns of shares carry bars. Where the table's filters say heat,
    each number is shaded by its size among those of its level: results in gain and loss, sides in accent and grey.
    Beside each of the numbers `trends` stands a small line, which comes later (`lines`).
    """
    del theme
    keys = tuple(column.name for column in table.columns if column.kind == "text")
    leaves = table.columns[len(keys) :]
    if not (table.frame["level"] > 0).any() or len(table.frame) * len(leaves) > MOST_CELLS:
        return _nothing(table, len(table.frame) * len(leaves))
    names = [column.name for column in leaves]
    labels = _labels(leaves)
    short = replace(table, columns=tuple(replace(leaf, label=leaf.label.rpartition(BETWEEN)[2]) for leaf in leaves))
    bars = [column.name for column in leaves if _share(column)]
    cells = columns(short, scale, names, bars)
    heat = ("heat", "1") in table.about.filters
    scales = _scales(table, leaves) if heat else {}
    drawn = [_dressed(cell, column, scales) for cell, column in zip(cells, leaves, strict=True)]
    for place, at in enumerate(labels):
        if place and at[:-1] != labels[place - 1][:-1]:
            drawn[place] |= {"cellClass": "ag-right-aligned-cell edge", "headerClass": "ag-right-aligned-header edge"}
        drawn[place]["headerName"] = at[-1]
    _put_lines(leaves, labels, drawn, trends, scale)
    levels = table.frame["level"]
    depth = next((d for d in range(len(keys)) if (levels <= d + 1).sum() > _FEW), len(keys))
    wide = any(len(at) > 1 for at in labels)
    return branches(
        table,
        keys,
        rows(table, names),
        depth,
        unit(table, scale),
        measured=lengths(short, scale, bars),
        columnDefs=[named(table, keys, drill=drill, widest=_WIDEST, pinned=wide), *_grouped(labels, drawn)],
    )


def lines(table: Table, names: Collection[str], waits: Collection[str]) -> dict[str, Any]:
    """What a browser draws lines of: `rows`, path → number → its values in one text; `days`; the labels that `waits`.

    The table has a column `number~day` for each of the names and days; a hole is `x`. Too many are none.
    """
    days = [*dict.fromkeys(day for column in table.columns if (day := column.name.partition("~")[2]))]
    named = [name for name in names if name not in waits and len(table.frame) * len(days) * len(names) <= MOST_CELLS]
    keys = tuple(column.name for column in table.columns if column.kind == "text")
    texts = [_texts(table, name, days) for name in named]
    rows_of = zip(paths(table.frame, keys), *texts, strict=True)
    labels = [table.column(name).label.replace(BETWEEN, " ") for name in waits]
    return {"days": days, "rows": {path: dict(zip(named, own, strict=True)) for path, *own in rows_of}, "waits": labels}


def _texts(table: Table, name: str, days: Iterable[str]) -> list[str]:
    """The values of each row, to seven digits."""
    values = table.frame[[f"{name}~{day}" for day in days]].to_numpy(dtype=float)
    return [" ".join("x" if math.isnan(value) else f"{value:.7g}" for value in row) for row in values.tolist()]


def _put_lines(
    leaves: Iterable[Column], labels: list[list[str]], drawn: list[dict[str, Any]], trends: Collection[str], scale: str
) -> None:
    """A column of lines after each of the numbers that have them."""
    for column in [leaf for leaf in leaves if leaf.name in trends]:
        place = next(at for at, cell in enumerate(drawn) if cell.get("field") == column.name) + 1
        told = column.label.split(BETWEEN)
        title = next((part for part in told if part != "Total"), "")
        params = {"divisor": divisor(column, scale), "decimals": decimals(column, scale), "label": title}
        labels.insert(place, [*labels[place - 1][:-1], SPAN])
        drawn.insert(
            place,
            {
                "colId": f"{column.name}:trend",
                "headerName": SPAN,
                "headerTooltip": f"{title} on each of the last 20 business days",
                "valueGetter": {"function": f"pivotLine(params, '{column.name}')"},
                "cellRenderer": "Trend",
                "cellRendererParams": params | {"kind": "result" if _is_result(column) else "level"},
                "sortable": False,
                "minWidth": 86,
                "flex": 86,
            },
        )


def _nothing(table: Table, cells: int) -> dict[str, Any]:
    """A sentence in place of a tree that is empty, or larger than a browser bears."""
    chosen = table.titled(filters=tuple(pair for pair in table.about.filters if pair[0] not in _LAYOUT))
    if cells <= MOST_CELLS:
        return blank(chosen)
    much = f"{cells:,} cells are more than a page can show ({MOST_CELLS:,}): take a key off, or narrow the book."
    return blank(chosen, f"{much} The files hold them all.")


def _grouped(labels: list[list[str]], cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells under the groups that their labels share, innermost last."""
    found: list[dict[str, Any]] = []
    places = groupby(range(len(cells)), lambda place: labels[place][0] if len(labels[place]) > 1 else None)
    for title, members in places:
        own = list(members)
        if title is None:
            found += [cells[place] for place in own]
            continue
        inner = _grouped([labels[place][1:] for place in own], [cells[place] for place in own])
        found.append({"headerName": title, "marryChildren": True, "children": inner})
    return found


def _labels(leaves: Iterable[Column]) -> list[list[str]]:
    """Of each column the groups above it, then its own label; money per something says per what beside its number."""
    leaves = list(leaves)
    compared = any(_bare(column)[1] for column in leaves)
    named = [re.split("[:@]", column.name)[0] for column in leaves]
    units = {column.name.partition("@")[0]: column.unit.partition("/")[2] for column in leaves}
    found = [column.label.split(BETWEEN) for column in leaves]
    for name, label in zip(named, found, strict=True):
        if per := units[name]:
            label[-2 if compared else -1] += " " + f"(per {per})".replace(" ", "\N{NO-BREAK SPACE}")
    return found


def _bare(column: Column) -> tuple[str, str]:
    """The number's own name (`var`), and what is shown of it: nothing, `other`, `change` or `percent`."""
    name, _, role = column.name.partition("@")[0].partition(":")
    return name.partition(".")[2], role


def _share(column: Column) -> bool:
    return column.kind == "ratio" and column.unit == "%" and not column.signed and not _bare(column)[1]


def _is_result(column: Column) -> bool:
    return results(replace(column, name=_bare(column)[0]))


def _dressed(cell: dict[str, Any], column: Column, scales: dict[str, list[float]]) -> dict[str, Any]:
    """A cell coloured as a result only if its number is one; with heat it is shaded instead."""
    scale = scales.get(_shading(column))
    rules = cell.get("cellClassRules", {})
    if scale or not _is_result(column) or _bare(column)[1] in {"change", "percent"}:
        rules = {name: rule for name, rule in rules.items() if name not in {"gain", "loss"}}
    zero = {"zero": "params.value !== null && Math.abs(params.value) < 0.0005"} if column.kind == "ratio" else {}
    cell = {**cell, "cellClassRules": {**rules, **zero, "hole": "params.value === null"}}
    if not scale:
        return cell
    tone = "result" if _is_result(column) else "side"
    return {**cell, "cellStyle": {"function": f"pivotHeat(params, {scale}, '{tone}', {100 * STRONGEST:g})"}}


def _shading(column: Column) -> str:
    """Which columns share a scale: one number of both sides, its totals apart from its cells; `` for per cents."""
    name, at, _value = column.name.partition("@")
    number, _, role = name.partition(":")
    return "" if role == "percent" else f"{number}{':change' if role == 'change' else ''}{at}"


def _scales(table: Table, leaves: Iterable[Column]) -> dict[str, list[float]]:
    """The largest size on each level below the total, by shading."""
    levels = table.frame["level"]
    sizes: dict[str, list[float]] = {}
    for column in leaves:
        if shading := _shading(column):
            most = table.frame[column.name].abs().groupby(levels).max().fillna(0.0)
            own = [float(most.get(level, 0.0)) for level in range(1, int(levels.max()) + 1)]
            known = sizes.get(shading, [0.0] * len(own))
            sizes[shading] = [max(pair) for pair in zip(known, own, strict=True)]
    return sizes

"""A hierarchy as a grid: parents open and close by mouse and keyboard, siblings sort, the total stays in view."""

from dataclasses import replace
from typing import Any

import pandas as pd

from app.figures.cells import ANEW, breadth, columns, grid, lengths, rows
from app.figures.number import least, unit
from app.place import SEPARATOR as SEPARATOR  # noqa: PLC0414 its name among the figures
from app.table import Table

_FEW = 12
_WIDEST = 164
_PINNED = {"pinned": "left", "lockPinned": True, "flex": None}
_FLEXIBLE = {"pinned": None, "lockPinned": False, "flex": 260}


def draw(table: Table, *, theme: str, scale: str, depth: int = 1, **options: Any) -> dict[str, Any]:
    """Rows by `level` (0 is the total), opened down to `depth`, deeper where that would leave the panel bare.

    Options: `fill`, how many rows are not bare (12); `columns_shown` and `bars` as in a grid; `idle`, columns that
    are hidden where all of one would read as zero, until its reader asks for it; `drill`, the page that a name links
    to, narrowed to its row; `fold`, a column and a word: the leaves where the column is 0 become one row `12 <word>`
    with their sums.
    The keys are the first columns, one a level. Each row carries `_path` (its keys, tab-separated), `_more` (whether
    it has children) and `_depth` (down to where the tree is open); the browser derives everything else from these.
    """
    del theme
    deepest = int(table.frame["level"].max())
    keys = tuple(column.name for column in table.columns[:deepest])
    if "fold" in options:
        table = _folded(table, keys, *options["fold"])
    frame = table.frame
    bars = options.get("bars", ())
    shown = options.get("columns_shown") or tuple(column.name for column in table.columns[deepest:])
    extra = tuple(name for name in ("price_date", "state") if name in frame and name not in shown)
    fill = options.get("fill", _FEW)
    depth = next((d for d in range(depth, deepest) if (frame["level"] <= d + 1).sum() > fill), deepest)
    items = rows(table, (*shown, *extra))
    if "fold" in options:
        word = f" {options['fold'][1]}"
        for item, path in zip(items, paths(frame, keys), strict=True):
            item.update({"_folded": True} if path.endswith(word) else {})
    name = named(table, keys, drill=options.get("drill", ""))
    definitions = columns(table, scale, shown, bars)
    for cell in definitions:
        if cell["field"] in options.get("idle", ()):
            column = table.column(cell["field"])
            cell["hide"] = bool((frame[column.name].abs() < least(column, scale)).all())  # a missing number is shown
    return branches(
        table,
        keys,
        items,
        depth,
        unit(table, scale),
        measured=lengths(table, scale, bars),
        columnDefs=[name, *definitions],
    )


def branches(
    table: Table, keys: tuple[str, ...], items: list[dict[str, Any]], depth: int, unit: str, **properties: Any
) -> dict[str, Any]:
    """The grid of a tree whose rows are `items`, open down to `depth`; `properties` as of a grid."""
    frame, key = table.frame, table.about.key
    for item, path, more in zip(items, paths(frame, keys), parents(frame), strict=True):
        item.update(_path=path, _depth=depth, **({"_more": True} if more else {}))
    return grid(
        table,
        unit,
        **properties,
        rowData=[item for item in items if item["_path"]],
        getRowId="params.data._path",
        rowClassRules={
            "first": "params.data._more && params.data._path && !params.data._path.includes('\\t')",
            "total": "!params.data._path",
        },
        dashGridOptions={
            "pinnedBottomRowData": [item for item in items if not item["_path"]],
            "isExternalFilterPresent": {"function": "true"},
            "doesExternalFilterPass": {"function": f"treeShows(params, '{key}')"},
            "postSortRows": {"function": "treeSort(params)"},
        },
    )


def _folded(table: Table, keys: tuple[str, ...], by: str, word: str) -> Table:
    """The table with the leaves where `by` is 0 summed into one last leaf a parent."""
    frame = table.frame.assign(place=range(len(table.frame)))
    leaves = frame[frame["level"] == len(keys)]
    closed = leaves[leaves[by] == 0]
    if closed.empty:
        return table
    sums = [column.name for column in table.columns if column.additive and column.kind in {"money", "ratio", "count"}]
    above = closed.groupby([*keys[:-1]], sort=False)
    folded = above[sums].sum().assign(level=len(keys), place=leaves.groupby([*keys[:-1]])["place"].max())
    folded[keys[-1]] = above.size().astype(str) + f" {word}"
    both = pd.concat([frame.drop(closed.index), folded.reset_index()]).sort_values("place", kind="stable")
    return replace(table, frame=both.drop(columns="place").reset_index(drop=True))


def named(
    table: Table, keys: tuple[str, ...], *, drill: str, widest: float = _WIDEST, pinned: bool = False
) -> dict[str, Any]:
    """The column of a tree's names, each of which opens its branch and leads to the page `drill`."""
    label = " › ".join(table.column(name).label for name in keys)
    names = ((path.count(SEPARATOR), path.rpartition(SEPARATOR)[2]) for path in paths(table.frame, keys))
    width = int(min(widest, 46 + max(breadth(name) + 10 * level for level, name in names)))
    key = table.about.key
    return {
        **ANEW,
        "colId": "_name",
        "field": "_path",
        "headerName": label[0] + label[1:].lower() if label else "",
        "cellRenderer": "TreeName",
        "cellRendererParams": {"tree": key, "keys": list(keys), "drill": drill},
        "suppressKeyboardEvent": {"function": f"treeKey(params, '{key}')"},
        "minWidth": width,
        **(_PINNED | {"width": width} if pinned else _FLEXIBLE),
    }


def paths(frame: pd.DataFrame, keys: tuple[str, ...]) -> list[str]:
    """The keys of each row down to its level, tab-separated; the total's is empty."""
    texts = [frame[key].fillna("").astype(str).tolist() for key in keys]
    levels = frame["level"].tolist()
    return [SEPARATOR.join(parts[:level]) for level, *parts in zip(levels, *texts, strict=True)]


def parents(frame: pd.DataFrame) -> list[bool]:
    """Whether each row has children: the next one is deeper."""
    levels = frame["level"].tolist()
    return [below > above for above, below in zip(levels, [*levels[1:], 0], strict=True)]

"""A short list as a table, with bars inside the cells where a column is a share."""

from dataclasses import replace
from typing import Any

from app.figures.cells import ANEW, columns, grid, lengths, rows
from app.figures.cross import is_chosen
from app.figures.number import unit
from app.risk.measure import KEYS
from app.table import Table


def draw(
    table: Table,
    *,
    theme: str,
    scale: str,
    columns_shown: tuple[str, ...] = (),
    bars: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """The shown columns (default: all) in the table's order of rows; below them the total, named `total` (Total).

    A first column that is a filter narrows the page to its row; `narrows` names the filter where it has another name.
    `largest` names a column by which the rows stand, the largest first.
    """
    del theme
    if more.get("largest"):
        table = replace(table, frame=table.frame.sort_values(more["largest"], ascending=False, kind="stable"))
    total = more.get("total", "Total")
    definitions = columns(table, scale, columns_shown, bars)
    first = definitions[0]["field"]
    if table.column(first).kind == "text":
        width = max(96, definitions[0]["minWidth"])
        definitions[0] |= {"minWidth": min(132, width), "flex": max(160, width)}
    key = more.get("narrows") or (first if first in KEYS else "")
    if key:
        definitions[0] |= {**ANEW, "cellRenderer": "Narrow", "cellRendererParams": {"by": key}}
    items = rows(table, columns_shown)
    for item, level in zip(items, table.frame.get("level", []), strict=False):
        item[first] = item[first] if level else total
    for item in items:
        item.update({"_chosen": True} if key and is_chosen(table, {key: item[first] or ""}) else {})
    return grid(
        table,
        unit(table, scale),
        measured=lengths(table, scale, bars),
        columnDefs=definitions,
        rowData=[item for item in items if item[first] != total],
        getRowId="rowName(params)",
        rowClassRules={"total": "params.node.rowPinned", "chosen": "params.data._chosen"},
        dashGridOptions={"pinnedBottomRowData": [item for item in items if item[first] == total]},
    )

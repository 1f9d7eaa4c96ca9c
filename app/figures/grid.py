"""A short list as a table, with bars inside the cells where a column is a share."""

from typing import Any

from app.figures.cells import columns, grid, rows
from app.figures.number import unit
from app.table import Table


def draw(
    table: Table, *, theme: str, scale: str, columns_shown: tuple[str, ...] = (), bars: tuple[str, ...] = (), **_: Any
) -> dict[str, Any]:
    """The shown columns (default: all) in the table's order of rows."""
    del theme
    definitions = columns(table, scale, columns_shown, bars)
    definitions[0] |= {"minWidth": min(150, max(110, definitions[0]["minWidth"])), "flex": 160}
    items = rows(table, columns_shown)
    total = [level == 0 for level in table.frame["level"]] if "level" in table.frame else [False] * len(items)
    pinned = [{**item, definitions[0]["field"]: "Total"} for item, whole in zip(items, total, strict=True) if whole]
    return grid(
        table,
        unit(table, scale),
        columnDefs=definitions,
        rowData=[item for item, whole in zip(items, total, strict=True) if not whole],
        rowClassRules={"total": "params.node.rowPinned"},
        dashGridOptions={"pinnedBottomRowData": pinned},
    )

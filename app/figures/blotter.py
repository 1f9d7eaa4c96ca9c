"""A list of any length, of which the grid asks for the block of rows it is about to show."""

from typing import Any

from app.figures.cells import columns, grid
from app.table import Table

HOLLOW = True
_OPTIONS = {
    "cacheBlockSize": 200,
    "maxBlocksInCache": 12,
    "cacheOverflowSize": 1,
    "infiniteInitialRowCount": 40,
    "maxConcurrentDatasourceRequests": 1,
    "blockLoadDebounceMillis": 40,
    "rowBuffer": 6,
}


def draw(  # noqa: PLR0913 the options of its panels
    table: Table,
    *,
    theme: str,
    scale: str,
    columns_shown: tuple[str, ...] = (),
    wide: str = "",
    days: dict[str, list[Any]] | None = None,
    **_: Any,
) -> dict[str, Any]:
    """Only the table's columns are drawn; rows come through the grid's `getRowsRequest`, in the server's order.

    The column `wide` takes the width that the others leave. Where the list stands by `days`, and at which row each of
    them `begins`, a row says its day while it is on its way.
    """
    del theme, scale
    definitions = columns(table, "1", columns_shown)
    for definition in definitions:
        if days and table.column(definition["field"]).kind == "time":
            definition["valueFormatter"] = {"function": "instantOrDay(params)"}
    return grid(
        table,
        "",
        columnDefs=[
            {**definition, "flex": 1 if definition["field"] == wide else None, "width": definition["minWidth"]}
            for definition in definitions
        ],
        defaultColDef={"sortable": False},
        rowModelType="infinite",
        rowClassRules={"waiting": "!params.data"},
        eventListeners={"modelUpdated": [f"wheelByRows(params, '{table.about.key}')"]},
        dashGridOptions={**_OPTIONS, "context": days or {}},
    )

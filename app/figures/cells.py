"""Columns and rows as AG Grid takes them: numbers stay numbers, only their text is formatted, in the browser."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from dash import html
from dash_ag_grid import AgGrid

from app.figures.number import decimals, divisor, least, results, text
from app.figures.plain import plain
from app.place import addresses
from app.table import Column, Table

OPTIONS = {
    "animateRows": False,
    "ensureDomOrder": True,
    "suppressCsvExport": True,
    "suppressDragLeaveHidesColumns": True,
    "suppressFieldDotNotation": True,
    "suppressColumnMoveAnimation": True,
    "enableCellTextSelection": True,
    "tooltipShowDelay": 400,
    "localeText": {"noRowsToShow": "Nothing here up to this date. Choose another book or another date."},
}
_ARRANGING = (
    *("gridSizeChanged", "firstDataRendered", "newColumnsLoaded"),
    *("columnMoved", "columnResized", "sortChanged"),
)
"""The grid's events after which columns are worn as their reader arranged them, or kept as he just did."""

ANEW = {"equals": {"function": "false"}}
"""Of a column whose cells say more than their value: drawn anew whenever anything of their row changes."""

_VERDICTS = {"state", "zone", "pla_zone", "desk_test", "alarm"}
"""Columns of words that judge: each is shown with a shape and a colour."""

_SHORT = 10
_TOGETHER = "\N{NO-BREAK SPACE}"
_EM = 13.0
_SMALL = 11.5
_WIDEST = 210
_NUMBERS = {"money", "price", "quantity", "ratio", "count"}


def columns(table: Table, scale: str, shown: Iterable[str] = (), bars: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Column definitions of the `shown` columns (default: all), `bars` drawn inside their cells (`lengths`)."""
    chosen = [table.column(name) for name in shown] if shown else table.columns
    places = {name: place for place, name in enumerate(bars)}
    return [_column(table, column, scale, bar=places.get(column.name)) for column in chosen]


def lengths(table: Table, scale: str, bars: Iterable[str]) -> dict[str, str]:
    """Style of a grid with `bars`: what each column's are measured by, and how wide its numbers are.

    A bar is as long as its number is large; beside numbers of one width all begin alike. Standing outside of the
    columns, this may change with the numbers while the columns stay.
    """
    parts = table.frame[table.frame["level"] > 0] if "level" in table.frame else table.frame
    found: dict[str, str] = {}
    for place, name in enumerate(bars):
        column = table.column(name)
        digits = max((len(text(value, column, scale)) for value in parts[name]), default=0)
        found |= {f"--largest-{place}": str(float(parts[name].abs().max())), f"--digits-{place}": f"{digits}ch"}
    return found


def rows(table: Table, shown: Iterable[str] = ()) -> list[dict[str, Any]]:
    """One dict a row with real numbers in full units; nothing is NaN, dates are ISO text.

    `_at` is the row's address, by which its numbers are explained and the row is known to the grid; `_row` stands
    for it where it is not the row's alone. A tree has its own, `_path`.
    """
    names = list(shown) or [column.name for column in table.columns]
    frame = table.frame[names]
    data = {name: _values(frame[name], table.column(name)) for name in names}
    items = [dict(zip(data, values, strict=True)) for values in zip(*data.values(), strict=True)]
    if "level" in table.frame and table.frame["level"].max() > 1:
        return items
    names = addresses(table)
    once = Counter(names)
    for place, (item, at) in enumerate(zip(items, names, strict=True)):
        item.update({"_at": at} if at else {}, **({"_row": place} if not at or once[at] > 1 else {}))
    return items


def grid(table: Table, unit: str, *, measured: dict[str, str] | None = None, **properties: Any) -> dict[str, Any]:
    """The grid as a plain component tree; `properties` are AgGrid's, `dashGridOptions` on top of the house's.

    `measured` is the style that its bars are measured by.
    """
    options = {**OPTIONS, **properties.pop("dashGridOptions", {})}
    defaults = {
        "resizable": True,
        "sortable": True,
        "suppressHeaderMenuButton": True,
        "wrapHeaderText": True,
        "minWidth": 54,
        "cellClassRules": {"noted": f"noted(params, '{table.about.key}')"},
    }
    key = table.about.key
    arranged: dict[Any, Sequence[Any]] = {name: [f"keepColumns(params, '{key}')"] for name in _ARRANGING}
    arranged["cellKeyDown"] = [f"noteKey(params, '{key}')"]
    filtered = {"data-shown": table.about.shown} if table.about.shown else {}
    own = {"rowData": properties.pop("rowData")} if "rowData" in properties else {}
    element = AgGrid(
        id=f"{key}-grid",
        className="grid",
        dashGridOptions=options,
        defaultColDef={**defaults, **properties.pop("defaultColDef", {})},
        eventListeners={**arranged, **properties.pop("eventListeners", {})},
        style={"height": "100%", "width": "100%"},
        **properties,
    )
    drawn: dict[str, Any] = plain(
        html.Div(element, className="figure", style=measured, **{"data-unit": unit}, **filtered)
    )
    drawn["props"]["children"]["props"] |= own  # plain as they are, and many
    return drawn


def _column(table: Table, column: Column, scale: str, *, bar: int | None) -> dict[str, Any]:
    width = _width(table, column, scale)
    cell: dict[str, Any] = {"field": column.name, "headerName": _header(column), "minWidth": width, "flex": width}
    if column.kind == "time":
        return {**cell, "valueFormatter": {"function": "instant(params.value)"}, "headerTooltip": "in your time zone"}
    if column.name in _VERDICTS:
        bare = {"minWidth": 62, "flex": 62, "cellRendererParams": {"bare": True}} if column.name == "alarm" else {}
        return {**cell, **ANEW, "cellRenderer": "Verdict", "minWidth": width + 18, "flex": width + 18, **bare}
    if column.name == "trend":
        return {**cell, "cellRenderer": "Trend", "sortable": False, "minWidth": 86, "flex": 86}
    if column.kind not in _NUMBERS:
        return {**cell, "tooltipField": column.name} if column.kind == "text" else cell
    formatted = f"params, {divisor(column, scale)}, {decimals(column, scale)}, {str(column.signed).lower()}"
    suffix = "'%'" if column.kind == "ratio" and column.unit == "%" else "''"
    cell |= {"type": "rightAligned", "valueFormatter": {"function": f"number({formatted}, {suffix})"}}
    if column.name == "utilisation" and "state" in table.frame:
        return {
            **cell,
            **ANEW,
            "cellRenderer": "Utilisation",
            "cellRendererParams": {"shaped": True},
            "minWidth": 126,
            "flex": 170,
        }
    if bar is not None:
        size = {"of": bar, "signed": results(column)}
        cell |= {"cellRenderer": "Bar", "cellRendererParams": size, "minWidth": width + 32, "flex": width + 80}
    seen = least(column, scale)
    rules = {"zero": f"Math.abs(params.value) < {seen}"} if column.kind == "money" else {}
    if results(column):
        rules |= {"gain": f"params.value >= {seen}", "loss": f"params.value <= -{seen}"}
    if column.kind == "price" and "price_date" in table.frame:
        rules["late"] = f"params.data.price_date && params.data.price_date < '{table.about.as_of}'"
        cell |= {**ANEW, "tooltipValueGetter": {"function": f"carried(params, '{table.about.as_of}')"}}
    return {**cell, "cellClassRules": rules} if rules else cell


def _width(table: Table, column: Column, scale: str) -> int:
    """Pixels for the longest text of the first rows or the widest number, and for the header."""
    values = table.frame[column.name].dropna()
    if column.kind in {"date", "time"}:
        longest = 7.3 * {"date": 10, "time": 19}[column.kind]
    elif column.kind == "text":
        longest = max((breadth(word) for word in values.head(500).astype(str).unique()), default=60.0)
    else:
        longest = 7.3 * len(text(-float(values.abs().max()), column, scale)) if len(values) else 56.0
    return int(min(_WIDEST, 22 + max(33.0, longest, _SMALL / _EM * breadth(_longest_line(_header(column))))))


def breadth(word: str) -> float:
    """About how many pixels a text takes in a cell."""
    shares = (0.9 if c in "mwMW%" else 0.68 if c.isupper() else 0.32 if c in "ijltfr.,:|'() " else 0.57 for c in word)
    return _EM * sum(shares)


def _longest_line(header: str) -> str:
    """The longer line when a long header stands on two, as even as can be: it breaks at spaces and after hyphens."""
    gaps = [place for place, letter in enumerate(header, 1) if letter in " -" and len(header) > _SHORT]
    lines = (max(header[:gap], header[gap:], key=breadth) for gap in gaps)
    return min(lines, key=breadth, default=header)


def _header(column: Column) -> str:
    """The label; money per something says per what, as the currency stands in the panel's header."""
    _currency, _slash, per = column.unit.partition("/")
    if column.kind == "money" and per:
        return f"{column.label} " + f"(per {per})".replace(" ", _TOGETHER)
    return column.label if column.kind in {"money", "ratio", "time"} or not column.unit else column.header


def _values(values: "pd.Series[Any]", column: Column) -> list[Any]:
    if column.kind == "time":
        instants = pd.to_datetime(values, utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        return instants.astype(object).where(values.notna(), None).tolist()
    if column.kind == "date":
        return [None if pd.isna(value) else str(value)[:10] for value in values]
    if column.kind == "money":
        values = values.round(2)
    return values.astype(object).where(values.notna(), None).tolist()

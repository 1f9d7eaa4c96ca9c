"""The menu that filters the rows of a table, which the browser fills."""

from typing import Any

import orjson
from dash import html
from dash.development.base_component import Component

from app.risk.measure import KEYS, Column, measures
from app.view import Panel
from app.where import DAYS, NAME, NUMBERS, TRADES, WORDS, filtered

_AMOUNTS = {"use_before", "use", "soft", "hard", "headroom", "change"}
"""Of limits, amounts whose unit is another in every row."""


def menu(panel: Panel) -> list[Component]:
    """The menu of a panel, if its rows can be filtered; `data-fields` says by what."""
    if not filtered(panel.figure, panel.measure):
        return []
    label = f"Filter {panel.title}"
    summary = html.Summary("▽", title="Filter rows", **{"aria-label": label})
    fields = orjson.dumps([_field(panel, column) for column in columns(panel)]).decode()
    return [html.Details([summary, html.Form(className="list")], className="menu filter", **{"data-fields": fields})]


def columns(panel: Panel) -> list[Column]:
    """What a panel's rows are filtered by: the columns on screen, of a tree its name first."""
    measure = measures()[panel.measure]
    own = {name: KEYS[name] for name in panel.by} | {column.name: column for column in measure.columns}
    shown = panel.options.get("columns_shown") or tuple(own)
    if panel.figure == "limits":
        shown = tuple(name for name, column in own.items() if column.kind == "text" or name == "utilisation")
    name = []
    if panel.figure == "tree":
        label = " › ".join(KEYS[key].label for key in panel.by)
        name = [Column(NAME, label[0] + label[1:].lower(), "text")]
    kinds = WORDS | DAYS | NUMBERS
    found = [own[key] for key in shown if key in own and own[key].kind in kinds and key not in panel.by]
    leading = [own[key] for key in panel.by] if panel.figure != "tree" else []
    return [*name, *leading, *(column for column in found if column.name not in _AMOUNTS and column.name != "trend")]


def _field(panel: Panel, column: Column) -> dict[str, Any]:
    kind = "number" if column.kind in NUMBERS else "day" if column.kind in DAYS else "text"
    share = column.kind == "ratio" and column.unit == "%"
    per = "scale" if column.kind == "money" and panel.measure != TRADES else "share" if share else ""
    return {"name": column.name, "label": column.label, "kind": kind, "per": per}

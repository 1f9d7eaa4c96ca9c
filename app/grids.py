"""How the columns of a page's grids may stand: the state that a browser sends, reduced to what a grid can use."""

from collections.abc import Mapping
from typing import Any

from app.risk.measure import measures
from app.view import Panel, discover

MOST_COLUMNS = 100
_KINDS: dict[str, tuple[type, ...]] = {
    "hide": (bool,),
    "width": (int, float),
    "flex": (int, float),
    "sortIndex": (int,),
}


def arranged(page: str, grids: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By panel of the page the columns in their order, each with what is known of width, flex, sort and hiding.

    Anything else that was sent is dropped: other panels, columns that the panel does not name, free text.
    """
    found = {}
    for panel in discover()[page].panels:
        sent = grids.get(panel.key)
        if isinstance(sent, list):
            known = _names(panel)
            columns = [column for column in sent[:MOST_COLUMNS] if isinstance(column, dict)]
            found[panel.key] = [_column(column) for column in columns if str(column.get("colId")) in known]
    return {key: columns for key, columns in found.items() if columns}


def _names(panel: Panel) -> set[str]:
    columns = {column.name for column in measures()[panel.measure].columns}
    return columns | {"_name", *panel.by, *panel.options.get("columns_shown", ())}


def _column(sent: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: sent[name] for name, kinds in _KINDS.items() if isinstance(sent.get(name), kinds)}
    sort = {"sort": sent["sort"]} if sent.get("sort") in {"asc", "desc"} else {"sort": None}
    return {"colId": str(sent["colId"]), "flex": None, **kept, **sort}

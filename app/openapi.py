"""The interface for programs as an OpenAPI 3.1 document, made of the registries: views, panels, measures, filters."""

from collections.abc import Collection
from typing import Any, get_args

from app.cursor import LONGEST
from app.parameters import LAYOUT, Schema, parameters
from app.risk.measure import KEYS, Column, Kind, measures
from app.view import Panel, View
from app.write import FORMATS
from auth.problem import CODES

MOST_ROWS = 10_000
API = "/api/v1"
PAGING: dict[str, dict[str, Any]] = {
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "At most so many rows; the answer then has `next`, and `total` rows in all.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
    },
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "`next` of the answer before, with everything else as it was; needs `limit`.",
        "schema": {"type": "string", "maxLength": LONGEST},
    },
}
_TYPES: dict[str, Schema] = {
    "text": {"type": ["string", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "time": {"type": ["string", "null"], "format": "date-time"},
    "count": {"type": ["integer", "null"]},
}
_NUMBER: Schema = {"type": ["number", "null"]}
_TEXT: Schema = {"type": "string"}
_PROBLEMS = (400, 401, 403, 404, 409, 429, 503)
_MEANS = {
    400: "A parameter cannot be used; `details.parameter` names it.",
    401: "No token, or one that is unknown, revoked or over.",
    403: "Not open to you: by your role, your desks or the pages of the token. It need not exist.",
    404: "There is no such address, format or snapshot.",
    409: "The numbers come from a run that nobody has made; open the panel on its page and press Run.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    503: "There are no numbers, such as before the first load.",
}


def columns_of(panel: Panel) -> tuple[Column, ...]:
    """The columns that a panel's rows have: keys first; none of a pivot, whose address chooses them."""
    if panel.figure == "pivot":
        return ()
    return tuple(KEYS[name] for name in panel.by) + tuple(
        column for column in measures()[panel.measure].columns if column.name not in panel.by
    )


def document(views: Collection[View], release: str) -> dict[str, Any]:
    """Of these views, which are all that the reader may open."""
    panels = [(view, panel) for view in views for panel in view.panels]
    paths = {f"{API}/views": _catalogue(), f"{API}/openapi.json": _itself()}
    for view, panel in panels:
        paths[f"{API}/panels/{panel.key}.json"] = {"get": _rows(view, panel)}
        paths[f"{API}/panels/{panel.key}.{{form}}"] = {"get": _file(view, panel)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parapet",
            "version": release,
            "description": "Every panel of the pages that are open to you, with the numbers that the page shows.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"basic": []}],
        "tags": [{"name": view.name, "description": view.title} for view in views],
        "paths": paths,
        "components": {
            "parameters": parameters() | PAGING,
            "schemas": _schemas(),
            "responses": {str(status): _problem(status) for status in _PROBLEMS},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A personal access token."},
                "basic": {"type": "http", "scheme": "basic", "description": "Any user name; the token as password."},
            },
        },
    }


def _rows(view: View, panel: Panel) -> dict[str, Any]:
    columns = {column.name: _cell(column) for column in columns_of(panel)}
    if panel.by:
        columns = {"level": {"type": "integer", "description": "0 the total, 1 the first key, …"}, **columns}
    row = {"type": "object", "properties": columns}
    held = {"allOf": [_ref("schemas", "Panel"), {"properties": {"rows": {"items": row}}}]}
    operation = _operation(view, panel, "rows", {"application/json": {"schema": held}})
    operation["parameters"] += [_ref("parameters", name) for name in PAGING]
    return operation


def _file(view: View, panel: Panel) -> dict[str, Any]:
    forms = [form for form in FORMATS if form != "json"]
    operation = _operation(view, panel, "file", {FORMATS[form].mimetype.partition(";")[0]: {} for form in forms})
    form = {"name": "form", "in": "path", "required": True, "schema": {"type": "string", "enum": forms}}
    operation["parameters"] += [form]
    return operation


def _operation(view: View, panel: Panel, what: str, content: dict[str, Any]) -> dict[str, Any]:
    tag = {"schema": _TEXT, "description": "Absent where the numbers may change at any moment."}
    names = (name for name in parameters() if panel.figure == "pivot" or name not in LAYOUT)
    return {
        "operationId": f"{panel.key}-{what}".replace("-", "_"),
        "summary": f"{panel.title}, as {what}",
        "description": f"{panel.about}\n\n{measures()[panel.measure].definition}",
        "tags": [view.name],
        "parameters": [_ref("parameters", name) for name in names],
        "responses": {
            "200": {"description": "The numbers.", "headers": {"ETag": tag}, "content": content},
            "304": {"description": "They are what `If-None-Match` names.", "headers": {"ETag": tag}},
            **{str(status): _ref("responses", str(status)) for status in _PROBLEMS},
        },
    }


def _catalogue() -> dict[str, Any]:
    return _described("views", "What is open to you", "Pages with their panels.", _ref("schemas", "Views"))


def _itself() -> dict[str, Any]:
    return _described("openapi", "This document", "What is open to you, as OpenAPI.", {"type": "object"})


def _described(name: str, summary: str, about: str, schema: Schema) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    problems = {str(status): _ref("responses", str(status)) for status in (400, 401, 403, 429)}
    responses = {"200": {"description": about, "content": content}, **problems}
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


def _problem(status: int) -> dict[str, Any]:
    held = {"application/json": {"schema": _ref("schemas", "Error")}}
    wait = {"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status == 429 else {}
    return {"description": _MEANS[status], "content": held, **wait}


def _schemas() -> dict[str, Schema]:
    column = _object(name=_TEXT, label=_TEXT, kind={"enum": list(get_args(Kind))}, unit=_TEXT)
    panel = _object(
        key=_TEXT,
        title=_TEXT,
        about=_TEXT,
        measure=_TEXT,
        by=_list(_TEXT),
        formats=_list({"enum": list(FORMATS)}),
        columns=_list(_ref("schemas", "Column")),
    )
    view = _object(name=_TEXT, title=_TEXT, section=_TEXT, panels=_list(panel))
    codes = sorted({*CODES.values(), "forged", "bad_token"})
    error = _object(code={"enum": codes}, message=_TEXT, details={"type": "object"})
    about = _object(key=_TEXT, title=_TEXT, definition=_TEXT, as_of=_TEXT, snapshot=_TEXT, base_currency=_TEXT)
    rows = _object(about=about, columns=_list(_ref("schemas", "Column")), rows=_list({"type": "object"}))
    rows["properties"] |= {"next": {"type": ["string", "null"]}, "total": {"type": "integer"}}
    return {
        "Column": column,
        "Error": _object(error=error),
        "Panel": rows,
        "Views": _object(release=_TEXT, views=_list(view)),
    }


def _cell(column: Column) -> Schema:
    return {**_TYPES.get(column.kind, _NUMBER), "description": column.header}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}

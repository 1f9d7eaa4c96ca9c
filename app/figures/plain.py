"""A Dash component tree as plain dicts and lists: what a cache keeps and orjson writes without looking twice."""

from typing import Any

import orjson
from dash.development.base_component import Component


def plain(node: Any) -> Any:
    """The same tree with every component resolved to `{type, namespace, props}` and every tuple to a list."""
    if isinstance(node, str):
        return node
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [plain(item) for item in node]
    return plain(node.to_plotly_json()) if isinstance(node, Component) else node


def element(kind: type[Component], children: Any, /, **properties: Any) -> dict[str, Any]:
    """A component as it stands in a plain tree: of links there are hundreds, and these take no time to make."""
    name, package = kind._type, kind._namespace  # noqa: SLF001 what Dash says of a component
    return {"type": name, "namespace": package, "props": {"children": children, **properties}}


def written(node: Any) -> orjson.Fragment:
    """The plain tree as JSON, which Dash sends as it is."""
    return orjson.Fragment(orjson.dumps(plain(node)))

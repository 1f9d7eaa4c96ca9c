"""A Dash component tree as plain dicts and lists: what a cache keeps and orjson writes without looking twice."""

from typing import Any

from dash.development.base_component import Component


def plain(node: Any) -> Any:
    """The same tree with every component resolved to `{type, namespace, props}` and every tuple to a list."""
    if isinstance(node, Component):
        node = node.to_plotly_json()
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [plain(item) for item in node]
    return node

"""The two components of our own: a panel, and a tree that the browser draws without Dash keeping track of its parts.

Dash looks at every component of a page whenever one of them changes, and makes a component anew where its parent's
children change. A panel is one component here, whose header and figure are plain trees (`app.figures.plain`): numbers
change in place, grids keep their scroll, and a page costs Dash a dozen components instead of hundreds.
`assets/drawn.js` draws them.
"""

# mypy: allow-subclassing-any
# (Dash's component classes carry no types)

from typing import Any, ClassVar

from dash.development.base_component import Component

from app.figures.plain import plain


class Drawn(Component):
    """A tree of components that no callback names, as one component; a link in it follows without a reload."""

    _type = "Drawn"
    _namespace = "parapet_drawn"
    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    _prop_names: ClassVar[list[str]] = ["id", "tree"]

    def __init__(self, tree: Any, **properties: Any) -> None:
        super().__init__(tree=plain(tree), **properties)


class PanelCard(Component):
    """A panel: `head` and `actions` stand in its header around its unit and a notice, its numbers below.

    `kept` and `made` say what the page found of it and what its own callback made (`app.screen.panels`): the
    `query` that is answered, and `at` with a `body`, or a `problem` and, if numbers on screen may stay, in `stale` why
    they could not be renewed. The newest question's is drawn, the last one's until it comes, a skeleton named `kind`
    before it. `children`, where there are any, stand instead of the body of what was made and are Dash's own (a job's
    buttons, a grid that asks for its rows). It changes `asked` to have made what is not kept.
    """

    _type = "Panel"
    _namespace = "parapet_drawn"
    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    _prop_names: ClassVar[list[str]] = [
        *("id", "children", "className", "style", "label", "kind", "head", "actions"),
        *("kept", "made", "asked"),
    ]

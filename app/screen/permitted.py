"""Controls are drawn for who may use them and for nobody else; what may be used says the one table of permissions."""

from dash.development.base_component import Component

from auth.permissions import may
from data.scope import Scope


def permitted(scope: Scope, permission: str, *controls: Component) -> list[Component]:
    """The controls, or nothing for a reader without the permission."""
    return list(controls) if may(scope, permission) else []

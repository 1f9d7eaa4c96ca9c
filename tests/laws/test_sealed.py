"""Every callback has a policy before the first request; who it refuses finds nothing open."""

import json

import pytest
from dash import Dash, Input, Output, html
from flask import Flask, g

from app.screen import sealed
from app.view import discover
from data.scope import ROLES, DeniedError, Scope
from tests import callbacks


def asked(app, output, scope):
    """What the callback that fills the output is told of its reader."""

    @app.server.before_request
    def sign_in():
        g.scope = scope

    wires = callbacks.filling(callbacks.of(app), output)
    return app.server.test_client().post(callbacks.PATH, json=callbacks.body(wires, {"url.search": ""}))


def app_of(output):
    """An app whose one callback says who its reader is."""
    app = Dash("sealed", server=Flask("sealed"), use_async=False, suppress_callback_exceptions=True)

    def tell(_):
        scope = sealed.current_scope()
        return json.dumps([scope.reader, sorted(scope.roles), scope.reach])

    app.layout = html.Div()
    app.callback(Output(*output.split(".")), Input("url", "search"))(tell)
    return app


def test_a_callback_without_a_policy_stops_the_start():
    with pytest.raises(sealed.UnsealedError, match="nobody has said who may fill secrets"):
        sealed.seal(app_of("secrets.children"))


@pytest.mark.parametrize(
    ("output", "role", "opens"),
    [
        ("bar-trail.tree", "viewer", True),
        ("overview-summary.kept", "viewer", True),
        ("blotter-trades-grid.getRowsResponse", "viewer", False),
        ("operations-runs.made", "trader", False),
        ("grants-list.children", "risk_manager", False),
        ("grants-list.children", "admin", True),
        ("notes.data", "viewer", True),
        ("notes-kept.data", "viewer", False),
        ("var-simulated-by-book-refused.children", "auditor", False),
        ("whatif-kept.children", "auditor", False),
    ],
)
def test_a_callback_finds_its_reader_as_he_is_or_with_nothing_open(output, role, opens):
    app = app_of(output)
    sealed.seal(app)
    answer = asked(app, output, Scope("rita", "Rita", frozenset({role}), frozenset({"Cash"})))
    told = ["rita", [role], "Cash"] if opens else ["rita", [], "no desk"]
    component, name = output.split(".")
    assert json.loads(answer.json["response"][component][name]) == told


@pytest.mark.parametrize("role", ROLES)
def test_the_policy_of_every_panel_is_that_of_its_page(role):
    scope = Scope("rita", "Rita", frozenset({role}), frozenset({"Cash"}))
    for view in discover().values():
        for panel in view.panels:
            refused = []
            for policy in sealed.policies(f"..{panel.key}.made...{panel.key}.children.."):
                try:
                    policy(scope)
                except DeniedError as error:
                    refused.append(str(error))
            assert bool(refused) == (role not in view.roles), panel.key

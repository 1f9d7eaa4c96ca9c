"""The attacks that must fail, and where it is proved: a test each at least, marked with its number.

A marked test fails, too, where the audit trail has no row of the attack (`attack_leaves_a_row` in conftest.py).
"""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ATTACKS = {
    1: "a callback with another browser's state, or none",
    2: "a replayed callback with the cookie from before the login",
    3: "a wrong, missing or old nonce",
    4: "an id_token for another app, issued through us",
    5: "an id_token that is not signed, where the login server offers `none`",
    6: "an id_token signed with the public key, the client secret or another's key",
    7: "an answer without an id_token",
    8: "a login server that calls itself by another name",
    9: "an id_token that expired, or is not valid yet",
    10: "a wrong or missing iss parameter",
    11: "userinfo of another reader",
    12: "an id_token signed with a key that was taken back",
    13: "a session id planted before the login",
    14: "a logout while a slow request is under way",
    15: "a cookie copied before a logout, or older than a session may be",
    16: "a back-channel logout token that lies, or is used again",
    17: "a login that leads to another host",
    18: "an anonymous request of what Dash answers by default",
    19: "a trader who posts the callback of an administrator's page by hand",
    20: "a trader who edits desk, book or drill-down in what a callback or an address says",
    21: "a reader whose group was removed or whose desk was revoked",
    22: "a callback from another site, or not as JSON",
    23: "a portal's token that lies, or is used again; a bearer used elsewhere",
    24: "framing from a site that is not listed; a forged message to the frame",
    25: "cells that are formulas; a burst of requests",
}
TESTS = Path(__file__).parents[1]


def marked():
    """By number the places that are marked with it, read from the source so that any part of the tests may be run."""
    found = defaultdict(list)
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "attack":
                found[node.args[0].value].append(f"{path.relative_to(TESTS)}:{node.lineno}")
    return dict(found)


@pytest.mark.parametrize("number", ATTACKS, ids=lambda number: f"{number} {ATTACKS[number]}")
def test_an_attack_is_tried_by_a_test_that_is_marked_with_it(number):
    assert marked().get(number), f"no test tries: {ATTACKS[number]}"


def test_no_test_is_marked_with_an_attack_that_nobody_described():
    assert set(marked()) <= set(ATTACKS)

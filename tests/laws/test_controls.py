"""The matrix of roles and controls: what a reader may not use is not drawn for him, on pages, in drawers, in frames.

The table is written by hand, so that a control that opens itself to a role is noticed here.
"""

import json
from dataclasses import replace

import pytest
from dash import Dash

from app.annotations import Number
from app.filters import Filters
from app.main import ASSETS
from app.screen import embed
from auth.grants import GroupRules, grant
from auth.permissions import PERMISSIONS
from data.bound import BoundScope
from data.scope import NOBODY, ROLES
from data.store import Store
from tests import callbacks
from tests.app.test_jobs_screen import BOOKS
from tests.app.test_screen import Browser
from tests.ledger import Ledger

TREE, RUN = "positions-tree-by-instrument", "var-simulated-by-book"
NOTE = f"note={TREE}&at=Cash&column=market_value"
ALL = frozenset(ROLES)
DESKS = frozenset({"trader", "risk_manager", "admin"})
NUMBER_OF = f"#explain={TREE}&at=Cash&column=market_value"
CONTROLS = {
    ("export", "/positions", f'"/export/{TREE}.csv"'): ALL,
    ("export", "/positions", '"data-picture"'): ALL,
    ("export", "bar", "/export/page/positions.xlsx"): ALL,
    ("export", NUMBER_OF, f"/export/{TREE}.csv"): ALL,
    ("make tokens", "/positions", '"data-address"'): DESKS,
    ("make tokens", "bar", "#tokens=mine"): DESKS,
    ("make tokens", "#tokens=mine", '"token-make"'): DESKS,
    ("schedule reports", "bar", "#reports=mine"): DESKS,
    ("schedule reports", "#reports=mine", '"report-order"'): DESKS,
    ("schedule reports for others", "#reports=mine", '"hidden": false'): {"risk_manager", "admin"},
    ("choose settings", "bar", "#settings=you"): ALL,
    ("choose settings", "#settings=you", "Compact"): ALL,
    ("choose settings", "#views=mine", "Set as home"): ALL,
    ("choose settings", "views", "Set as my home"): ALL,
    ("grant access", "bar", "#grants=all"): {"admin"},
    ("grant access", "#grants=all", '"grant-give"'): {"admin"},
    ("see as others", "bar", "#see-as=reader"): {"admin"},
    ("see as others", "#see-as=reader", "See as this reader"): {"admin"},
    ("pin notes", NUMBER_OF, "Pin a note"): DESKS,
    ("pin notes", f"#{NOTE}", '"note-pin"'): DESKS,
    ("pin notes", f"#{NOTE}", "note-delete"): DESKS,
    ("save views", "views", "Save this view"): ALL,
    ("save views", "#views=mine", '"view-save"'): ALL,
    ("save views", "#views=mine", "view-name"): ALL,
    ("share views", "views", "share, delete"): DESKS,
    ("share views", "#views=mine", "Only me"): DESKS,
    ("end sessions", "#sessions=mine", '"sessions-end"'): ALL,
    ("save what-ifs", "/whatif", '"whatif-save"'): DESKS,
    ("save what-ifs", "branches", "whatif-forget"): DESKS,
    ("save what-ifs", "bar", "/whatif?whatif="): DESKS,
    ("start runs", f"panel {RUN}", f'"{RUN}-run"'): DESKS,
    ("start runs", f"panel {RUN}", f'"{RUN}-cancel"'): DESKS,
    ("see trades", "/book", '"data-carries": "/blotter"'): {*DESKS, "auditor"},
}
"""Each control by its permission, where it is, and a word of it: the roles for which it is drawn."""

LOOKED_AT = {"/whatif?whatif=", '"data-carries": "/blotter"'}
"""What is left to an administrator who sees as another: the ways to pages."""

IN_FRAMES = {"/export/page/positions.xlsx", f'"/export/{TREE}.csv"', f"/export/{TREE}.csv", '"data-picture"'}
"""What is left in a portal's frame: files."""

QUERY = "?whatif=%2B5+AAA+%40+EQ1"


class Reader:
    """What a reader of a role is shown, with a view, a note and a what-if of his own."""

    def __init__(self, browser, role):
        self.browser = browser
        self.scope = replace(grant(role, role.title(), [f"role:{role}", "desk:Cash"], GroupRules()), firm=True)
        keeper = replace(self.scope, roles=frozenset({"admin"}))
        browser.own.views.save(keeper, "mine", "positions", "")
        browser.own.branches.save(keeper, "mine", "+5 AAA @ EQ1")
        browser.own.notes.pin(Number(TREE, "Cash", "market_value"), "mine", Filters(), keeper)

    def sees(self, place, scope=None):
        ask, self.browser.reader = self.browser.ask, scope or self.scope
        if place == "bar":
            found = ask("bar-pages.tree", url__pathname="/positions", url__search=QUERY)
        elif place == "views":
            found = ask("views-list.children", **{"views-switch__n_clicks": 1})
        elif place == "branches":
            found = ask("whatif-branches.children", url__search="")
        elif place.startswith("panel "):
            found = self.browser.panel(place.removeprefix("panel "))
        elif place.startswith("#"):
            found = ask("drawer.children", url__hash=place, url__search="")
        else:
            found = ask("page.children", url__pathname=place, url__search="")
        return json.dumps(found, ensure_ascii=False)


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("controls"), BOOKS)
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    browser = Browser(ledger.answers, store)
    browser.own.readers.seen("zoe", "Zoe", "", ["role:trader", "desk:Cash"])
    yield {role: Reader(browser, role) for role in ROLES}
    store.close()
    ledger.warehouse.close()


@pytest.mark.parametrize("role", ROLES)
def test_a_control_is_drawn_exactly_for_the_roles_that_may_use_it(readers, role):
    drawn = {control: control[-1] in readers[role].sees(control[1]) for control in CONTROLS}
    assert drawn == {control: role in roles for control, roles in CONTROLS.items()}


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_as_another_is_drawn_nothing_that_changes_or_takes_away(readers, role):
    reader = readers[role]
    seen = replace(reader.scope, seen_by="root")
    assert {word for _, place, word in CONTROLS if word in reader.sees(place, seen)} <= LOOKED_AT


@pytest.fixture(scope="module")
def frame(readers):
    """A frame's app of the same answers: what it shows a reader at one of its pages."""
    answers, held = next(iter(readers.values())).browser.answers, []
    plain = {"pages_folder": "", "use_pages": False, "use_async": False}
    app = Dash("frame", url_base_pathname="/embed/", assets_folder=str(ASSETS), **plain)
    answers.cache.init_app(app.server)
    embed.build(app, answers, lambda: held[-1])

    def sees(output, scope, **values):
        held.append(scope)
        named = {name.replace("__", "."): value for name, value in values.items()}
        asked = callbacks.body(callbacks.filling(callbacks.of(app), output), named)
        answer = app.server.test_client().post(f"/embed{callbacks.PATH}", json=asked)
        return json.dumps(answer.get_json())

    return sees


@pytest.mark.parametrize("role", ROLES)
def test_a_frame_is_drawn_files_and_nothing_else(readers, frame, role):
    scope = BoundScope.of(readers[role].scope, "positions")
    page = frame("page.children", scope, url__pathname="/embed/positions", url__search="")
    shown = page + frame("frame-bar.tree", scope, url__search="")
    shown += frame(f"{RUN}.made", BoundScope.of(readers[role].scope, "var"))
    shown = shown.replace("/embed/export", "/export")
    assert TREE in shown
    assert "Not run yet" in shown
    assert {word for _, _, word in CONTROLS if word in shown} == IN_FRAMES
    assert "#explain" not in page
    assert "data-carries" not in frame("page.children", scope, url__pathname="/embed/overview", url__search="")


def test_who_has_no_role_is_drawn_no_control(readers):
    assert [word for _, place, word in CONTROLS if word in readers["admin"].sees(place, NOBODY)] == []


def test_every_permission_stands_before_a_control():
    assert {permission for permission, _, _ in CONTROLS} == set(PERMISSIONS)

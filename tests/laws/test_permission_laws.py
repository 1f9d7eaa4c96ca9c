"""Laws of roles: every permission of the table stands before a real action, and every page says for whom it is."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest

from app.annotations import Number
from app.answer import Answers
from app.filters import Filters
from app.needs import in_store
from app.question import DeniedError
from app.risk.measure import measures
from app.screen.own import Own
from app.screen.page import open_views
from app.view import DESKS, discover, home_of
from auth.access import Wish
from auth.grants import GroupRules
from auth.permissions import PERMISSIONS, may
from auth.readers import Readers
from data.scope import ROLES, Scope
from data.store import Store, utc_now
from tests.app.test_screen import BOOKS, TREE
from tests.ledger import Ledger

ORDER = {"page": "positions", "query": "", "every": "day", "at": "18:30", "into": "mail"}
SIMULATED = "var-simulated-by-book"
NUMBER = Number(TREE, "Cash", "market_value")
WISH = Wish("zoe", "desk", "Cash", "allow", "a law")


class House(NamedTuple):
    """Everything that a reader can act on."""

    answers: Answers
    own: Own


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    ledger.answers.needs.store = store
    readers = Readers(store, utc_now, GroupRules(), timedelta(days=30))
    readers.seen("zoe", "Zoe", "", ["role:trader", "desk:Cash"])
    yield House(ledger.answers, Own.of(store, ledger.answers, readers, utc_now))
    ledger.answers.needs.simulations.jobs.wait()
    store.close()
    ledger.warehouse.close()


def share(house, scope):
    house.own.views.save(replace(scope, roles=frozenset({"admin"}), seen_by=""), "mine", "positions", "")
    (view,) = house.own.views.mine(scope)
    house.own.views.share(scope, view.view_id, "everyone")


def order(house, scope, whom=""):
    house.own.reports.reports.order(scope, "r", recipient=whom, **ORDER)


ACTIONS = {
    "see trades": lambda house, scope: house.answers.table("blotter-trades", Filters(), scope),
    "export": lambda house, scope: house.answers.stream(TREE, Filters(), scope),
    "choose settings": lambda house, scope: house.own.preferences.choose(scope, "theme", "dark"),
    "save views": lambda house, scope: house.own.views.save(scope, "mine", "positions", ""),
    "share views": share,
    "save what-ifs": lambda house, scope: house.own.branches.save(scope, "b", "+1 AAA @ EQ1"),
    "pin notes": lambda house, scope: house.own.notes.pin(NUMBER, "n", Filters(), scope),
    "start runs": lambda house, scope: house.answers.run(SIMULATED, Filters(), scope),
    "make tokens": lambda house, scope: house.own.tokens.make(scope, "t", 1),
    "schedule reports": order,
    "schedule reports for others": lambda house, scope: order(house, scope, "zoe"),
    "end sessions": lambda house, scope: house.own.sessions.end(scope),
    "grant access": lambda house, scope: house.own.access.give(scope, [WISH], {"desk": ["Cash"]}),
    "see as others": lambda house, scope: house.own.seeing.permitted(scope, "zoe"),
}


def test_a_page_of_an_api_is_a_file_too(house):
    with pytest.raises(DeniedError, match="may not export"):
        house.answers.part(TREE, Filters(), Scope("x", "X"), start=0, end=5)


def test_every_permission_stands_before_an_action():
    assert ACTIONS.keys() == PERMISSIONS.keys()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_an_action_asks_for_its_permission(house, permission, role):
    scope = Scope(f"{role}-{permission}", "X", frozenset({role}), firm=True)
    if may(scope, permission):
        ACTIONS[permission](house, scope)
    else:
        with pytest.raises(DeniedError):
            ACTIONS[permission](house, scope)


@pytest.mark.parametrize("permission", [name for name in PERMISSIONS if name != "see trades"])
def test_an_administrator_who_sees_as_another_acts_on_nothing(house, permission):
    scope = Scope("zoe", "Zoe", frozenset(ROLES), firm=True, seen_by="ada")
    with pytest.raises(DeniedError):
        ACTIONS[permission](house, scope)


# Pages


def pages_of(role):
    return {view.name for view in discover().values() if role in view.roles}


def test_what_each_role_opens():
    everyone = pages_of("viewer")
    assert everyone >= {"overview", "positions", "pnl", "var", "limits", "pivot", "stress"}
    assert not everyone & {"blotter", "book", "whatif", "operations", "audit"}
    assert pages_of("auditor") == everyone | {"blotter", "book", "operations", "audit"}
    assert pages_of("trader") == pages_of("risk_manager") == everyone | {"blotter", "book", "whatif"}
    assert pages_of("admin") == pages_of("trader") | {"operations", "audit"}


def test_a_page_that_says_nothing_of_roles_is_for_the_desks_alone():
    assert discover()["whatif"].roles == DESKS


def test_panels_with_trades_are_on_pages_of_roles_that_see_trades():
    for view in discover().values():
        if any({"trades", "day_trades"} & set(measures()[panel.measure].needs) for panel in view.panels):
            assert view.roles <= PERMISSIONS["see trades"]


def test_what_the_store_remembers_is_on_pages_of_administrators_and_auditors():
    shown = [view for view in discover().values() for panel in view.panels if in_store(measures()[panel.measure])]
    assert shown
    assert all(view.roles <= {"admin", "auditor"} for view in shown)


@pytest.mark.parametrize(("role", "home"), [("viewer", "overview"), ("auditor", "operations")])
def test_the_new_roles_have_a_home_and_find_it(role, home):
    assert home_of(frozenset({role})).name == home
    assert home in {view.name for view in open_views(Scope("x", "X", frozenset({role})))}


@pytest.mark.parametrize("key", [panel.key for view in discover().values() for panel in view.panels])
@pytest.mark.parametrize("role", ROLES)
def test_a_panel_is_closed_to_roles_that_do_not_open_its_page(house, role, key):
    scope = Scope("x", "X", frozenset({role}), firm=True)
    view = next(view for view in discover().values() if any(panel.key == key for panel in view.panels))
    if role in view.roles:
        assert house.answers.question(key, Filters(), scope)
    else:
        with pytest.raises(DeniedError, match="not open to your role"):
            house.answers.question(key, Filters(), scope)

"""Saved views, notes and settings on screen: what a click keeps, what is listed to whom, what the document wears."""

import json
from dataclasses import replace

import pytest

from app.annotations import Number
from app.filters import Filters
from app.screen.notes import address
from data.store import Store
from tests import callbacks
from tests.app.test_annotations import BOOKS
from tests.app.test_screen import Browser
from tests.ledger import FIRM, Ledger, trader

TOM = trader("Cash")
EVE = replace(trader("Europe"), reader="eve", name="Eve")
TREE = "positions-tree-by-instrument"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    yield ledger
    ledger.warehouse.close()


@pytest.fixture(scope="module")
def screen(ledger):
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    yield Browser(ledger.answers, store)
    store.close()


@pytest.fixture
def browser(screen):
    """A reader who starts with nothing kept."""
    screen.reader = TOM
    yield screen
    for scope in (TOM, FIRM, EVE):
        for view in screen.own.views.mine(scope):
            screen.own.views.forget(scope, view.view_id)
        screen.own.preferences.forget_home(scope)
        for name in ("theme", "palette", "numbers", "zone", "density"):
            screen.own.preferences.choose(scope, name, "")


def press(browser, wire, *, path="/positions", search="", output="views-kept.data", **states):
    """What follows a click on a button that Dash finds by a pattern."""
    key = next(key for key in browser.app.callback_map if key.strip(".").startswith(output))
    wires = browser.app.callback_map[key]
    given = {"url.pathname": path, "url.search": search, **states}
    name = json.dumps(wire, sort_keys=True, separators=(",", ":")) if isinstance(wire, dict) else wire
    inputs = [
        [{"id": wire, "property": each["property"], "value": 1}]
        if "ALL" in each["id"] and isinstance(wire, dict) and f'"{wire["type"]}"' in each["id"]
        else []
        if "ALL" in each["id"]
        else {**each, "value": states.get(each["id"])}
        for each in wires["inputs"]
    ]
    changed = f"{name}.n_clicks" if isinstance(wire, dict) else wire
    asked = callbacks.body({**wires, "output": key}, given, [changed]) | {"inputs": inputs}
    answer = browser.web.post(callbacks.PATH, json=asked)
    return answer.get_json()["response"] if answer.status_code == 200 else {}


def save(browser, name, **place):
    wanted = {"name": name, "grids": {TREE: [{"colId": "day", "hide": True}]}, "at": 1}
    found = press(browser, "view-wanted.data", **{"view-wanted": wanted}, **place)
    return found["views-said"]["children"]


def do(browser, verb, what="", **place):
    wire = {"type": "view-do", "verb": verb, "what": what.encode().hex()}
    return press(browser, wire, **place)["views-said"]["children"]


def menu(browser):
    return json.dumps(browser.ask("views-list.children", **{"views-switch__n_clicks": 1}), ensure_ascii=False)


def drawer(browser, fragment, search=""):
    shown = browser.ask("drawer.children", url__hash=fragment, url__search=search)
    return json.dumps(shown, ensure_ascii=False)


def mine(browser, scope=TOM):
    return browser.own.views.mine(scope)


def test_the_page_on_screen_is_saved_with_its_choices_and_columns_and_stands_in_the_menu(browser):
    assert "No view is saved yet" in menu(browser)
    assert save(browser, "Morning", search="?desk=Cash") == "“Morning” is saved."
    assert save(browser, "Morning", search="?desk=Cash") == "“Morning” is replaced."
    shown = menu(browser)
    assert '"href": "/positions?desk=Cash"' in shown
    assert '"data-page": "positions"' in shown
    assert "hide" in shown
    assert "Morning" in drawer(browser, "#views=mine")


def test_what_cannot_be_saved_is_told_in_words(browser):
    assert save(browser, "  ") == "A view has a name of 1 to 60 printable characters; write one."
    assert save(browser, "x", path="/nowhere") == "There is no page here to save; open one first."
    assert "Not open to you" in save(browser, "x", search="?desk=Europe")
    assert mine(browser) == []


@pytest.mark.parametrize(("role", "opens"), [("trader", True), ("risk_manager", True), ("viewer", False)])
def test_the_document_names_the_pages_that_open_so_that_no_arrow_leads_to_another(browser, role, opens):
    browser.reader = replace(TOM, roles=frozenset({role}))
    named = browser.web.get("/").get_data(as_text=True).partition('data-opens="')[2].partition('"')[0].split()
    assert ("blotter" in named, "book" in named, "positions" in named, "audit" in named) == (opens, opens, True, False)


def test_a_shared_view_is_listed_to_those_alone_who_can_open_it(browser):
    browser.reader = FIRM
    save(browser, "Cash only", search="?desk=Cash")
    view_id = mine(browser, FIRM)[0].view_id
    assert do(browser, "share", f"{view_id} everyone") == "“Cash only” is shared."
    browser.reader = TOM
    assert "Cash only" in menu(browser)
    assert "Helena" in menu(browser)
    browser.reader = EVE
    assert "Cash" not in menu(browser)
    assert "no such view" in do(browser, "delete", view_id)
    assert "gone or not open to you" in do(browser, "home", view_id)
    browser.reader = FIRM
    assert do(browser, "share", f"{view_id} ") == "“Cash only” is yours alone."
    assert do(browser, "delete", view_id) == "“Cash only” is deleted."


def test_slash_leads_to_the_home_that_was_set_unless_choices_say_otherwise(browser):
    save(browser, "Morning", search="?desk=Cash")
    assert do(browser, "home", mine(browser)[0].view_id) == "“Morning” is your home now."
    way, *rest = browser.ask("page.children", url__pathname="/", url__search="")["page"]["children"]
    assert rest == []
    assert (way["props"]["id"], way["props"]["href"]) == ("home-way", "/positions?desk=Cash")
    for place in (("/", "?desk=Cash"), ("/pnl", "")):
        shown = json.dumps(browser.ask("page.children", url__pathname=place[0], url__search=place[1]))
        assert "home-way" not in shown
    assert do(browser, "home-forget") == "Your home is the usual one again."
    assert "home-way" not in json.dumps(browser.ask("page.children", url__pathname="/", url__search=""))


def test_a_page_is_a_home_and_one_that_no_longer_opens_gives_way_to_the_usual_with_a_sentence(browser):
    assert do(browser, "home-here", path="/pnl", search="?desk=Cash") == "This page is your home now."
    browser.reader = replace(TOM, desks=frozenset({"Europe"}))
    shown = json.dumps(browser.ask("page.children", url__pathname="/", url__search=""))
    assert "no longer open to you; this is the usual one" in shown
    assert "home-way" not in shown
    assert '"className": "panel' in shown


def test_a_setting_is_kept_worn_at_once_and_by_the_next_document_of_that_reader_alone(browser):
    wire = {"type": "setting", "name": "palette", "value": "blue-orange"}
    found = press(browser, wire, output="settings-kept.data...settings-form")
    assert found["settings-kept"]["data"]["palette"] == "blue-orange"
    browser.own.preferences.choose(TOM, "theme", "light")
    document = browser.web.get("/").get_data(as_text=True)
    root = document.partition("<html ")[2].partition(">")[0]
    for part in ('data-palette="blue-orange"', 'data-chosen="light"', 'data-reader="tom"'):
        assert part in root
    browser.reader = EVE
    root = browser.web.get("/").get_data(as_text=True).partition("<html ")[2].partition(">")[0]
    assert "palette" not in root
    assert "chosen" not in root


def test_a_readers_id_cannot_leave_its_attribute(browser):
    browser.reader = replace(TOM, reader='"><script>alert(1)</script>')
    assert "<script>alert" not in browser.web.get("/").get_data(as_text=True)


def test_the_switch_of_the_theme_changes_the_setting_only_where_there_is_one(browser):
    def switch(theme):
        press(browser, "theme-switched.data", output="theme-switch.title", **{"theme-switched": theme})
        return browser.own.preferences.look(TOM).theme

    assert switch("light") == ""
    browser.own.preferences.choose(TOM, "theme", "dark")
    assert switch("light") == "light"


def test_the_settings_page_shows_what_is_chosen(browser):
    browser.own.preferences.choose(TOM, "numbers", "point-comma")
    shown = drawer(browser, "#settings=you")
    assert shown.count('"className": "on"') == 4
    assert "1.234,5" in shown


def test_notes_of_a_number_are_read_and_pinned_in_the_drawer_and_marked_on_its_cell(browser):
    number = Number(TREE, "Cash\tEQ1", "day")
    fragment = address(number)
    assert "Nobody has pinned a note" in drawer(browser, fragment)
    states = {"note-text.value": "rolled early", "url.hash": fragment, "note-pin": 1}
    found = press(browser, "note-pin.n_clicks", output="notes-kept.data", **states)
    assert "rolled early" in json.dumps(found["note-list"])
    shown = drawer(browser, fragment)
    assert "rolled early" in shown
    assert "Delete your note" in shown
    marks = browser.ask("notes.data", url__search="")["notes"]["data"]
    assert marks == {TREE: {"Cash\tEQ1": {"day": "Tom: rolled early"}}}
    explained = drawer(browser, fragment.replace("note=", "explain=", 1))
    assert "rolled early" in explained
    assert fragment in explained
    browser.reader = FIRM
    assert "Delete your note" not in drawer(browser, fragment)
    browser.reader = EVE
    assert "rolled early" not in drawer(browser, fragment)
    assert browser.ask("notes.data", url__search="")["notes"]["data"] == {}
    assert browser.ask("notes.data", url__search="?desk=Cash")["notes"]["data"] == {}
    browser.reader = TOM
    (note,) = browser.own.notes.of(number, Filters(), TOM)
    wire = {"type": "note-delete", "note": note.note_id}
    found = press(browser, wire, output="notes-kept.data", **{"url.hash": fragment})
    assert "Nobody has pinned a note" in json.dumps(found["note-list"])


def test_a_note_that_cannot_be_pinned_is_told_in_words(browser):
    states = {"note-text.value": " ", "url.hash": address(Number(TREE, "", "day")), "note-pin": 1}
    found = press(browser, "note-pin.n_clicks", output="notes-kept.data", **states)
    assert found["note-said"]["children"] == "A note has 1 to 500 printable characters; write one."

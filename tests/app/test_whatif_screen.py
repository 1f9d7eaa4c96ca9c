"""What-if on screen: trades go into the address, come out of it and are kept as branches; a chip counts them."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dash import Dash, html
from structlog.testing import capture_logs

from app.branches import Branch, Branches
from app.filters import BadFilterError, Filters
from app.screen import branches as branches_on_screen
from app.screen.branches import FORGET, listed
from app.screen.whatif import address, chip, editor, install, uploaded, written
from data.scope import NOBODY
from data.store import Store
from tests import callbacks
from tests.ledger import FIRM, trader

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
TOM = trader("Cash")
EVE = replace(TOM, reader="eve")
TWO = "?desk=Cash&whatif=%2B5+AAA+%40+EQ1%3B+close+BBB+%40+EQ1"


def shown(component):
    return json.dumps(component.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def asked(app, output, *, inputs, states=(), changed=None):
    """A callback's answer, asked as the browser does."""
    key = next(key for key in app.callback_map if output in key)
    wires = app.callback_map[key]
    changed = changed or f"{wires['inputs'][-1]['id']}.{wires['inputs'][-1]['property']}"
    body = callbacks.body({**wires, "output": key}, changed=[changed]) | {
        "inputs": [
            value if isinstance(value, list) else {**wire, "value": value}
            for wire, value in zip(wires["inputs"], inputs, strict=True)
        ],
        "state": [{**wire, "value": value} for wire, value in zip(wires["state"], states, strict=True)],
    }
    answer = app.server.test_client().post(callbacks.PATH, json=body)
    return answer.get_json()["response"] if answer.status_code == 200 else None


@pytest.fixture(scope="module")
def app():
    made = Dash("test", pages_folder="", use_pages=False, use_async=False, suppress_callback_exceptions=True)
    made.layout = html.Div()
    install(made)
    return made


def test_applying_writes_the_trades_into_the_address_and_keeps_the_other_choices(app):
    answer = asked(app, "whatif-problem", inputs=[1], states=["5 AAA@EQ1\nclose BBB @ EQ1", "?desk=Cash"])
    search = next(value for key, value in answer.items() if key.startswith("url"))["search"]
    assert search == TWO
    assert answer["whatif-problem"]["children"] == ""


def test_what_cannot_be_read_is_said_beside_the_editor_and_the_address_stays(app):
    answer = asked(app, "whatif-problem", inputs=[1], states=["five AAA", ""])
    assert "trade 1 ('five AAA') cannot be read" in answer["whatif-problem"]["children"]
    assert not any(key.startswith("url") for key in answer)


def test_opening_the_page_applies_nothing(app):
    assert asked(app, "whatif-problem", inputs=[None], states=["5 AAA@EQ1", ""]) is None


def test_another_address_fills_the_editor_and_what_was_wrong_before_it_is_gone(app):
    answer = asked(app, "whatif-text.value", inputs=[TWO, None], changed="url.search")
    assert answer["whatif-text"]["value"] == "+5 AAA @ EQ1\nclose BBB @ EQ1"
    assert next(value for key, value in answer.items() if key.startswith("whatif-problem"))["children"] == ""


def test_a_file_fills_the_editor_and_is_not_applied_yet(app):
    contents = "data:text/csv;base64," + base64.b64encode("\ufeffinstrument,book,quantity\nAAA,EQ1,5".encode()).decode()
    answer = asked(app, "whatif-text.value", inputs=["", contents])
    assert answer["whatif-text"]["value"] == "+5 AAA @ EQ1"


def test_a_file_that_cannot_be_read_stands_as_it_is():
    assert uploaded("data:,%%%") == ""
    assert uploaded("data:text/csv;base64," + base64.b64encode(b"no trades").decode()) == "no trades"


def test_the_editor_shows_the_trades_of_the_address_one_a_line():
    assert written(TWO) == "+5 AAA @ EQ1\nclose BBB @ EQ1"
    assert written("?whatif=nonsense") == "nonsense"
    assert written(None) == ""
    assert "+5 AAA @ EQ1\\nclose BBB @ EQ1" in shown(editor(TWO.removeprefix("?"), TOM))
    assert '"href": "?desk=Cash"' in shown(editor(TWO.removeprefix("?"), TOM))


def test_an_address_without_trades_is_plain_and_a_broken_one_can_be_left():
    assert address(TWO, "") == "?desk=Cash"
    assert address("?whatif=nonsense&nothing=1", "") == ""
    with pytest.raises(BadFilterError, match="whatif"):
        address("", "nonsense")


def test_a_chip_counts_the_trades_links_to_them_and_clears_them(app):
    found = shown(chip(app, Filters.parse(TWO), TOM)[0])
    assert "2 trades" in found
    assert f'"href": "/whatif{TWO}"' in found
    assert '"href": "?desk=Cash"' in found
    assert chip(app, Filters(), TOM) == []


class Editor:
    """The branches beside the editor, as whoever `reader` is sees and changes them."""

    def __init__(self, store):
        moments = (NOON + timedelta(minutes=minute) for minute in range(1000))
        self.reader = TOM
        self.branches = Branches(store, lambda: next(moments))
        self.app = Dash("kept", pages_folder="", use_pages=False, use_async=False, suppress_callback_exceptions=True)
        self.app.layout = html.Div()
        branches_on_screen.install(self.app, self.branches, lambda: self.reader)

    def list(self, search=""):
        answer = asked(self.app, "whatif-branches", inputs=[search, ""])
        return json.dumps(answer["whatif-branches"]["children"], ensure_ascii=False)

    def save(self, name, text, clicks=1, changed="whatif-save.n_clicks"):
        return self._changed([clicks, clicks, []], [name, text, ""], changed)

    def forget(self, name, clicks=1, search=""):
        cross = {"name": name.encode().hex(), "type": FORGET}
        given = [{"id": cross, "property": "n_clicks", "value": clicks}]
        changed = json.dumps(cross, separators=(",", ":")) + ".n_clicks"
        return self._changed([None, None, given], [None, None, search], changed)

    def _changed(self, inputs, states, changed):
        answer = asked(self.app, "whatif-kept", inputs=inputs, states=states, changed=changed)
        if answer is None:
            return None
        found = {key.partition(":")[0].partition("@")[0]: value["children"] for key, value in answer.items()}
        return json.dumps(found["whatif-kept"], ensure_ascii=False), found["whatif-problem"]


@pytest.fixture
def kept(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.create()
    yield Editor(store)
    store.close()


def test_without_a_branch_one_faint_line_says_so(kept):
    assert "No branch is saved yet." in kept.list()
    assert '"className": "faint"' in kept.list()


def test_saving_says_so_and_the_branch_is_a_link_that_keeps_the_other_choices(kept):
    said, problem = kept.save("Less oil", "5 AAA@EQ1\nclose BBB @ EQ1")
    assert "“Less oil” is saved." in said
    assert problem == ""
    shown = kept.list("?desk=Cash&whatif=%2B1+CCC+%40+EQ1&nothing=")
    assert f'"href": "{TWO}"' in shown
    assert f'"data-at": "{NOON.isoformat()}"' in shown
    assert '["2", ' in shown
    assert '" trades"' in shown
    assert "is replaced." in kept.save("Less oil", "5 AAA@EQ1", changed="whatif-name.n_submit")[0]


def test_the_branch_in_the_address_is_marked():
    found = [Branch("here", "+5 AAA @ EQ1; close BBB @ EQ1", NOON), Branch("there", "+5 AAA @ EQ1", NOON)]
    here, there = listed(found, TWO, TOM).children
    assert (here.children[0].className, there.children[0].className) == ("on", "")


def test_a_branch_in_words_that_are_no_longer_read_is_listed_and_can_be_deleted():
    (line,) = listed([Branch("old", "+5 AAA in EQ1", NOON)], "?desk=Cash&whatif=nonsense", TOM).children
    assert line.children[0].href == "?desk=Cash&whatif=%2B5+AAA+in+EQ1"
    assert bytes.fromhex(line.children[2].id["name"]).decode() == "old"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("mine", "five AAA", "whatif: trade 1 ('five AAA') cannot be read: it names no book"),
        ("mine", "", "there is no trade to save; write one first."),
        ("mine", None, "there is no trade to save; write one first."),
        ("", "5 AAA@EQ1", "a branch has a name of 1 to 60 printable characters; write one."),
        (None, "5 AAA@EQ1", "a branch has a name of 1 to 60 printable characters; write one."),
    ],
)
def test_what_cannot_be_saved_is_said_beside_the_editor(kept, name, text, reason):
    said, problem = kept.save(name, text)
    assert said == '""'
    assert problem.startswith(reason)
    assert kept.branches.all(TOM) == []


def test_deleting_says_so_and_still_shows_the_way_to_the_trades(kept):
    name = 'a.b {"c": 1} Öl'
    kept.save(name, "5 AAA@EQ1\nclose BBB @ EQ1")
    said, problem = kept.forget(name, search="?desk=Cash")
    assert "is deleted." in said
    assert f'"href": "{TWO}"' in said
    assert problem == ""
    assert kept.branches.all(TOM) == []


def test_what_has_only_just_appeared_changes_nothing(kept):
    kept.branches.save(TOM, "mine", "+5 AAA @ EQ1")
    assert kept.save("other", "5 AAA@EQ1", clicks=None) is None
    assert kept.forget("mine", clicks=None) is None
    assert [branch.name for branch in kept.branches.all(TOM)] == ["mine"]


def test_the_list_is_the_readers_of_the_request(kept):
    kept.branches.save(TOM, "mine", "+5 AAA @ EQ1")
    for kept.reader in (EVE, FIRM):
        assert "mine" not in kept.list()
    kept.reader = TOM
    assert "mine" in kept.list()


def test_a_forged_callback_with_the_name_of_another_readers_branch_deletes_and_replaces_nothing(kept):
    kept.branches.save(TOM, "mine", "+5 AAA @ EQ1")
    kept.reader = EVE
    assert kept.forget("mine") == ('""', "you have no branch 'mine'; it may be deleted already.")
    kept.save("mine", "close AAA @ EQ1")
    assert kept.branches.all(TOM) == [Branch("mine", "+5 AAA @ EQ1", NOON)]


def test_to_nobody_the_list_and_every_change_are_closed_in_words(kept):
    kept.reader = NOBODY
    assert "What-if is not open to your role" in kept.list()
    assert "What-if is not open to your role" in kept.save("mine", "5 AAA@EQ1")[1]


def test_when_the_store_fails_the_editor_lives_and_the_reader_gets_a_reference(kept, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret path")

    monkeypatch.setattr(kept.branches, "all", fail)
    monkeypatch.setattr(kept.branches, "save", fail)
    with capture_logs() as logged:
        shown = kept.list() + kept.save("mine", "5 AAA@EQ1")[1]
    assert [f"reference {entry['reference']}" in shown for entry in logged] == [True, True]
    assert "secret" not in shown

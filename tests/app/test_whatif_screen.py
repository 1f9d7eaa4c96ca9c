"""What-if on screen: trades go into the address and come out of it, and a chip says that there are some."""

import base64
import json

import pytest
from dash import Dash, html

from app.filters import BadFilterError, Filters
from app.screen.whatif import address, chip, editor, install, uploaded, written

TWO = "?desk=Cash&whatif=%2B5+AAA+%40+EQ1%3B+close+BBB+%40+EQ1"


def shown(component):
    return json.dumps(component.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def asked(app, output, *, inputs, states=()):
    """A callback's answer, asked as the browser does."""
    key = next(key for key in app.callback_map if output in key)
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in key.strip(".").split("...")]
    wires = app.callback_map[key]
    body = {
        "output": key,
        "outputs": outputs if key.startswith("..") else outputs[0],
        "inputs": [{**wire, "value": value} for wire, value in zip(wires["inputs"], inputs, strict=True)],
        "state": [{**wire, "value": value} for wire, value in zip(wires["state"], states, strict=True)],
        "changedPropIds": [f"{wires['inputs'][-1]['id']}.{wires['inputs'][-1]['property']}"],
    }
    answer = app.server.test_client().post("/_dash-update-component", json=body)
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
    assert "+5 AAA @ EQ1\\nclose BBB @ EQ1" in shown(editor(TWO.removeprefix("?")))
    assert '"href": "?desk=Cash"' in shown(editor(TWO.removeprefix("?")))


def test_an_address_without_trades_is_plain_and_a_broken_one_can_be_left():
    assert address(TWO, "") == "?desk=Cash"
    assert address("?whatif=nonsense&nothing=1", "") == ""
    with pytest.raises(BadFilterError, match="whatif"):
        address("", "nonsense")


def test_a_chip_counts_the_trades_links_to_them_and_clears_them(app):
    found = shown(chip(app, Filters.parse(TWO))[0])
    assert "2 trades" in found
    assert f'"href": "/whatif{TWO}"' in found
    assert '"href": "?desk=Cash"' in found
    assert chip(app, Filters()) == []

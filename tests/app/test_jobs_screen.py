"""A run on screen: what would run, how far it is, and buttons that ask the one path with the reader's scope."""

import json

import pytest
from dash import Dash, html

from app import simulation
from app.filters import Filters
from app.screen import jobs, panels
from app.view import discover
from auth import audit
from data.scope import NOBODY
from tests import callbacks
from tests.ledger import FIRM, trader

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency
      AAA    USD
      EEE    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      EEE        2022-01-03 100
      EEE        2022-01-04 110
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  EEE        -10      100   2022-01-03
"""
KEY = "var-simulated-by-book"
RUN, CANCEL = f"{KEY}-run.n_clicks", f"{KEY}-cancel.n_clicks"
ERRORS = {
    28: OSError(28, "No space left on device", "/secret/path"),
    0: ValueError("position EEE cannot be valued"),
}


class Trail(list):
    """The audit rows as event and reader."""

    def record(self, event, scope, **_details):
        self.append((event, scope.reader))


class Browser:
    """Asks the callbacks of panels and their runs as Dash's renderer does, as whoever `reader` is."""

    def __init__(self, answers):
        self.reader = FIRM
        self.answers = answers
        self.app = Dash("runs", server=answers.cache.app, pages_folder="", use_pages=False, use_async=False)
        self.app.layout = html.Div()
        self.trail = Trail()
        audit.install(self.app.server, self.trail)
        panels.install(self.app, answers, lambda: self.reader)
        jobs.install(self.app, answers, lambda: self.reader)
        self.web = self.app.server.test_client()

    def ask(self, output, changed, given):
        asked = callbacks.body(callbacks.filling(callbacks.of(self.app), output), given, changed)
        answer = self.web.post(callbacks.PATH, json=asked)
        return answer.get_json()["response"] if answer.status_code == 200 else None

    def panel(self, query=""):
        found = self.ask(f"{KEY}.made", [f"{KEY}.asked"], {"var-question.data": query})[KEY]
        return json.dumps(found["children"] or found["made"]["body"], ensure_ascii=False), found

    def press(self, wire, query="", clicks=1):
        return self.ask(f"{KEY}.asked", [wire], {wire: clicks, "var-question.data": query})

    def wait(self):
        self.answers.needs.simulations.jobs.wait()


@pytest.fixture
def browser(open_ledger):
    return Browser(open_ledger(BOOKS).answers)


def hidden(shown, button):
    (found,) = [part for part in parts(json.loads(shown)) if part["props"].get("id") == f"{KEY}-{button}"]
    return found["props"].get("hidden") or found["props"].get("disabled") or False


def parts(node):
    """Every component of a tree."""
    yield node
    children = node["props"].get("children")
    for child in children if isinstance(children, list) else [children]:
        if isinstance(child, dict):
            yield from parts(child)


def test_before_a_run_the_panel_says_what_would_run_and_names_no_position(browser):
    shown, found = browser.panel("desk=Cash&window=60&ccy=USD")
    assert "Not run yet" in shown
    assert "10,000 paths for 2022-01-04 in USD from 60 days of moves." in shown
    assert [hidden(shown, part) for part in ("run", "cancel", "clock")] == [False, True, True]
    assert "at" not in found["made"]


def test_who_ran_and_who_cancelled_stands_in_the_audit_trail_and_a_refusal_does_not(browser, gate):
    browser.press(RUN)
    assert gate[0].wait(10)
    browser.reader = trader("Cash")
    browser.press(CANCEL)
    browser.reader = NOBODY
    browser.press(RUN)
    gate[1].set()
    browser.wait()
    assert browser.trail == [("job_run", FIRM.reader), ("job_cancel", trader("Cash").reader)]


def test_a_run_is_begun_by_its_button_watched_and_ends_in_numbers(browser, gate):
    at, go = gate
    assert browser.press(RUN)[KEY]["asked"]
    assert at.wait(10)
    browser.reader = trader("Cash")
    shown, _ = browser.panel()
    assert "Running" in shown
    assert "2 of 20 steps" in shown
    assert '"max": "20", "value": "2"' in shown or '"value": "2", "max": "20"' in shown
    assert [hidden(shown, part) for part in ("run", "cancel", "clock")] == [True, False, False]
    go.set()
    browser.wait()
    shown, found = browser.panel()
    assert f"{KEY}-run" not in shown
    assert found["children"] is None
    assert found["made"]["body"] == json.loads(browser.answers.drawn(KEY, Filters(), browser.reader, "dark"))
    assert "Europe" not in shown
    assert found["made"]["query"] == ""


def test_a_cancelled_run_says_how_far_it_came_and_goes_on(browser, gate):
    at, go = gate
    browser.press(RUN)
    assert at.wait(10)
    browser.press(CANCEL)
    go.set()
    browser.wait()
    shown, _ = browser.panel()
    assert "Cancelled after 3 of 20 steps" in shown
    assert "What is done is kept." in shown
    assert '"Go on"' in shown
    assert [hidden(shown, part) for part in ("run", "cancel", "clock")] == [False, True, True]
    browser.press(RUN)
    browser.wait()
    assert f"{KEY}-run" not in browser.panel()[0]


@pytest.mark.parametrize(("error", "said"), [(28, "No space left on device"), (0, "An unexpected error")])
def test_a_failed_run_says_why_with_a_reference_and_tells_no_secret(browser, monkeypatch, error, said):
    def fail(*_, **__):
        raise ERRORS[error]

    monkeypatch.setattr(simulation, "simulated_moves", fail)
    browser.press(RUN)
    browser.wait()
    shown, _ = browser.panel()
    assert "Failed after 0 of 20 steps" in shown
    assert f"{said}; if it fails again, tell the operators reference 000001/2022-01-04-" in shown
    assert "secret" not in shown
    assert "EEE" not in shown
    assert '"Run"' in shown


@pytest.mark.parametrize("wire", [RUN, CANCEL])
def test_a_forged_press_is_refused_and_nothing_is_begun(browser, wire):
    browser.reader = NOBODY
    assert "Not open to you" in browser.press(wire)[f"{KEY}-refused"]["children"]
    browser.reader = trader("Cash")
    found = browser.press(wire, "desk=Europe")
    assert "Not open to you" in found[f"{KEY}-refused"]["children"]
    assert KEY not in found
    browser.wait()
    assert not browser.answers.engine.folder.exists()


def test_an_unreadable_choice_is_named_on_the_card(browser):
    assert "write it as 2022-12-28" in browser.press(RUN, "as_of=yesterday")[f"{KEY}-refused"]["children"]


@pytest.mark.parametrize("wire", [RUN, CANCEL])
def test_a_card_that_appears_asks_for_nothing(browser, wire):
    assert browser.press(wire, clicks=None) is None
    assert browser.press(wire, clicks=0) is None


def test_only_panels_of_vectors_have_buttons():
    runs = {view.name: {jobs.runs(panel) for panel in view.panels} for view in discover().values()}
    assert runs["var"] == runs["limits"] == {True}
    assert runs["pnl"] == runs["exposure"] == runs["blotter"] == {False}

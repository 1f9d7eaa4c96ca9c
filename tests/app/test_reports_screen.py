"""Reports on screen: the page at the address is ordered in the reader's name, and only a reader's own are listed."""

import json
from datetime import UTC, datetime

import pytest
from dash import Dash, html

from app.filters import Filters
from app.reports import Reports
from app.screen import reports as screen
from auth.readers import Reader
from data.scope import NOBODY, Scope
from data.store import Store
from tests import callbacks

NOW = datetime(2022, 12, 26, 12, 0, tzinfo=UTC)
VERA = Scope("vera", "Vera", roles=frozenset({"trader"}), desks=frozenset({"Vol"}))
RITA = Scope("rita", "Rita", roles=frozenset({"risk_manager"}), firm=True)
KNOWN = [Reader("rita", "Rita", "", (), NOW), Reader("vera", "Vera Vol", "", (), NOW)]
FORM = {
    "report-name.value": "Evening VaR",
    "report-every.value": "day",
    "report-at.value": "18:30",
    "report-into.value": "mail",
    "report-for.value": "",
    "url.pathname": "/var",
    "url.search": "?desk=Vol",
}


class Browser:
    """Presses the buttons of the drawer's page as whoever `reader` is."""

    def __init__(self, reports):
        self.reports, self.reader = reports, VERA
        self.app = Dash("reports", pages_folder="", use_pages=False, use_async=False, suppress_callback_exceptions=True)
        self.app.layout = html.Div()
        screen.install(self.app, screen.Desk(reports, lambda: KNOWN), lambda: self.reader)
        self.web = self.app.server.test_client()
        (self.wires,) = callbacks.of(self.app)

    def shown(self):
        opener = screen.pages(screen.Desk(self.reports, lambda: KNOWN))["reports"]
        return text(opener({"reports": "mine"}, Filters(), self.reader))

    def _press(self, changed, crosses, **given):
        values = FORM | {name.replace("_", "-").replace("--", "."): value for name, value in given.items()}
        order = {"id": "report-order", "property": "n_clicks", "value": 1 if changed.startswith("report") else None}
        body = callbacks.body(self.wires, values, [changed]) | {"inputs": [order, crosses]}
        answer = self.web.post(callbacks.PATH, json=body)
        assert answer.status_code in (200, 204)
        return answer.get_json()["response"] if answer.status_code == 200 else None

    def order(self, **given):
        return self._press("report-order.n_clicks", [], **given)

    def end(self, report_id, clicks=1):
        cross = {"id": {"id": report_id, "type": "report-end"}, "property": "n_clicks", "value": clicks}
        return self._press(f'{{"id":{report_id},"type":"report-end"}}.n_clicks', [cross])


def text(parts):
    return json.dumps([part.to_plotly_json() for part in parts], default=lambda part: part.to_plotly_json())


@pytest.fixture
def browser(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.create()
    yield Browser(Reports(store, lambda: NOW))
    store.close()


def test_a_click_orders_the_page_at_the_address_for_the_reader(browser):
    found = browser.order()
    assert found["reports-said"]["children"] == "“Evening VaR” is ordered."
    (report,) = browser.reports.of(VERA)
    assert (report.page, report.query, report.recipient, report.every) == ("var", "desk=Vol", "vera", "day")
    assert "every weekday at 18:30 UTC, by mail" in json.dumps(found["reports-listed"])


def test_a_cross_ends_a_report_and_one_that_has_just_appeared_does_nothing(browser):
    browser.order()
    (report,) = browser.reports.of(VERA)
    assert browser.end(report.report_id, clicks=None) is None
    assert browser.end(report.report_id)["reports-said"]["children"] == "“Evening VaR” is ended."
    assert "You have no report yet." in browser.shown()


def test_a_forged_cross_ends_nothing_of_another_s(browser):
    browser.order()
    (report,) = browser.reports.of(VERA)
    browser.reader = RITA
    assert "no such report" in browser.end(report.report_id)["reports-problem"]["children"]
    assert browser.reports.of(VERA)


def test_only_who_may_order_for_others_is_offered_them(browser):
    assert "Vera Vol" not in browser.shown()
    browser.reader = RITA
    assert "Vera Vol" in browser.shown()
    browser.order(report_for__value="vera")
    assert [each.recipient for each in browser.reports.of(VERA)] == ["vera"]
    assert "for vera" in browser.shown()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"report_at__value": "6pm"}, "write it as 18:30"),
        ({"report_name__value": None}, "1 to 60 printable"),
        ({"url__search": "?as_of=x"}, "write it as 2022-12-28"),
        ({"url__pathname": "/nothing"}, "Not open to you"),
        ({"report_for__value": "rita"}, "Not open to you"),
    ],
    ids=str,
)
def test_what_cannot_be_ordered_is_said_beside_the_button(browser, given, said):
    found = browser.order(**given)
    assert said in found["reports-problem"]["children"]
    assert browser.reports.of(VERA) == []


def test_nobody_orders_nothing(browser):
    browser.reader = NOBODY
    assert "Not open to you" in browser.order()["reports-problem"]["children"]

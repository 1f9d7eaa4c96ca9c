"""The screen: every callback asks the one path with the reader's scope, and one panel's failure stays its own."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from dash import Dash
from structlog.testing import capture_logs

from app import screen
from app.figures.plain import plain
from app.filters import Filters
from app.main import ASSETS
from app.question import Choices
from app.screen.bar import move, synthetic
from app.screen.conventions import conventions, decisive, stated
from app.screen.own import Own
from app.screen.page import open_views, view_at
from app.view import Panel, discover
from auth.grants import GroupRules
from auth.readers import Readers
from data.scope import NOBODY
from data.store import Store, utc_now
from tests import callbacks
from tests.drawings import components
from tests.ledger import FIRM, OPERATOR, Ledger, trader

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency sector
      AAA    USD      Energy
      EEE    EUR      -
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
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
PANELS = [(view, panel) for view in discover().values() for panel in view.panels]
TREE = "positions-tree-by-instrument"


class Browser:
    """Asks an app's callbacks as Dash's renderer does, as whoever `reader` is."""

    def __init__(self, answers, store):
        self.reader = FIRM
        self.answers = answers
        readers = Readers(store, utc_now, GroupRules(), timedelta(days=30))
        self.own = Own.of(store, answers, readers, utc_now)
        plain = {"pages_folder": "", "use_pages": False, "use_async": False}
        self.app = Dash("test", server=answers.cache.app, assets_folder=str(ASSETS), **plain)
        screen.build(self.app, answers, self.own, lambda: self.reader)
        self.web = self.app.server.test_client()

    def ask(self, output, **given):
        """The new properties by component; `given` are inputs and states as `component__property=value`."""
        values = {name.replace("__", "."): value for name, value in given.items()}
        asked = callbacks.body(callbacks.filling(callbacks.of(self.app), output), values)
        answer = self.web.post(callbacks.PATH, json=asked)
        return answer.get_json()["response"] if answer.status_code == 200 else {}

    def panel(self, key, query=""):
        """What the panel's own callback makes; `children` beside it where Dash keeps them."""
        given = {f"{key.split('-')[0]}-question__data": query, "theme__data": "dark"}
        found = self.ask(f"{key}.made", **given).get(key, {})
        return found.pop("made", {}) | found

    def page(self, name, query=""):
        """What the page's callback says of each of its panels: what is `kept`."""
        panels = discover()[name].panels
        return self.ask(f"{panels[0].key}.kept", **{f"{name}-question__data": query, "theme__data": "dark"})


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    store.create()
    ledger.answers.needs.store = store
    ledger.answers.run("var-simulated-by-book", Filters(), FIRM)
    ledger.answers.needs.simulations.jobs.wait()
    yield Browser(ledger.answers, store)
    store.close()
    ledger.warehouse.close()


@pytest.fixture(autouse=True)
def as_risk_manager(browser):
    browser.reader = FIRM


def page(browser, path, search=""):
    return json.dumps(browser.ask("page.children", url__pathname=path, url__search=search)["page"]["children"])


def bar(browser, path="/", search=""):
    found = browser.ask("bar-pages.tree", url__pathname=path, url__search=search)
    shown = {name: json.dumps(properties, ensure_ascii=False) for name, properties in found.items()}
    return shown | {"bar-question": "".join(shown[f"bar-{part}"] for part in ("trail", "days", "asked") if found)}


@pytest.mark.parametrize("view", discover().values(), ids=lambda view: view.name)
def test_an_address_opens_its_page_with_every_panel_and_all_ways_to_take_it_away(browser, view):
    browser.reader = OPERATOR
    shown = page(browser, view.path, "?desk=Cash")
    for panel in view.panels:
        assert f'"id": "{panel.key}"' in shown
        for kind in ("xlsx", "csv", "json", "parquet"):
            assert f'"/export/{panel.key}.{kind}"' in shown
            assert f"/export/{panel.key}.{kind}?desk=Cash" in bar(browser, view.path, "?desk=Cash")["bar-away"]


def test_an_unknown_address_says_so(browser):
    assert "There is no such page" in page(browser, "/nowhere")


def test_a_page_and_its_place_in_the_navigation_are_closed_to_a_reader_without_its_roles(browser):
    browser.reader = NOBODY
    shown = page(browser, "/positions")
    assert "not open to your role" in shown
    assert TREE not in shown
    assert open_views(NOBODY) == []
    assert "Positions" not in bar(browser)["bar-pages"]


@pytest.mark.parametrize(("view", "panel"), PANELS, ids=[panel.key for _, panel in PANELS])
def test_a_panel_shows_what_the_one_path_answers(browser, view: object, panel: Panel):
    del view
    browser.reader = OPERATOR
    found = browser.panel(panel.key, "scale=k")
    drawn = json.loads(browser.answers.drawn(panel.key, Filters(scale="k"), OPERATOR, "dark"))
    assert found["children" if panel.figure == "blotter" else "body"] == drawn
    assert found["query"] == "scale=k"
    unit = drawn["props"]["data-unit"]
    assert unit == "" or "USD k" in unit


@pytest.mark.parametrize(("view", "panel"), PANELS, ids=[panel.key for _, panel in PANELS])
def test_no_panel_shows_a_trader_another_desk(browser, view: object, panel: Panel):
    del view
    browser.reader = trader("Cash")
    shown = json.dumps(browser.panel(panel.key))
    assert not {"Europe", "EQ2", "EEE"} & set(shown.replace('"', " ").split())


def test_the_blotter_sends_the_block_of_rows_that_is_asked_for_and_only_the_readers(browser):
    block = {"startRow": 0, "endRow": 1}
    found = browser.ask("blotter-trades-grid.getRowsResponse", **{"blotter-trades-grid__getRowsRequest": block})
    answer = found["blotter-trades-grid"]["getRowsResponse"]
    assert (len(answer["rowData"]), answer["rowCount"]) == (1, 2)
    browser.reader = trader("Cash")
    found = browser.ask("blotter-trades-grid.getRowsResponse", **{"blotter-trades-grid__getRowsRequest": block})
    assert [row["trade_id"] for row in found["blotter-trades-grid"]["getRowsResponse"]["rowData"]] == ["T1"]


def test_a_desk_outside_the_scope_is_refused_in_words(browser):
    browser.reader = trader("Cash")
    shown = json.dumps(browser.panel(TREE, "desk=Europe"))
    assert "Not open to you" in shown
    assert "EEE" not in shown


def test_an_unreadable_choice_is_named_and_the_bar_offers_to_start_over(browser):
    shown = json.dumps(browser.panel(TREE, "as_of=yesterday"))
    assert "write it as 2022-12-28" in shown
    assert "Start over" in bar(browser, search="?as_of=yesterday")["bar-fresh"]


def test_a_failure_has_a_reference_in_the_log_and_tells_nothing_else(browser, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret path")

    monkeypatch.setattr(browser.answers, "drawn", fail)
    with capture_logs() as logged:
        shown = json.dumps(browser.panel(TREE))
    assert f"tell the operators reference {logged[0]['reference']}" in shown
    assert "secret" not in shown


def test_a_page_answers_at_once_what_is_kept_and_leaves_the_rest(browser):
    panels = [panel.key for panel in discover()["positions"].panels]
    browser.answers.cache.clear()
    assert {key: found["kept"] for key, found in browser.page("positions", "scale=k").items()} == {
        key: {"query": "scale=k"} for key in panels
    }
    made = browser.panel(TREE, "scale=k")
    found = browser.page("positions", "scale=k")
    assert found[TREE]["kept"] | {"at": ""} == made | {"at": ""}
    assert [key for key in panels if "body" in found[key]["kept"]] == [TREE]


def test_a_page_comes_with_the_numbers_that_are_kept_in_the_dress_that_is_worn(browser):
    def kept(dress):
        given = {"url__pathname": "/pnl", "url__search": "?desk=Cash", "dressed__data": dress}
        (layout,) = browser.ask("page.children", **given)["page"]["children"][2:]
        cards = layout["props"]["children"]
        return {card["props"]["id"]: card["props"]["kept"] for card in cards}

    browser.answers.cache.clear()
    assert all("body" not in found for found in kept("dark").values())
    made = browser.panel("pnl-history", "desk=Cash")
    assert kept("dark")["pnl-history"] | {"at": ""} == made | {"at": "", "dress": "dark"}
    assert "body" not in kept("light")["pnl-history"]


def test_what_is_kept_for_the_firm_is_not_shown_to_a_desk(browser):
    browser.panel(TREE)
    assert "body" in browser.page("positions")[TREE]["kept"]
    assert "Europe" in page(browser, "/positions")
    browser.reader = trader("Cash")
    assert "body" not in browser.page("positions")[TREE]["kept"]
    assert "Europe" not in page(browser, "/positions")


def test_numbers_on_screen_stay_as_stale_where_they_cannot_be_renewed_but_not_where_they_are_refused(
    browser, monkeypatch
):
    browser.reader = trader("Cash")
    for refused in (browser.panel(TREE, "desk=Europe"), browser.page("positions", "desk=Europe")[TREE]["kept"]):
        assert not refused["stale"]
        assert "at" not in refused
    monkeypatch.setattr(browser.answers, "drawn", lambda *_: {}["gone"])
    with capture_logs():
        failed = browser.panel(TREE)
    assert "could not be computed" in failed["stale"]
    assert "at" not in failed


def test_the_bar_says_whose_which_when_what_how_fresh_how_complete_and_who(browser):
    shown = bar(browser, "/positions", "?desk=Cash&scale=k&asset_class=equity")
    for part in ("Cash", "2022-01-04", "2022-01-03", "Known at ", "latest", "USD", " k", "equity"):
        assert part in shown["bar-question"]
    assert "latest" in shown["bar-fresh"]
    assert "100%" in shown["bar-fresh"]
    for part in ("Helena", "Risk manager", "all desks", "Sign out", "/export/"):
        assert part in shown["bar-away"]


def test_the_screen_shows_thousands_unless_asked_otherwise_and_the_numbers_behind_stay_whole(browser):
    key = "overview-pnl-by-book"
    shown = {query: browser.panel(key, query)["body"]["props"]["data-unit"] for query in ("", "scale=1", "scale=m")}
    assert shown == {"": "USD k", "scale=1": "USD", "scale=m": "USD m"}
    thousands, units = (browser.answers.table(key, Filters(scale=scale), FIRM).frame for scale in ("k", "1"))
    assert thousands.equals(units)


def test_the_bar_states_the_conventions_of_risk_where_a_number_rests_on_them_and_nowhere_else(browser):
    shown = bar(browser, "/var", "?confidence=0.975&window=250")["bar-question"]
    for part in ("VaR 97.5%", "ES 97.5%", "250 days", "weibull", "median unbiased", "confidence=0.995"):
        assert part in shown
    assert '"/var' not in shown  # a choice keeps the page
    for path in ("/positions", "/sensitivities", "/backtest", "/nowhere"):
        assert "Conventions: " not in bar(browser, path)["bar-question"]


def test_choosing_a_convention_writes_the_address_and_keeps_the_other_choices():
    panels = discover()["var"].panels
    (menu,) = conventions(panels, Filters(desk="Cash", window=300))
    choices = {link["children"]: link for link in components(plain(menu), "Link")}
    assert choices["hazen"]["href"] == "?desk=Cash&window=300&method=hazen"
    assert choices["500"]["href"] == "?desk=Cash"
    assert (choices["300"]["className"], choices["weibull"]["className"]) == ("on", "on")


def test_a_page_rests_on_the_conventions_that_its_measures_take():
    rests = {view.name: decisive(view.panels) for view in discover().values()}
    assert rests["var"] == ("confidence", "es_confidence", "window", "method")
    assert rests["positions"] == rests["stress"] == rests["backtest"] == rests["limits"] == ()
    assert stated(Filters(), rests["var"]) == ["VaR 99%", "ES 97.5%", "500 days", "weibull"]


@pytest.mark.parametrize("panel", [panel.key for _, panel in PANELS if panel.measure.startswith("backtest")])
def test_without_an_official_run_a_backtest_says_how_one_is_made(browser, panel):
    assert "`parapet run`" in json.dumps(browser.panel(panel))


def test_without_a_limit_the_panel_says_so_in_words(browser):
    browser.reader = trader("Cash")
    assert "No limit is set on what you see" in json.dumps(browser.panel("limits-use"))


def test_simulated_prices_are_named_in_the_bar_and_only_then(browser):
    status = browser.answers.status(Filters(), FIRM)
    (chip,) = synthetic(replace(status, synthetic=3))
    assert (chip.children, chip.href) == ("synthetic", "#coverage=reasons")
    assert "3 instruments" in chip.title
    assert synthetic(replace(status, synthetic=0)) == []


def test_the_bar_offers_a_trader_only_the_books_that_are_open(browser):
    browser.reader = trader("Cash")
    shown = bar(browser)["bar-question"]
    assert "EQ1" in shown
    assert "EQ2" not in shown


def test_the_navigation_carries_the_choices_along(browser):
    shown = bar(browser, "/", "?desk=Cash&scale=m")["bar-pages"]
    for view in open_views(FIRM):
        assert f'"{view.path}?desk=Cash&scale=m"' in shown


CHOICES = Choices((), (date(2022, 1, 7), date(2022, 1, 6), date(2022, 1, 3)), (), ())


@pytest.mark.parametrize(
    ("query", "name", "day", "moved"),
    [
        ("scale=m", "as_of", "2022-01-05", "?as_of=2022-01-03&scale=m"),
        ("as_of=2022-01-03", "as_of", "2022-01-07", ""),
        ("as_of=2022-01-07&vs=2022-01-06", "as_of", "2022-01-06", "?as_of=2022-01-06"),
        ("", "vs", "2022-01-04", "?vs=2022-01-03"),
        ("", "as_of", "2001-01-01", "?as_of=2022-01-03"),
    ],
)
def test_a_picked_date_becomes_the_business_day_up_to_it(query, name, day, moved):
    assert move(Filters.parse(query), CHOICES, name, date.fromisoformat(day)) == moved


def test_an_address_means_a_view_with_or_without_a_last_slash():
    nobodys = frozenset()
    assert view_at("/positions/", nobodys) is view_at("/positions", nobodys) is discover()["positions"]
    assert view_at("/nowhere", nobodys) is None


def test_the_document_sets_the_theme_before_it_paints_and_holds_no_inline_script_of_its_own(browser):
    document = browser.web.get("/").get_data(as_text=True)
    head = document.partition("</head>")[0]
    assert head.index("theme.js") < len(head)
    assert not [line for line in head.splitlines() if "<script>" in line]
    assert len(browser.app.csp_hashes()) == 1

"""A number explained: its parts add up to it, its scenarios weigh up to it, and no reader is told of another's rows."""

import json
import re

import pandas as pd
import pytest
from dash import Dash

from app.explained import blotter, explain, trade_versions
from app.filters import Filters
from app.place import SEPARATOR, addresses
from app.question import DeniedError, EmptyError, UnknownError
from app.risk.measure import measures
from app.risk.simulation import waits_for_run
from app.screen import number
from app.view import discover
from data.scope import NOBODY
from tests import desks
from tests.app.test_risk_answers import OF_SOUTH
from tests.ledger import FIRM, OPERATOR, trader

ASKED = Filters(window=60)
NORTH = trader("North")
TREES = [
    panel
    for view in discover().values()
    for panel in view.panels
    if panel.by and panel.figure in {"tree", "grid"} and not waits_for_run(measures()[panel.measure])
]
NUMBERS = {"money", "price", "quantity", "ratio", "count"}
VAR = "var-tree-by-book"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    ledger = desks.opened(tmp_path_factory)
    yield ledger.answers
    ledger.warehouse.close()


@pytest.fixture(scope="module")
def drawer(answers):
    app = Dash("test", server=answers.cache.app, pages_folder="", use_pages=False, use_async=False)
    opened = number.pages(app, answers)

    def ask(page, what, scope=FIRM, filters=ASKED, **more):
        shown = opened[page]({page: what, **more}, filters, scope)
        return json.dumps([part.to_plotly_json() for part in shown], default=lambda one: one.to_plotly_json())

    return ask


def numbers_of(table):
    return [column for column in table.columns if column.kind in NUMBERS]


@pytest.mark.parametrize("panel", TREES, ids=lambda panel: panel.key)
def test_every_number_of_a_tree_explains_itself_and_what_adds_up_does(answers, panel):
    table = answers.table(panel.key, ASKED, OPERATOR)
    places = addresses(table)
    for at in {places[0], places[-1], max(places, key=len)}:
        row = table.frame.iloc[places.index(at)]
        for column in numbers_of(table):
            found = explain(answers, (panel.key, at, column.name), ASKED, OPERATOR)
            assert found.value == row[column.name] or pd.isna(found.value)
            assert found.parts is None or found.parts.adds, (at, column.name)


@pytest.mark.parametrize("name", ["var", "es", "component", "component_es"])
@pytest.mark.parametrize("at", ["", "North", "South\tSTWO"])
def test_the_scenarios_of_a_var_weigh_up_to_it(answers, at, name):
    found = explain(answers, (VAR, at, name), ASKED, FIRM)
    assert -(found.scenarios["pnl"] * found.scenarios["weight"]).sum() == pytest.approx(found.value, abs=1e-6)
    assert found.scenarios["weight"].sum() == pytest.approx(1)


def test_a_var_is_made_by_the_components_of_its_own_scenarios_not_of_the_firm_s(answers):
    own = explain(answers, (VAR, "North", "var"), ASKED, FIRM)
    assert (own.parts.key, own.parts.column.name, own.parts.adds) == ("book", "component", True)
    assert {item.name for item in own.parts.items} <= set(desks.NORTH)
    assert own.parts.total == pytest.approx(own.value)


def test_what_is_no_sum_has_no_parts(answers):
    assert explain(answers, (VAR, "North", "incremental"), ASKED, FIRM).parts is None


@pytest.mark.parametrize(
    ("key", "name"), [("overview-summary", "day"), ("overview-risk-by-book", "day"), ("var-summary", "var")]
)
def test_a_number_leads_down_to_the_trades_of_one_position(answers, key, name):
    found, levels = explain(answers, (key, "", name), ASKED, FIRM), []
    while found.node.below:
        levels.append(found.parts.key)
        largest = found.parts.items[0]
        found = explain(answers, (key, largest.at, name), ASKED, FIRM)
    assert levels == ["desk", "book", "instrument"]
    assert not found.lines.trades.empty
    assert found.lines.trades["source_row"].gt(1).all()
    assert found.lines.prices["file_name"].str.startswith("prices").all()


def test_the_value_further_down_is_that_of_the_panel_which_shows_it(answers):
    held = answers.table("pnl-tree-by-instrument", ASKED, FIRM)
    at = addresses(held)[-1]
    deeper = explain(answers, ("overview-pnl-by-book", at, "day"), ASKED, FIRM)
    assert deeper.value == held.frame["day"].iloc[-1]
    assert deeper.coverage.held <= 1


def test_the_trades_of_a_position_add_up_to_its_quantity(answers):
    table = answers.table("positions-tree-by-instrument", ASKED, FIRM)
    places = addresses(table)
    for at in [place for place in places if place.count(SEPARATOR) == 2 and not place.endswith("ZED")]:
        found = explain(answers, ("positions-tree-by-instrument", at, "quantity"), ASKED, FIRM)
        assert found.lines.trades["total"].iloc[0] == pytest.approx(found.value)


def test_the_pnl_of_a_scenario_is_made_by_the_desks(answers):
    day = addresses(answers.table("var-scenarios", ASKED, FIRM))[0]
    found = explain(answers, ("var-scenarios", day, "pnl"), ASKED, FIRM)
    assert found.parts.adds
    assert {item.name for item in found.parts.items} == {"North", "South"}


def test_a_cell_of_a_pivot_is_that_of_its_measure_in_row_and_column(answers):
    asked = Filters.parse("rows=book&cols=desk&window=60&show=pnl.day,value_at_risk.var")
    cell = explain(answers, ("pivot-tree", "NONE", "pnl.day@North"), asked, FIRM)
    plain = explain(answers, ("overview-pnl-by-book", "North\tNONE", "day"), ASKED, FIRM)
    assert (cell.value, cell.parts.adds) == (plain.value, True)


@pytest.mark.parametrize(
    "asked",
    [
        ("overview-pnl-by-book", "", "day"),
        ("overview-pnl-by-book", "North\tNONE\tNEQ", "ytd"),
        (VAR, "", "var"),
        ("var-by-asset-class", "equity", "component"),
        ("pnl-tree-by-instrument", "North\tNTWO", "day"),
    ],
    ids=str,
)
def test_a_trader_s_explanation_names_nothing_of_another_desk(answers, drawer, asked):
    key, at, name = asked
    shown = drawer("explain", key, NORTH, at=at, column=name)
    assert not OF_SOUTH.findall(re.sub(r"\w+\.csv", "", shown))
    assert explain(answers, asked, ASKED, NORTH).lines.files["trade"]["rows"].sum() < 60


@pytest.mark.parametrize("at", ["South", "South\tSONE", "North\tSONE", "Nowhere", "South\tSONE\tSEQ"])
def test_a_row_that_is_not_open_and_one_that_is_not_there_read_alike(answers, at):
    with pytest.raises(EmptyError, match="has no number"):
        explain(answers, ("overview-pnl-by-book", at, "day"), ASKED, NORTH)


def test_a_page_that_is_not_open_explains_nothing(answers):
    with pytest.raises(DeniedError):
        explain(answers, (VAR, "", "var"), ASKED, NOBODY)
    with pytest.raises(UnknownError):
        explain(answers, ("nothing-here", "", "var"), ASKED, FIRM)
    with pytest.raises(EmptyError, match="nonsense"):
        explain(answers, (VAR, "", "nonsense"), ASKED, FIRM)


def test_the_drawer_tells_a_number_in_full(answers, drawer):
    shown = drawer("explain", VAR, at="North", column="var")
    value = explain(answers, (VAR, "North", "var"), ASKED, FIRM).value
    about = answers.table(VAR, ASKED, FIRM).about
    for part in (f"{value:,.2f}", "VaR \\u00b7 North desk", "60 days", "adds exactly", "weighs up to it", "sha256"):
        assert part in shown
    assert about.definition.split("\n")[0] in shown
    assert f"/export/{VAR}.json?desk=North" in shown
    assert "What changed since" in shown


def test_a_trade_opens_with_its_terms_its_line_and_its_batch(answers, drawer):
    found = answers.behind("trades_behind", Filters(book="NONE"), FIRM, take=1).iloc[0]
    shown = drawer("trade", found["trade_id"])
    for part in (found["trade_id"], f"{found['file_name']} line", "batch", found["sha256"][:12], "current", "NONE"):
        assert part in shown


def test_a_trade_that_is_not_open_and_one_that_is_not_there_are_told_alike(answers, drawer):
    hidden = answers.behind("trades_behind", Filters(book="SONE"), FIRM, take=1)["trade_id"].iloc[0]
    told, absent = (drawer("trade", name, NORTH).replace(name, "X") for name in (hidden, "absent"))
    assert told == absent
    assert "not open to you" in told
    assert trade_versions(answers, hidden, ASKED, NOBODY).empty
    assert blotter().name == "blotter"

"""A click narrows: what each mark and each row carries, which of them is chosen, and the path that leads back."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from dash.dcc import Link

from app import figures
from app.filters import BadFilterError, Filters
from app.question import Choices
from app.risk.cube import Vectors
from app.risk.tails import value_at_risk
from app.screen.trail import trail
from app.table import Column
from tests import desks
from tests.drawings import COMPONENTS, HISTORY, LADDER, SCENARIOS, chart, money, only, table, words
from tests.ledger import FIRM, trader

CHOICES = Choices((("Rates", ("UST", "BUND")), ("Vol", ("VOL-1",))), (), (), ())


def drawn(figure, made, *, chosen=(), **options):
    return figures.draw(figure, made.titled(filters=tuple(chosen)), theme="dark", scale="1", **options)


def marks(figure, made, **options):
    data, layout = chart(drawn(figure, made, **options))
    return data, layout


def rows(made, **options):
    return only(drawn("grid", made, **options), "AgGrid")


def test_a_tile_of_a_treemap_narrows_to_its_path_and_to_nothing_deeper():
    tiles = marks("treemap", COMPONENTS)[0][0]
    wanted = dict(zip(tiles["ids"], tiles["meta"]["cross"], strict=True))
    assert wanted["Rates"] == {"desk": "Rates", "book": ""}
    assert wanted["Rates\tBUND"] == {"desk": "Rates", "book": "BUND"}
    assert wanted["all"] == {"desk": "", "book": ""}


def test_what_joins_small_tiles_narrows_to_their_parent_and_the_nameless_to_nothing():
    tiles = marks("treemap", COMPONENTS, most=1)[0][0]
    wanted = dict(zip(tiles["ids"], tiles["meta"]["cross"], strict=True))
    assert wanted["Vol\t1 more"] == {"desk": "Vol", "book": ""}
    sectors = table([[0, None, 3.0], [1, "none", 1.0], [1, "Energy", 2.0]], words("sector"), money("gross"))
    tiles = marks("treemap", sectors)[0][0]
    assert dict(zip(tiles["ids"], tiles["meta"]["cross"], strict=True))["none"] is None


def test_the_chosen_tile_alone_is_framed():
    tiles = marks("treemap", COMPONENTS, chosen=[("desk", "Vol"), ("book", "VOL-1")])[0][0]
    framed = [i for i, width in zip(tiles["ids"], tiles["marker"]["line"]["width"], strict=True) if width > 1]
    assert framed == ["Vol\tVOL-1"]


def test_a_treemap_rather_draws_a_column_that_may_be_there_if_it_has_numbers():
    both = table([[0, None, 3.0, None], [1, "Vol", 3.0, None]], words("desk"), money("var"), money("in_scenario"))
    drawn_as = {
        rather: marks("treemap", both, value="var", rather=rather)[0][0] for rather in ("in_scenario", "absent")
    }
    assert all(tiles["labels"][0].startswith("Var") for tiles in drawn_as.values())
    assert marks("treemap", both, value="absent", rather="var")[0][0]["labels"][0].startswith("Var")


def test_a_bar_of_a_day_goes_to_that_day_and_the_chosen_day_is_outlined():
    daily = marks("bars", HISTORY, chosen=[("as_of", "2022-12-28")])[0][0]
    assert daily["meta"]["cross"] == [{"as_of": "2022-12-27"}, {"as_of": "2022-12-28"}]
    assert [width > 0 for width in daily["marker"]["line"]["width"]] == [False, True]


def test_a_cell_of_a_heat_map_narrows_where_its_side_is_a_filter():
    map_ = table([["Crash", "Vol", -1.0], ["Crash", "Rates", 2.0]], words("scenario"), words("desk"), money("pnl"))
    (heat,), layout = marks("heatmap", map_, chosen=[("desk", "Rates")])
    assert heat["meta"] == {"down": [None], "across": [{"desk": "Vol"}, {"desk": "Rates"}]}
    (frame,) = layout["shapes"]
    assert (frame["x0"], frame["x1"], frame["yref"]) == (0.5, 1.5, "paper")


def test_a_scenario_of_the_tail_is_chosen_by_its_tick_or_as_the_worst_of_its_bar():
    (bars, ticks), _ = marks("histogram", SCENARIOS)
    assert ticks["meta"]["cross"] == [{"scenario": "2022-01-01"}]
    beyond = [shape == "/" for shape in bars["marker"]["pattern"]["shape"]]
    chosen = [wanted for wanted in bars["meta"]["cross"] if wanted]
    assert len(bars["meta"]["cross"]) == sum(beyond)
    assert chosen == [{"scenario": "2022-01-01"}]


def test_the_chosen_scenario_is_a_line_in_the_histogram_wherever_it_lies():
    for day, pnl in (("2022-01-01", -14000), ("2022-01-20", 5000)):
        _, layout = marks("histogram", SCENARIOS, chosen=[("scenario", day)])
        assert layout["shapes"][-1]["x0"] == pnl
        assert layout["annotations"][-2]["text"].startswith(day)
    assert len(marks("histogram", SCENARIOS, chosen=[("scenario", "1999-01-01")])[1]["annotations"]) == 3


def test_the_name_of_a_row_narrows_where_it_is_a_filter_and_the_chosen_row_is_marked():
    made = rows(LADDER, chosen=[("sector", "Tech")])
    assert made["columnDefs"][0]["cellRendererParams"] == {"by": "sector"}
    assert [row.get("_chosen", False) for row in made["rowData"]] == [False, True]
    methods = table([["historical", 1.0]], words("way"), money("var"))
    assert "cellRenderer" not in rows(methods)["columnDefs"][0]


def test_a_row_may_narrow_by_another_name():
    days = table([["2022-01-03", -5.0]], Column("day", "Day", "date"), money("pnl"))
    made = rows(days, narrows="scenario", chosen=[("scenario", "2022-01-03")])
    assert made["columnDefs"][0]["cellRendererParams"] == {"by": "scenario"}
    assert made["rowData"][0]["_chosen"] is True


def vectors():
    held = pd.DataFrame({"desk": ["A", "A", "B"], "book": ["A1", "A2", "B1"], "reason": ""})
    days = np.array(["2022-01-03", "2022-01-04"], dtype="datetime64[D]")
    return Vectors(held, np.array([[1.0, -2.0], [3.0, 4.0], [-5.0, 6.0]]), days)


def test_the_pnl_in_a_scenario_is_each_nodes_own_and_adds_up():
    frame = value_at_risk(vectors(), by=("desk", "book"), scenario=date(2022, 1, 4))
    assert frame["in_scenario"].tolist() == [8, 2, -2, 4, 6, 6]
    plain = value_at_risk(vectors(), by=("desk", "book"))
    assert frame.drop(columns="in_scenario").equals(plain.drop(columns="in_scenario"))


@pytest.mark.parametrize("day", [date(2022, 1, 5), None])
def test_a_day_that_is_no_scenario_has_no_pnl(day):
    assert value_at_risk(vectors(), by=("desk",), scenario=day)["in_scenario"].isna().all()


def test_a_scenario_is_a_date_of_the_address():
    assert Filters.parse("scenario=2020-03-16").query() == "scenario=2020-03-16"
    with pytest.raises(BadFilterError, match="scenario: 'crash' is not a date"):
        Filters.parse("scenario=crash")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    opened = desks.opened(tmp_path_factory)
    yield opened
    opened.warehouse.close()


def test_the_column_is_there_when_a_scenario_is_chosen_on_screen_and_in_files_and_only_then(ledger):
    key = "var-tree-by-book"
    worst = ledger.answers.table("var-scenarios", Filters(), FIRM).frame.iloc[0]
    asked = Filters(scenario=pd.Timestamp(worst["day"]).date())
    plain, chosen = (ledger.answers.table(key, filters, FIRM) for filters in (Filters(), asked))
    assert {c.name for c in chosen.columns} - {c.name for c in plain.columns} == {"in_scenario"}
    assert chosen.frame["in_scenario"].iloc[0] == pytest.approx(worst["pnl"])
    fields = [
        [
            cell.get("field")
            for cell in only(json.loads(ledger.answers.drawn(key, f, FIRM, "dark")), "AgGrid")["columnDefs"]
        ]
        for f in (Filters(), asked)
    ]
    assert "in_scenario" not in fields[0]
    assert "in_scenario" in fields[1]
    tiles = chart(json.loads(ledger.answers.drawn("var-components-by-book", asked, FIRM, "dark")))[0][0]
    assert tiles["labels"][0].startswith("In scenario")


def test_a_scenario_shows_a_trader_only_the_own_desk(ledger):
    asked = Filters(scenario=date(2022, 5, 18))
    shown = ledger.answers.drawn("var-components-by-book", asked, trader("North"), "dark").decode()
    assert "NONE" in shown
    assert not [book for book in desks.SOUTH if book in shown]


def steps(filters, scope=FIRM):
    def text(node):
        parts = node if isinstance(node, list) else [node]
        return "".join(part if isinstance(part, str) else text(part.children) for part in parts)

    links = [part for part in trail(filters, CHOICES, scope).children if isinstance(part, Link)]
    return {text(link.children): link.href for link in links}


def test_the_path_leads_back_step_by_step_and_a_book_knows_its_desk():
    assert steps(Filters()) == {}
    assert steps(Filters(desk="Rates")) == {"Firm": "?"}
    both = {"Firm": "?scale=m", "Rates": "?desk=Rates&scale=m"}
    assert {name: href for name, href in steps(Filters(book="UST", scale="m")).items() if name in both} == both


def test_every_narrowing_is_left_with_one_click_and_all_with_one():
    filters = Filters(desk="Vol", instrument="SPX", sector="Energy", scale="m", scenario=date(2020, 3, 16))
    found = steps(filters)
    assert found["Firm"] == "?" + replace(filters, desk="").query()
    assert found["instrument SPX ✕"] == "?" + replace(filters, instrument="").query()
    assert found["sector Energy ✕"] == "?" + replace(filters, sector="").query()
    assert found["scenario 2020-03-16 ✕"] == "?" + replace(filters, scenario=None).query()
    assert found["Clear all"] == "?scale=m"
    assert "Clear all" not in steps(Filters(sector="Energy"))


def test_the_path_of_a_trader_begins_at_the_own_desk():
    own = Choices((("Vol", ("VOL-1",)),), (), (), ())
    (menu,) = trail(Filters(desk="Vol"), own, trader("Vol")).children
    assert "Firm" not in str(menu)

"""The figures draw a table as plain JSON: real numbers, one look, nothing that leaves the house."""

import json
import pkgutil

import orjson
import pytest

from app import figures
from app.table import Column, Table
from app.view import discover
from tests.drawings import DRAWINGS, HISTORY, TREE, chart, draw, only, table

CHARTS = ["bars", "line", "waterfall", "ladder", "histogram", "exceptions", "heatmap", "treemap", "term"]


def test_a_file_with_a_draw_is_a_figure_and_each_is_tried_here():
    files = {info.name for info in pkgutil.iter_modules(figures.__path__)}
    assert set(figures.figures()) == set(DRAWINGS)
    assert set(figures.figures()) < files


def test_every_panel_names_a_figure_that_exists():
    assert {panel.figure for view in discover().values() for panel in view.panels} <= set(figures.figures())


@pytest.mark.parametrize("figure", DRAWINGS)
@pytest.mark.parametrize("theme", figures.THEMES)
def test_a_drawing_is_json_and_survives_the_cache_unchanged(figure, theme):
    drawn = draw(figure, theme)
    assert orjson.loads(orjson.dumps(drawn)) == drawn
    assert "NaN" not in json.dumps(drawn)


@pytest.mark.parametrize("figure", DRAWINGS)
def test_only_a_themed_figure_differs_with_the_dress(figure):
    differs = any(draw(figure, "dark") != draw(figure, dress) for dress in ("light", "dark point-comma"))
    assert differs == figures.themed(figure)


@pytest.mark.parametrize("figure", CHARTS)
def test_no_chart_shares_uploads_or_advertises(figure):
    config = only(draw(figure), "Graph")["config"]
    assert (config["showSendToCloud"], config["plotlyServerURL"], config["displaylogo"]) == (False, "", False)
    assert config["displayModeBar"] is False


@pytest.mark.parametrize("figure", ["tree", "grid", "blotter", "limits"])
def test_no_grid_writes_files_of_its_own(figure):
    assert only(draw(figure), "AgGrid")["dashGridOptions"]["suppressCsvExport"] is True


@pytest.mark.parametrize("figure", DRAWINGS)
def test_a_figure_says_its_unit_once_with_the_scale(figure):
    units = {column.unit for column in DRAWINGS[figure][0].columns if column.kind == "money"}
    said = {"USD": "USD k", "USD/bp": "USD k/bp"}[units.pop()] if units else ""
    assert draw(figure, scale="k")["props"]["data-unit"] == said


@pytest.mark.parametrize("figure", [*CHARTS, "tree", "grid", "limits"])
def test_no_rows_become_a_sentence_with_a_way_out(figure):
    full, options = DRAWINGS[figure]
    hollow = Table(full.frame.iloc[:0], full.columns, full.about).titled(filters=(("desk", "Vol"), ("scale", "k")))
    drawn = json.dumps(figures.draw(figure, hollow, theme="dark", scale="k", **options))
    assert "Nothing in desk Vol on 2022-12-28" in drawn
    assert "Show everything" in drawn


def test_a_table_with_nothing_but_its_total_has_no_rows():
    total = Table(TREE.frame.head(1), TREE.columns, TREE.about)
    assert "Nothing on 2022-12-28" in json.dumps(figures.draw("tree", total, theme="dark", scale="1"))


def test_the_bars_are_scaled_and_their_hover_is_exact():
    daily, running = only(draw("bars", scale="k"), "Graph")["figure"]["data"]
    assert daily["y"] == [1.5, -2.5005]
    assert daily["customdata"] == ["+1,500", "−2,500"]
    assert daily["marker"]["color"] == [1, 0]
    assert running["y"] == [1.5, -1.0005]
    assert "USD" in daily["hovertemplate"]
    assert "%Y-%m-%d" in daily["hovertemplate"]


def test_the_bars_of_the_last_days_accumulate_from_their_own_beginning():
    drawn = figures.draw("bars", HISTORY, theme="dark", scale="1", last=1)
    assert only(drawn, "Graph")["figure"]["data"][1]["y"] == [-2500.5]


def test_the_steps_of_a_waterfall_lead_from_zero_to_the_total():
    bars = only(draw("waterfall"), "Graph")["figure"]["data"][0]
    assert bars["base"] == [0, 300, 0]
    assert bars["y"] == [300, -50, 250]
    assert bars["base"][1] + bars["y"][1] == bars["y"][2]


def test_the_largest_rung_is_on_top_and_the_total_is_none():
    long, short, net = only(draw("ladder"), "Graph")["figure"]["data"]
    assert long["y"] == ["Energy", "Tech"]
    assert (long["x"], short["x"], net["x"]) == ([2, 7], [-5, 0], [-3, 7])


def test_a_panel_may_say_itself_what_to_do_when_it_is_empty():
    hollow = Table(HISTORY.frame.iloc[:0], HISTORY.columns, HISTORY.about)
    drawn = figures.draw("bars", hollow, theme="dark", scale="k", empty="Use `parapet run`.")
    assert "Use `parapet run`." in json.dumps(drawn)
    assert "Choose another date" not in json.dumps(drawn)
    narrowed = hollow.titled(filters=(("desk", "Vol"), ("confidence", "0.975")))
    said = json.dumps(figures.draw("bars", narrowed, theme="dark", scale="k", empty="Use `parapet run`."))
    assert "Nothing in desk Vol on 2022-12-28" in said
    assert "Use `parapet run`." in said
    assert "Show everything" in said


def test_levels_are_dashed_named_in_place_and_not_in_the_legend():
    counts = table(
        [["2022-12-27", 3.0, 5], ["2022-12-28", 6.0, 5]],
        *(
            Column("day", "Day", "date"),
            Column("actual", "Exceptions", "count"),
            Column("amber", "Amber from", "count"),
        ),
    )
    (actual, amber), layout = chart(
        figures.draw("line", counts, theme="dark", scale="1", y=("actual",), levels=("amber",))
    )
    assert (amber["line"]["dash"], amber["showlegend"], amber["y"]) == ("dash", False, [5, 5])
    assert actual["line"]["shape"] == "hv"
    assert [note["text"] for note in layout["annotations"]] == ["Amber from"]

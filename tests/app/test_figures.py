"""The figures draw a table as plain JSON: real numbers, one look, nothing that leaves the house."""

import json
import pkgutil
from datetime import date

import orjson
import pandas as pd
import pytest

from app import figures
from app.figures.cells import breadth
from app.figures.number import results, text, tone
from app.filters import Filters
from app.table import Column, Table
from app.view import discover
from tests.drawings import ABOUT, DRAWINGS, HISTORY, TREE, chart, components, draw, money, only, table, words

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
def test_only_a_themed_figure_differs_between_the_themes(figure):
    assert (draw(figure, "dark") != draw(figure, "light")) == figures.themed(figure)


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


@pytest.mark.parametrize(
    ("value", "column", "scale", "shown"),
    [
        (-1234567.4, money("x", signed=True), "1", "−1,234,567"),
        (1234567.4, money("x", signed=True), "k", "+1,235"),
        (1234567.4, money("x"), "m", "1.23"),
        (-0.2, money("x", signed=True), "1", "0"),
        (0.3432, Column("x", "X", "ratio", "%"), "m", "34.3%"),
        (0.0214, Column("x", "X", "ratio"), "1", "0.021"),
        (1.0834, Column("x", "X", "price"), "m", "1.0834"),
        (178.4, Column("x", "X", "price"), "1", "178.40"),
        (12000.0, Column("x", "X", "count"), "m", "12,000"),
        (float("nan"), money("x"), "1", "–"),
    ],
)
def test_numbers_have_separators_a_real_minus_and_the_scale_of_money_only(value, column, scale, shown):
    assert text(value, column, scale) == shown


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


def test_a_tree_is_flat_rows_with_paths_the_total_kept_in_view_and_numbers_unscaled():
    grid = only(draw("tree", scale="m"), "AgGrid")
    assert [row["_path"] for row in grid["rowData"]] == ["Vol", "Vol\tVOL-1", "Vol\tVOL-2"]
    assert [row.get("_more", False) for row in grid["rowData"]] == [True, False, False]
    assert [row["day"] for row in grid["rowData"]] == [-5.0, -7.0, None]
    assert grid["dashGridOptions"]["pinnedBottomRowData"][0]["day"] == -5.0
    assert grid["columnDefs"][0]["headerName"] == "Desk › book"


def test_closed_positions_fold_into_one_row_under_their_parent_with_their_sum():
    book = table(
        [
            [0, None, None, None, 9.0],
            [1, "B", None, None, 9.0],
            [2, "B", "X", 0.0, 1.0],
            [2, "B", "Y", 5.0, 6.0],
            [2, "B", "Z", 0.0, 2.0],
        ],
        words("book"),
        words("instrument"),
        Column("quantity", "Quantity", "quantity", additive=False),
        money("day", signed=True),
    )
    rows = only(figures.draw("tree", book, theme="dark", scale="1", fold=("quantity", "closed")), "AgGrid")["rowData"]
    assert [(row["_path"], row["quantity"], row["day"]) for row in rows] == [
        ("B", None, 9.0),
        ("B\tY", 5.0, 6.0),
        ("B\t2 closed", None, 3.0),
    ]
    assert rows[-1]["_folded"]


def test_a_side_is_not_a_gain_so_it_is_signed_but_not_coloured():
    held = table([["A", -5.0]], words("book"), money("net", signed=True))
    column = only(figures.draw("grid", held, theme="dark", scale="1"), "AgGrid")["columnDefs"][1]
    assert set(column["cellClassRules"]) == {"zero"}
    assert "true" in column["valueFormatter"]["function"]


@pytest.mark.parametrize(
    ("column", "coloured"),
    [
        (money("pnl", signed=True), True),
        (money("component", signed=True), False),
        (money("delta", unit="USD/%", signed=True), False),
        (money("var"), False),
    ],
)
def test_only_gains_and_losses_take_their_colours(column, coloured):
    assert results(column) == coloured
    assert tone(-5.0, column) == ("loss" if coloured else "")


def test_only_signed_columns_are_coloured_zeros_fade_and_numbers_stand_right():
    day, price = only(draw("tree"), "AgGrid")["columnDefs"][1:]
    assert set(day["cellClassRules"]) == {"zero", "gain", "loss"}
    assert "cellClassRules" not in price
    assert day["type"] == price["type"] == "rightAligned"


def test_a_carried_price_is_marked_late():
    priced = table(
        [[0, None, None, None], [1, "A", 10.0, "2022-12-23"]],
        words("instrument"),
        Column("price", "Price", "price"),
        Column("price_date", "Price of", "date"),
    )
    grid = only(figures.draw("tree", priced, theme="dark", scale="1", columns_shown=("price",)), "AgGrid")
    assert "2022-12-28" in grid["columnDefs"][1]["cellClassRules"]["late"]
    assert grid["rowData"][0]["price_date"] == "2022-12-23"


def test_the_total_of_a_short_list_is_kept_in_view():
    grid = only(draw("grid"), "AgGrid")
    assert [row["sector"] for row in grid["rowData"]] == ["Energy", "Tech"]
    assert grid["dashGridOptions"]["pinnedBottomRowData"][0]["sector"] == "Total"
    assert [c["field"] for c in grid["columnDefs"] if c.get("cellRenderer") == "Bar"] == ["gross"]


def test_the_blotter_draws_no_rows_and_asks_for_blocks():
    grid = only(draw("blotter"), "AgGrid")
    assert (grid["rowModelType"], grid["dashGridOptions"]["cacheBlockSize"]) == ("infinite", 200)
    assert "rowData" not in grid


def test_rows_hold_no_nan_and_dates_and_instants_as_text():
    frame = pd.DataFrame(
        {"at": [pd.Timestamp("2022-12-28T14:03:07.5Z"), pd.NaT], "on": ["2022-12-28", None], "fee": [1.005, None]}
    )
    columns = (Column("at", "At", "time"), Column("on", "On", "date"), money("fee"))
    assert figures.rows(Table(frame, columns, ABOUT)) == [
        {"at": "2022-12-28T14:03:07Z", "on": "2022-12-28", "fee": 1.0},
        {"at": None, "on": None, "fee": None},
    ]


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (pd.Timestamp("2022-07-18"), Column("day", "Day", "date"), "2022-07-18"),
        (date(2022, 7, 18), Column("day", "Day", "date"), "2022-07-18"),
        ("2022-07-18", Column("day", "Day", "date"), "2022-07-18"),
        (pd.NaT, Column("day", "Day", "date"), "–"),
        (None, Column("day", "Day", "date"), "–"),
        ("amber", words("zone"), "amber"),
        ("", words("zone"), "–"),
        (float("nan"), words("zone"), "–"),
    ],
)
def test_a_date_and_a_word_are_said_as_they_are_and_a_missing_one_is_a_dash(value, column, shown):
    assert text(value, column, "k") == shown
    assert tone(value, column) == ""


def test_a_tile_says_the_level_that_was_chosen_or_else_the_usual_one_the_day_and_the_verdict():
    var = table(
        [[2204.4e3, pd.Timestamp("2022-07-18"), "amber", 2, 0]],
        *(money("var"), Column("var_day", "Scenario", "date"), words("zone")),
        *(Column("breach", "In breach", "count"), Column("warning", "In warning", "count")),
    )
    tiles = (
        {
            "label": "VaR 1d",
            "level": ("confidence", 0.99),
            "values": ("var", "zone"),
            "notes": (("scenario of", "var_day"),),
        },
        {"label": "Limits", "values": ("breach", "warning"), "words": {"breach": "breach", "warning": "warning"}},
    )
    drawn = figures.draw("kpi", var, theme="dark", scale="k", tiles=tiles)
    first, second = (json.dumps(tile, ensure_ascii=False) for tile in components(drawn, "A"))
    for part in ('"VaR 1d 99%"', '"2,204"', '"2022-07-18"', '" amber"', '"word warning"'):
        assert part in first
    assert '"className": "breach"' in second
    assert '"className": "warning"' not in second
    chosen = var.titled(filters=(("confidence", "0.975"),))
    assert "VaR 1d 97.5%" in json.dumps(figures.draw("kpi", chosen, theme="dark", scale="k", tiles=tiles))


def test_the_usual_level_of_every_tile_is_that_of_the_filters():
    tiles = [t for view in discover().values() for panel in view.panels for t in panel.options.get("tiles", ())]
    levels = [tile["level"] for tile in tiles if "level" in tile]
    assert levels
    assert all(getattr(Filters(), name) == usual for name, usual in levels)


def test_a_column_is_wide_enough_for_the_longest_word_of_its_header():
    for header in ("Component VaR", "Amended", "Gamma", "Delta-adjusted", "Independence p"):
        made = table([["A", 1.0]], words("book"), money("x", header))
        column = only(figures.draw("grid", made, theme="dark", scale="1"), "AgGrid")["columnDefs"][1]
        longest = max(header.replace("-", "- ").split(), key=breadth)
        assert column["minWidth"] >= 20 + breadth(longest) * 11.5 / 13


def test_the_bars_of_results_have_their_colours_and_all_begin_alike():
    made = table([["A", 1234.0], ["B", -5.0]], words("book"), money("pnl", signed=True))
    column = only(figures.draw("grid", made, theme="dark", scale="1", bars=("pnl",)), "AgGrid")["columnDefs"][1]
    assert column["cellRendererParams"] == {"largest": 1234.0, "digits": len("+1,234"), "signed": True}


def test_a_word_that_judges_has_a_shape_and_the_row_named_as_total_stays_in_view():
    made = table([["all", "red"], ["A", "green"]], words("node"), words("zone"))
    grid = only(figures.draw("grid", made, theme="dark", scale="1", total="all"), "AgGrid")
    assert grid["columnDefs"][1]["cellRenderer"] == "Verdict"
    assert [row["node"] for row in grid["rowData"]] == ["A"]
    assert [row["node"] for row in grid["dashGridOptions"]["pinnedBottomRowData"]] == ["all"]


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


def test_a_tile_shows_its_number_with_sign_and_tone_and_explains_itself():
    tile = only(draw("kpi", scale="k"), "A")
    shown = json.dumps(tile, ensure_ascii=False)
    assert '"−1,235"' in shown
    assert '"className": "loss"' in shown
    assert '"12.3%"' in shown
    assert tile["href"] == "#explain=demo-panel"

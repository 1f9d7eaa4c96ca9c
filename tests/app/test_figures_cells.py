"""Cells of trees and grids: numbers, dates and words as they are said, coloured, marked and kept in view."""

from datetime import date

import pandas as pd
import pytest

from app import figures
from app.figures.cells import breadth
from app.figures.number import results, text, tone
from app.table import Column, Table
from tests.drawings import ABOUT, draw, money, only, table, words


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


def test_a_tree_is_flat_rows_with_paths_the_total_kept_in_view_and_numbers_unscaled():
    grid = only(draw("tree", scale="m"), "AgGrid")
    assert [row["_path"] for row in grid["rowData"]] == ["Vol", "Vol\tVOL-1", "Vol\tVOL-2"]
    assert [row.get("_more", False) for row in grid["rowData"]] == [True, False, False]
    assert [row["day"] for row in grid["rowData"]] == [-5.0, -7.0, None]
    assert grid["dashGridOptions"]["pinnedBottomRowData"][0]["day"] == -5.0
    assert grid["columnDefs"][0]["headerName"] == "Desk › book"


@pytest.mark.parametrize(("scale", "hidden"), [("1", [None, True, False, False]), ("m", [None, True, True, False])])
def test_an_idle_column_is_hidden_where_all_of_it_reads_as_zero_and_not_where_a_number_is_missing(scale, hidden):
    held = table(
        [[0, None, 0.0, 0.0, 400.0, None], [1, "Vol", 0.0, 0.2, -90.0, 0.0], [1, "FX", 0.0, -0.2, 490.0, None]],
        words("desk"),
        *(money(name, signed=True) for name in ("day", "vega", "delta", "theta")),
    )
    grid = only(figures.draw("tree", held, theme="dark", scale=scale, idle=("vega", "delta", "theta")), "AgGrid")
    assert [column.get("hide") for column in grid["columnDefs"][1:]] == hidden


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


def test_a_short_list_may_stand_largest_first():
    lost = table([["all", 2.0], ["low", -1.0], ["high", 3.0], ["hole", None]], words("sector"), money("pnl"))
    rows = only(figures.draw("grid", lost, theme="dark", scale="1", largest="pnl"), "AgGrid")["rowData"]
    assert [row["sector"] for row in rows] == ["high", "all", "low", "hole"]


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
        {"at": "2022-12-28T14:03:07Z", "on": "2022-12-28", "fee": 1.0, "_row": 0},
        {"at": None, "on": None, "fee": None, "_row": 1},
    ]


def test_the_grid_knows_a_row_by_its_name_and_by_its_place_where_another_has_the_same():
    made = table([["A", 1.0], ["B", 2.0], ["B", 2.0]], words("book"), money("pnl"))
    assert [(row["_at"], row.get("_row")) for row in figures.rows(made)] == [("A", None), ("B", 1), ("B", 2)]


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


def test_a_column_is_wide_enough_for_the_longest_word_of_its_header():
    for header in ("Component VaR", "Amended", "Gamma", "Delta-adjusted", "Independence p"):
        made = table([["A", 1.0]], words("book"), money("x", header))
        column = only(figures.draw("grid", made, theme="dark", scale="1"), "AgGrid")["columnDefs"][1]
        longest = max(header.replace("-", "- ").split(), key=breadth)
        assert column["minWidth"] >= 20 + breadth(longest) * 11.5 / 13


def test_the_bars_of_results_have_their_colours_and_all_begin_alike():
    made = table([["A", 1234.0], ["B", -5.0]], words("book"), money("pnl", signed=True))
    drawn = figures.draw("grid", made, theme="dark", scale="1", bars=("pnl",))
    assert only(drawn, "AgGrid")["columnDefs"][1]["cellRendererParams"] == {"of": 0, "signed": True}
    assert drawn["props"]["style"] == {"--largest-0": "1234.0", "--digits-0": f"{len('+1,234')}ch"}


def test_a_word_that_judges_has_a_shape_and_the_row_named_as_total_stays_in_view():
    made = table([["all", "red"], ["A", "green"]], words("node"), words("zone"))
    grid = only(figures.draw("grid", made, theme="dark", scale="1", total="all"), "AgGrid")
    assert grid["columnDefs"][1]["cellRenderer"] == "Verdict"
    assert [row["node"] for row in grid["rowData"]] == ["A"]
    assert [row["node"] for row in grid["dashGridOptions"]["pinnedBottomRowData"]] == ["all"]

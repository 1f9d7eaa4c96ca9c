"""The figures of the risk pages: what is beyond a limit is marked by shape and word, and sums stay sums."""

import numpy as np
import pandas as pd
import pytest

from app import figures
from app.figures.name import name
from app.figures.number import exact, text, unit, unit_of
from app.figures.theme import tint, tokens
from app.table import Column
from tests.drawings import BACKTEST, CURVES, DAY, LIMITS, SCENARIOS, SHOCKS, chart, draw, money, only, table, words

NUMBERS = {"use", "soft", "hard", "headroom", "utilisation"}


def drawn(figure, made, **options):
    return chart(figures.draw(figure, made, theme="dark", scale="1", **options))


def test_a_histogram_counts_every_scenario_once_and_no_bar_straddles_the_var():
    (bars, _ticks), layout = chart(draw("histogram"))
    cut = -SCENARIOS.frame["var"].iloc[0]
    half = bars["width"] / 2
    assert sum(bars["y"]) == len(SCENARIOS.frame)
    assert not [x for x in bars["x"] if x - half < cut < x + half]
    assert [a["text"] for a in layout["annotations"]] == [
        "VaR 95%  <b>13,500</b>",
        "ES 95%  <b>14,000</b>",
        "30 scenarios",
    ]
    assert [s["x0"] for s in layout["shapes"] if s["type"] == "line"] == [-13500, -14000]


def test_the_tail_is_what_lost_strictly_more_than_the_var_with_its_days_and_a_pattern():
    scenarios = table(
        [["2022-01-03", -5.0, 4.0], ["2022-01-04", -4.0, 4.0], ["2022-01-05", 9.0, 4.0]],
        DAY,
        money("pnl"),
        money("var"),
    )
    (bars, ticks), _ = drawn("histogram", scenarios)
    beyond = [shape == "/" for shape in bars["marker"]["pattern"]["shape"]]
    assert sum(y for y, tail in zip(bars["y"], beyond, strict=True) if tail) == 1
    assert ticks["customdata"] == [["2022-01-03", "−5"]]
    assert ticks["x"] == [-5]


@pytest.mark.parametrize("pnl", [[7.0, 7.0], [0.0], [float("nan"), -3.0, 2.0]])
def test_a_histogram_of_few_equal_or_missing_scenarios_and_no_marks_still_counts(pnl):
    data, layout = drawn("histogram", table([[value] for value in pnl], money("pnl")))
    assert sum(data[0]["y"]) == np.isfinite(pnl).sum()
    assert len(data) == 1
    assert layout["shapes"] == []


def test_a_histogram_has_at_most_about_sixty_bars_whatever_the_outlier():
    pnl = [*np.linspace(-1, 1, 400), -1e6]
    data, _ = drawn("histogram", table([[value] for value in pnl], money("pnl")))
    assert len(data[0]["x"]) <= 62


def test_an_exception_is_a_shape_of_its_kind_at_the_lowest_loss_of_the_day():
    data, _ = chart(draw("exceptions"))
    marks = {trace["name"]: trace for trace in data if trace["name"].startswith("exception")}
    assert set(marks) == {"exception, actual", "exception, both", "exception, hypothetical"}
    assert len({mark["marker"]["symbol"] for mark in marks.values()}) == 3
    assert (marks["exception, both"]["x"], marks["exception, both"]["y"]) == (["2022-12-26"], [-1500])
    assert marks["exception, hypothetical"]["y"] == [-1100]
    assert marks["exception, both"]["meta"]["cross"] == [{"as_of": "2022-12-26"}]
    assert data[2]["name"] == "−VaR 99%"
    assert data[2]["y"] == [-1000] * 4


def test_a_day_without_a_pnl_is_marked_on_the_var_line_and_draws_no_bar():
    days = table(
        [["2022-12-28", None, 1000.0, True]], DAY, money("actual", signed=True), money("var"), words("exception")
    )
    bars, _var, mark = drawn("exceptions", days)[0]
    assert bars["y"] == [None]
    assert bars["customdata"] == ["–"]
    assert (mark["name"], mark["y"]) == ("exception", [-1000])


def test_no_exception_draws_no_mark_and_only_the_last_days_count():
    quiet = table(
        [["2022-12-28", 5.0, 9.0, no] for no in (False, None, "", "no")],
        DAY,
        money("actual"),
        money("var"),
        words("exception"),
    )
    assert [trace["name"] for trace in drawn("exceptions", quiet)[0]] == ["Actual", "−Var"]
    assert len(drawn("exceptions", BACKTEST, last=2)[0][0]["x"]) == 2


def test_a_heatmap_keeps_the_order_and_leaves_a_pair_that_is_not_there_empty():
    heat = chart(draw("heatmap"))[0][0]
    assert (heat["y"], heat["x"]) == (["−10%", "0%"], ["+5%", "−5%"])
    assert heat["z"] == [[-4000, 2000], [0, None]]
    assert heat["text"] == [["−4,000", "+2,000"], ["0", ""]]


def test_a_signed_value_has_zero_in_the_middle_of_its_colours_and_any_other_at_the_end():
    signed = chart(draw("heatmap"))[0][0]
    assert (signed["zmin"], signed["zmax"]) == (-4000, 4000)
    vega = table(
        [["1M", 90.0, 10.0], ["1M", 100.0, 30.0]], words("tenor"), Column("m", "Moneyness", "count"), money("vega")
    )
    other = drawn("heatmap", vega)[0][0]
    assert (other["zmin"], other["zmax"], len(other["colorscale"])) == (0, 30, 2)


def test_amounts_whose_sign_is_a_side_are_drawn_in_accent_and_grey():
    delta = table(
        [["1M", "90%", -90.0], ["1M", "100%", 30.0]], words("tenor"), words("m"), money("v", unit="USD/%", signed=True)
    )
    ink = tokens("dark")
    ends = [drawn("heatmap", made)[0][0]["colorscale"] for made in (delta, SHOCKS)]
    assert [scale[0][1] for scale in ends] == [tint(ink, "mute"), tint(ink, "loss")]
    assert [scale[2][1] for scale in ends] == [tint(ink, "accent"), tint(ink, "gain")]
    assert chart(draw("heatmap", sided=True))[0][0]["colorscale"] == ends[0]


def test_a_cell_that_rounds_to_nothing_says_so_in_one_digit_and_a_single_cell_does_not_fill_the_panel():
    small = table([["1M", "90%", 3.0]], words("tenor"), words("m"), money("v", unit="USD/%", signed=True))
    (heat,), layout = chart(figures.draw("heatmap", small, theme="dark", scale="k"))
    assert heat["text"] == [["0"]]
    assert layout["yaxis"]["range"] == [2.5, -0.5]
    assert layout["xaxis"]["range"] == [-0.5, 1.5]


def test_a_large_heatmap_prints_no_numbers_but_keeps_the_sign():
    pairs = [[f"r{i}", f"c{j}", float((-1) ** (i + j))] for i in range(20) for j in range(20)]
    heat = drawn("heatmap", table(pairs, words("row"), words("column"), Column("rho", "Correlation", "ratio")))[0][0]
    assert {cell for row in heat["text"] for cell in row} == {"", "−"}
    assert heat["showscale"]


def test_of_a_tree_only_the_deepest_rows_are_cells_and_bars():
    tree = [[0, None, None, 3.0], [1, "2Y", None, 3.0], [2, "2Y", "Rates", 1.0], [2, "2Y", "FX", 2.0]]
    made = table(tree, words("tenor"), words("desk"), money("pv01"))
    assert drawn("heatmap", made)[0][0]["z"] == [[1, 2]]
    assert [(bars["name"], bars["y"]) for bars in drawn("term", made)[0]] == [("Rates", [1]), ("FX", [2])]


def test_a_heatmap_says_what_stands_down_and_across_without_turning_a_label():
    _, layout = chart(draw("heatmap", of=("vol", "spot", "pnl")))
    assert layout["annotations"][0]["text"] == "Volatility ↓   Spot →"
    assert "title" not in layout["yaxis"]


def test_the_areas_of_a_treemap_add_up_and_what_cancels_stays_visible():
    tiles = chart(draw("treemap"))[0][0]
    areas = dict(zip(tiles["ids"], tiles["values"], strict=True))
    assert areas == {"all": 1700, "Rates": 1400, "Rates\tUST": 1000, "Rates\tBUND": 400, "Vol": 300, "Vol\tVOL-1": 300}
    for parent in ("all", "Rates", "Vol"):
        parts = [areas[i] for i, above in zip(tiles["ids"], tiles["parents"], strict=True) if above == parent]
        assert sum(parts) == areas[parent]


def test_a_treemap_prints_the_rows_own_number_and_its_share_of_the_total():
    tiles = chart(draw("treemap"))[0][0]
    said = dict(zip(tiles["ids"], tiles["customdata"], strict=True))
    assert said["Rates"] == "Rates<br><b>+600</b> USD  66.7% of the total"
    assert said["Rates\tBUND"] == "Rates › BUND<br><b>−400</b> USD  −44.4% of the total"
    assert dict(zip(tiles["ids"], tiles["text"], strict=True))["Rates\tBUND"] == "−400"
    colours = dict(zip(tiles["ids"], tiles["marker"]["colors"], strict=True))
    assert [i for i, hatch in zip(tiles["ids"], tiles["marker"]["pattern"]["shape"], strict=True) if hatch] == [
        "Rates\tBUND"
    ]
    assert colours["Rates\tUST"] == colours["Vol\tVOL-1"] != colours["Rates\tBUND"]


def test_the_small_leaves_of_a_treemap_join_under_their_parent_without_loss():
    tiles = chart(draw("treemap", most=1))[0][0]
    found = dict(zip(tiles["ids"], zip(tiles["values"], tiles["text"], strict=True), strict=True))
    assert found["Rates\t1 more"] == (400, "−400")
    assert found["Vol\t1 more"] == (300, "300")
    assert found["all"][0] == 1700


def test_tenors_stand_as_given_and_a_series_has_no_bar_where_it_has_no_node():
    (dollars, euros), layout = chart(draw("term"))
    assert layout["xaxis"]["categoryarray"] == ["2Y", "10Y", "30Y"]
    assert (dollars["name"], dollars["x"], dollars["y"]) == ("USD", ["2Y", "10Y"], [-300, 84100])
    assert (euros["name"], euros["x"]) == ("EUR", ["10Y"])
    assert dollars["marker"]["pattern"]["shape"] != euros["marker"]["pattern"]["shape"]
    assert layout["showlegend"]


def test_a_single_curve_says_its_numbers_and_needs_no_legend():
    curve = table([["2Y", -300.0], ["10Y", 84100.0]], words("tenor"), money("pv01", "PV01", unit="USD/bp", signed=True))
    (bars,), layout = drawn("term", curve)
    assert bars["text"] == ["−300", "+84,100"]
    assert not layout["showlegend"]


def test_the_state_of_a_limit_is_a_word_from_its_use_against_soft_and_hard():
    rows = only(draw("limits"), "AgGrid")["rowData"]
    assert [row["state"] for row in rows] == ["breach", "warning", "ok", "unknown"]
    assert [row["headroom"] for row in rows[:3]] == pytest.approx([-84e3, 5e3, 0.105])
    assert rows[0]["utilisation"] == pytest.approx(2204 / 2120)
    assert (rows[3]["use"], rows[3]["utilisation"], rows[3]["headroom"]) == (None, None, None)


def test_a_limit_is_named_by_whom_it_binds_and_what_the_desk_calls_its_measure():
    made = table(
        [["VOL", "value_at_risk.var", 5.0, 4.0], ["", "exposure.gross", 1.0, 4.0], ["VOL", "no.such", None, 4.0]],
        *(words("scope_node"), words("measure"), money("use"), money("hard")),
    )
    rows = only(figures.draw("limits", made, theme="dark", scale="1"), "AgGrid")["rowData"]
    assert [row["binds"] for row in rows] == ["VOL · VaR", "Firm · Gross", "VOL · no.such"]


def test_a_limit_without_a_column_for_its_state_shows_its_shape_by_the_bar():
    shown = ("scope", "utilisation")
    cells = only(draw("limits", columns_shown=shown), "AgGrid")["columnDefs"]
    assert [cell["field"] for cell in cells] == [*shown]
    assert cells[1]["cellRendererParams"] == {"shaped": True}
    wide = {cell["field"]: cell for cell in only(draw("limits"), "AgGrid")["columnDefs"]}
    assert "cellRendererParams" not in wide["utilisation"]


def test_what_all_limits_share_is_not_repeated_in_every_row():
    sided = table(
        [["A", "both", 1.0, 2.0], ["B", "both", 1.0, 2.0]], words("scope"), words("side"), money("use"), money("hard")
    )
    cells = only(figures.draw("limits", sided, theme="dark", scale="1", columns_shown=("scope", "side")), "AgGrid")
    assert [cell["field"] for cell in cells["columnDefs"]] == ["scope"]


def test_what_a_table_says_of_its_limits_is_not_computed_again():
    said = table([["Vol", 5.0, 4.0, "ok"]], words("scope"), money("use"), money("hard"), words("state"))
    assert only(figures.draw("limits", said, theme="dark", scale="1"), "AgGrid")["rowData"][0]["state"] == "ok"


def test_a_limit_shows_a_bar_and_a_state_and_writes_each_amount_in_its_own_unit():
    cells = {cell["field"]: cell for cell in only(draw("limits", scale="k"), "AgGrid")["columnDefs"]}
    assert cells["utilisation"]["cellRenderer"] == "Utilisation"
    assert cells["state"]["cellRenderer"] == "Verdict"
    assert cells["use"]["valueFormatter"]["function"].startswith("amount(params, 1000.0")
    assert {"scope", "measure", "use", "hard", "headroom", "unit"} <= set(cells)
    assert [len(only(draw("limits", top=n), "AgGrid")["rowData"]) for n in (1, 0)] == [1, len(LIMITS.frame)]


@pytest.mark.parametrize(
    ("unit_", "scale", "header", "shown"),
    [
        ("USD/bp", "k", "PV01 (per bp)", "84.1"),
        ("USD/vol pt", "1", "PV01 (per vol pt)", "84,123"),
        ("USD", "m", "PV01", "0.08"),
    ],
)
def test_a_sensitivity_says_per_what_and_keeps_a_digit_more(unit_, scale, header, shown):
    sensitivities = table([["A", 84123.0]], words("book"), money("pv01", "PV01", unit=unit_))
    column = only(figures.draw("grid", sensitivities, theme="dark", scale=scale), "AgGrid")["columnDefs"][1]
    assert column["headerName"].replace("\N{NO-BREAK SPACE}", " ") == header
    assert text(84123.0, sensitivities.column("pv01"), scale) == shown


def test_the_unit_of_a_table_is_that_of_its_money_and_the_currency_alone_where_they_differ():
    both = table([["A", 1.0, 2.0]], words("book"), money("pv01", unit="USD/bp"), money("vega", unit="USD/vol pt"))
    assert unit(CURVES, "k") == unit_of(CURVES.column("pv01"), "k") == "USD k/bp"
    assert unit(both, "m") == "USD m"
    assert unit_of(SHOCKS.column("spot"), "k") == "%"


@pytest.mark.parametrize(
    ("currencies", "scale", "said"),
    [(("EUR", "EUR"), "k", "EUR k"), (("EUR", "GBP"), "k", "k"), (("EUR", "EUR"), "1", "EUR")],
)
def test_amounts_that_are_not_converted_name_their_own_currency_and_always_the_scale(currencies, scale, said):
    made = table(
        [["A", 1.0, one] for one in currencies], words("book"), money("x", unit="run currency"), words("currency")
    )
    assert unit(made, scale) == said


def test_exact_numbers_have_a_sign_and_a_real_minus():
    assert exact(pd.Series([1234.5, -2.0, np.nan]), 1) == ["+1,234.5", "−2.0", "–"]


@pytest.mark.parametrize("missing", ["none", "", None, float("nan")])
def test_an_item_without_a_name_says_what_it_lacks(missing):
    assert name(missing, words("sector")) == "no sector"
    assert name("Energy", words("sector")) == "Energy"

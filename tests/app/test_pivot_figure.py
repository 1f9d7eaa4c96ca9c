"""The pivot on screen: grouped headers, a total that stays, heat by level, and words where there is nothing to draw."""

import json

import pytest
from dash import Dash

from app.fields import numbers
from app.figures import draw, pivot
from app.filters import Filters
from app.screen.pivot import bar, catalogue, install
from tests import callbacks
from tests.ledger import FIRM, Ledger, trader

KEY = "pivot-tree"
BOOK = """
    books:
      book desk
      EQ1  Cash
      EQ2  Vol
    instruments:
      symbol currency asset_class
      AAA    USD      equity
      BBB    USD      index
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      BBB        2022-01-03 100
      BBB        2022-01-04 90
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  BBB        5        100   2022-01-03
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOK)
    yield ledger.answers
    ledger.warehouse.close()


def table(answers, query):
    return answers.table(KEY, Filters.parse(f"trend=none&{query}"), FIRM)


def grid(answers, query):
    """The properties of the grid that is drawn."""
    found = draw("pivot", table(answers, query), theme="dark", scale="k")
    return found["props"]["children"]["props"]


def leaves(columns):
    return [leaf for column in columns for leaf in (leaves(column["children"]) if "children" in column else [column])]


def test_without_columns_the_headers_are_plain_and_the_name_is_not_pinned(answers):
    name, *cells = grid(answers, "show=pnl.day,exposure.net")["columnDefs"]
    assert [cell["headerName"] for cell in cells] == ["Day P&L", "Net"]
    assert name["pinned"] is None
    assert name["cellRendererParams"]["keys"] == ["desk", "book"]


def test_each_value_of_the_columns_and_each_compared_number_is_a_group(answers):
    name, *groups = grid(answers, "cols=asset_class&show=pnl.day,sensitivities.delta&compare=vs")["columnDefs"]
    assert name["pinned"] == "left"
    assert [group["headerName"] for group in groups] == ["Total", "equity", "index"]
    assert [inner["headerName"] for inner in groups[1]["children"]] == ["Day P&L", "Delta (per\N{NO-BREAK SPACE}%)"]
    assert [leaf["headerName"] for leaf in leaves(groups[:1])[:3]] == ["2022-01-04", "Change", "% change"]
    assert all("headerName" in leaf for leaf in leaves(groups))


def test_numbers_of_one_name_and_different_units_each_say_their_own(answers):
    name, explained, sensitivity = grid(answers, "show=explain.delta,sensitivities.delta")["columnDefs"]
    del name
    assert explained["headerName"] == "Delta (P&L explain)"
    assert sensitivity["headerName"] == "Delta (Sensitivities) (per\N{NO-BREAK SPACE}%)"


def test_the_total_is_pinned_and_every_other_row_has_its_path(answers):
    found = grid(answers, "")
    assert [row["_path"] for row in found["rowData"]] == ["Cash", "Cash\tEQ1", "Vol", "Vol\tEQ2"]
    assert [row["_path"] for row in found["dashGridOptions"]["pinnedBottomRowData"]] == [""]


def test_one_key_is_drawn_as_a_list_of_leaves(answers):
    found = grid(answers, "rows=desk&compare=desk:Vol&show=exposure.net")
    assert [row["_path"] for row in found["rowData"]] == ["Cash", "Vol"]
    assert not [row for row in found["rowData"] if "_more" in row]


def test_gains_and_losses_have_their_colours_and_sides_have_none(answers):
    day, net = grid(answers, "show=pnl.day,exposure.net")["columnDefs"][1:]
    assert {"gain", "loss"} <= set(day["cellClassRules"])
    assert not {"gain", "loss"} & set(net["cellClassRules"])


def test_heat_shades_by_the_largest_of_each_level_totals_apart_and_takes_the_place_of_coloured_text(answers):
    total, *cells = leaves(grid(answers, "cols=asset_class&show=exposure.gross,pnl.day&heat=1")["columnDefs"][1:])[::2]
    assert total["cellStyle"]["function"].startswith("pivotHeat(params, [1100.0, 1100.0], 'side'")
    assert [cell["cellStyle"] for cell in cells] == [cells[0]["cellStyle"]] * 2
    day = leaves(grid(answers, "show=pnl.day&heat=1")["columnDefs"][1:])[0]
    assert "'result'" in day["cellStyle"]["function"]
    assert not {"gain", "loss"} & set(day["cellClassRules"])
    assert "cellStyle" not in grid(answers, "show=pnl.day")["columnDefs"][1]


def test_shares_carry_bars(answers):
    share, change = (grid(answers, f"show=exposure.share{more}")["columnDefs"][1] for more in ("", "&compare=vs"))
    assert share["cellRenderer"] == "Bar"
    assert "children" in change


def test_too_many_cells_say_so_and_what_to_do(answers, monkeypatch):
    monkeypatch.setattr(pivot, "MOST_CELLS", 3)
    shown = json.dumps(draw("pivot", table(answers, "show=pnl.day"), theme="dark", scale="k"))
    assert "cells are more than a page can show" in shown
    assert "take a key off" in shown


def test_nothing_held_is_said_without_a_word_of_the_layout(answers):
    shown = json.dumps(draw("pivot", table(answers, "rows=book&sector=Energy"), theme="dark", scale="k"))
    assert "Nothing in sector Energy" in shown
    assert "rows" not in shown.partition("Nothing")[2].partition("2022")[0]


def test_the_bar_offers_every_key_and_number_by_its_measure():
    known = json.loads(catalogue())
    assert [name for _title, columns in known["numbers"] for name, _label in columns] == [*numbers()]
    assert ["desk", "Desk"] in known["keys"]
    assert known["most"] == {"rows": 4, "cols": 1, "show": 8}
    assert catalogue() in json.dumps(bar().to_plotly_json(), default=lambda node: node.to_plotly_json()).replace(
        "\\", ""
    )


def test_the_bar_offers_a_readers_own_desks_to_compare_with(answers):
    app = Dash("test", server=answers.cache.app, pages_folder="", use_pages=False, use_async=False)
    app.layout = bar()
    install(app, answers, lambda: trader("Vol"))
    asked = callbacks.body(callbacks.filling(callbacks.of(app), "pivot-books.data"), {"url.search": ""})
    answer = app.server.test_client().post(callbacks.PATH, json=asked).get_json()
    assert answer["response"]["pivot-books"]["data"] == [{"desk": "Vol", "books": ["EQ2"]}]

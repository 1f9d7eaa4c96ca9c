"""Tiles: one number, what it is called, what stands beside it, and which of two stands there."""

import json

import pandas as pd
import pytest

from app import figures
from app.filters import Filters
from app.table import Column, Provenance, Table
from app.view import discover
from tests.drawings import components, draw, money, only, table, words


def tile(**values):
    columns = (
        Column("var", "VaR", "money", "USD"),
        Column("var_change", "Change", "money", "USD", signed=True),
        Column("state", "State", "text"),
    )
    about = Provenance("k", "T", "", "2022-12-28", "2022-12-27", "", "000001", "USD")
    table = Table(pd.DataFrame([values]), columns, about)
    tiles = (
        {"label": "VaR", "values": ("var",), "change": "var_change", "judged": "state", "notes": (("", "state"),)},
    )
    return json.dumps(figures.draw("kpi", table, theme="dark", scale="k", tiles=tiles), ensure_ascii=False)


def test_a_tile_shows_its_number_with_sign_and_tone_and_explains_itself():
    tile = only(draw("kpi", scale="k"), "A")
    shown = json.dumps(tile, ensure_ascii=False)
    assert '"−1,235"' in shown
    assert '"className": "loss"' in shown
    assert '"12.3%"' in shown
    assert tile["href"] == "#explain=demo-panel&column=day"


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


@pytest.mark.parametrize(
    ("vega", "pv01", "led_by"),
    [
        *((0.0, 5e3, "PV01"), (0.4, 5e3, "PV01"), (0.6, 5e3, "Vega"), (0.0, 0.0, "Vega")),
        *((0.0, float("nan"), "Vega"), (float("nan"), 5e3, "Vega")),
    ],
)
def test_a_tile_gives_way_to_another_where_it_reads_as_zero_and_the_other_does_not(vega, pv01, led_by):
    book = table(
        [[vega, pv01]], Column("vega", "Vega", "money", "USD/vol pt"), Column("pv01", "PV01", "money", "USD/bp")
    )
    other = {"label": "PV01", "values": ("pv01",), "notes": (("vega", "vega"),)}
    tiles = ({"label": "Vega", "values": ("vega",), "notes": (("PV01", "pv01"),), "otherwise": other},)
    label, *_ = components(figures.draw("kpi", book, theme="dark", scale="1", tiles=tiles), "Span")
    assert label["children"] == led_by


def test_a_tile_says_which_way_its_number_went_since_which_day():
    risen = tile(var=2e6, var_change=5e4, state="ok")
    assert "▲ 50" in risen
    assert " vs 12-27" in risen
    assert "▼ 50" in tile(var=2e6, var_change=-5e4, state="ok")
    assert "vs 12-27" not in tile(var=2e6, var_change=float("nan"), state="ok")


def test_a_tile_takes_the_colour_of_its_state_where_that_alarms():
    assert '"className": "warning"' in tile(var=2e6, var_change=0.0, state="warning")
    assert '"className": "warning"' not in tile(var=2e6, var_change=0.0, state="ok")

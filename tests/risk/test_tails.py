"""The tail on screen: the numbers of every node come from its own vector, and components add up to the whole."""

import numpy as np
import pandas as pd
import pytest

from app import figures
from app.risk.cube import Vectors
from app.risk.measure import KEYS, measures
from app.risk.tails import scenario_pnl, value_at_risk, var_methods, var_summary
from app.risk.var import expected_shortfall, historical_var
from app.view import panel_of
from tests.drawings import ABOUT, Table

DAYS = np.arange("2020-01-01", "2020-10-27", dtype="datetime64[D]")
BOOKS = [("A", "a1"), ("A", "a2"), ("B", "b1"), ("B", "b1"), ("A", "a1")]
ROWS = pd.DataFrame(BOOKS, columns=["desk", "book"]).assign(
    reason=["", "", "", "", "no price"], proxied=[0.1, 0, 0, 0.3, 1]
)
TREE = {"by": ("desk", "book")}
SETTINGS = [
    {},
    {"confidence": 0.95, "es_confidence": 0.9, "method": "linear"},
    {"confidence": 0.9, "es_confidence": 0.99, "method": "inverted_cdf"},
]


def vectors(scenarios=300, rows=ROWS, seed=3):
    pnl = np.random.default_rng(seed).normal(0, 100, (len(rows), scenarios)).astype(np.float32)
    pnl[(rows["reason"] != "").to_numpy()] = 0
    return Vectors(rows, pnl, DAYS[:scenarios])


def at(frame, **names):
    for name, value in names.items():
        frame = frame[frame[name] == value]
    (_, row), *more = frame.iterrows()
    assert not more
    return row


# Every node


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_node_has_the_var_and_es_of_its_own_summed_vector(setting):
    held = vectors()
    frame = value_at_risk(held, **TREE, **setting)
    rules = {name: value for name, value in setting.items() if name != "es_confidence"}
    for desk, rows in {"A": [0, 1], "B": [2, 3]}.items():
        own = held.pnl[rows].astype(float).sum(axis=0)
        row = at(frame, level=1, desk=desk)
        assert row["var"] == pytest.approx(historical_var(own, **rules), rel=1e-12)
        assert row["es"] == pytest.approx(
            expected_shortfall(own, confidence=setting.get("es_confidence", 0.975)), rel=1e-12
        )


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("level", [1, 2])
def test_components_add_up_to_the_var_and_the_es_of_the_whole_at_every_level(setting, level):
    frame = value_at_risk(vectors(), **TREE, **setting)
    parts, whole = frame[frame["level"] == level], frame.iloc[0]
    assert parts["component"].sum() == pytest.approx(whole["var"], rel=1e-9)
    assert parts["component_es"].sum() == pytest.approx(whole["es"], rel=1e-9)
    assert parts["share"].sum() == pytest.approx(1, rel=1e-9)
    assert whole[["component", "component_es", "share"]].tolist() == pytest.approx([whole["var"], whole["es"], 1])


def test_the_parts_do_not_add_up_to_the_var_and_their_incremental_is_what_leaves_with_them():
    held = vectors()
    frame = value_at_risk(held, **TREE)
    desks = frame[frame["level"] == 1]
    assert desks["var"].sum() > frame["var"].iloc[0] * 1.01
    without = historical_var(held.pnl[[2, 3]].astype(float).sum(axis=0))
    assert at(frame, level=1, desk="A")["incremental"] == pytest.approx(frame["var"].iloc[0] - without, rel=1e-12)
    assert frame["incremental"].iloc[0] == pytest.approx(frame["var"].iloc[0])


def test_a_position_without_value_is_counted_and_left_out():
    frame = value_at_risk(vectors(), **TREE)
    assert at(frame, book="a1")[["positions", "unpriced"]].tolist() == [2, 1]
    assert frame.iloc[0][["positions", "unpriced"]].tolist() == [5, 1]
    without = value_at_risk(vectors().take(ROWS["reason"].eq("").to_numpy()), **TREE)
    assert without["var"].tolist() == frame["var"].tolist()


def test_the_order_of_positions_does_not_matter():
    held, order = vectors(), np.array([3, 0, 4, 2, 1])
    pd.testing.assert_frame_equal(value_at_risk(held.take(order), **TREE), value_at_risk(held, **TREE), rtol=1e-12)


def test_a_hedge_has_a_negative_component():
    pnl = np.stack([np.linspace(-500, 500, 300), np.linspace(200, -200, 300)])
    frame = value_at_risk(Vectors(ROWS.iloc[[0, 2]].reset_index(drop=True), pnl, DAYS), **TREE)
    assert at(frame, level=1, desk="B")[["component", "share", "incremental"]].lt(0).all()


@pytest.mark.parametrize("by", [(), ("desk",), ("desk", "book")])
def test_nothing_held_is_no_risk_without_a_division_by_it(by):
    frame = value_at_risk(vectors(rows=ROWS.iloc[:0]), by=by)
    assert len(frame) == 1
    assert not frame.drop(columns=list(by)).to_numpy().any()


@pytest.mark.parametrize("measure", [value_at_risk, scenario_pnl, var_summary, var_methods])
def test_without_scenarios_there_is_no_figure_and_no_failure(measure):
    keywords = TREE if measure is value_at_risk else {}
    frame = measure(vectors(0), **keywords)
    assert not frame.select_dtypes(float).to_numpy().any()
    assert {column.name for column in measures()[measure.__name__].columns} <= {*frame.columns}


@pytest.mark.parametrize("measure", [value_at_risk, scenario_pnl, var_summary, var_methods])
def test_one_scenario_is_its_own_var_es_and_worst(measure):
    held = vectors(1)
    keywords = TREE if measure is value_at_risk else {}
    row = measure(held, **keywords).iloc[0]
    loss = -float(held.pnl.astype(float).sum())
    assert row["var"] == pytest.approx(loss)
    if "es" in row:
        assert row["es"] == pytest.approx(loss)


# The distribution


@pytest.mark.parametrize("setting", [{}, {"confidence": 0.95, "method": "linear"}, {"confidence": 0.9}], ids=str)
def test_scenarios_come_worst_first_with_the_tail_marked(setting):
    held = vectors()
    frame = scenario_pnl(held, **setting)
    whole = held.pnl.astype(float).sum(axis=0)
    assert frame["pnl"].tolist() == pytest.approx(sorted(whole))
    assert frame["pnl"].tolist() == pytest.approx(whole[frame["day"].map(dict(zip(DAYS, range(300), strict=True)))])
    beyond, reading = (frame[frame["tail"] == word] for word in ("beyond", "VaR"))
    assert (beyond["pnl"] < -frame["var"].iloc[0]).all()
    assert 1 <= len(reading) <= 2
    assert reading["pnl"].min() <= -frame["var"].iloc[0] <= reading["pnl"].max()
    assert frame["tail"].tolist() == sorted(frame["tail"], key=["beyond", "VaR", ""].index)


def test_the_glance_states_what_the_tree_and_the_distribution_do():
    held = vectors()
    row, tree, tail = var_summary(held).iloc[0], value_at_risk(held, **TREE), scenario_pnl(held)
    assert (row["var"], row["es"]) == (tree["var"].iloc[0], tree["es"].iloc[0])
    assert (row["worst"], row["worst_day"]) == (tail["pnl"].iloc[0], tail["day"].iloc[0])
    assert row["var_day"] in tail.loc[tail["tail"] == "VaR", "day"].tolist()
    assert row["sum_of_parts"] == pytest.approx(tree.loc[tree["level"] == 1, "var"].sum())
    assert row["diversification"] == pytest.approx(row["sum_of_parts"] - row["var"])
    assert row[["observations", "positions", "valued"]].tolist() == [300, 5, 4]
    assert row["proxied"] == pytest.approx(0.1)
    assert (pd.Timestamp(row["stressed_to"]) - pd.Timestamp(row["stressed_from"])).days == 249
    assert row["stressed"] >= historical_var(held.pnl[:, -250:].astype(float).sum(axis=0))


def test_methods_stand_against_the_one_the_screen_states():
    held = vectors()
    frame = var_methods(held, confidence=0.95, method="weibull").set_index("way")
    assert frame["var"].iloc[0] == value_at_risk(held, by=(), confidence=0.95)["var"].iloc[0]
    assert frame["ratio"].tolist() == (frame["var"] / frame["var"].iloc[0]).tolist()
    assert frame.loc["historical, numpy's default", "ratio"] < 1
    assert frame.loc["expected shortfall of the level", "ratio"] > 1


# The treemap


def test_the_treemap_s_blocks_are_the_components_of_desks_and_books():
    _, panel = panel_of("var-components-by-book")
    frame = value_at_risk(vectors(), by=panel.by)
    by_name = {column.name: column for column in measures()["value_at_risk"].columns}
    columns = tuple(by_name.get(name) or KEYS[name] for name in (*panel.by, "component"))
    assert {*panel.by, panel.options["value"], "level"} <= {*frame.columns}
    table = Table(frame[["level", *panel.by, "component"]], columns, ABOUT).titled()
    drawn = figures.draw("treemap", table, theme="dark", scale="1", **panel.options)
    assert all(name in str(drawn) for name in ("A", "a1", "a2", "b1"))

"""The cube: vectors summed at every node of any grouping, in float64, without the rows that have no value."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.risk.cube import Vectors, crossed, leaves, rollup, summed

ROWS = pd.DataFrame(
    {
        "desk": ["B", "A", "A", "B", "A"],
        "book": ["b1", "a2", "a1", "b1", "a1"],
        "reason": ["", "", "", "", "no price"],
        "sector": ["x", None, "x", "y", "x"],
    }
)
PNL = np.array([[1.0, 10], [2, 20], [4, 40], [8, 80], [0, 0]], dtype=np.float32)


def test_a_tree_has_its_total_first_and_every_node_before_its_children():
    frame, vectors = rollup(ROWS, PNL, ("desk", "book"))
    assert frame["level"].tolist() == [0, 1, 2, 2, 1, 2]
    assert frame["desk"].fillna("").tolist() == ["", "A", "A", "A", "B", "B"]
    assert frame["book"].fillna("").tolist() == ["", "", "a1", "a2", "", "b1"]
    assert vectors[:, 0].tolist() == [15, 6, 4, 2, 9, 9]
    assert vectors.dtype == np.float64


def test_a_row_that_could_not_be_valued_is_held_but_not_priced():
    frame, _ = rollup(ROWS, PNL, ("desk",))
    assert frame["held"].tolist() == [5, 3, 2]
    assert frame["priced"].tolist() == [4, 2, 2]


def test_a_missing_attribute_is_a_node_of_its_own():
    frame, vectors = rollup(ROWS, PNL, ("sector",))
    assert frame["sector"].fillna("").tolist() == ["", "none", "x", "y"]
    assert vectors[:, 0].tolist() == [15, 2, 5, 8]


def test_without_a_grouping_there_is_the_total_alone():
    frame, vectors = rollup(ROWS, PNL, ())
    assert frame["level"].tolist() == [0]
    assert vectors.tolist() == [[15, 150]]


@pytest.mark.parametrize("by", [(), ("desk",), ("desk", "book")])
def test_no_rows_are_one_total_of_nothing(by):
    frame, vectors = rollup(ROWS.iloc[:0], PNL[:0], by)
    assert frame[["level", "held", "priced"]].to_numpy().tolist() == [[0, 0, 0]]
    assert vectors.tolist() == [[0, 0]]


@settings(max_examples=25)
@given(st.permutations(range(5)))
def test_the_order_of_rows_does_not_matter(order):
    frame, vectors = rollup(ROWS.iloc[order].reset_index(drop=True), PNL[order], ("desk", "sector"))
    expected, sums = rollup(ROWS, PNL, ("desk", "sector"))
    pd.testing.assert_frame_equal(frame, expected)
    assert np.array_equal(vectors, sums)


def test_children_add_up_to_their_parent():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"desk": rng.choice(list("abc"), 300), "book": rng.choice(list("pqrs"), 300), "reason": ""})
    frame, vectors = rollup(rows, rng.normal(size=(300, 7)).astype(np.float32), ("desk", "book"))
    assert np.allclose(vectors[frame["level"] == 1].sum(axis=0), vectors[0], atol=1e-12)
    assert np.allclose(vectors[frame["level"] == 2].sum(axis=0), vectors[0], atol=1e-12)


def test_the_innermost_groups_are_the_leaves_of_the_tree():
    groups, sums = leaves(ROWS, PNL, ("desk", "book"))
    assert groups.to_numpy().tolist() == [["A", "a1"], ["A", "a2"], ["B", "b1"]]
    assert sums[:, 0].tolist() == [4, 2, 9]
    assert leaves(ROWS, PNL, ())[1].tolist() == [[15, 150]]


def test_groups_crossed_with_columns_have_a_row_each():
    about = pd.DataFrame({"node": ["near", "far"]})
    frame = crossed(ROWS, PNL, ("desk",), about, "pnl")
    assert frame.to_numpy().tolist() == [["A", "near", 6], ["A", "far", 60], ["B", "near", 9], ["B", "far", 90]]
    assert crossed(ROWS, PNL[:, :0], ("desk",), about.iloc[:0], "pnl").empty


def test_sums_are_taken_in_double_precision():
    values = np.full((100_000, 1), 0.1, dtype=np.float32)
    assert summed(values, np.zeros(100_000, dtype=np.intp), 1)[0, 0] == pytest.approx(
        float(np.float32(0.1)) * 1e5, rel=1e-12
    )


def test_vectors_join_over_the_same_scenarios_only():
    days = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]")
    one = Vectors(ROWS, PNL, days)
    assert len(one.join(one).rows) == 10
    with pytest.raises(ValueError, match="different scenarios"):
        one.join(Vectors(ROWS, PNL, days + 1))
    assert one.take(one.priced).pnl.shape == (4, 2)

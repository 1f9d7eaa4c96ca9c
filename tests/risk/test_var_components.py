"""Components and marginals: each node's share of the parent's VaR and ES."""

import numpy as np
import pytest

from app.risk.var import (
    METHODS,
    component_es,
    component_var,
    expected_shortfall,
    historical_var,
    marginal_var,
    var_scenarios,
)

BOOKS = np.random.default_rng(11).standard_t(4, (200, 1000)) * 1e5


def test_three_books_by_hand():
    """
    Scenario   0     1     2     3     4
    A        −10     4   −20     6     1
    B          3    −9    −5     2     1
    C          1     1     1     1     1
    Sum       −6    −4   −24     9     3
    """
    books = [[-10, 4, -20, 6, 1], [3, -9, -5, 2, 1], [1, 1, 1, 1, 1]]
    assert component_var(books, confidence=0.75).tolist() == pytest.approx(
        [15, 1, -1]
    )  # rank 1.5: half of 2, half of 0
    assert component_es(books, confidence=0.7).tolist() == pytest.approx([50 / 3, 7 / 3, -1])  # 2 whole, half of 0


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("method", METHODS)
def test_components_add_up_to_the_total_by_every_method(method, kind):
    books = BOOKS.astype(kind)
    parent = books.sum(axis=0, dtype=np.float64)
    assert component_var(books, method=method).sum() == pytest.approx(historical_var(parent, method=method), rel=1e-9)
    for tail in ("fractional", "mean"):
        whole = expected_shortfall(parent, tail=tail, method=method)
        assert component_es(books, tail=tail, method=method).sum() == pytest.approx(whole, rel=1e-9)


def test_a_component_is_the_nodes_loss_in_the_scenarios_the_screen_names():
    indices, weights = var_scenarios(BOOKS.sum(axis=0), confidence=0.99)
    assert component_var(BOOKS) == pytest.approx([-sum(row[indices] * weights) for row in BOOKS])


def test_rows_that_are_not_all_of_the_parent_take_its_scenarios():
    parent = BOOKS.sum(axis=0)
    assert component_var(BOOKS[3:5], parent=parent) == pytest.approx(component_var(BOOKS)[3:5])
    assert component_es(BOOKS[3:5], parent=parent) == pytest.approx(component_es(BOOKS)[3:5])
    assert component_var(parent) == pytest.approx(historical_var(parent))
    assert isinstance(component_var(parent), float)


def test_marginal_is_the_derivative_of_the_var():
    parent, unit, step = BOOKS.sum(axis=0), BOOKS[:5] / 100, 1e-6
    slopes = [(historical_var(parent + step * row) - historical_var(parent - step * row)) / (2 * step) for row in unit]
    assert marginal_var(parent, unit) == pytest.approx(slopes, rel=1e-4)
    assert marginal_var(parent, unit[0]) == pytest.approx(slopes[0], rel=1e-4)


def test_a_component_is_the_marginal_times_the_size():
    parent = BOOKS.sum(axis=0)
    assert 100 * marginal_var(parent, BOOKS / 100) == pytest.approx(component_var(BOOKS))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"vectors has the shape \(2, 2, 2\)"):
        component_var(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match=r"parent has the shape \(3,\); 2 scenarios need \(2,\)"):
        component_es(np.zeros((2, 2)), parent=np.zeros(3))

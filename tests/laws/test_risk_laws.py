"""Laws of the whole risk engine: whatever is held, in which order, on which days, its numbers obey them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.filters import Filters
from app.risk.cube import Vectors
from app.risk.explain import NAMES
from app.risk.measure import measures
from app.risk.portfolio import Portfolio
from app.risk.returns import historical, shifted
from app.risk.stress import Scenario, Shock
from app.risk.tails import value_at_risk
from tests import desks
from tests.ledger import FIRM
from tests.risk import market_by_hand as by_hand

few = settings(max_examples=6, deadline=None)
MARKET = by_hand.market()
MOVES = historical(MARKET, window=5)
LEVELS = shifted(MARKET.on(by_hand.AS_OF), MOVES.moves, MARKET.absolute)
SCENARIOS = (
    Scenario("crash", "Crash", "hypothetical", shocks=(Shock("spot", (-20.0,), "percent"),)),
    Scenario(
        "mixed",
        "Mixed",
        "hypothetical",
        shocks=(
            Shock("zero", (100.0,), "basis_points"),
            Shock("vol", (30.0,), "percent"),
            Shock("fx", (5.0,), "percent"),
        ),
    ),
)
KINDS = (by_hand.share, by_hand.option, by_hand.bond)
PLACES = [("One", "A"), ("One", "B"), ("Two", "C")]
TREE = ("desk", "book")


@st.composite
def held(draw):
    """A handful of shares in two currencies, options and bonds, long and short, over two desks."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        kind, (desk, book) = draw(st.sampled_from(KINDS)), draw(st.sampled_from(PLACES))
        currency = draw(st.sampled_from(["USD", "EUR"])) if kind is by_hand.share else "USD"
        quantity = float(draw(st.integers(-50, 50).filter(bool)))
        wealth = float(draw(st.integers(-1000, 1000)))
        rows.append(kind(quantity=quantity, desk=desk, book=book, currency=currency, wealth=wealth))
    return by_hand.positions(*rows)


def scaled(positions, factor):
    return positions.assign(**{name: positions[name] * factor for name in ("quantity", "value", "wealth")})


def var(positions, by=TREE, **setting):
    portfolio = Portfolio(positions, MARKET, by_hand.AS_OF, "USD")
    rows = positions.assign(reason=portfolio.reasons)
    return value_at_risk(Vectors(rows, portfolio.pnl(LEVELS), MOVES.days), by=by, **setting)


def sensitivities(positions):
    return measures()["sensitivities"].compute(Portfolio(positions, MARKET, by_hand.AS_OF, "USD"), by=TREE)


def stress(positions):
    portfolio = Portfolio(positions, MARKET, by_hand.AS_OF, "USD")
    return measures()["stress_map"].compute(portfolio, MARKET, SCENARIOS, by=TREE)


FIGURES = {
    var: ["var", "es", "component", "component_es", "incremental"],
    sensitivities: ["delta", "gamma", "vega", "theta", "rho", "pv01", "cs01", "fx_delta"],
    stress: ["pnl"],
}
every_figure = pytest.mark.parametrize(("figure", "names"), FIGURES.items(), ids=lambda it: getattr(it, "__name__", ""))


@every_figure
@few
@given(positions=held())
def test_doubling_the_book_doubles_its_risk_at_every_node(figure, names, positions):
    once, twice = figure(positions)[names].to_numpy(), figure(scaled(positions, 2))[names].to_numpy()
    assert twice == pytest.approx(2 * once, rel=1e-9, abs=1e-9)


@every_figure
@few
@given(positions=held())
def test_a_book_against_its_own_opposite_has_no_risk_at_any_node(figure, names, positions):
    netted = figure(pd.concat([positions, scaled(positions, -1)], ignore_index=True))
    size = figure(positions)[names].abs().to_numpy().max(initial=1.0)
    assert netted[names].abs().to_numpy().max() <= 1e-9 * size


@every_figure
@few
@given(positions=held(), seed=st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(figure, names, positions, seed):
    order = np.random.default_rng(seed).permutation(len(positions))
    shuffled, straight = figure(positions.iloc[order].reset_index(drop=True)), figure(positions)
    assert shuffled[list(TREE)].fillna("").equals(straight[list(TREE)].fillna(""))
    assert shuffled[names].to_numpy() == pytest.approx(straight[names].to_numpy(), rel=1e-9, abs=1e-6)


@few
@given(positions=held(), method=st.sampled_from(["weibull", "linear"]), level=st.sampled_from([0.6, 0.75, 0.99]))
def test_components_of_desks_and_of_books_add_up_to_the_whole(positions, method, level):
    frame = var(positions, confidence=level, es_confidence=level, method=method)
    whole = frame.iloc[0]
    for depth in (1, 2):
        parts = frame[frame["level"] == depth]
        size = max(1.0, parts["component"].abs().sum())
        assert abs(parts["component"].sum() - whole["var"]) <= 1e-9 * size
        assert abs(parts["component_es"].sum() - whole["es"]) <= 1e-9 * size


@few
@given(positions=held(), level=st.sampled_from([0.6, 0.75, 0.9]))
def test_the_es_of_a_node_is_at_most_the_sum_of_the_es_of_its_parts_and_at_least_its_var(positions, level):
    frame = var(positions, confidence=level, es_confidence=level)
    desks_, books = (frame[frame["level"] == depth] for depth in (1, 2))
    slack = 1e-6 * max(1.0, frame["es"].abs().max())
    assert frame["es"].iloc[0] <= desks_["es"].sum() + slack
    for desk, parts in books.groupby("desk"):
        assert desks_.loc[desks_["desk"] == desk, "es"].iloc[0] <= parts["es"].sum() + slack
    assert (frame["es"] >= frame["var"] - slack).all()


@few
@given(positions=held())
def test_books_add_up_to_desks_and_desks_to_the_whole_in_all_that_is_additive(positions):
    frame, names = sensitivities(positions), FIGURES[sensitivities]
    whole = frame.loc[frame["level"] == 0, names].to_numpy()[0]
    for depth in (1, 2):
        assert frame.loc[frame["level"] == depth, names].sum().to_numpy() == pytest.approx(whole, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Two desks over half a year, to be read only."""
    ledger = desks.opened(tmp_path_factory)
    yield ledger.answers
    ledger.warehouse.close()


@pytest.mark.parametrize(
    ("vs", "as_of", "base"), [(0, -1, "EUR"), (29, 30, "USD"), (30, 31, "EUR"), (48, 49, "GBP"), (10, 60, "USD")]
)
def test_the_explanation_of_any_period_closes_to_the_cent_on_the_pnl_of_the_other_pages(answers, vs, as_of, base):
    """Over a split, a dividend, trades on the days and none; the first business day among them."""
    asked = Filters(vs=desks.DAYS[vs], as_of=desks.DAYS[as_of], ccy=base)
    frame = answers.table("explain-tree-by-instrument", asked, FIRM).frame
    parts = frame[list(NAMES)].to_numpy()
    assert parts.sum(axis=1) == pytest.approx(frame["total"].to_numpy(), abs=0.001)
    books = frame[frame["level"] <= 2].fillna("").set_index(["level", "desk", "book"])["total"]
    shown = answers.table("overview-pnl-by-book", asked, FIRM).frame.fillna("").set_index(["level", "desk", "book"])
    assert books.to_dict() == pytest.approx(shown["day"].to_dict(), abs=0.01)
    walk = answers.table("explain-parts", asked, FIRM).frame["amount"].to_numpy()
    assert walk[:-1].sum() == pytest.approx(walk[-1], abs=0.001)
    assert walk[-1] == pytest.approx(frame["total"].iloc[0], abs=0.001)
    narrowed = answers.table("explain-parts", replace(asked, desk="North"), FIRM).frame["amount"].iloc[-1]
    assert narrowed == pytest.approx(frame.loc[frame["desk"].eq("North") & (frame["level"] == 1), "total"].iloc[0])

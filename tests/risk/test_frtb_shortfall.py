"""The ES for capital of a book by hand: now and in the worst year that its factors reach."""

import numpy as np
import pytest

from app.risk.frtb import capital_es, liquidity_adjusted
from app.risk.frtb_shortfall import frtb_capital, frtb_es
from app.risk.market import Market
from app.risk.portfolio import Portfolio
from app.risk.var import expected_shortfall
from tests.risk.market_by_hand import AS_OF, market, option, positions, share

DAYS = 700


def walk(*, wild=slice(0, 0), late=(), days=DAYS):
    """A random walk of every factor that ends at today's levels, ten times as wild in one stretch.

    The factors named in `late` have a level on the last 300 days only.
    """
    today = market()
    steps = np.random.default_rng(5).normal(0, 0.004, (days, len(today.factors)))
    steps[wild] *= 10
    levels = today.levels[-1] * np.exp(steps.cumsum(axis=0) - steps.sum(axis=0))
    for name in late:
        levels[:-300, today.column[name]] = np.nan
    dates = np.datetime64(AS_OF) - np.arange(days)[::-1]
    return Market(today.factors, dates, levels)


def capital(history, *rows, observations=250):
    return frtb_capital(Portfolio(positions(*rows), history, AS_OF, "USD"), history, observations=observations)


def test_where_every_factor_reaches_back_capital_is_the_es_of_the_worst_stretch():
    frame = capital(walk(wild=slice(100, 200)), share(), option()).set_index("figure")
    full, own, stressed, result = frame["es"]
    assert own == full
    assert stressed > 3 * full
    assert result == stressed
    assert frame.loc["Reduced, now", "share"] == 1
    assert frame["state"].tolist() == ["", "ok", "", ""]


def test_es_now_is_that_of_the_panel_beside_it():
    history = walk()
    beside = frtb_es(Portfolio(positions(share(), option()), history, AS_OF, "USD"))
    assert capital(history, share(), option())["es"].iloc[0] == pytest.approx(beside["scaled"].iloc[0], rel=1e-12)


def test_the_stretch_of_stress_is_the_worst_of_all_by_hand():
    history = walk(wild=slice(300, 360))
    frame = capital(history, share(quantity=1.0)).set_index("figure")
    place = history.column["spot:X"]
    moves = history.levels[10:, place] / history.levels[:-10, place] - 1
    pnl = moves * history.levels[-1, place]
    stretches = [expected_shortfall(pnl[start : start + 250]) for start in range(len(pnl) - 249)]
    worst = max(stretches)
    by_hand = liquidity_adjusted({10: worst, 20: worst})
    assert frame.loc["Reduced, in stress", "es"] == pytest.approx(by_hand, rel=1e-6)
    first = history.days[10:][len(stretches) - 1 - int(np.argmax(stretches[::-1]))]
    assert frame.loc["Reduced, in stress", "first"] == first.astype("datetime64[s]")


def test_a_factor_that_does_not_reach_back_stands_still_in_the_reduced_set_and_scales_it():
    history = walk(wild=slice(50, 150), late=("spot:Y",))
    frame = capital(history, share(), share("Y", 30.0, 50.0)).set_index("figure")
    full, own, stressed, result = frame["es"]
    assert own < full
    assert result == pytest.approx(capital_es(stressed, full, own))
    assert result == pytest.approx(stressed * full / own)
    factors = frame["factors"]
    assert factors["All factors, now"] - factors["Reduced, now"] == 1
    assert frame.loc["Reduced, now", "state"] == "below 75%"


def test_a_reduced_set_that_explains_nothing_gives_no_capital():
    frame = capital(walk(late=("spot:Y",)), share("Y", 30.0, 50.0)).set_index("figure")
    assert np.isnan(frame.loc["For capital", "es"])
    assert frame.loc["Reduced, now", "state"] == "below 75%"


def test_a_history_of_less_than_a_year_is_its_own_stress():
    frame = capital(walk(days=80), share()).set_index("figure")
    assert frame.loc["For capital", "es"] == frame.loc["All factors, now", "es"] > 0


def test_nothing_held_and_no_history_give_no_rows():
    assert capital(walk()).empty
    assert capital(walk(days=8), share()).empty

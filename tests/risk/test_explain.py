"""P&L explain: every part what it says it is, and all of them the P&L, at every level."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.risk.explain import NAMES, TOLERANCE, explain, explain_factors, explain_parts, explain_valuations
from app.risk.portfolio import Portfolio
from app.risk.pricing import black_scholes, greeks
from app.risk.taylor import taylor, volatility_moves
from tests.risk.market_by_hand import DAYS, bond, market, option, positions, share

BEFORE, AFTER = (day.date() for day in DAYS[-2:])
SPOTS = pd.DataFrame({"symbol": ["X", "Y", "OIL"], "before": [103.0, 50.0, 9.0], "after": [104.0, 50.0, 12.0]})
FLAT = {"rate": 1.0, "fx": 0.0, "income": 0.0, "fees": 0.0, "traded": 0.0, "amended": 0.0, "late": 0.0}
OF_OPTION = {"price": 7.5, "value": 2 * 7.5 * 100}


usual = cache(market)


def held(*rows, day=BEFORE, base="USD", of=None):
    return Portfolio(positions(*rows), of or usual(), day, base)


def changes(portfolio, **given):
    """One change a position, in dollars: what is given, nothing else."""
    keys = ["desk", "book", "instrument", "asset_class", "instrument_type", "currency", "underlying"]
    frame = portfolio.positions[keys].assign(whole=0.0, **FLAT)
    return frame.assign(**given)


def explained(before, given, *, after=None, spots=SPOTS, by=()):
    return explain(before, after or held(day=AFTER), given, spots, by=by)


def whole(before, given, **more):
    return explained(before, given, **more).iloc[0]


def calm():
    """The market by hand with a surface that is flat, so that only its level matters."""
    made = market()
    surface = made.kinds == "vol"
    made.levels[:, surface] = np.linspace(0.20, 0.25, len(made.days))[:, None]
    return made


def test_a_share_is_explained_by_delta_alone():
    before = held(share(price=103.0))
    parts = whole(before, changes(before, whole=10.0))
    assert parts["delta"] == parts["total"] == 10.0
    assert not parts[[name for name in NAMES if name != "delta"]].any()
    assert parts["alarm"] == ""


def test_oil_moves_by_differences_even_below_zero():
    spots = SPOTS.assign(after=[104.0, 50.0, -37.0])
    before = held(share("OIL", 5, 9.0, asset_class="commodity"))
    assert whole(before, changes(before, whole=-230.0), spots=spots)["delta"] == -230.0


def test_a_split_and_a_dividend_leave_the_move_of_the_price_to_delta_and_the_dividend_to_income():
    spots = pd.DataFrame({"symbol": ["X"], "before": [103.0], "after": [2 * 51.0]})
    before = held(share(price=103.0))
    parts = whole(before, changes(before, whole=-10.0 + 15.0, income=15.0), spots=spots)
    assert (parts["delta"], parts["income"], parts["residual"]) == (-10.0, 15.0, 0.0)


def test_without_a_move_and_without_time_every_part_is_nothing():
    before = held(share(price=103.0), option(**OF_OPTION), bond())
    still = pd.DataFrame({"symbol": ["X"], "before": [103.0], "after": [103.0]})
    frame = explained(before, changes(before), after=held(day=BEFORE), spots=still, by=("instrument",))
    assert np.abs(frame[[*NAMES, "total"]].to_numpy()).max() < 1e-3
    assert not frame["alarm"].any()


def test_delta_gamma_vega_and_theta_of_an_option_are_the_closed_forms_times_the_moves():
    before = held(option(**OF_OPTION), of=calm())
    kernel = before.kernels[0]
    start = before.market.on(BEFORE)
    rate = start[before.market.column["zero:USD:3"]]
    closed = greeks(103.0, 100.0, kernel.years, rate=rate, volatility=kernel.volatility)
    levels = calm().on(AFTER)
    terms = taylor(before, levels, (AFTER - BEFORE).days)
    sigma = kernel.volatility * (0.25 / 0.24 - 1)
    assert terms["delta"] == pytest.approx(200 * closed.delta * 1.0, rel=1e-4)
    assert terms["gamma"] == pytest.approx(200 * closed.gamma / 2, rel=1e-4)
    assert terms["vega"] == pytest.approx(200 * closed.vega * sigma, rel=1e-3)
    assert terms["theta"] == pytest.approx(200 * closed.theta * (AFTER - BEFORE).days / 365, rel=0.02)
    assert terms["rates"] == pytest.approx(200 * closed.rho * 0.0001, rel=0.02)


@pytest.mark.parametrize("size", [1.0, 0.25])
def test_what_is_left_of_an_option_shrinks_faster_than_its_move(size):
    before = held(option(**OF_OPTION), of=calm())
    start, later = (before.market.on(day) for day in (BEFORE, AFTER))
    levels = start + size * (later - start)
    terms = taylor(before, levels, 0)
    left = abs(before.own_pnl(levels[None])[0, 0] - sum(terms.values())[0])
    assert left < 0.02 * size**3 * sum(abs(term[0]) for term in taylor(before, later, 0).values())


def test_an_option_follows_the_surface_at_its_own_strike():
    before = held(option(**OF_OPTION))
    kernel = before.kernels[0]
    levels = before.market.on(BEFORE).copy()
    levels[before.market.column["spot:X"]] *= 0.95
    moves = volatility_moves(before, levels)
    smile = kernel.smile
    forward = 103 * np.exp(0.0404 * kernel.years)
    assert moves == pytest.approx(-0.2 * 100 / forward * (1 / 0.95 - 1) / smile, rel=0.01)
    assert not volatility_moves(held(share(price=103.0), bond()), levels).any()


def test_a_bond_is_explained_by_its_curve_and_its_theta_is_net_of_the_coupon_paid():
    before, after = held(bond()), held(day=AFTER)
    levels = np.array([after.market.on(AFTER)])
    made = before.own_pnl(levels, days=(AFTER - BEFORE).days)[0, 0]
    parts = whole(before, changes(before, whole=made))
    assert parts["rates"] == pytest.approx(-980 * 6.0 * 0.0001, rel=0.1)
    assert abs(parts["residual"]) < 0.001
    paid = whole(before, changes(before, whole=made, income=20.0))
    assert paid["theta"] == pytest.approx(parts["theta"] - 20.0)
    assert paid["residual"] == pytest.approx(parts["residual"])


@pytest.mark.parametrize("base", ["USD", "EUR"])
def test_terms_are_in_the_positions_own_currency_whatever_the_base(base):
    before = held(share(currency="EUR", price=103.0, wealth=500.0), base=base)
    assert taylor(before, market().on(AFTER), 1)["delta"] == pytest.approx([10.0])
    parts = whole(before, changes(before, whole=13.0, rate=1.1, fx=2.0), after=held(day=AFTER, base=base))
    assert (parts["delta"], parts["fx"], parts["residual"]) == pytest.approx((11.0, 2.0, 0.0))


def test_what_cannot_be_revalued_is_counted_and_its_pnl_is_residual():
    before = held(share(price=103.0), share("GONE"))
    frame = explained(before, changes(before, whole=[10.0, 200.0]), by=("instrument",)).set_index("instrument")
    assert frame.loc["GONE", "residual"] == frame.loc["GONE", "total"] == 200.0
    assert frame["held"].tolist() == [2, 1, 1]
    assert frame["priced"].tolist() == [1, 0, 1]
    assert frame["residual_share"].tolist() == pytest.approx([200 / 210, 1.0, 0.0])
    assert frame["alarm"].tolist() == [f"residual past {TOLERANCE:.0%}"] * 2 + [""]


def test_a_position_without_a_price_is_left_out_of_every_sum():
    before = held(share(price=103.0), share(value=float("nan"), price=float("nan")) | {"book": "B"})
    parts = whole(before, changes(before, whole=[10.0, float("nan")], rate=[1.0, float("nan")]))
    assert (parts["delta"], parts["residual"], parts["total"]) == (10.0, 0.0, 10.0)
    assert (parts["held"], parts["priced"]) == (2, 1)


def test_trades_are_told_apart_and_a_position_opened_since_has_nothing_else():
    before = held(share(price=103.0))
    opened = changes(before, instrument="Y", whole=30.0, traded=33.0, amended=5.0, late=-2.0, fees=-3.0)
    parts = whole(before, opened)
    assert (parts["new_trades"], parts["amended"], parts["late"], parts["fees"]) == (30.0, 5.0, -2.0, -3.0)
    assert (parts["residual"], parts["held"]) == (0.0, 0)


AMOUNT = st.floats(-1e9, 1e9).map(lambda amount: round(amount, 4))
ROWS = (share(price=103.0), option(**OF_OPTION), bond(desk="Two", book="B"), share("Y", desk="Two", book="C"))


@cache
def both_days():
    return held(*ROWS), held(day=AFTER)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT), min_size=4, max_size=4))
def test_parts_add_up_to_the_total_to_the_cent_at_every_level(amounts):
    before, after = both_days()
    columns = dict(zip(("whole", "traded", "fx", "income"), np.transpose(amounts), strict=True))
    frame = explained(before, changes(before, **columns), after=after, by=("desk", "book"))
    assert frame[list(NAMES)].sum(axis=1).to_numpy() == pytest.approx(frame["total"].to_numpy(), abs=1e-4)
    assert frame["total"].iloc[0] == pytest.approx(columns["whole"].sum(), abs=1e-3)
    for name in (*NAMES, "total"):
        desks, books = (frame.loc[frame["level"] == level, name].sum() for level in (1, 2))
        assert [desks, books] == pytest.approx([frame[name].iloc[0]] * 2, abs=1e-4)


def test_doubling_the_book_doubles_every_part():
    twice = [{**row, "quantity": 2 * row["quantity"], "value": 2 * row["value"]} for row in ROWS]
    one, two = (held(*rows) for rows in (ROWS, twice))
    amounts = {"whole": 100.0, "traded": 40.0, "late": 10.0, "fx": 3.0, "fees": -1.0, "income": 2.0}
    single = whole(one, changes(one, **amounts))
    double = whole(two, changes(two, **{name: 2 * amount for name, amount in amounts.items()}))
    columns = [*NAMES, "total"]
    assert double[columns].astype(float).tolist() == pytest.approx(
        (2 * single[columns].astype(float)).tolist(), abs=0.01
    )
    assert double["residual_share"] == pytest.approx(single["residual_share"], abs=1e-4)


def test_the_order_of_rows_does_not_matter():
    before = held(*ROWS)
    given = changes(before, whole=[10.0, 20.0, 30.0, 40.0])
    turned = held(*ROWS[::-1])
    pd.testing.assert_frame_equal(
        explained(before, given, by=("desk", "book")), explained(turned, given.iloc[::-1], by=("desk", "book"))
    )


def test_the_walk_ends_in_the_total_and_factors_carry_the_market_and_currency_parts():
    before, after = held(*ROWS), held(day=AFTER)
    given = changes(before, whole=[10.0, 200.0, -3.0, 0.0], fx=1.0)
    walk = explain_parts(before, after, given, SPOTS)
    assert walk["part"].iloc[-1] == "Total"
    assert walk["amount"].iloc[:-1].sum() == pytest.approx(walk["amount"].iloc[-1])
    parts = whole(before, given)
    factors = explain_factors(before, after, given, SPOTS)
    assert factors["amount"].abs().is_monotonic_decreasing
    assert factors["share"].sum() == pytest.approx(1.0)
    assert factors["amount"].sum() == pytest.approx(
        parts[["delta", "gamma", "vega", "cross", "rates", "fx"]].astype(float).sum()
    )
    assert {("X", "Delta"), ("X", "Vega"), ("USD curve", "Rates"), ("USD", "FX")} <= set(
        zip(factors["factor"], factors["term"], strict=True)
    )


def test_six_valuations_walk_through_time_market_and_positions_and_back():
    before = held(share(price=103.0), bond())
    after = held(share(quantity=20, price=104.0), day=AFTER)
    frame = explain_valuations(before, after, changes(before, rate=1.0), SPOTS)
    assert frame["holding"].tolist() == ["opening"] * 3 + ["closing"] * 3
    assert frame["value"].iloc[0] == pytest.approx(1030 + 980)
    terms = taylor(before, market().on(AFTER), (AFTER - BEFORE).days)
    assert frame["step"].iloc[1] == pytest.approx(terms["theta"].sum())
    assert frame["step"].iloc[2] == pytest.approx((terms["delta"] + terms["rates"]).sum(), abs=0.01)
    assert frame["value"].iloc[3:].tolist() == pytest.approx([2080, 2060, 2060])


def test_nothing_held_explains_nothing():
    before = held()
    given = changes(before)
    assert not explained(before, given).select_dtypes("number").to_numpy().any()
    assert explain_factors(before, before, given, SPOTS).empty
    assert not explain_parts(before, before, given, SPOTS)["amount"].any()
    assert not explain_valuations(before, before, given, SPOTS)["value"].any()


def test_an_option_that_expires_is_worth_what_it_pays():
    before = held(option(expiry=AFTER, price=4.0, value=800.0), of=calm())
    theta = taylor(before, before.market.on(BEFORE), (AFTER - BEFORE).days)["theta"]
    worth = black_scholes(103.0, 100.0, 0.0, rate=0.04, volatility=0.2)
    assert theta == pytest.approx(200 * (worth - 4.0), abs=1.0)

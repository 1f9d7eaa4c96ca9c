"""What the demo simulates beside real prices: curves, surfaces and the quotes that follow from them."""

from math import exp

import numpy as np
import pandas as pd
import pytest

from data.demo.bonds import ILLIQUID, SILENT_AFTER
from data.demo.curves import MONTHS, zero_rate
from data.demo.vols import MONEYNESS, black_scholes, volatility
from data.demo.world import World, build_world
from data.schema import ASSET_CLASSES, INSTRUMENT_TYPES


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def quoted(world: World, kind: str) -> pd.DataFrame:
    listed = world.instruments[world.instruments["instrument_type"] == kind]
    return world.quotes.merge(listed, left_on="instrument", right_on="symbol")


def test_rates_are_linear_between_nodes_and_flat_outside():
    curve = pd.DataFrame([np.linspace(0.01, 0.08, len(MONTHS))], columns=list(MONTHS))
    years = np.array([0.0, 0.25, 1.5, 2.0, 50.0])
    assert zero_rate(curve, np.zeros(5, dtype=int), years) == pytest.approx([0.01, 0.01, 0.035, 0.04, 0.08])


def test_volatility_is_linear_between_nodes_and_flat_outside():
    surface = np.full((1, 3, len(MONEYNESS)), 0.2)
    surface[0, 0] = 0.3
    assert volatility(surface, np.zeros(3, dtype=int), np.array([0.0, 1 / 6, 9.0]), np.array([0.5, 1.0, 2.0])) == (
        pytest.approx([0.3, 0.25, 0.2])
    )


def test_black_scholes_prices_the_textbook_option():
    """Spot 42, strike 40, six months, 10% and 20% volatility: call 4.76, put 0.81; the deltas differ by one."""
    two = np.ones(2)
    price, delta = black_scholes(42 * two, 40 * two, 0.5 * two, 0.1 * two, 0.2 * two, np.array([1.0, -1.0]))
    assert price == pytest.approx([4.76, 0.81], abs=0.005)
    assert delta[0] - delta[1] == pytest.approx(1)


def test_every_simulated_instrument_says_so_and_is_of_a_known_kind(world):
    listed = world.instruments
    real = {"equity", "etf", "index", "fx_spot"}
    assert listed["symbol"].is_unique
    assert set(listed["instrument_type"]) <= set(INSTRUMENT_TYPES)
    assert set(listed["asset_class"]) <= set(ASSET_CLASSES)
    assert listed.loc[~listed["synthetic"], "instrument_type"].isin(real).all()
    assert listed.loc[listed["synthetic"], "symbol"].isin(["NGH"]).sum() == 1
    assert listed.loc[~listed["instrument_type"].isin(real), "synthetic"].all()


def test_every_quote_is_positive_and_unique(world):
    assert (world.quotes["price"] > 0).all()
    assert not world.quotes.duplicated(["instrument", "price_date"]).any()


def test_options_are_quoted_from_listing_to_expiry_only(world):
    life = world.quotes.merge(world.options, on="instrument")
    assert life["price_date"].between(life["listed"], life["expiry"]).all()
    assert (life["expiry"] - life["listed"]).dt.days.between(80, 95).all()
    assert world.options["listed"].between(world.days[0], world.days[-1]).mean() > 0.9


def test_an_option_ends_at_its_intrinsic_value(world):
    ended = quoted(world, "option").query("price_date == expiry")
    spot = world.market.closes.stack().rename("spot").rename_axis(["price_date", "underlying"]).reset_index()  # noqa: PD013
    ended = ended.merge(spot, on=["price_date", "underlying"])
    side = np.where(ended["option_type"] == "call", 1, -1)
    assert len(ended) > 300
    assert ended["price"].tolist() == pytest.approx((side * (ended["spot"] - ended["strike"])).tolist(), abs=1e-4)


def test_calls_and_puts_of_one_strike_are_in_parity(world):
    day = pd.Timestamp("2022-06-01")
    rows = quoted(world, "option")
    rows = rows[(rows["underlying"] == "SPX") & (rows["price_date"] == day)]
    call, put = (rows[rows["option_type"] == kind].set_index(["expiry", "strike"])["price"] for kind in ("call", "put"))
    both = pd.DataFrame({"call": call, "put": put}).dropna()
    place = world.market.closes.index.get_indexer([day])
    years = np.asarray((both.index.get_level_values("expiry") - day).days) / 365
    rate = zero_rate(world.curves["USD"], np.repeat(place, len(both)), years)
    strike = np.asarray(both.index.get_level_values("strike"))
    forward_gain = world.market.closes["SPX"][day] - strike * np.exp(-rate * years)
    assert len(both) >= 3
    assert (both["call"] - both["put"]).tolist() == pytest.approx(forward_gain.tolist(), abs=0.011)


@pytest.mark.parametrize("kind", ["future", "fx_forward"])
def test_futures_and_forwards_end_at_the_spot(world, kind):
    ended = quoted(world, kind).query("price_date == expiry")
    spots = world.market.closes.join(world.market.spots)
    due = [spots.loc[row.price_date, row.underlying] for row in ended.itertuples()]
    assert len(ended) >= 12
    assert ended["price"].tolist() == pytest.approx(due)


def test_a_bond_is_worth_its_discounted_flows_less_accrued_interest(world):
    """2.875% semi-annual to 2049-11-15, seen on 2022-12-27: settles 12-28, 43 of 181 days into the coupon period."""
    day, maturity = pd.Timestamp("2022-12-27"), pd.Timestamp("2049-11-15")
    row = world.curves["USD"].loc[day]
    flows = [maturity - pd.DateOffset(months=6 * k) for k in range(54)]
    dirty = 0.0
    for date in flows:
        years = (date - day).days / 365
        rate = np.interp(years, np.array(MONTHS) / 12, row)
        dirty += (2.875 / 2 + 100 * (date == maturity)) * exp(-rate * years)
    quotes = world.quotes.set_index(["instrument", "price_date"])["price"]
    assert quotes["UST-2049-11", day] == pytest.approx(dirty - 2.875 / 2 * 43 / 181, abs=0.0001)


def test_bonds_are_quoted_from_their_auction_and_one_falls_silent(world):
    first = world.quotes.groupby("instrument")["price_date"].min()
    last = world.quotes.groupby("instrument")["price_date"].max()
    assert first["UST-2032-02"] == pd.Timestamp("2022-02-15")
    assert last[ILLIQUID] == SILENT_AFTER
    assert last["UST-2032-02"] == world.days[-1]


def test_curves_and_surfaces_cover_every_day(world):
    days = world.market.closes.index
    assert all(curve.index.equals(days) and curve.notna().all(axis=None) for curve in world.curves.values())
    assert all(len(nodes) == len(days) and (nodes > 0).all() for nodes in world.surfaces.values())

"""Two moves at once: every pair is a full revaluation, and where nothing moves nothing is made."""

import numpy as np
import pytest

from app.risk.sensitivities import raised
from app.risk.spot_vol import LOWEST, PER_CENT, RATES, SPOT, VOL, _levels, spot_vol
from tests.risk import market_by_hand as by_hand

OIL = {"asset_class": "commodity", "instrument_type": "commodity"}


def grid(*rows, base="USD"):
    """The P&L by label: (down, across)."""
    frame = spot_vol(by_hand.portfolio(*rows, base=base))
    return frame.set_index(["down", "across"])["pnl"]


def test_there_is_a_row_for_every_pair_of_moves_the_highest_volatility_first():
    found = grid(by_hand.option()).index.tolist()
    assert found == [(VOL.label(vol), SPOT.label(spot)) for vol in (10, 5, 0, -5) for spot in PER_CENT]
    assert found[0] == ("vol +10 pt", "spot −10%")
    assert ("vol 0 pt", "spot 0%") in found


def test_a_share_makes_its_value_times_the_move():
    found = grid(by_hand.share(quantity=10, price=104.0))
    assert found.xs("spot +10%", level="across").to_numpy() == pytest.approx(104.0)
    assert found.xs("spot −5%", level="across").to_numpy() == pytest.approx(-52.0)


def test_where_nothing_moves_nothing_is_made():
    assert grid(by_hand.share(), by_hand.option(), by_hand.bond())["vol 0 pt", "spot 0%"] == 0.0


def test_a_book_without_options_is_shown_under_rates_and_one_without_spots_under_currencies():
    found = grid(by_hand.bond(), base="EUR")
    assert set(found.index) == {(RATES.label(one), f"FX {label}") for one in RATES.moves for label in _per_cents()}
    assert found["rates +100 bp", "FX 0%"] < 0 < found["rates −50 bp", "FX 0%"]


def test_an_option_is_revalued_in_full_at_every_pair_at_once():
    held, found = by_hand.portfolio(by_hand.option()), grid(by_hand.option())
    spot, vol = held.market.kinds == "spot", held.market.kinds == "vol"
    base = held.pnl(raised(held, spot, 0)[None], dtype=np.float64)[0, 0]
    for points in VOL.moves:
        for move in PER_CENT:
            levels = np.where(vol, raised(held, vol, points), raised(held, spot, move))
            alone = held.pnl(levels[None], dtype=np.float64)[0, 0] - base
            assert found[VOL.label(points), SPOT.label(move)] == pytest.approx(alone, abs=1e-9)


def test_a_bought_option_gains_with_volatility_and_more_from_a_rise_than_it_loses_from_a_fall():
    found = grid(by_hand.option(quantity=1))
    assert found["vol +10 pt", "spot 0%"] > found["vol +5 pt", "spot 0%"] > 0 > found["vol −5 pt", "spot 0%"]
    assert found["vol 0 pt", "spot +10%"] > -found["vol 0 pt", "spot −10%"] > 0


def test_a_price_below_zero_rises_when_the_spot_does():
    found = grid(by_hand.share("OIL", quantity=2, price=12.0, **OIL))
    assert found.xs("spot +10%", level="across").to_numpy() == pytest.approx(2.4)


def test_volatility_falls_to_one_point_at_most():
    held = by_hand.portfolio(by_hand.option())
    vol = held.market.kinds == "vol"
    assert _levels(held, VOL, -100)[vol] == pytest.approx(LOWEST)
    assert (_levels(held, VOL, -5)[vol] == raised(held, vol, -5)[vol]).all()


def _per_cents():
    return [SPOT.label(move).removeprefix("spot ") for move in PER_CENT]

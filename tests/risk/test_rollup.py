"""Holdings rolled up: exact at every level whatever the order of rows, and a hole is never a zero."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.risk.exposure import concentration, coverage, exposure, herfindahl, top_share
from app.risk.pnl import PARTS, pnl, pnl_parts, pnl_split, summary
from app.risk.positions import positions
from app.risk.rollup import UNITS, rollup, whole
from tests.holdings import AMOUNTS, AS_OF, BOOKS, INSTRUMENTS, MONTH, VS, YEAR, hold, nothing_held

TREE = ("desk", "book", "instrument")
NAN = float("nan")
MARKS = pd.DataFrame({"instrument_id": [10, 20, 30], "price": [10.0, 50.0, 4000.0], "price_date": [AS_OF, VS, AS_OF]})
PAIRS = [(int(book), int(instrument)) for book in BOOKS["book_id"] for instrument in INSTRUMENTS["instrument_id"][:3]]
AMOUNT = st.integers(-(10**13), 10**13).map(lambda units: units / UNITS)


def at(frame, *path):
    """The one node of a path of keys."""
    level = frame["level"] == len(path)
    for name, key in zip(TREE, path, strict=False):
        level &= frame[name] == key
    (node,) = frame[level].to_dict("records")
    return node


@st.composite
def books(draw):
    """Rows of some positions on up to four days, with unknown values among them."""
    rows = []
    for book, instrument in draw(st.lists(st.sampled_from(PAIRS), unique=True, max_size=6)):
        for day in (AS_OF, *sorted(draw(st.sets(st.sampled_from([VS, MONTH, YEAR]))))):
            amounts = {name: draw(AMOUNT) for name in AMOUNTS}
            if draw(st.integers(0, 5)) == 0:
                amounts |= {"wealth": NAN, "value": NAN}
            rows.append({"book": book, "instrument": instrument, "day": day, **amounts})
    return rows


@given(books())
@settings(max_examples=15, deadline=None)
def test_children_add_to_their_parents_to_the_last_digit_at_every_level(rows):
    frame = pnl(hold(*rows, base="EUR"), by=TREE)
    for name in ("day", "mtd", "ytd", "inception", "gross", "net"):
        frame["units"] = [Decimal(f"{amount:.4f}") for amount in frame[name]]
        for level in range(len(TREE) if rows else 0):
            parents, children = (frame[frame["level"] == depth] for depth in (level, level + 1))
            keys = list(TREE[:level])
            sums = children.groupby(keys)["units"].sum().tolist() if keys else [children["units"].sum()]
            assert sums == parents["units"].tolist()


@given(books(), st.randoms())
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    for measure in (pnl, pnl_split, exposure):
        pd.testing.assert_frame_equal(measure(hold(*rows), by=TREE), measure(hold(*shuffled), by=TREE))
    pd.testing.assert_frame_equal(positions(hold(*rows), MARKS, by=TREE), positions(hold(*shuffled), MARKS, by=TREE))


@given(books())
@settings(max_examples=15, deadline=None)
def test_parts_add_to_the_profit_to_the_last_digit_and_the_walk_ends_at_it(rows):
    now = hold(*rows, base="EUR")
    frame = pnl_split(now, by=("desk",))
    units = frame[[part.name for part in PARTS]].mul(UNITS).round().astype(int)
    assert (units.drop(columns="total").sum(axis=1) == units["total"]).all()
    walk = pnl_parts(now)["amount"]
    assert walk.iloc[-1] == pytest.approx(walk.iloc[:-1].sum(), abs=1e-3)
    assert walk.iloc[-1] == frame["total"].iloc[0] == pnl(now, by=())["day"].iloc[0]


def test_each_end_is_converted_at_its_own_rate_and_a_new_position_began_with_nothing():
    rates = [(AS_OF, "USD", 1.0), (AS_OF, "EUR", 1.5), (VS, "USD", 1.0), (VS, "EUR", 1.25)]
    now = hold(
        {"book": 1, "instrument": 20, "wealth": 100.0},
        {"book": 1, "instrument": 20, "wealth": 80.0, "day": VS},
        {"book": 2, "instrument": 20, "wealth": 7.0},
        rates=rates,
    )
    frame = pnl(now, by=TREE)
    assert at(frame, "Cash", "EQ1", "EEE")["day"] == 100 * 1.5 - 80 * 1.25
    assert at(frame, "Cash", "EQ2", "EEE")["day"] == 7 * 1.5
    assert at(pnl_split(now, by=TREE), "Cash", "EQ1", "EEE")["fx"] == 80 * 0.25


def test_profit_is_unknown_where_an_end_has_no_price_or_no_rate_and_the_rest_still_adds_up():
    now = hold(
        {"book": 1, "instrument": 10, "wealth": 30.0, "quantity": 1.0},
        {"book": 1, "instrument": 10, "wealth": NAN, "day": VS},
        {"book": 1, "instrument": 10, "wealth": 5.0, "day": MONTH},
        {"book": 1, "instrument": 40, "wealth": 99.0, "quantity": 1.0},
        {"book": 2, "instrument": 10, "wealth": 4.0, "quantity": 1.0},
    )
    total = at(pnl(now, by=TREE))
    assert (total["day"], total["mtd"], total["inception"]) == (4, 29, 34)
    walk = dict(pnl_parts(now).to_numpy())
    assert walk["Total"] == walk["Unrealised"] == 4


def test_a_tree_has_parents_before_children_siblings_by_name_and_none_for_what_is_missing():
    rows = ({"book": book, "instrument": instrument, "quantity": 1.0} for book, instrument in PAIRS)
    frame = pnl(hold(*rows), by=("strategy", "book"))
    assert frame["level"].tolist() == [0, 1, 2, 1, 2, 2]
    assert frame["strategy"].fillna("").tolist() == ["", "Carry", "Carry", "none", "none", "none"]
    assert frame["book"].fillna("").tolist() == ["", "", "EQ1", "", "EQ2", "VOL"]


def test_long_and_short_are_sums_of_positions_and_not_of_nets():
    now = hold(
        {"book": 1, "instrument": 10, "quantity": 1.0, "value": 100.0},
        {"book": 2, "instrument": 10, "quantity": -1.0, "value": -60.0},
        {"book": 2, "instrument": 20, "quantity": 0.0, "value": 0.0},
    )
    total = at(exposure(now, by=("instrument",)))
    assert [total[name] for name in ("long", "short", "gross", "net", "positions")] == [100, -60, 160, 40, 2]
    largest = concentration(now)
    assert (largest["instrument"].tolist(), largest["net"].tolist(), largest["share"].tolist()) == (["AAA"], [40], [1])


def test_names_are_ordered_by_absolute_net_and_then_by_name():
    values = {30: 5.0, 20: -8.0, 10: 5.0}
    now = hold(*({"book": 1, "instrument": i, "quantity": 1.0, "value": v} for i, v in values.items()))
    largest = concentration(now)
    assert largest["instrument"].tolist() == ["EEE", "AAA", "FUT"]
    assert largest["net"].tolist() == [-10, 5, 5]
    assert largest["cumulative"].tolist() == pytest.approx([0.5, 0.75, 1])
    assert concentration(now, top=2)["share"].sum() == pytest.approx(0.75)


def test_a_closed_position_stays_on_the_day_of_its_last_profit_and_an_open_one_always():
    now = hold(
        {"book": 1, "instrument": 10, "wealth": 30.0},
        {"book": 1, "instrument": 10, "wealth": 20.0, "day": VS},
        {"book": 1, "instrument": 20, "wealth": 30.0},
        {"book": 1, "instrument": 20, "wealth": 30.0, "day": VS},
        {"book": 1, "instrument": 30, "quantity": 2.0},
    )
    frame = positions(now, MARKS, by=TREE)
    assert frame.loc[frame["level"] == 3, "instrument"].tolist() == ["AAA", "FUT"]
    assert at(frame, "Cash", "EQ1", "AAA")["day"] == 10


def test_a_forward_or_future_is_worth_its_gain_and_exposed_with_its_notional():
    now = hold(
        {"book": 1, "instrument": 30, "quantity": 1.0, "value": 4000.0, "cost": 3900.0},
        {"book": 1, "instrument": 10, "quantity": 1.0, "value": 10.0, "cost": 9.0},
    )
    total = at(positions(now, MARKS, by=TREE))
    assert (total["market_value"], total["unrealised"]) == (110, 101)
    assert at(exposure(now, by=TREE))["gross"] == 4010


def test_details_stand_at_the_leaves_where_all_have_the_same():
    now = hold(*({"book": book, "instrument": i, "quantity": 3.0} for book, i in [(1, 10), (2, 10), (3, 10), (3, 20)]))
    frame = positions(now, MARKS, by=("desk",))
    total, cash, vol = frame.to_dict("records")
    assert [cash[name] for name in ("name", "price", "price_date", "quantity")] == ["Alpha", 10, AS_OF, 6]
    assert all(pd.isna(vol[name]) for name in ("name", "currency", "price", "price_date"))
    assert vol["asset_class"] == "equity"
    assert all(pd.isna(total[name]) for name in ("name", "price", "quantity"))


def test_grouped_by_what_is_also_a_detail_the_key_counts():
    now = hold({"book": 1, "instrument": 10, "quantity": 1.0}, {"book": 1, "instrument": 20, "quantity": 1.0})
    frame = positions(now, MARKS, by=("currency", "instrument"))
    assert frame["currency"].fillna("").tolist() == ["", "EUR", "EUR", "USD", "USD"]


def test_a_position_without_a_price_is_a_hole_in_its_node_and_missing_from_the_sums_above():
    now = hold(
        {"book": 1, "instrument": 10, "quantity": 1.0, "value": 10.0, "wealth": 2.0},
        {"book": 1, "instrument": 20, "quantity": 1.0, "value": NAN, "wealth": NAN, "cost": 8.0, "price_date": None},
    )
    frame = positions(now, MARKS, by=TREE)
    hole = at(frame, "Cash", "EQ1", "EEE")
    assert np.isnan([hole[name] for name in ("market_value", "unrealised", "day", "share")]).all()
    assert hole["cost"] == 10
    assert at(frame)["market_value"] == 10


def test_coverage_tells_priced_carried_unpriced_and_without_a_rate_apart():
    now = hold(
        {"book": 1, "instrument": 10, "quantity": 1.0, "value": 1.0},
        {"book": 2, "instrument": 10, "quantity": 1.0, "value": 1.0, "price_date": VS},
        {"book": 1, "instrument": 20, "quantity": 1.0, "value": NAN, "price_date": None},
        {"book": 1, "instrument": 40, "quantity": 1.0, "value": 1.0},
        {"book": 2, "instrument": 20, "quantity": 0.0, "value": 0.0},
    )
    states = dict(coverage(now)[["reason", "positions"]].to_numpy())
    assert states == {"priced today": 1, "carried price": 1, "no price": 1, "no exchange rate": 1}
    assert coverage(now)["share"].sum() == 1


def test_the_summary_says_what_the_other_measures_say():
    now = hold(*({"book": b, "instrument": i, "quantity": 1.0, "value": b * i, "wealth": 1.0} for b, i in PAIRS))
    row = summary(now, pd.DataFrame({"trades": [7]})).iloc[0]
    periods, sides = pnl(now, by=()).iloc[0], exposure(now, by=()).iloc[0]
    for name in ("day", "mtd", "ytd", "inception"):
        assert row[name] == periods[name]
    for name, same in {**{side: side for side in ("long", "short", "gross", "net")}, "held": "positions"}.items():
        assert row[name] == sides[same]
    assert (row["top10"], row["trades"]) == (1, 7)
    assert row["hhi"] == pytest.approx((concentration(now)["share"] ** 2).sum())


def test_nothing_held_is_a_total_of_zero():
    now = nothing_held()
    for frame in (pnl(now, by=TREE), exposure(now, by=TREE), positions(now, MARKS, by=TREE)):
        assert frame["level"].tolist() == [0]
        assert frame["desk"].isna().all()
        assert not frame.select_dtypes("number").fillna(0).to_numpy().any()
    assert concentration(now).empty


def test_sums_stay_exact_beyond_64_bits():
    value = 900_000_000_000_000.0
    now = hold(*({"book": b, "instrument": 10, "quantity": 1.0, "value": value, "wealth": value} for b in (1, 2, 3)))
    units = whole(now.amount("value"))
    (one,) = set(units)
    assert rollup(now, ("book",)).counts(value=units)["value"].tolist() == [3 * one, one, one, one]
    assert exposure(now, by=("desk",))["net"].tolist() == [3 * value, 2 * value, value]
    assert pnl(now, by=())["inception"].tolist() == [3 * value]


def test_amounts_are_rounded_to_ten_thousandths_and_an_unknown_one_adds_nothing():
    assert whole(np.array([1.23456, -1.23456, NAN, 0.0])).tolist() == [12346, -12346, 0, 0]
    with pytest.raises(OverflowError):
        whole(np.array([float("inf")]))


def test_an_unknown_attribute_or_day_is_a_key_error():
    with pytest.raises(KeyError):
        rollup(nothing_held(), ("colour",))
    with pytest.raises(KeyError):
        nothing_held().amount("wealth", "tomorrow")


def test_the_share_of_the_largest_and_the_herfindahl_index_are_zero_for_none_and_one_for_one():
    assert (top_share([]), herfindahl([])) == (0, 0)
    assert (top_share([-5.0]), herfindahl([-5.0])) == (1, 1)
    assert top_share([4.0, -3.0, 2.0, 1.0], top=2) == 0.7
    assert herfindahl([1.0, -1.0, 1.0, 1.0]) == 0.25

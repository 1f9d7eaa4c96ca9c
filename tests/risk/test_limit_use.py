"""Limits in use: a limit is what its side of a measure takes up of it, and never ok without a number."""

import numpy as np
import pandas as pd
import pytest

from app.risk.limits import SUMMARY, USE, limit_summary, limit_use

LIMIT = {
    "limit_id": "gross",
    "scope_kind": "firm",
    "scope_node": "",
    "desk": None,
    "measure": "exposure.gross",
    "side": "both",
    "soft": 80.0,
    "hard": 100.0,
    "currency": "USD",
    "rate": 1.0,
}
VALUE = {"measure": "exposure.gross", "scope_kind": "firm", "scope_node": "", "desk": None, "value": 50.0}


def limits(*changes):
    return pd.DataFrame([{**LIMIT, **change} for change in changes or [{}]], columns=list(LIMIT))


def values(*changes):
    return pd.DataFrame([{**VALUE, **change} for change in changes or [{}]], columns=list(VALUE))


def only(limit=None, value=None):
    (_, row), *more = limit_use(limits(limit or {}), values(value or {})).iterrows()
    assert not more
    return row


def test_use_utilisation_and_head_room_are_against_the_hard_level():
    row = only()
    assert (row["use"], row["utilisation"], row["headroom"], row["headroom_soft"]) == (50, 0.5, 50, 30)
    assert (row["state"], row["reason"]) == ("ok", "")


@pytest.mark.parametrize(
    ("value", "state"),
    [(80.0, "ok"), (80.01, "warning"), (100.0, "warning"), (100.01, "breach"), (-100.01, "breach"), (0.0, "ok")],
)
def test_a_level_that_is_reached_is_kept_and_one_that_is_passed_is_not(value, state):
    assert only(value={"value": value})["state"] == state


@pytest.mark.parametrize(("value", "state"), [(100.0, "ok"), (100.01, "breach")])
def test_with_soft_equal_to_hard_there_is_no_warning_before_the_breach(value, state):
    assert only({"soft": 100.0}, {"value": value})["state"] == state


@pytest.mark.parametrize(
    ("side", "value", "use", "state"),
    [
        ("both", -120.0, 120.0, "breach"),
        ("short", -120.0, 120.0, "breach"),
        ("short", 120.0, 0.0, "ok"),
        ("long", 120.0, 120.0, "breach"),
        ("long", -120.0, 0.0, "ok"),
    ],
)
def test_a_side_counts_its_own_sign_only(side, value, use, state):
    row = only({"side": side}, {"value": value})
    assert (row["value"], row["use"], row["state"]) == (value, use, state)


def test_levels_are_converted_to_the_base_currency():
    row = only({"currency": "EUR", "rate": 1.25}, {"value": 110.0})
    assert (row["soft"], row["hard"], row["headroom"], row["state"]) == (100.0, 125.0, 15.0, "warning")
    assert row["utilisation"] == pytest.approx(0.88)


def test_levels_of_a_measure_that_is_not_money_are_not_converted():
    limit = {"measure": "exposure.share", "soft": 0.2, "hard": 0.3, "currency": "EUR", "rate": np.nan}
    row = only(limit, {"measure": "exposure.share", "value": 0.25})
    assert (row["hard"], row["state"], row["unit"]) == (0.3, "warning", "%")


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ({"measure": "luck.gross"}, {"measure": "luck.gross"}, "there is no measure luck.gross"),
        ({"measure": "exposure.luck"}, {"measure": "exposure.luck"}, "there is no measure exposure.luck"),
        ({}, {"measure": "exposure.net"}, "exposure.gross has no value for the firm"),
        ({}, {"value": np.nan}, "exposure.gross has no value for the firm"),
        ({"currency": "CHF", "rate": None}, {}, "no exchange rate of CHF"),
        (
            {"scope_kind": "currency", "scope_node": "JPY", "desk": "FX"},
            {"scope_kind": "currency", "scope_node": "JPY"},
            "exposure.gross has no value for currency JPY in FX",
        ),
    ],
)
def test_a_limit_that_is_not_measured_is_never_ok_and_says_why(limit, value, reason):
    row = only(limit, value)
    assert (row["state"], row["reason"]) == ("unknown", reason)
    assert np.isnan(row["utilisation"])


def test_a_reason_that_comes_with_the_value_is_the_one_that_is_told():
    given = values({"value": np.nan}).assign(reason="there is no vol surface")
    assert limit_use(limits(), given)["reason"].tolist() == ["there is no vol surface"]


def test_no_values_at_all_leave_every_limit_unmeasured():
    assert limit_use(limits({}, {"limit_id": "two"}), pd.DataFrame())["state"].tolist() == ["unknown"] * 2


@pytest.mark.parametrize("kind", ["desk", "book", "business_unit"])
def test_the_desk_of_a_scope_of_whole_books_tells_nothing_apart(kind):
    node = {"scope_kind": kind, "scope_node": "Vol"}
    assert only({**node, "desk": "Vol"}, {**node, "desk": None})["state"] == "ok"


def test_a_scope_inside_the_books_may_be_limited_for_one_desk_alone():
    node = {"scope_kind": "currency", "scope_node": "JPY"}
    used = limit_use(
        limits(node, {**node, "desk": "FX", "limit_id": "desk"}),
        values({**node, "value": 90.0}, {**node, "desk": "FX", "value": 30.0}),
    )
    assert dict(zip(used["limit_id"], used["use"], strict=True)) == {"gross": 90.0, "desk": 30.0}


def test_a_value_given_twice_is_refused():
    with pytest.raises(ValueError, match=r"limit_values has exposure.gross of the firm twice"):
        limit_use(limits(), values({}, {}))


def test_an_unknown_side_is_refused():
    with pytest.raises(ValueError, match="side is 'up'; it is one of both, long, short"):
        limit_use(limits({"side": "up"}), values())


def test_the_worst_stands_first():
    rows = [("fine", 10.0), ("full", 99.0), ("over", 150.0), ("blind", np.nan), ("far over", 300.0)]
    used = limit_use(
        limits(*({"limit_id": name, "scope_kind": "book", "scope_node": name} for name, _ in rows)),
        values(*({"scope_kind": "book", "scope_node": name, "value": value} for name, value in rows)),
    )
    assert used["limit_id"].tolist() == ["far over", "over", "full", "blind", "fine"]
    assert used["state"].tolist() == ["breach", "breach", "warning", "unknown", "ok"]


def test_two_limits_may_stand_on_one_value():
    assert limit_use(limits({}, {"limit_id": "tight", "hard": 60, "soft": 40}), values())["use"].tolist() == [50, 50]


def test_amounts_say_their_unit_in_the_name_of_the_base_currency():
    used = limit_use(limits({}, {"limit_id": "pv01", "measure": "sensitivities.pv01"}), values(), base="EUR")
    assert sorted(used["unit"]) == ["EUR", "EUR/bp"]


def test_the_summary_counts_every_limit_once():
    names = {"a": 10.0, "b": 90.0, "c": 150.0, "d": np.nan}
    frame = limit_summary(
        limits(*({"limit_id": name, "scope_kind": "book", "scope_node": name} for name in names)),
        values(*({"scope_kind": "book", "scope_node": name, "value": value} for name, value in names.items())),
    )
    row = {"limits": 4, "breach": 1, "warning": 1, "ok": 1, "not_measured": 1, "worst": 1.5}
    assert frame.to_dict("records") == [row]


def test_without_limits_there_are_no_rows_and_the_summary_is_zero():
    nothing = pd.DataFrame()
    assert limit_use(nothing, nothing).columns.tolist() == [column.name for column in USE]
    assert limit_use(nothing, nothing).empty
    assert limit_summary(nothing, nothing).to_dict("records") == [dict.fromkeys([c.name for c in SUMMARY], 0)]


def test_limits_without_a_measure_have_no_worst_use():
    assert np.isnan(limit_summary(limits(), pd.DataFrame())["worst"].item())

"""FRTB's standardised charge: hand-worked books, and the laws that the charge of any book obeys.

Figures of the text: Basel Committee, Minimum capital requirements for market risk, January 2019 (example in
MAR21.101).
"""

from math import exp, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.risk.frtb import curvature_risk, curvature_weight, standardised_charge

MIXED = """
girr      USD delta          sofr      2   .  1e6
girr      USD delta          sofr      10  . -2e6
girr      USD delta          inflation .   .  3e5
girr      EUR delta          estr      5   .  1e6
girr      USD vega           .         1   5  4e4
csr       3   delta:Acme     bond      5   .  2e5
csr       11  delta:Beta     cds       5   . -3e5
csr       16  delta:Odd      bond      1   .  1e4
equity    5   delta:Acme     spot      .   .  1e6
equity    5   delta:Beta     spot      .   . -8e5
equity    12  delta:Index    spot      .   . -3e5
equity    8   vega:Acme      .         0.5 .  5e4
equity    8   curvature_up:Acme   .    .   .  7e4
equity    8   curvature_down:Acme .    .   . -2e4
commodity 2   delta:Brent    Rotterdam 1   .  4e5
commodity 2   delta:WTI      Cushing   3   . -4e5
fx        EUR delta          .         .   .  9e5
fx        JPY delta          .         .   . -7e5
fx        EURUSD vega        .         1   .  3e4
"""
SMALL = """
csr       3   delta:Acme     bond      5   .  2e5
csr       11  delta:Beta     cds       5   . -3e5
equity    5   curvature_up:Acme   .    .   .  7e4
equity    5   curvature_down:Acme .    .   . -2e4
equity    5   curvature_up:Beta   .    .   . -4e4
equity    7   curvature_up:Coma   .    .   .  1e4
"""


def book(text):
    """Sensitivities of lines `risk_class bucket kind[:name] curve tenor residual amount`, a dot for nothing."""
    rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=["risk_class", "bucket", "kind", "curve", "tenor", "residual", "amount"])
    frame = frame.replace(".", None)
    frame[["kind", "name"]] = [(*kind.split(":"), None)[:2] for kind in frame["kind"]]
    return frame.astype({"tenor": float, "residual": float, "amount": float})


def charge(text, **options):
    return standardised_charge(book(text), **options)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("girr CHF delta saron 1 . 1000", 16),
        ("girr EUR delta estr 1 . 1000", 16 / sqrt(2)),
        ("girr CHF delta inflation . . 1000", 16),
        ("girr USD delta basis/EUR . . 1000", 16 / sqrt(2)),
        ("girr CHF vega . 1 5 1000", 1000),
        ("csr 11 delta:Acme cds 3 . 1000", 120),
        ("csr 1 vega:Acme . 3 . 1000", 1000),
        ("equity 2 delta:Acme spot . . 1000", 600),
        ("equity 2 delta:Acme . . . 1000", 600),
        ("equity 2 delta:Acme repo . . 1000", 6),
        ("equity 2 vega:Acme . 1 . 1000", 1000 * 0.55 * sqrt(2)),
        ("equity 9 vega:Acme . 1 . 1000", 1000),
        ("commodity 4 delta:Capesize . 0 . 1000", 800),
        ("fx EUR delta . . . 1000", 150 / sqrt(2)),
        ("fx CZK delta . . . 1000", 150),
        ("fx EURUSD vega . 1 . 1000", 1000),
        ("equity 2 curvature_up:Acme . . . 1000", 1000),
        ("equity 2 curvature_down:Acme . . . 1000", 1000),
        ("equity 2 curvature_down:Acme . . . -1000", 0),
    ],
)
def test_a_single_sensitivity_is_charged_its_weight_in_every_scenario(line, expected):
    assert charge(line).scenarios.tolist() == pytest.approx([expected] * 3)


def test_the_reporting_currency_is_well_traded_and_crosses_are():
    assert charge("girr CHF delta saron 1 . 1000", reporting_currency="CHF").total == pytest.approx(16 / sqrt(2))
    assert charge("fx JPY delta . . . 1000", reporting_currency="EUR").total == pytest.approx(150 / sqrt(2))
    assert charge("fx USD delta . . . 1000", reporting_currency="CZK").total == pytest.approx(150)


def test_two_tenors_of_a_curve_by_hand():
    """CHF at 2 and 10 years: 13 and 11, ρ = exp(−0.03·8/2); a hedge is dearest when correlation is low."""
    result = charge("girr CHF delta saron 2 . 1000\ngirr CHF delta saron 10 . -1000")
    rho = exp(-0.12)
    low, high = max(2 * rho - 1, 0.75 * rho), min(1.25 * rho, 1)
    squares = [13**2 + 11**2 - 2 * r * 13 * 11 for r in (low, rho, high)]
    assert result.scenarios.tolist() == pytest.approx(np.sqrt(squares))
    assert result.scenario == "low"
    assert result.total == result.scenarios["low"]


def test_inflation_and_basis_beside_a_curve_by_hand():
    text = "girr CHF delta saron 1 . 1000\ngirr CHF delta inflation . . 1000\ngirr CHF delta basis/USD . . 1000"
    assert charge(text).scenarios["medium"] == pytest.approx(16 * sqrt(3 + 2 * 0.4))


def test_two_buckets_by_hand():
    """Equity 50 % in bucket 8 and 15 % in bucket 12 with γ 0.45."""
    result = charge("equity 8 delta:Acme spot . . 1000\nequity 12 delta:Index spot . . -2000")
    gammas = (0.75 * 0.45, 0.45, 1.25 * 0.45)
    expected = [sqrt(500**2 + 300**2 - 2 * g * 500 * 300) for g in gammas]
    assert result.scenarios.tolist() == pytest.approx(expected)
    assert result.buckets["medium"].tolist() == pytest.approx([300, 500])


def test_issuers_and_their_repo_rates_by_hand():
    """Bucket 5: spot 300 of Acme, repo 3 of Acme (0.999), spot 300 of Beta (0.25)."""
    text = "equity 5 delta:Acme spot . . 1e3\nequity 5 delta:Acme repo . . 1e3\nequity 5 delta:Beta spot . . 1e3"
    cross = 0.999 * 300 * 3 + 0.25 * 300 * 300 + 0.25 * 0.999 * 3 * 300
    assert charge(text).scenarios["medium"] == pytest.approx(sqrt(300**2 + 3**2 + 300**2 + 2 * cross))


def test_option_maturities_decay_by_hand():
    text = "girr CHF vega . 1 5 1000\ngirr CHF vega . 5 10 1000"
    assert charge(text).scenarios["medium"] == pytest.approx(1000 * sqrt(2 + 2 * exp(-0.01 * 4) * exp(-0.01 * 1)))
    text = "fx EURUSD vega . 1 . 1000\nfx EURUSD vega . 10 . -1000"
    assert charge(text).scenarios["medium"] == pytest.approx(1000 * sqrt(2 - 2 * exp(-0.09)))


def test_the_other_sector_is_added_without_netting():
    text = "equity 11 delta:Acme spot . . 1000\nequity 11 delta:Beta spot . . -1000"
    assert charge(text).scenarios.tolist() == pytest.approx([1400] * 3)
    text = "csr 16 curvature_up:A . . . 50\ncsr 16 curvature_up:B . . . -80\ncsr 16 curvature_down:B . . . 40"
    assert charge(text).scenarios.tolist() == pytest.approx([50] * 3)


def test_an_impossible_sum_takes_the_alternative_rule():
    """Ten sovereigns of 1 each against ten local governments of −1: K² = 10·(1 + 9·0.35) = 41.5, S = ±10, γ = 0.75.

    2·41.5 − 2·0.75·100 < 0, so that S is held to ±K: 2·41.5·(1 − 0.75).
    """
    lines = [f"csr 1 delta:S{i} bond 5 . 200\ncsr 2 delta:L{i} bond 5 . -100" for i in range(10)]
    result = charge("\n".join(lines))
    assert result.scenarios["medium"] == pytest.approx(sqrt(20.75))
    assert result.buckets["medium"].tolist() == pytest.approx([sqrt(41.5)] * 2)


def test_curvature_takes_the_steeper_direction_and_squares_correlations():
    """Bucket 5, ρ = 0.25² = 0.0625: up 100 and 50, down −10 and 200."""
    text = (
        "equity 5 curvature_up:A . . . 100\nequity 5 curvature_down:A . . . -10\n"
        "equity 5 curvature_up:B . . . 50\nequity 5 curvature_down:B . . . 200"
    )
    down = sqrt(200**2 + 2 * 0.0625 * -10 * 200)
    assert charge(text).scenarios["medium"] == pytest.approx(down)
    assert charge(text).scenarios["high"] == pytest.approx(sqrt(200**2 + 2 * 0.078125 * -10 * 200))


def test_curvature_gains_do_not_add_to_each_other():
    text = "equity 5 curvature_up:A . . . -100\nequity 5 curvature_up:B . . . -50"
    assert charge(text).total == 0


def test_curvature_of_two_currencies_correlates_at_a_quarter():
    """The text's example: EUR and USD, 50 % squared."""
    text = "girr EUR curvature_up . . . 100\ngirr USD curvature_up . . . 60"
    assert charge(text).scenarios["medium"] == pytest.approx(sqrt(100**2 + 60**2 + 2 * 0.25 * 100 * 60))


def test_curvature_is_the_loss_beyond_delta():
    """V = x² at x = 100, relative shock 0.3: delta 2x² = 20,000; the convexity x²·0.09 = 900 is a gain both ways."""
    weight = curvature_weight("equity", "5")
    up, down = curvature_risk([10_000.0], [130.0**2], [70.0**2], [20_000.0], weight=weight)
    assert weight == 0.3
    assert [*up, *down] == pytest.approx([-900, -900])


def test_curvature_shocks_are_the_highest_delta_weights():
    assert curvature_weight("girr", "CHF") == 0.017
    assert curvature_weight("girr", "EUR") == pytest.approx(0.017 / sqrt(2))
    assert curvature_weight("fx", "EUR") == pytest.approx(0.15 / sqrt(2))
    assert curvature_weight("commodity", "7") == 0.2


def test_a_linear_instrument_has_no_curvature():
    up, down = curvature_risk(500.0, 500 + 0.3 * 800, 500 - 0.3 * 800, 800.0, weight=0.3)
    assert (up, down) == pytest.approx((0, 0))


def test_the_total_is_the_worst_scenario_of_sums_and_classes_add_up():
    result = charge(MIXED)
    names = ["low", "medium", "high"]
    assert result.total == max(result.scenarios) == result.scenarios[result.scenario]
    assert result.classes[names].sum().tolist() == pytest.approx(result.scenarios[names].tolist())
    assert len(result.classes) == len(set(zip(result.classes["risk_class"], result.classes["component"], strict=True)))
    assert (result.buckets[names] >= 0).all(axis=None)


@settings(max_examples=8, deadline=None)
@given(st.floats(0.01, 1000))
def test_the_charge_scales_with_the_book(factor):
    small = book(SMALL)
    larger = small.assign(amount=factor * small["amount"])
    expected = factor * standardised_charge(small).scenarios
    assert standardised_charge(larger).scenarios.tolist() == pytest.approx(expected.tolist())


def test_delta_and_vega_do_not_care_for_the_sign_of_the_whole_book():
    linear = book(MIXED)
    linear = linear[linear["kind"].isin(["delta", "vega"])]
    mirrored = linear.assign(amount=-linear["amount"])
    assert standardised_charge(mirrored).scenarios.tolist() == pytest.approx(
        standardised_charge(linear).scenarios.tolist()
    )


def test_the_order_and_splitting_of_rows_do_not_matter():
    frame = book(MIXED)
    halves = pd.concat([frame.assign(amount=frame["amount"] / 2)] * 2).sample(frac=1, random_state=5)
    assert standardised_charge(halves).scenarios.tolist() == pytest.approx(charge(MIXED).scenarios.tolist())


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6))
def test_the_charge_is_never_negative(amounts):
    result = standardised_charge(book(SMALL).assign(amount=amounts))
    assert (result.scenarios >= 0).all()


def test_a_netted_book_and_an_empty_one_are_charged_nothing():
    frame = book(MIXED)
    assert standardised_charge(pd.concat([frame, frame.assign(amount=-frame["amount"])])).total == 0
    empty = standardised_charge(frame.iloc[:0])
    assert (empty.total, len(empty.classes), len(empty.buckets)) == (0, 0, 0)


def test_columns_that_play_no_part_do_not_split_a_factor():
    text = "equity 5 vega:Acme here 1 . 1000\nequity 5 vega:Acme there 1 5 -1000\ngirr CHF delta inflation 3 . 7"
    assert charge(text).total == pytest.approx(7 * 0.016)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("rates USD delta ois 1 . 1", "risk_class is rates"),
        ("equity 14 delta:Acme spot . . 1", "bucket is 14"),
        ("equity 5 gamma:Acme spot . . 1", "kind is gamma"),
        ("equity 5 delta:Acme forward . . 1", "curve is forward"),
        ("equity 5 delta spot . . 1", "name is empty in equity delta"),
        ("girr USD delta ois 4 . 1", "tenor of girr delta is 4"),
        ("girr USD delta ois . . 1", "tenor of girr delta is nan"),
        ("girr USD vega . 1 . 1", "residual of girr vega is nan"),
        ("fx USD delta . . . 1", "bucket is USD, the reporting currency"),
        ("fx EUR delta . . . nan", "amount is nan"),
    ],
)
def test_bad_sensitivities_are_named(line, message):
    with pytest.raises(ValueError, match=message):
        charge(line)


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match="lack bucket, kind"):
        standardised_charge(pd.DataFrame({"risk_class": ["fx"], "amount": [1.0]}))

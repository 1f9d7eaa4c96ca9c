"""Limits before and after a what-if: after is what the limits would say had the trades really been done."""

from dataclasses import replace

import pandas as pd
import pytest

from app.filters import Filters
from tests import desks
from tests.ledger import FIRM, tables, trader

ASKED = Filters(window=60)
LIMITS = """
limits:
  limit_id   scope_kind scope_node desk  measure                 soft  hard   side  currency
  f-gross    firm       -          -     exposure.gross          1     9e9    both  USD
  north-net  desk       North      -     exposure.net            1     9e9    both  EUR
  ntwo-gross book       NTWO       -     exposure.gross          1     9e9    both  USD
  f-var      firm       -          -     value_at_risk.var       1     9e9    both  USD
  ntwo-es    book       NTWO       -     value_at_risk.es        1     9e9    both  USD
  n-delta    desk       North      -     sensitivities.delta     1     9e9    both  USD
  none-vega  book       NONE       -     sensitivities.vega      1     9e9    both  USD
  n-worst    desk       North      -     stress_by.worst         1     9e9    short USD
  eur-gross  currency   EUR        -     exposure.gross          1     9e9    both  USD
  zed-north  instrument ZED        North exposure.net            1     9e9    both  USD
  seq        instrument SEQ        -     exposure.net            1     9e9    both  USD
  held       firm       -          -     exposure.positions      1     9e9    both  USD
  s-gross    desk       South      -     exposure.gross          1     9e9    both  USD
  tight      book       STWO       -     exposure.gross          1e8   1e9    both  USD
instruments:
  symbol
  NOPRICE
  """
TRADES = (
    ("NTWO", "NEQ", 250),
    ("NONE", "SEQ", -70),  # a share nobody in the book has held
    ("NTWO", "NEUR", 400),
    ("NONE", "NCALL", 9),
    ("NONE", "ZED", 33),
    ("NONE", "ZED", -12),
)
WHATIF = "; ".join(f"{quantity:+} {instrument} @ {book}" for book, instrument, quantity in TRADES)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks under limits, to be read only."""
    opened = desks.opened(tmp_path_factory)
    opened.add(LIMITS)
    yield opened
    opened.warehouse.close()


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The same desks where the trades were really done, at the close of the last day."""
    opened = desks.opened(tmp_path_factory)
    close = desks.market()["prices"].set_index(["price_date", "instrument"])["price"][desks.LAST.isoformat()]
    rows = pd.DataFrame(TRADES, columns=["book", "instrument", "quantity"])
    rows = rows.assign(
        trade_id=[f"done-{number}" for number in range(len(rows))],
        price=rows["instrument"].map(close.droplevel(0) if close.index.nlevels > 1 else close),
        trade_date=str(desks.LAST),
        fees=0.0,
    )
    opened.load({**tables(LIMITS), "trades": rows})
    yield opened
    opened.warehouse.close()


def limits(ledger, scope=FIRM, **asked):
    return ledger.answers.table("whatif-limits", replace(ASKED, **asked), scope).frame.set_index("limit_id")


def test_after_is_what_limits_say_once_the_trades_are_done(ledger, done):
    real = done.answers.table("limits-use", ASKED, FIRM).frame.set_index("limit_id")
    found = limits(ledger, whatif=WHATIF)
    assert found["use"].to_dict() == pytest.approx(real["use"].to_dict(), rel=1e-6)
    assert found["utilisation"].to_dict() == pytest.approx(real["utilisation"].to_dict(), rel=1e-6)
    assert (found["change"].abs() > 1e-9).sum() >= 9, "most limits must have moved, or nothing was tested"
    assert found.loc["s-gross", "change"] == 0


def test_before_is_what_limits_say_now(ledger):
    now = ledger.answers.table("limits-use", ASKED, FIRM).frame.set_index("limit_id")
    found = limits(ledger, whatif=WHATIF)
    assert found["use_before"].to_dict() == now["use"].to_dict()
    assert found["state_before"].to_dict() == now["state"].to_dict()


def test_without_trades_nothing_changes(ledger):
    found = limits(ledger)
    assert (found["change"] == 0).all()
    assert (found["state"] == found["state_before"]).all()


def test_limits_that_would_be_broken_come_first_and_say_so(ledger):
    found = limits(ledger, whatif="+100000000 SEQ @ STWO")
    broken = (found["state"] == "breach") & (found["state_before"] != "breach")
    assert broken["tight"]
    assert broken.tolist() == sorted(broken, reverse=True)
    assert found.loc["tight", ["state_before", "state"]].tolist() == ["ok", "breach"]
    assert found.loc["tight", "headroom"] < 0


def test_the_official_limits_do_not_move(ledger):
    before = ledger.answers.table("limits-use", ASKED, FIRM).frame
    limits(ledger, whatif=WHATIF)
    pd.testing.assert_frame_equal(ledger.answers.table("limits-use", replace(ASKED, whatif=WHATIF), FIRM).frame, before)


def test_a_trader_sees_his_own_limits_with_his_own_trades(ledger):
    north = limits(ledger, trader("North"), whatif="+250 NEQ @ NTWO")
    assert {"f-gross", "f-var", "s-gross", "seq"}.isdisjoint(north.index)
    firm = limits(ledger, whatif="+250 NEQ @ NTWO")
    for name in north.index:
        assert north.loc[name, "use"] == pytest.approx(firm.loc[name, "use"], rel=1e-9)


def test_a_trade_without_a_price_moves_no_limit(ledger):
    found = limits(ledger, whatif="+5000 NOPRICE @ NTWO")
    assert (found["change"] == 0).all()

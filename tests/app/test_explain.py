"""From files to an explained P&L: its total is the day's P&L of every other screen, and trades are told apart."""

from datetime import date, timedelta

import pytest

from app.filters import Filters
from app.risk.explain import NAMES, explain
from app.risk.market import assemble
from app.risk.portfolio import Portfolio
from tests.ledger import FIRM, trader

BEFORE, AFTER = date(2022, 1, 5), date(2022, 1, 6)
BOOK = """
books:
  book desk
  EQ1  Cash
  EQ2  Cash
  VOL  Vol
instruments:
  symbol asset_class instrument_type currency underlying strike expiry     option_type multiplier
  AAA    equity      equity          USD      -          -      -          -           1
  BBB    equity      equity          EUR      -          -      -          -           1
  DDD    equity      equity          USD      -          -      -          -           1
  EEE    equity      equity          USD      -          -      -          -           1
  AAAC   equity      option          USD      AAA        100    2022-06-17 call        100
  AAAP   equity      option          USD      AAA        100    2022-01-06 put         100
fx:
  rate_date  quote rate
  2022-01-03 USD   1.10
  2022-01-04 USD   1.11
  2022-01-05 USD   1.12
  2022-01-06 USD   1.15
curves:
  curve currency curve_date months rate
  USD   USD      2022-01-05 3      0.01
  USD   USD      2022-01-05 12     0.02
  USD   USD      2022-01-06 3      0.011
  USD   USD      2022-01-06 12     0.021
vols:
  instrument vol_date   months moneyness volatility
  AAA        2022-01-05 1      1         0.30
  AAA        2022-01-05 6      1         0.30
  AAA        2022-01-06 1      1         0.31
  AAA        2022-01-06 6      1         0.31
prices:
  instrument price_date price
  AAA        2022-01-03 99
  AAA        2022-01-04 100
  AAA        2022-01-05 100
  AAA        2022-01-06 102
  BBB        2022-01-03 50
  BBB        2022-01-04 51
  BBB        2022-01-05 52
  BBB        2022-01-06 25.5
  DDD        2022-01-04 20
  DDD        2022-01-05 20
  DDD        2022-01-06 19
  EEE        2022-01-04 7
  EEE        2022-01-05 7
  EEE        2022-01-06 7.5
  AAAC       2022-01-05 8.3
  AAAC       2022-01-06 9.7
  AAAP       2022-01-05 1.2
  AAAP       2022-01-06 0
actions:
  instrument ex_date    action   value
  BBB        2022-01-06 split    2
  DDD        2022-01-06 dividend 0.6
trades:
  trade_id version action book instrument quantity price trade_date known_from           fees
  T1       1       new    EQ1  AAA        100      99    2022-01-03 2022-01-03T16:00:00Z 3
  T2       1       new    EQ1  BBB        200      49    2022-01-03 2022-01-03T16:00:00Z 0
  T3       1       new    EQ1  DDD        300      21    2022-01-04 2022-01-04T16:00:00Z 0
  T4       1       new    VOL  AAAC       5        8     2022-01-05 2022-01-05T16:00:00Z 0
  T5       1       new    VOL  AAAP       -4       1.5   2022-01-05 2022-01-05T16:00:00Z 0
  T6       1       new    EQ2  EEE        10       7     2022-01-04 2022-01-04T16:00:00Z 0
  T7       1       new    EQ2  EEE        -10      7.2   2022-01-05 2022-01-05T16:00:00Z 0
  D1       1       new    EQ1  AAA        50       101   2022-01-06 2022-01-06T16:00:00Z 2
  D2       1       new    EQ1  AAA        40       100   2022-01-06 2022-01-06T16:00:00Z 0
  D2       2       amend  EQ1  AAA        30       100   2022-01-06 2022-01-06T17:00:00Z 0
  D3       1       new    EQ1  AAA        9        50    2022-01-06 2022-01-06T16:00:00Z 0
  D3       2       cancel EQ1  AAA        9        50    2022-01-06 2022-01-06T17:00:00Z 0
  D4       1       new    EQ1  DDD        -300     19.5  2022-01-06 2022-01-08T09:00:00Z 1
  D5       1       new    EQ2  BBB        -60      26    2022-01-06 2022-01-06T16:00:00Z 0
"""


def portfolio(ledger, day, base, scope):
    dates = {"as_of": day, "first": day, "start": day - timedelta(days=20)}
    names = ("factor_spots", "factor_rates", "factor_zeros", "factor_vols")
    market = assemble(*(ledger.read(name, **dates) for name in names))
    return Portfolio(ledger.read("risk_positions", scope, **dates), market, day, base)


def explained(ledger, *by, base="USD", vs=BEFORE, as_of=AFTER, scope=FIRM):
    before, after = (portfolio(ledger, day, base, scope) for day in (vs, as_of))
    changes, spots = (
        ledger.read(name, scope, base=base, vs=vs, as_of=as_of) for name in ("position_changes", "spot_changes")
    )
    return explain(before, after, changes, spots, by=by)


def node(frame, book, instrument):
    return frame[(frame["book"] == book) & (frame["instrument"] == instrument)].iloc[0]


@pytest.mark.parametrize("base", ["USD", "EUR"])
@pytest.mark.parametrize(("vs", "as_of"), [(BEFORE, AFTER), (date(2022, 1, 3), AFTER), (date(2022, 1, 3), BEFORE)])
def test_the_total_is_the_days_pnl_of_the_overview_at_every_node_and_parts_add_up_to_it(open_ledger, base, vs, as_of):
    ledger = open_ledger(BOOK)
    frame = explained(ledger, "desk", "book", base=base, vs=vs, as_of=as_of)
    shown = ledger.answers.table("overview-pnl-by-book", Filters(as_of=as_of, vs=vs, ccy=base), FIRM).frame
    expected = {(row.level, row.desk, row.book): row.day for row in shown.fillna("").itertuples()}
    found = {(row.level, row.desk, row.book): row.total for row in frame.fillna("").itertuples()}
    assert found == pytest.approx(expected, abs=1e-6)
    assert frame[list(NAMES)].sum(axis=1).to_numpy() == pytest.approx(frame["total"].to_numpy(), abs=1e-6)


@pytest.mark.parametrize("base", ["USD", "EUR"])
def test_income_fees_and_fx_are_those_of_the_day_in_parts(open_ledger, base):
    ledger = open_ledger(BOOK)
    parts = explained(ledger, base=base).iloc[0]
    asked = Filters(as_of=AFTER, vs=BEFORE, ccy=base)
    day = ledger.answers.beside("pnl-split-by-instrument", asked, FIRM, "pnl_parts", ())
    shown = day.frame.set_index("part")["amount"]
    names = {"income": "Dividends and carry", "fees": "Fees", "fx": "FX", "total": "Total"}
    assert parts[list(names)].astype(float).tolist() == pytest.approx(shown[list(names.values())].tolist())


def test_trades_of_the_day_are_new_amended_or_late_and_a_cancelled_one_has_no_pnl(open_ledger):
    frame = explained(open_ledger(BOOK), "book", "instrument")
    aaa, ddd = node(frame, "EQ1", "AAA"), node(frame, "EQ1", "DDD")
    assert (aaa["delta"], aaa["new_trades"], aaa["amended"], aaa["late"]) == (200, 50, 60, 0)
    assert (aaa["fees"], aaa["residual"], aaa["total"]) == (-2, 0, 308)
    assert (ddd["delta"], ddd["late"], ddd["income"], ddd["residual"]) == (-300, 150, 180, 0)


def test_a_split_moves_no_value_and_what_was_opened_since_is_trading_alone(open_ledger):
    frame = explained(open_ledger(BOOK), "book", "instrument")
    old, new = node(frame, "EQ1", "BBB"), node(frame, "EQ2", "BBB")
    assert old["delta"] == pytest.approx(200 * (51 - 52) * 1.15)
    assert old["fx"] == pytest.approx(200 * (52 - 49) * 0.03)
    assert (old["residual"], old["new_trades"]) == (0, 0)
    assert new["new_trades"] == new["total"] == pytest.approx(-60 * (25.5 - 26) * 1.15)
    assert (old["held"], new["held"]) == (1, 0)


def test_a_position_closed_before_the_period_has_nothing_to_explain(open_ledger):
    closed = node(explained(open_ledger(BOOK), "book", "instrument"), "EQ2", "EEE")
    assert not closed[[*NAMES, "total", "held"]].any()


def test_an_option_is_explained_to_a_few_per_cent_and_an_expired_one_by_time(open_ledger):
    frame = explained(open_ledger(BOOK), "book", "instrument")
    call, put = node(frame, "VOL", "AAAC"), node(frame, "VOL", "AAAP")
    assert call["total"] == pytest.approx(5 * 100 * 1.4)
    assert min(call["delta"], call["gamma"], call["vega"], call["rates"], -call["theta"]) > 0
    assert call["residual_share"] < 0.1
    assert put["total"] == pytest.approx(4 * 100 * 1.2)
    assert put["theta"] == pytest.approx(4 * 100 * 1.2, rel=0.05)
    assert put["new_trades"] == 0


def test_a_trader_sees_his_own_desk_explained(open_ledger):
    ledger = open_ledger(BOOK)
    whole = explained(ledger, "desk", scope=trader("Vol"))
    everything = explained(ledger, "desk")
    assert whole["desk"].dropna().tolist() == ["Vol"]
    assert whole["total"].iloc[0] == everything.loc[everything["desk"] == "Vol", "total"].iloc[0]


def test_coverage_counts_are_those_of_the_other_screens(open_ledger):
    ledger = open_ledger(BOOK)
    changes = ledger.read("position_changes", vs=BEFORE, as_of=AFTER)[["held", "priced", "carried"]].sum()
    shown = ledger.answers.table("overview-summary", Filters(as_of=AFTER, vs=BEFORE), FIRM).about.coverage
    assert changes.tolist() == [shown.held, shown.priced, shown.carried]

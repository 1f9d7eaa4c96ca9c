"""What limits are held against: the numbers of the panels, of the node that is bound and not of what is looked at."""

from dataclasses import replace

import pandas as pd
import pytest

from app.filters import Filters
from app.limit_values import limit_values
from tests import desks
from tests.ledger import FIRM, tables, trader

ASKED = Filters(window=60)
LIMITS = """
limits:
  limit_id   scope_kind scope_node desk  measure                 soft  hard   side  currency
  f-gross    firm       -          -     exposure.gross          1     9e9    both  USD
  north-grs  desk       North      -     exposure.gross          1     9e9    both  USD
  ntwo-net   book       NTWO       -     exposure.net            1     9e9    both  USD
  f-var      firm       -          -     value_at_risk.var       1     9e9    both  USD
  north-var  desk       North      -     value_at_risk.var       1     9e9    both  EUR
  none-es    book       NONE       -     value_at_risk.es        1     9e9    both  USD
  n-pv01     desk       North      -     sensitivities.pv01      1     9e9    both  USD
  sone-vega  book       SONE       -     sensitivities.vega      1     9e9    long  USD
  n-worst    desk       North      -     stress_by.worst         1     9e9    short USD
  eur-gross  currency   EUR        -     exposure.gross          1     9e9    both  USD
  usd-north  currency   USD        North exposure.gross          1     9e9    both  USD
  neq        instrument NEQ        -     exposure.net            1     9e9    both  USD
  zed-north  instrument ZED        North exposure.net            1     9e9    both  USD
  zed-south  instrument ZED        South exposure.net            1     9e9    both  USD
  months     tenor      3M         -     key_rate_ladder.pv01    1     9e9    both  USD
  months-n   tenor      3M         North key_rate_ladder.pv01    1     9e9    both  USD
  nvalue     asset_class equity    North value_at_risk.var       1     9e9    both  USD
  """


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks under limits of every kind, to be read only."""
    opened = desks.opened(tmp_path_factory)
    opened.add(LIMITS)
    yield opened
    opened.warehouse.close()


def use(ledger, scope=FIRM, **asked):
    frame = ledger.answers.table("limits-use", replace(ASKED, **asked), scope).frame
    return frame.set_index("limit_id")


def panel(ledger, key, scope=FIRM, **asked):
    return ledger.answers.table(key, replace(ASKED, **asked), scope).frame.fillna("")


def node(frame, **names):
    for name, value in names.items():
        frame = frame[frame[name] == value]
    return frame.iloc[0]


def given(ledger, measure, kind="firm", name="", desk=None):
    """What `limit_values` finds for one limit."""
    question = ledger.answers.question("limits-use", ASKED, FIRM)
    limit = {"limit_id": "x", "scope_kind": kind, "scope_node": name, "desk": desk, "measure": measure}
    return limit_values(pd.DataFrame([limit]), lambda *asked: ledger.answers._measured(question, *asked))


def test_the_value_of_a_limit_is_the_number_on_the_panel_of_its_measure(ledger):
    value = use(ledger)["value"]
    var, greeks = panel(ledger, "var-tree-by-book"), panel(ledger, "sensitivities-tree-by-instrument")
    gross, worst = panel(ledger, "exposure-table-by-book"), panel(ledger, "stress-tree-by-instrument")
    assert value["f-var"] == node(var, level=0)["var"]
    assert value["north-var"] == node(var, level=1, desk="North")["var"]
    assert value["none-es"] == node(var, level=2, book="NONE")["es"]
    assert value["n-pv01"] == pytest.approx(node(greeks, level=1, desk="North")["pv01"], rel=1e-12)
    assert value["sone-vega"] == pytest.approx(node(greeks, level=2, book="SONE")["vega"], rel=1e-12)
    assert value["n-worst"] == pytest.approx(node(worst, level=1, desk="North")["worst"], rel=1e-12)
    assert value["f-gross"] == pytest.approx(node(gross, level=0)["gross"])
    assert value["ntwo-net"] == pytest.approx(node(gross, book="NTWO")["net"])
    assert value["north-grs"] == pytest.approx(gross.loc[gross["book"].isin(desks.NORTH), "gross"].sum())


def test_limits_inside_the_books_are_the_panels_of_the_firm_or_of_their_desk(ledger):
    value = use(ledger)["value"]
    rates = panel(ledger, "sensitivities-key-rates")
    of_north = panel(ledger, "sensitivities-key-rates", desk="North")
    assert value["months"] == pytest.approx(rates.loc[rates["tenor"] == "3M", "pv01"].sum(), rel=1e-12)
    assert value["months-n"] == pytest.approx(of_north.loc[of_north["tenor"] == "3M", "pv01"].sum(), rel=1e-12)
    assert value["months-n"] != value["months"]
    currencies = panel(ledger, "exposure-ladder-by-currency")
    of_north = panel(ledger, "exposure-ladder-by-currency", desk="North")
    assert value["eur-gross"] == pytest.approx(node(currencies, currency="EUR")["gross"])
    assert value["usd-north"] == pytest.approx(node(of_north, currency="USD")["gross"])
    zed = {desk: panel(ledger, "exposure-table-by-book", desk=desk, instrument="ZED") for desk in ("North", "South")}
    assert value["zed-north"] == pytest.approx(node(zed["North"], level=0)["net"])
    assert value["zed-south"] == pytest.approx(node(zed["South"], level=0)["net"])
    classes = panel(ledger, "var-by-asset-class", desk="North")
    assert value["nvalue"] == pytest.approx(node(classes, asset_class="equity")["var"], rel=1e-12)


def test_levels_are_converted_and_utilisation_is_use_over_the_hard_level(ledger):
    frame = use(ledger)
    rate = ledger.read("limits", base="USD", as_of=desks.LAST).set_index("limit_id").loc["north-var", "rate"]
    assert frame.loc["north-var", "hard"] == pytest.approx(9e9 * rate)
    assert (frame["utilisation"] == frame["use"] / frame["hard"]).all()
    assert set(frame.loc[frame["hard"] > 5e9, "state"]) == {"warning", "ok"}


@pytest.mark.parametrize(
    ("scope", "narrowed"),
    [(FIRM, {"desk": "North"}), (FIRM, {"strategy": "Ncarry"}), (trader("North"), {"book": "NTWO"})],
)
def test_a_narrower_look_shows_fewer_limits_and_changes_the_value_of_none(ledger, scope, narrowed):
    whole, part = use(ledger), use(ledger, scope, **narrowed)
    assert "north-grs" in part.index
    assert len(part) < len(whole)
    for name in ("value", "utilisation"):
        assert part[name].to_dict() == pytest.approx(whole.loc[part.index, name].to_dict(), rel=1e-12)


def test_a_trader_sees_his_desk_s_limits_at_the_firm_s_values(ledger):
    whole, mine = use(ledger), use(ledger, trader("North"))
    assert set(mine.index) == {
        *("north-grs", "ntwo-net", "north-var", "none-es", "n-pv01", "n-worst"),
        *("usd-north", "zed-north", "months-n", "nvalue"),
        *("n-gross", "n-var", "n-one"),
    }
    assert mine["value"].to_dict() == pytest.approx(whole.loc[mine.index, "value"].to_dict(), rel=1e-12)


def test_a_limit_on_what_is_not_measured_is_unknown_with_a_reason_and_spoils_no_other(tmp_path_factory):
    opened = desks.opened(tmp_path_factory)
    opened.load(
        tables(
            """
            limits:
              limit_id scope_kind scope_node measure             soft hard
              word     firm       -          risk_of.everything  1    2
              column   firm       -          value_at_risk.worry 1    2
              text     firm       -          limit_use.state     1    2
              itself   firm       -          limit_use.use       1    2
              ungroup  firm       -          var_summary.var     1    2
              blotter  firm       -          trades.fees         1    2
              added    currency   USD        stress_map.pnl      1    2
              factor   factor     NEQ        exposure.gross      1    2
              unheld   sector     Nsector    exposure.gross      1    2
              absent   instrument EURUSD     exposure.gross      1    2
              good     desk       North      exposure.gross      1    9e9
            """
        )
    )
    frame = use(opened)
    known = frame["state"] != "unknown"
    assert set(frame.index[known]) >= {"good", "unheld", "n-gross", "s-var"}
    reasons = frame.loc[~known, "reason"].to_dict()
    assert set(reasons) == {
        *("word", "column", "text", "itself", "ungroup", "blotter", "added", "factor", "absent"),
    }
    assert reasons["word"] == "there is no measure risk_of.everything"
    assert reasons["column"] == "there is no measure value_at_risk.worry"
    assert reasons["ungroup"] == "var_summary.var has no value for the firm"
    assert reasons["absent"] == "exposure.gross has no value for instrument EURUSD"
    assert frame.loc[~known, "utilisation"].isna().all()
    summary = opened.answers.table("limits-summary", ASKED, FIRM).frame.iloc[0]
    assert summary["not_measured"] == 9
    assert summary["limits"] == len(frame)
    opened.warehouse.close()


@pytest.mark.parametrize(
    ("measure", "kind", "name"),
    [
        ("limit_use.use", "firm", ""),
        ("limit_summary.worst", "firm", ""),
        ("limit_use.use", "factor", "NEQ"),
        ("trades.fees", "currency", "USD"),
        ("stress_map.pnl", "desk", "North"),
        ("key_rates.pv01", "book", "NONE"),
        ("backtest_results.counted", "desk", "North"),
        ("reverse_stress.pnl", "currency", "USD"),
    ],
)
def test_what_has_no_such_grouping_has_no_value_rather_than_a_wrong_one(ledger, measure, kind, name):
    assert given(ledger, measure, kind, name).empty


def test_without_limits_there_is_nothing_to_ask():
    asked = []
    none = pd.DataFrame(columns=["limit_id", "scope_kind", "scope_node", "desk", "measure"])
    assert limit_values(none, lambda *what: asked.append(what)).empty
    assert not asked

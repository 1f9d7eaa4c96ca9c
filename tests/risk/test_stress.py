"""Stress: crises replayed from history, imagined shocks, and what they do to every node of a portfolio."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from app.risk.market import Market
from app.risk.stress import Scenario, Shock, moves, revalued, stress, stress_by, stress_map, unknown
from tests.risk.market_by_hand import bond, market, option, portfolio, share

CRISIS = Scenario("crisis", "Crisis", "historical", date(2024, 1, 1), date(2024, 1, 4))
EARLIER = Scenario("earlier", "Earlier", "historical", date(2008, 8, 29), date(2008, 10, 27))
LATER = Scenario("later", "Later", "historical", date(2024, 1, 4), date(2024, 2, 1))


def shocks(*given: Shock, title: str = "Shock") -> Scenario:
    return Scenario(title.lower(), title, "hypothetical", shocks=given)


CRASH = shocks(Shock("spot", (-20.0,), "percent"), title="Crash")
RATES = shocks(Shock("zero", (100.0,), "basis_points"), title="Rates")
BOOKS = (share(), share("Y", -30, 50.0, book="B"), option(book="B"), bond(desk="Two", book="C"))


def moved(scenario, known=None):
    """Factor name → its move."""
    known = known or market()
    return dict(zip(known.factors["name"], moves(scenario, known), strict=True))


def without(known: Market, *names: str, until: int) -> Market:
    """The market with no history of some factors in its first days."""
    levels = known.levels.copy()
    levels[:until, [known.column[name] for name in names]] = np.nan
    return Market(known.factors, known.days, levels)


def test_a_crisis_moves_each_factor_as_its_kind_shifts():
    found = moved(CRISIS)
    assert found["spot:X"] == pytest.approx(0.02)
    assert found["fx:USD"] == pytest.approx(0.91 / 0.90 - 1)
    assert found["zero:USD:120"] == pytest.approx(0.0003)
    assert found["vol:X:6:1"] == pytest.approx(0.23 / 0.20 - 1)
    assert found["spot:OIL"] == pytest.approx(-57)


def test_a_factor_without_history_takes_the_mean_of_its_kind_and_is_reported():
    known = without(market(), "spot:X", "vol:X:6:1", until=2)
    found = moved(CRISIS, known)
    assert found["spot:X"] == found["spot:Y"] == pytest.approx(-0.02)
    others = [move for name, move in moved(CRISIS).items() if name.startswith("vol") and name != "vol:X:6:1"]
    assert found["vol:X:6:1"] == pytest.approx(np.mean(others))
    missing = known.factors["name"][unknown(CRISIS, known)]
    assert set(missing) == {"spot:X", "vol:X:6:1"}


def test_a_kind_without_any_history_stays_where_it_is():
    found = moved(CRISIS, without(market(), "spot:X", "spot:Y", until=2))
    assert found["spot:X"] == found["spot:Y"] == 0


@pytest.mark.parametrize("scenario", [EARLIER, LATER])
def test_a_crisis_that_the_market_does_not_reach_over_is_unknown_and_not_zero(scenario):
    assert np.isnan(moves(scenario, market())).all()
    row = stress(portfolio(share()), market(), (scenario, CRASH)).iloc[0]
    assert np.isnan(row["pnl"])
    assert row["worst_book"] == ""
    assert row["proxied"] == 1


def test_a_parallel_shock_moves_every_curve_and_nothing_else():
    found = moved(RATES)
    assert {name: move for name, move in found.items() if move} == pytest.approx(
        {name: 0.01 for name in found if name.startswith("zero")}
    )


def test_a_twist_is_linear_between_its_nodes_and_flat_outside():
    shock = Shock("zero", (-50.0, 0.0, 50.0), "basis_points", ("USD",), "months", (12.0, 60.0, 180.0))
    found = moved(shocks(shock))
    assert [found[f"zero:USD:{months}"] for months in (3, 60, 120)] == pytest.approx([-0.005, 0, 0.0025])
    assert found["zero:EUR:120"] == 0


def test_skew_in_vol_points_is_added_to_each_level():
    known = market()
    found = moved(shocks(Shock("vol", (10.0, 5.0), "vol_points", (), "moneyness", (0.9, 1.1))), known)
    for moneyness, points in ((0.9, 0.10), (1.0, 0.075), (1.1, 0.05)):
        name = f"vol:X:6:{moneyness:g}"
        assert found[name] * known.on(date(2024, 1, 8))[known.column[name]] == pytest.approx(points)


def test_a_relative_spike_is_by_ratio():
    assert moved(shocks(Shock("vol", (50.0,), "percent")))["vol:X:1:1"] == 0.5


def test_a_currency_devalues_against_all_others():
    held = portfolio(share(currency="EUR", wealth=100.0))
    scenario = shocks(Shock("fx", (-10.0,), "percent", ("USD",)))
    pnl, _ = revalued(held, held.market, (scenario,))
    assert pnl[0, 0] == pytest.approx(100 / 0.94 * (1 / 0.9 - 1))


def test_groups_move_against_each_other_and_a_later_shock_replaces_an_earlier():
    found = moved(shocks(Shock("spot", (-10.0,), "percent"), Shock("spot", (5.0,), "percent", ("Y",))))
    assert (found["spot:X"], found["spot:Y"]) == (-0.10, 0.05)


def test_a_commodity_moves_by_per_cent_of_its_level():
    assert moved(shocks(Shock("commodity", (-50.0,), "percent")))["spot:OIL"] == pytest.approx(-6)


def test_a_share_in_a_crash_by_hand():
    pnl, proxied = revalued(portfolio(share()), market(), (CRASH, CRISIS))
    assert pnl[0] == pytest.approx([-208, 1040 * 0.02])
    assert proxied.tolist() == [0, 0]


def test_the_share_of_proxies_is_of_the_factors_that_positions_read():
    held = portfolio(share(), share("Y"), option())
    history = without(held.market, "spot:X", "spot:OIL", until=2)
    _, proxied = revalued(held, history, (CRISIS,))
    assert proxied[0] == pytest.approx(1 / (2 + 2 + 5 + 6))  # two shares, two currencies, five rates, six vols


def test_prices_that_no_position_reads_are_no_proxies():
    held = portfolio(share("X"), bond(symbol="Y"))
    pnl, _ = revalued(held, without(held.market, "spot:X", until=2), (CRISIS,))
    assert pnl[0, 0] == 0


def test_a_history_with_other_columns_is_matched_by_name():
    held = portfolio(share("Y", 10, 50.0))
    back = np.arange(len(held.market.factors))[::-1][:-1]
    history = Market(
        held.market.factors.iloc[back].reset_index(drop=True), held.market.days, held.market.levels[:, back]
    )
    pnl, _ = revalued(held, history, (CRISIS,))
    assert pnl[0, 0] == pytest.approx(500 * -0.02)


def test_the_table_names_the_book_that_loses_most():
    rows = stress(portfolio(*BOOKS), market(), (CRASH, RATES)).set_index("scenario")
    assert rows.loc["Crash", "worst_book"] == "B"
    assert rows.loc["Rates", ["worst_book", "kind"]].tolist() == ["C", "hypothetical"]
    assert rows.loc["Rates", "worst_pnl"] < 0


def test_groups_add_up_to_the_total_of_each_scenario():
    held, all_ = portfolio(*BOOKS), (CRISIS, CRASH, RATES)
    whole = stress(held, market(), all_).set_index("scenario")["pnl"]
    parts = stress_map(held, market(), all_, by=("desk",))
    assert parts.columns.tolist() == ["desk", "scenario", "pnl"]
    assert parts["scenario"].drop_duplicates().tolist() == whole.index.tolist()
    assert parts.groupby("scenario")["pnl"].sum()[whole.index].to_numpy() == pytest.approx(whole.to_numpy())


def test_a_crisis_that_cannot_be_replayed_is_not_on_the_map():
    assert set(stress_map(portfolio(*BOOKS), market(), (EARLIER, CRASH), by=("book",))["scenario"]) == {"Crash"}


def test_the_tree_shows_the_worst_of_the_total_and_each_nodes_own():
    held, all_ = portfolio(*BOOKS), (EARLIER, CRISIS, CRASH, RATES)
    tree = stress_by(held, market(), all_, by=("desk", "book"))
    assert tree["worst_scenario"].tolist()[0] == "Crash"
    assert tree.loc[tree["desk"] == "Two", "worst_scenario"].tolist() == ["Rates", "Rates"]
    assert tree.loc[tree["level"] == 1, "pnl"].sum() == pytest.approx(tree["pnl"][0])
    assert tree["pnl"][0] == pytest.approx(tree["worst"][0])
    assert (tree["best"] >= tree["worst"]).all()


def test_doubling_the_book_doubles_its_stress():
    doubled = [{**row, "quantity": 2 * row["quantity"], "value": 2 * row["value"]} for row in BOOKS]
    one, two = (stress(portfolio(*rows), market(), (CRISIS, CRASH))["pnl"] for rows in (BOOKS, doubled))
    assert two.to_numpy() == pytest.approx(2 * one.to_numpy())


@pytest.mark.parametrize(("rows", "given"), [((), ()), ((), (CRASH,)), (BOOKS, ())])
def test_nothing_in_gives_nothing_out(rows, given):
    held = portfolio(*rows)
    assert stress(held, market(), given).empty
    assert not stress_map(held, market(), given, by=("desk",))["pnl"].any()
    tree = stress_by(held, market(), given, by=("desk",))
    assert not tree[["pnl", "worst", "best"]].to_numpy().any()


def test_all_scenarios_take_one_revaluation(monkeypatch):
    held, calls = portfolio(*BOOKS), []
    once = held.pnl
    monkeypatch.setattr(held, "pnl", lambda *args, **more: calls.append(1) or once(*args, **more))
    stress(held, market(), (CRISIS, CRASH, RATES))
    assert len(calls) == 1


def test_a_record_of_a_file_becomes_a_scenario():
    shock = {"kind": "zero", "size": (100.0,), "unit": "basis_points", "owners": (), "along": "", "nodes": ()}
    record = {"name": "up", "title": "Up", "kind": "hypothetical", "note": "", "shocks": (shock,)}
    assert Scenario.of(record) == Scenario(
        "up", "Up", "hypothetical", shocks=(Shock("zero", (100.0,), "basis_points"),)
    )
    assert isinstance(stress(portfolio(share()), market(), (Scenario.of(record),)), pd.DataFrame)

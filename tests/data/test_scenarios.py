"""Scenario files: the ones that come with the product, and what a wrong one is told."""

from datetime import date

import pytest

from app.risk.market import SHIFTS
from app.risk.stress import Scenario
from data.scenarios import FOLDER, UNITS, read_scenario, scenario_files, scenarios

CRISIS = """
title = "Crisis"
kind = "historical"
first = 2020-02-19
last = 2020-03-23
"""
SHOCK = """
title = "Shock"
kind = "hypothetical"

[[shocks]]
kind = "zero"
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine"):
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_the_crises_and_the_shocks_that_are_asked_for_are_there():
    found = [Scenario.of(record) for record in scenarios(scenario_files(FOLDER))]
    crises = [(one.first.year, one.last.month) for one in found if one.kind == "historical"]
    assert crises == [(2008, 10), (2011, 8), (2015, 8), (2018, 2), (2020, 3)]
    names = {one.name for one in found if one.kind == "hypothetical"}
    assert names >= {"rates_up_100bp", "rates_twist", "equity_crash", "dollar_devaluation"}
    assert names >= {"volatility_spike", "correlation_break"}
    assert all(one.note for one in found)
    assert len(found) == len(list(FOLDER.glob("*.toml")))


def test_every_kind_of_factor_can_be_shocked():
    assert UNITS.keys() == SHIFTS.keys()


def test_a_crisis_is_two_dates(write):
    record = read_scenario(write(CRISIS))
    assert (record["name"], record["first"], record["last"]) == ("mine", date(2020, 2, 19), date(2020, 3, 23))
    assert record["shocks"] == ()


def test_a_shock_has_a_size_or_one_a_node(write):
    (one,) = read_scenario(write(SHOCK + "basis_points = 100"))["shocks"]
    assert (one["size"], one["unit"], one["nodes"]) == ((100.0,), "basis_points", ())
    (twist,) = read_scenario(write(SHOCK + "months = [3, 120]\nbasis_points = [-50, 75]"))["shocks"]
    assert (twist["size"], twist["along"], twist["nodes"]) == ((-50.0, 75.0), "months", (3.0, 120.0))


def test_a_file_more_is_a_scenario_more_crises_first(write, tmp_path):
    write(SHOCK + "basis_points = 1", "a")
    write(CRISIS, "z")
    assert [record["name"] for record in scenarios(scenario_files(tmp_path))] == ["z", "a"]


def test_a_folder_without_files_has_no_scenarios(tmp_path):
    assert scenarios(scenario_files(tmp_path)) == ()


def test_two_scenarios_of_one_title_are_refused(write, tmp_path):
    write(CRISIS, "a")
    write(CRISIS, "b")
    with pytest.raises(ValueError, match=r"a\.toml: title: another scenario is called so; choose another"):
        scenarios(scenario_files(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CRISIS + "frist = 2020-01-01", "frist: there is no such key; correct its spelling"),
        (CRISIS.replace("title", "name"), "title: it is missing; add it"),
        (CRISIS.replace("historical", "replay"), "kind: Input should be 'historical' or 'hypothetical'"),
        (CRISIS.replace("last = 2020-03-23", ""), "a historical scenario has first and last"),
        (CRISIS.replace("2020-03-23", "2020-02-01"), "last must be after first"),
        (CRISIS.replace("2020-03-23", "soon"), "cannot be read"),
        (SHOCK.replace("[[shocks]]", "").replace('kind = "zero"', ""), r"has \[\[shocks\]\] and no dates"),
        (SHOCK, "shocks.0: write the size once, as one of basis_points"),
        (SHOCK + "basis_points = 1\npercent = 1", "write the size once"),
        (SHOCK + "percent = 1", "percent does not move zero; write basis_points"),
        (SHOCK + "basis_point = 1", "shocks.0.basis_point: there is no such key"),
        (SHOCK + "basis_points = [1, 2]", "2 sizes for 0 nodes; write one size a node"),
        (SHOCK + "basis_points = [1, 2]\nmonths = [12, 3]", "months must rise"),
        (SHOCK + "basis_points = [1, 2]\nmoneyness = [0.9, 1]", "moneyness is for vol, not for zero"),
        (SHOCK + "basis_points = [1, 2]\nmoneyness = [0.9, 1]\nmonths = [3, 6]", "not both"),
        (SHOCK + "basis_points = nan", "finite number"),
        (SHOCK.replace("zero", "fx") + "percent = -100", "percent must be above -100"),
        (SHOCK.replace("zero", "gold") + "percent = 1", "shocks.0.kind: Input should be 'spot'"),
    ],
)
def test_a_wrong_file_is_told_its_name_the_key_and_the_remedy(write, text, message):
    with pytest.raises(ValueError, match=rf"mine\.toml: .*{message}"):
        read_scenario(write(text))

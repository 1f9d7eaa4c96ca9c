"""Who is told what of risk: a trader's numbers are made of his own desk's positions, on every panel of every page.

The law: multiply the other desk's trades, or take them away, and nothing that the trader sees changes.
"""

import re
from dataclasses import replace

import pandas as pd
import pytest

from app import questions
from app.engine import NEEDS
from app.filters import Filters
from app.question import DeniedError
from app.risk.measure import measures
from app.view import discover, panel_of
from data.scope import Scope
from tests import desks
from tests.ledger import FIRM, Ledger, trader

RISK = {*NEEDS, "limit_values", "whatif_limit_values", "forecasts", "backtest_pnls"}
PANELS = [
    panel.key for view in discover().values() for panel in view.panels if RISK & {*measures()[panel.measure].needs}
]
RUNS = desks.DAYS[-12:]
OF_SOUTH = re.compile(
    r"South|SONE|STWO|SEQ|SPUT|SINDEX|SFUT|SFWD|SOIL|EURUSD|Ssector|Svol|Smacro|Sara|Saul"
    r"|\bs-gross|\bs-var|\bs-one|\bs-pv01|firm-var"
)
ASKED = Filters(window=60)
NORTH, SOUTH = trader("North"), trader("South")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same desk North beside a South of five times the size, and beside none."""
    large, alone = (desks.opened(tmp_path_factory, times=times) for times in (5, 0))
    for ledger in (large, alone):
        desks.publish(ledger, RUNS)
        ledger.answers.run("var-simulated-by-book", ASKED, FIRM)
        ledger.answers.needs.simulations.jobs.wait()
    yield large, alone
    for ledger in (large, alone):
        ledger.warehouse.close()


@pytest.fixture(scope="module")
def large(worlds):
    return worlds[0]


@pytest.fixture(scope="module")
def unasked(large, tmp_path_factory):
    """A function that opens the same warehouse anew, with nothing kept and no vectors."""
    opened = []

    def open_again():
        folder = tmp_path_factory.mktemp("again")
        (folder / "warehouse").symlink_to(large.folder / "warehouse")
        opened.append(Ledger(folder))
        return opened[-1].answers

    yield open_again
    for ledger in opened:
        ledger.warehouse.close()


@pytest.fixture(scope="module")
def two(unasked):
    """The same warehouse opened twice."""
    return unasked(), unasked()


def told(answers, key, scope, filters=ASKED):
    """All that a reader is told by a panel: its numbers, what defends them, and the drawing."""
    table = answers.table(key, filters, scope)
    drawn = answers.drawn(key, filters, scope, "dark").decode()
    return f"{table.frame.to_csv()} {replace(table.about, sources=())} {drawn}"


def var(answers, scope, **asked):
    return answers.table("var-tree-by-book", replace(ASKED, **asked), scope).frame.fillna("")


def test_the_loop_is_over_every_page_of_risk():
    pages = {panel_of(key)[0].name for key in PANELS}
    assert pages >= {"var", "sensitivities", "stress", "explain", "backtest", "limits", "frtb"}
    assert {need for key in PANELS for need in measures()[panel_of(key)[1].measure].needs} >= RISK


@pytest.mark.parametrize("key", PANELS)
def test_a_trader_s_risk_is_made_of_his_desk_alone_and_names_no_other(worlds, key):
    large, alone = (ledger.answers.table(key, ASKED, NORTH) for ledger in worlds)
    pd.testing.assert_frame_equal(large.frame, alone.frame, rtol=1e-12, atol=1e-9)
    assert large.about.coverage == alone.about.coverage
    assert not OF_SOUTH.findall(told(worlds[0].answers, key, NORTH))


def test_the_firm_does_see_what_the_trader_does_not(large):
    whole = " ".join(told(large.answers, key, FIRM) for key in ("var-tree-by-book", "limits-use", "stress-reverse"))
    assert {"South", "SONE", "firm-var", "s-gross", "SOIL", "North"} <= {*OF_SOUTH.findall(whole), "North"}
    assert large.answers.table("var-summary", ASKED, FIRM).about.coverage.held > 10


@pytest.mark.parametrize("key", ["backtest-results", "backtest-exceptions", "limits-use"])
def test_forecasts_and_limits_of_the_firm_are_for_the_firm(large, key):
    mine, whole = (large.answers.table(key, ASKED, scope).frame.to_csv() for scope in (NORTH, FIRM))
    assert not re.search(r"\bFirm\b|\bfirm\b", mine)
    assert re.search(r"\bFirm\b|\bfirm\b", whole)


@pytest.mark.parametrize("first", [NORTH, SOUTH, FIRM])
def test_vector_files_are_shared_and_rows_are_not_whoever_asks_first(unasked, large, first):
    answers = unasked()
    var(answers, first)
    assert var(answers, NORTH)["desk"].unique().tolist() == ["", "North"]
    assert var(answers, SOUTH)["desk"].unique().tolist() == ["", "South"]
    assert var(answers, NORTH).equals(var(large.answers, NORTH))
    assert var(answers, FIRM)["desk"].unique().tolist() == ["", "North", "South"]
    assert len([*answers.engine.folder.rglob("*.npy")]) == 1


@pytest.mark.parametrize("scope", [NORTH, FIRM])
@pytest.mark.parametrize("book", desks.NORTH)
def test_a_question_narrowed_to_a_book_is_answered_for_the_book(large, scope, book):
    narrowed, whole = var(large.answers, scope, book=book), var(large.answers, scope)
    expected = whole[whole["book"] == book].iloc[0]
    assert set(narrowed["book"]) == {"", book}
    for level in (0, 1, 2):
        row = narrowed[narrowed["level"] == level].iloc[0]
        assert row[["var", "es", "positions"]].tolist() == expected[["var", "es", "positions"]].tolist()


@pytest.mark.parametrize("narrowed", [{"desk": "South"}, {"book": "SONE"}, {"desk": "Nowhere"}])
@pytest.mark.parametrize("key", ["var-summary", "stress-scenarios", "backtest-results", "limits-use"])
def test_another_desk_s_risk_is_denied_whether_it_exists_or_not(large, key, narrowed):
    large.answers.table(key, replace(ASKED, desk="South"), FIRM)
    with pytest.raises(DeniedError):
        large.answers.table(key, replace(ASKED, **narrowed), NORTH)


@pytest.mark.parametrize("narrowed", [{"instrument": "SEQ"}, {"strategy": "Svol"}, {"trader": "Sara"}])
def test_narrowing_to_another_desk_s_attribute_finds_nothing_of_it(large, narrowed):
    summary = large.answers.table("var-summary", replace(ASKED, **narrowed), NORTH).frame.iloc[0]
    assert summary[["var", "es", "positions"]].tolist() == [0, 0, 0]
    assert large.answers.table("limits-use", replace(ASKED, **narrowed), NORTH).frame.empty


def test_an_instrument_of_both_desks_is_each_desk_s_own_position(large):
    parts = [large.answers.table("var-summary", replace(ASKED, instrument="ZED"), s).frame for s in (NORTH, SOUTH)]
    whole = large.answers.table("var-scenarios", replace(ASKED, instrument="ZED"), FIRM).frame
    apart = [
        large.answers.table("var-scenarios", replace(ASKED, instrument="ZED"), s).frame.set_index("day")["pnl"]
        for s in (NORTH, SOUTH)
    ]
    assert parts[0]["worst"].iloc[0] != parts[1]["worst"].iloc[0]
    pd.testing.assert_series_equal((apart[0] + apart[1]).sort_index(), whole.set_index("day")["pnl"].sort_index())


@pytest.mark.parametrize("key", PANELS)
def test_a_role_without_the_page_is_denied_even_what_was_just_answered(large, monkeypatch, key):
    def closed(wanted):
        view, panel = panel_of(wanted)
        return replace(view, roles=frozenset({"risk_manager"})), panel

    large.answers.table(key, ASKED, NORTH)
    monkeypatch.setattr(questions, "panel_of", closed)
    for scope in (NORTH, Scope("a", "A", frozenset({"admin"}), firm=True), Scope("x", "X", desks=NORTH.desks)):
        for ask in (large.answers.table, large.answers.stream):
            with pytest.raises(DeniedError):
                ask(key, ASKED, scope)
        with pytest.raises(DeniedError):
            large.answers.drawn(key, ASKED, scope, "dark")


SETTINGS = [
    {},
    {"confidence": 0.8},
    {"es_confidence": 0.7},
    {"method": "linear"},
    {"window": 50},
    {"ccy": "EUR"},
    {"as_of": desks.DAYS[-5]},
    {"desk": "South"},
]


@pytest.mark.parametrize(("key", "settings"), [("var-tree-by-book", SETTINGS), ("limits-use", SETTINGS[:5])])
def test_questions_back_to_back_never_answer_one_another(two, key, settings):
    """Whoever asks with other settings is told what he would have been told first."""
    found, again = (
        [answers.table(key, replace(ASKED, **setting), FIRM).frame.to_csv() for setting in order]
        for answers, order in zip(two, (settings, settings[::-1]), strict=True)
    )
    assert found == again[::-1]
    assert len(set(found)) == len(settings) or key == "limits-use"


def test_a_table_says_the_settings_that_decide_it_even_where_they_are_the_usual_ones(large):
    said = {
        "var-tree-by-book": {"VaR level": "99%", "ES level": "97.5%", "Scenarios": "60", "Quantile": "weibull"},
        "limits-use": {"VaR level": "99%", "ES level": "97.5%", "Scenarios": "60", "Quantile": "weibull"},
        "stress-map-by-desk": {},
        "overview-pnl-by-book": {},
    }
    for key, expected in said.items():
        assert dict(large.answers.table(key, ASKED, FIRM).about.settings) == expected, key
    other = large.answers.table("var-tree-by-book", replace(ASKED, confidence=0.95, method="median_unbiased"), FIRM)
    assert dict(other.about.settings) == said["var-tree-by-book"] | {"VaR level": "95%", "Quantile": "median unbiased"}


def test_a_desk_called_by_an_asterisk_is_one_desk_and_not_the_firm(large):
    whole = var(large.answers, FIRM)
    mine = var(large.answers, trader("*"))
    assert mine["desk"].unique().tolist() == [""]
    assert whole["positions"].iloc[0] > mine["positions"].iloc[0] == 0

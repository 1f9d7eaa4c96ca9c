"""The homes: the role decides which page `/` is, and every number on it is that of the page that owns it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app.filters import Filters
from app.needs import asked_of, in_store, needed
from app.question import DeniedError
from app.risk.measure import measures
from app.screen.badge import breaches
from app.screen.page import open_views, view_at
from app.view import RANKS, discover, home_of
from auth.audit import Audit
from data import records
from data.scope import ROLES, Scope
from data.store import Store, utc_now
from tests import desks
from tests.ledger import FIRM, trader

ASKED = Filters(window=60)
NORTH = trader("North")
ADMIN = Scope("ada", "Ada", frozenset({"admin"}), firm=True)
HOMES = {
    "risk_manager": "overview",
    "trader": "book",
    "admin": "operations",
    "auditor": "operations",
    "viewer": "overview",
}
OPERATIONS = [panel.key for panel in discover()["operations"].panels]
BREACHES = """
limits:
  limit_id  scope_kind scope_node measure           soft hard
  a-gross   desk       North      exposure.gross    1    2
  b-gross   desk       South      exposure.gross    1    2
  c-gross   book       NONE       exposure.gross    1    2
  round     desk       North      risk_by_node.var  1    2
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks with a store beside them, to be read only but for the audit trail."""
    opened = desks.opened(tmp_path_factory)
    opened.add(BREACHES)
    store = Store(f"sqlite:///{opened.folder / 'store.sqlite'}")
    store.create()
    opened.answers.needs.store = store
    yield opened
    store.close()
    opened.warehouse.close()


@pytest.fixture
def trail(ledger):
    return Audit(ledger.answers.needs.store, utc_now)


def frame(ledger, key, scope=FIRM, **asked):
    return ledger.answers.table(key, replace(ASKED, **asked), scope).frame


def at(rows, *names):
    """The rows of a tree down to desk and book, by level, desk and book, with the columns asked for."""
    kept = rows[rows["level"] <= 2].fillna({"desk": "", "book": ""})
    return kept.set_index(["level", "desk", "book"])[list(names)].sort_index()


@pytest.mark.parametrize("role", ROLES)
def test_the_role_decides_which_page_is_home_and_the_page_keeps_its_own_address(role):
    view = discover()[HOMES[role]]
    assert view_at("/", frozenset({role})) is home_of(frozenset({role})) is view
    assert view_at(view.path, frozenset()) is view
    assert view.path == f"/{view.name}"


def test_a_reader_of_several_roles_has_the_home_of_the_first_of_them():
    assert home_of(frozenset(ROLES)).name == "overview"
    assert home_of(frozenset({"admin", "trader"})).name == "book"
    assert set(RANKS) == set(ROLES)
    assert home_of(frozenset()) is None


def test_every_role_has_one_home_and_may_open_it():
    for role in ROLES:
        (view,) = [view for view in discover().values() if role in view.home]
        assert role in view.roles


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_has_the_readers_own_home_and_no_other(role):
    shown = {view.name for view in open_views(Scope("x", "X", frozenset({role})))}
    assert shown & set(HOMES.values()) == {HOMES[role]}


def test_each_figure_of_the_risk_tree_is_that_of_the_panel_that_owns_it(ledger):
    tree = frame(ledger, "overview-risk-by-book")
    owners = {
        ("day",): frame(ledger, "overview-pnl-by-book"),
        ("gross", "net"): ledger.answers.beside(
            "overview-risk-by-book", ASKED, FIRM, "exposure", ("desk", "book")
        ).frame,
        ("delta", "vega", "pv01"): frame(ledger, "sensitivities-tree-by-instrument"),
        ("var", "component"): frame(ledger, "var-tree-by-book"),
    }
    for names, owner in owners.items():
        expected = at(owner, *names).reindex(at(tree, *names).index).fillna(0.0)
        assert np.allclose(at(tree, *names).to_numpy(), expected.to_numpy(), rtol=1e-12, atol=1e-9), names


def test_the_limit_of_a_node_is_the_most_used_of_those_that_bind_it(ledger):
    tree, use = at(frame(ledger, "overview-risk-by-book"), "utilisation", "state", "limit"), frame(ledger, "limits-use")
    kinds = {0: "firm", 1: "desk", 2: "book"}
    for (level, desk, book), row in tree.iterrows():
        of_node = use[(use["scope_kind"] == kinds[level]) & (use["scope_node"].fillna("") == (book or desk))]
        known = of_node.dropna(subset="utilisation")
        if known.empty:
            assert (row["state"], row["limit"]) == ("", "")
            continue
        worst = known.loc[known["utilisation"].idxmax()]
        assert row["utilisation"] == worst["utilisation"]
        assert (row["state"], row["limit"]) == (worst["state"], worst["limit_id"])
    assert tree.loc[(1, "North", ""), "state"] == "breach"


def test_the_risk_tree_of_a_trader_is_that_desk_and_narrowing_narrows_every_column(ledger):
    mine = frame(ledger, "overview-risk-by-book", NORTH)
    narrowed = frame(ledger, "overview-risk-by-book", desk="North")
    assert mine["desk"].dropna().unique().tolist() == ["North"]
    pd.testing.assert_frame_equal(mine, narrowed)


def test_the_coverage_and_the_settings_are_those_of_the_numbers_that_were_asked(ledger):
    about = ledger.answers.table("overview-risk-by-book", ASKED, FIRM).about
    assert about.coverage == ledger.answers.table("overview-pnl-by-book", ASKED, FIRM).about.coverage
    assert dict(about.settings)["VaR level"] == "99%"


def test_the_var_before_is_the_var_of_the_date_compared_with(ledger):
    tile, day = frame(ledger, "overview-var").iloc[0], desks.DAYS[-5]
    assert tile["var"] == frame(ledger, "var-summary")["var"].iloc[0]
    earlier = ledger.answers.table("overview-var", ASKED, FIRM).about.compared_with
    before = frame(ledger, "var-summary", as_of=pd.Timestamp(earlier).date())["var"].iloc[0]
    assert (tile["var_before"], tile["var_change"]) == (before, tile["var"] - before)
    assert (
        frame(ledger, "overview-var", vs=day)["var_before"].iloc[0]
        == (frame(ledger, "var-summary", as_of=day)["var"].iloc[0])
    )


def test_on_the_first_day_there_is_no_var_before(ledger):
    tile = frame(ledger, "overview-var", as_of=desks.FIRST, window=50).iloc[0]
    assert tile["var"] > 0
    assert np.isnan(tile["var_before"])


def test_another_confidence_is_another_answer_of_what_asks_for_var(ledger):
    kept = [frame(ledger, "overview-var", confidence=level)["var"].iloc[0] for level in (0.99, 0.9)]
    assert kept[0] > kept[1] == frame(ledger, "var-summary", confidence=0.9)["var"].iloc[0]


def test_the_var_tile_of_a_trader_names_the_limit_on_a_var_that_is_used_most(ledger):
    tile, use = frame(ledger, "book-var", NORTH).iloc[0], frame(ledger, "limits-use", NORTH)
    of_var = use[use["measure"] == "value_at_risk.var"]
    worst = of_var.loc[of_var["utilisation"].idxmax()]
    assert (tile["utilisation"], tile["limit"], tile["bound"]) == (worst["utilisation"], worst["hard"], "North")


def test_the_worst_stresses_are_those_of_the_stress_page_the_greatest_loss_first(ledger):
    found, page = frame(ledger, "overview-stress"), frame(ledger, "stress-scenarios")
    assert found["pnl"].is_monotonic_increasing
    assert (
        found.set_index("scenario")["pnl"].to_dict() == page.dropna(subset="pnl").set_index("scenario")["pnl"].to_dict()
    )
    assert frame(ledger, "overview-worst-stress-by-desk")["worst"].iloc[0] == found["pnl"].iloc[0]


def test_positions_have_the_greeks_of_the_sensitivities_and_the_rest_of_the_positions(ledger):
    mine = frame(ledger, "book-positions-by-instrument", NORTH)
    greeks = ledger.answers.beside("book-positions-by-instrument", ASKED, NORTH, "sensitivities", ("instrument",)).frame
    held = ledger.answers.beside("book-positions-by-instrument", ASKED, NORTH, "positions", ("instrument",)).frame
    leaves = mine.dropna(subset="instrument").set_index("instrument")
    for name in ("delta", "gamma", "vega", "theta", "pv01", "fx_delta"):
        owner = greeks.dropna(subset="instrument").set_index("instrument")[name].reindex(leaves.index, fill_value=0.0)
        assert leaves[name].to_numpy(float) == pytest.approx(owner.to_numpy(), rel=1e-9, abs=1e-6, nan_ok=True)
        assert mine[name].iloc[0] == pytest.approx(greeks[name].iloc[0], rel=1e-9)
    for name in ("quantity", "price", "day"):
        owner = held.dropna(subset="instrument").set_index("instrument")[name].reindex(leaves.index)
        assert leaves[name].to_numpy(float) == pytest.approx(owner.to_numpy(float), nan_ok=True)


def test_an_option_stands_under_its_underlying_and_a_share_alone_is_one_row(ledger):
    mine = frame(ledger, "book-positions-by-instrument", NORTH).fillna({"underlier": "", "instrument": ""})
    rows = {under: rows["instrument"].tolist() for under, rows in mine.groupby("underlier") if under}
    assert sorted(rows["NEQ"]) == ["", "NCALL", "NEQ"]
    assert rows["NEUR"] == ["NEUR"]
    first = mine[mine["level"] == 1]["day"].abs()
    assert first.is_monotonic_decreasing


def test_the_trend_ends_on_the_pnl_of_the_day_at_every_node(ledger):
    mine = frame(ledger, "book-positions-by-instrument", NORTH)
    for trend, day in zip(mine["trend"], mine["day"], strict=True):
        values = [int(value.replace("\N{MINUS SIGN}", "-")) for value in trend.split()]
        assert len(values) == 20
        assert values[-1] - values[-2] == pytest.approx(day, abs=1.01)


@pytest.mark.parametrize("key", OPERATIONS)
@pytest.mark.parametrize("scope", [FIRM, NORTH], ids=["risk manager", "trader"])
def test_operations_are_closed_to_all_but_administrators(ledger, key, scope):
    with pytest.raises(DeniedError):
        ledger.answers.drawn(key, ASKED, scope, "dark")
    assert ledger.answers.table(key, ASKED, ADMIN).columns


@pytest.mark.parametrize("name", records.RECORDS)
@pytest.mark.parametrize("scope", [FIRM, NORTH], ids=["risk manager", "trader"])
def test_the_store_is_read_by_administrators_even_where_a_page_forgets_to_ask(ledger, name, scope):
    with pytest.raises(records.ClosedError):
        records.read(ledger.answers.needs.store, name, scope)
    question = ledger.answers.question("operations-audit", ASKED, ADMIN)
    with pytest.raises(DeniedError):
        ledger.answers.needs.find(name, replace(question, scope=scope))


def test_whatever_shows_the_store_is_on_pages_of_administrators_and_auditors():
    shown = [view for view in discover().values() for panel in view.panels if in_store(measures()[panel.measure])]
    assert shown
    assert all(view.roles == {"admin", "auditor"} for view in shown)


def test_what_a_reader_did_is_in_the_trail_at_once_and_the_reader_among_the_readers(ledger, trail):
    tom = Scope("tom", "Tom", frozenset({"trader"}), frozenset({"North"}))
    trail.record("login", tom, name="Tom", roles=["trader"], desks=["North"])
    trail.record("export", tom, panel="pnl-history", form="csv")
    events = frame(ledger, "operations-audit", ADMIN)
    assert events[["event", "reader", "what"]].iloc[0].tolist() == ["export", "tom", "panel pnl-history · form csv"]
    trail.record("logout", tom)
    assert frame(ledger, "operations-audit", ADMIN)["event"].iloc[0] == "logout"
    readers = frame(ledger, "operations-readers", ADMIN)
    assert readers[["reader", "name", "roles", "desks", "sessions"]].iloc[0].tolist() == [
        "tom",
        "Tom",
        "trader",
        "North",
        0,
    ]
    drawn = ledger.answers.drawn("operations-audit", ASKED, ADMIN, "dark").decode()
    assert "logout" in drawn


def test_a_command_without_the_store_is_told_so(ledger):
    store, ledger.answers.needs.store = ledger.answers.needs.store, None
    try:
        with pytest.raises(DeniedError, match="not read here"):
            ledger.answers.table("operations-readers", ASKED, ADMIN)
    finally:
        ledger.answers.needs.store = store


def test_how_fresh_the_data_are_is_told_to_those_who_see_all_desks(ledger):
    shown = frame(ledger, "overview-freshness").set_index("table_name")
    assert shown.loc["prices", ["rejected", "state"]].tolist() == [0, "ok"]
    assert shown.loc["trades", "state"] == "late"
    assert frame(ledger, "overview-freshness", NORTH).empty


def test_the_badge_counts_the_breaches_of_the_scope_whatever_narrows_the_page(ledger):
    every, mine = breaches(ledger.answers, ASKED, FIRM), breaches(ledger.answers, ASKED, NORTH)
    assert every == (frame(ledger, "limits-use")["state"] == "breach").sum() > mine >= 2
    assert breaches(ledger.answers, replace(ASKED, desk="South", whatif="+1 ZED @NONE"), FIRM) == every


def test_the_badge_says_nothing_of_what_cannot_be_known(ledger):
    assert breaches(ledger.answers, replace(ASKED, known="000099"), FIRM) == 0
    assert breaches(ledger.answers, ASKED, trader("Nowhere")) == 0


def test_a_limit_on_a_number_that_asks_for_limits_is_not_measured(ledger):
    use = frame(ledger, "limits-use").set_index("limit_id")
    assert use.loc["round", "state"] == "unknown"
    assert use.loc["a-gross", "state"] == "breach"


def test_a_need_is_a_measure_only_where_nothing_else_has_the_name():
    assert asked_of("pnl") == asked_of("pnl_before") == "pnl"
    assert asked_of("trades") == asked_of("portfolio_before") == asked_of("holdings") == asked_of("nothing") == ""
    assert {"pnl_vectors", "limits", "portfolio"} <= needed(measures()["risk_by_node"])

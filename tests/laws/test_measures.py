"""Laws that every measure, relation and panel obeys; they loop over the registries, so a new one is tested at once."""

import inspect

import pandas as pd
import pytest

from app import figures
from app.engine import NEEDS
from app.needs import LIMITED, WHATIF, asked_of
from app.risk.cube import Vectors
from app.risk.measure import KEYS, measures
from app.risk.positions import UNFUNDED
from app.risk.simulation import SIMULATED
from app.view import discover
from data.records import RECORDS
from data.relations import ATTRIBUTES, relations
from data.schema import UNFUNDED_TYPES, book
from data.scope import NOBODY, ROLES
from tests.holdings import nothing_held
from tests.risk import market_by_hand as by_hand

MEASURES = measures()
PANELS = [panel for view in discover().values() for panel in view.panels]
BLANK = {
    **{name: pd.Series(dtype=float) for name in ("pnl", "price")},
    **{name: pd.Series(dtype=int) for name in ("trades", "missing", "instrument_id")},
    **{name: pd.Series(dtype=object) for name in ("day", "price_date")},
}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_is_documented_and_every_number_has_a_kind(measure):
    assert len(measure.definition) > 40
    assert measure.conventions
    assert measure.columns
    for column in measure.columns:
        assert column.label
        assert column.unit or column.kind not in {"money", "time"}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_needs_what_the_path_can_give(measure):
    given = {*relations(), *RECORDS, *NEEDS, *WHATIF, *LIMITED, SIMULATED}
    assert [name for name in measure.needs if name not in given and not asked_of(name)] == []


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_empty_in_gives_empty_or_zero_out(measure):
    given = {"by": ("desk",)}
    keywords = {name: given[name] for name in measure.takes if name in given}
    held = by_hand.portfolio()
    rows = held.positions.assign(reason=held.reasons, market_value=0.0, trade=0, change="")
    vectors = Vectors(rows, held.pnl(held.market.levels), held.market.days)
    needs = {
        "holdings": nothing_held(),
        "portfolio": held,
        "portfolio_before": held,
        "pnl_vectors": vectors,
        "simulated_vectors": vectors,
        "market_history": held.market,
        "scenarios": (),
        "whatif_vectors": vectors,
        "whatif_portfolio": held,
    }
    frame = measure.compute(*(needs.get(name, pd.DataFrame(BLANK)) for name in measure.needs), **keywords)
    amounts = frame[[c.name for c in measure.columns if c.kind == "money" and c.name in frame]]
    assert not amounts.astype(float).fillna(0).to_numpy().any()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_a_panel_asks_for_what_exists(panel):
    measure = MEASURES[panel.measure]
    assert panel.figure in figures.figures()
    assert set(panel.by) <= set(KEYS)
    assert bool(panel.by) == ("by" in measure.takes)
    assert panel.title
    assert panel.about
    assert 1 <= panel.width <= 12


def test_keys_of_measures_are_attributes_of_rows():
    assert set(KEYS) == set(ATTRIBUTES)


def test_measures_and_tables_call_the_same_types_unfunded():
    assert set(UNFUNDED) == set(UNFUNDED_TYPES)


@pytest.mark.parametrize("entry", relations().values(), ids=relations())
def test_a_relation_reads_books_or_says_that_it_is_shared(entry):
    statement = entry.build()
    tables = {table for source in statement.get_final_froms() for table in _tables(source)}
    assert (book in tables) != entry.shared


@pytest.mark.parametrize("entry", relations().values(), ids=relations())
def test_a_relation_says_what_its_rows_are(entry):
    assert inspect.getdoc(entry.build)


def test_a_view_is_open_to_known_roles_only():
    for view in discover().values():
        assert view.roles
        assert view.roles <= set(ROLES)


def test_nobody_sees_nothing():
    assert not NOBODY.sees("Vol")
    assert NOBODY.key == []


def _tables(source):
    if hasattr(source, "left"):
        return [*_tables(source.left), *_tables(source.right)]
    return [source]

"""Laws of scopes: nothing that a reader is told changes when rows outside his scope change, whatever he asks.

Four books of two desks and two legal entities. In each further snapshot one book is another: its trades, positions,
runs, limits and names; and a book stands beside it that was not there.

| book | desk  | legal entity |
|------|-------|--------------|
| NONE | North | East         |
| NTWO | North | West         |
| SONE | South | East         |
| STWO | South | West         |
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.annotations import Annotations, Number
from app.explained import explain, trade_versions
from app.filters import Filters
from app.needs import in_store
from app.question import DeniedError
from app.risk.measure import measures
from app.view import discover
from data.relations import MASK, Ask, read, relations
from data.scope import ROLES, Scope
from data.store import Store, utc_now
from tests import desks
from tests.ledger import FIRM

PLACES = {"NONE": ("North", "East"), "NTWO": ("North", "West"), "SONE": ("South", "East"), "STWO": ("South", "West")}
PANELS = [panel.key for view in discover().values() for panel in view.panels if not in_store(measures()[panel.measure])]
WORDS = ("NEQ", "S", "ZED", "N", "SONE-1", "NONE-")
EVERY = Scope("eve", "Eve", frozenset(ROLES), firm=True)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """A ledger whose snapshots differ in one book each; `numbers` has them by that book, empty the first."""
    ledger = desks.opened(tmp_path_factory)
    desks.publish(ledger, desks.DAYS[-3:])
    with ledger.warehouse.draft("test") as draft:
        for book, (_desk, entity) in PLACES.items():
            draft.connection.execute("UPDATE book SET legal_entity = ? WHERE book = ?", [entity, book])
    ledger.numbers = {"": ledger.warehouse.current().number}
    for book in PLACES:
        with ledger.warehouse.draft("test") as draft:
            restore(draft.connection, ledger.warehouse.folder / f"{ledger.numbers['']}.duckdb")
            change(draft.connection, book)
        ledger.numbers[book] = ledger.warehouse.current().number
    yield ledger
    ledger.warehouse.close()


TABLES = ("book", "trade_event", "trade_count", "position", "forecast", "backtest_pnl", "risk_limit")


def restore(connection, path):
    """The first snapshot's rows again, whatever the last one changed."""
    connection.execute(f"ATTACH '{path}' AS first (READ_ONLY)")
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM first.{table}")
    connection.execute("DETACH first")


def change(connection, book):
    """Make everything of a book another, and put a book beside it."""
    number, desk, entity = connection.execute(
        "SELECT book_id, desk, legal_entity FROM book WHERE book = ?", [book]
    ).fetchone()
    own, of_desk = f"book_id = {number}", f"node IN ('{book}', '{desk}', '')"
    amounts = ("quantity", "cost", "cash", "income", "fees", "value", "wealth", "opening")
    for statement in (
        f"UPDATE position SET {', '.join(f'{name} = 3 * {name}' for name in amounts)} WHERE {own}",
        f"UPDATE trade_event SET quantity = 3 * quantity, fees = 7 WHERE {own}",
        f"UPDATE trade_count SET trades = 2 * trades WHERE {own}",
        f"UPDATE forecast SET value = 5 * value, scenario_dates = '2022-01-04' WHERE {of_desk}",
        f"UPDATE backtest_pnl SET actual = 9, hypothetical = 8, theoretical = 7 WHERE {of_desk}",
        f"UPDATE risk_limit SET soft = 1, hard = 2 WHERE scope_node IN ('{book}', '{desk}') OR scope_kind = 'firm'",
        "UPDATE book SET trader = 'Zed', strategy = 'Zother', business_unit = 'Zunit' WHERE " + own,
        f"INSERT INTO book SELECT 99, 'Z{book}', '{desk}', 'Zunit', '{entity}', 'Zed', 'Zed', 1 FROM book WHERE {own}",
        f"INSERT INTO position BY NAME SELECT * REPLACE (99 AS book_id) FROM position WHERE {own}",
    ):
        connection.execute(statement)


def opens(scope, book):
    desk, entity = PLACES[book]
    granted = scope.firm or scope.rest or desk in scope.desks or book in scope.books or entity in scope.entities
    closed = desk in scope.closed_desks or book in scope.closed_books or entity in scope.closed_entities
    return granted and not closed


def neighbour(scope, book):
    """Whether the book that stands beside a changed one would be open too."""
    desk, entity = PLACES[book]
    closed = desk in scope.closed_desks or entity in scope.closed_entities
    return (scope.rest or desk in scope.desks or entity in scope.entities) and not closed


def told(ask):
    """An answer, or the words of what is said instead of it."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 refusals must be the same too
        return f"{type(error).__name__}: {error}"


def panel(ledger, world, key, scope, **asked):
    """Everything that a panel says of numbers: rows, columns and coverage."""
    filters = Filters(window=60, known=ledger.numbers[world], **asked)
    answer = told(lambda: ledger.answers.table(key, filters, scope))
    if isinstance(answer, str):
        return answer.replace(ledger.numbers[world], "")
    return answer.frame.to_json(double_precision=15), answer.columns, answer.about.coverage


def bar(ledger, world, scope):
    """What the bar, the palette and the search say."""
    filters, answers = Filters(known=ledger.numbers[world]), ledger.answers
    choices, status = answers.choices(filters, scope), answers.status(filters, scope)
    found = [answers.find(word, filters, scope) for word in WORDS]
    return choices.books, choices.days, choices.currencies, status.coverage, status.synthetic, found


some = st.frozensets
scopes = st.builds(
    Scope,
    st.just("x"),
    st.just("X"),
    st.just(frozenset(ROLES)),
    desks=some(st.sampled_from(["North", "South"]), max_size=1),
    books=some(st.sampled_from(sorted(PLACES)), max_size=2),
    entities=some(st.sampled_from(["East", "West"]), max_size=1),
    rest=st.booleans(),
    closed_desks=some(st.sampled_from(["North", "South"]), max_size=1),
    closed_books=some(st.sampled_from(sorted(PLACES)), max_size=2),
    closed_entities=some(st.sampled_from(["East", "West"]), max_size=1),
)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=scopes, changed=st.sampled_from(sorted(PLACES)), keys=st.lists(st.sampled_from(PANELS), max_size=4))
def test_no_answer_changes_when_rows_outside_the_scope_change(worlds, scope, changed, keys):
    if opens(scope, changed) or neighbour(scope, changed):
        return
    assert bar(worlds, "", scope) == bar(worlds, changed, scope)
    for key in keys:
        assert panel(worlds, "", key, scope) == panel(worlds, changed, key, scope), key


BOOK = Scope("b", "B", frozenset(ROLES), books=frozenset({"NONE"}))
BUT_ONE = Scope("c", "C", frozenset(ROLES), rest=True, closed_desks=frozenset({"South"}))


@pytest.mark.parametrize("key", PANELS)
def test_no_panel_tells_a_reader_of_one_book_what_its_desk_or_the_firm_has(worlds, key):
    assert panel(worlds, "", key, BOOK) == panel(worlds, "NTWO", key, BOOK)


def test_what_changed_is_seen_by_whom_it_is_open_to(worlds):
    for scope, changed in ((EVERY, "SONE"), (BOOK, "NONE"), (BUT_ONE, "NTWO")):
        key = "positions-tree-by-instrument"
        assert panel(worlds, "", key, scope) != panel(worlds, changed, key, scope)


@pytest.mark.parametrize("name", ["limits", "forecasts", "backtest_pnls"])
def test_what_is_told_of_a_whole_desk_is_for_whom_all_of_it_is_open(worlds, name):
    def kinds(scope):
        number = worlds.numbers[""]
        dates = {"as_of": desks.LAST, "start": desks.DAYS[0]}
        return {*read(worlds.warehouse.cursor(number), name, scope, Ask(dates, "USD")).to_pandas()["scope_kind"]}

    assert kinds(FIRM) == {"firm", "desk", "book"}
    assert kinds(BUT_ONE) == {"desk", "book"}
    assert kinds(BOOK) == {"book"}
    assert kinds(Scope("d", "D", rest=True, closed_books=frozenset({"NTWO", "STWO"}))) == {"book"}


def test_a_desk_or_book_that_is_not_open_cannot_be_asked_for_and_reads_like_one_that_is_not_there(worlds):
    for asked in ({"book": "NTWO"}, {"desk": "South"}, {"book": "NOWHERE"}):
        (name, value), *_ = asked.items()
        answer = panel(worlds, "", "positions-tree-by-instrument", BOOK, **asked)
        assert answer == f"DeniedError: {name} {value!r} is not open to you"


# Masks

MASKED = replace(FIRM, roles=frozenset(ROLES), masked=frozenset({"trader", "counterparty"}))


@pytest.mark.parametrize("name", relations())
def test_no_relation_tells_a_masked_column(worlds, name):
    statement = relations()[name].build()
    secret = {"trader", "counterparty"} & set(statement.selected_columns.keys())
    if not secret:
        return
    dates = {"last": desks.LAST, **dict.fromkeys(("as_of", "first", "start"), desks.FIRST)}
    values = {"skip": 0, "take": 50, "trade": "NONE-1", "text": "N", "symbols": [], "currencies": []}
    rows = read(worlds.warehouse.cursor(worlds.numbers[""]), name, MASKED, Ask(dates, "USD", values=values)).to_pandas()
    assert len(rows)
    for column in secret:
        assert set(rows[column]) == {MASK}


@pytest.mark.parametrize("key", ["blotter-trades", "book-trades", "limits-use", "var-tree-by-book", "pivot-tree"])
def test_no_panel_tells_a_masked_name(worlds, key):
    answer = panel(worlds, "", key, MASKED)
    assert not any(name in str(answer) for name in ("Nora", "Nils", "Sara", "Saul"))


def test_a_masked_column_neither_narrows_nor_groups_nor_is_explained(worlds):
    asked = {"known": worlds.numbers[""], "window": 60}
    with pytest.raises(DeniedError, match="trader is masked"):
        worlds.answers.table("positions-tree-by-instrument", Filters(trader="Nora", **asked), MASKED)
    with pytest.raises(DeniedError, match="trader is masked"):
        worlds.answers.trades("blotter-trades", Filters(trader="Nora", **asked), MASKED, start=0, end=5)
    tree = worlds.answers.table("pivot-tree", Filters(down="trader", show="exposure.gross", **asked), MASKED).frame
    assert tree["trader"].dropna().tolist() == [MASK]
    versions = trade_versions(worlds.answers, "NONE-1", Filters(**asked), MASKED)
    assert set(versions["trader"]) == set(versions["counterparty"]) == {MASK}
    place = ("positions-tree-by-instrument", "North\tNONE\tNEQ", "quantity")
    lines = explain(worlds.answers, place, Filters(**asked), MASKED).lines
    assert set(lines.trades["trader"]) == {MASK}


def test_what_is_kept_for_readers_without_a_mask_is_not_given_to_one_with_it(worlds):
    asked = Filters(known=worlds.numbers[""])
    clear = worlds.answers.trades("blotter-trades", asked, replace(MASKED, masked=frozenset()), start=0, end=5)[0]
    assert MASK not in set(clear.frame["trader"])
    assert set(worlds.answers.trades("blotter-trades", asked, MASKED, start=0, end=5)[0].frame["trader"]) == {MASK}


# Notes


def test_a_note_on_a_desk_is_not_for_readers_of_a_part_of_it(worlds, tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'notes.sqlite'}")
    store.create()
    notes, asked = Annotations(store, worlds.answers, utc_now), Filters(known=worlds.numbers[""])
    number = Number("positions-tree-by-instrument", "North", "market_value")
    notes.pin(number, "half of it is a hedge", asked, replace(FIRM, reader="fay"))
    north = Scope("n", "N", frozenset({"trader"}), frozenset({"North"}))
    assert len(notes.of(number, asked, north)) == 1
    assert notes.of(number, asked, replace(BOOK, roles=north.roles)) == []
    with pytest.raises(DeniedError, match="a part of this desk"):
        notes.pin(number, "mine", asked, replace(BOOK, roles=north.roles))
    store.close()

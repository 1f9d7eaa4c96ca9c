"""The path from a question to numbers: who may ask, what is kept, and that one key is computed once."""

import threading
from datetime import date

import pytest

from app import answer, rows
from app.filters import BadFilterError, Filters
from app.question import DeniedError, UnknownError
from app.risk.measure import measures
from app.view import discover
from data.scope import Scope
from data.warehouse import EmptyError, Warehouse
from tests.ledger import FIRM, trader

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency sector
      AAA    USD      Energy
      EEE    EUR      -
      NNN    USD      Energy
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.10
      USD   2022-01-04 1.20
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      EEE        2022-01-03 100
      EEE        2022-01-04 110
    trades:
      trade_id book instrument quantity price trade_date fees
      T1       EQ1  AAA        100      10    2022-01-03 1
      T2       EQ2  EEE        -10      100   2022-01-03 0
      T3       EQ1  NNN        7        1     2022-01-04 0
"""
TREE = "positions-tree-by-instrument"


def needs(panel):
    return measures()[panel.measure].needs


@pytest.fixture
def book(open_ledger):
    return open_ledger(BOOKS)


def test_a_trader_sees_one_desk_in_rows_and_totals(book):
    mine = book.answers.table(TREE, Filters(), trader("Cash")).frame
    assert set(mine["desk"].dropna()) == {"Cash"}
    assert mine.loc[mine["level"] == 0, "market_value"].iloc[0] == 1100
    whole = book.answers.table(TREE, Filters(), FIRM).frame
    assert whole.loc[whole["level"] == 0, "market_value"].iloc[0] == pytest.approx(1100 - 1100 * 1.2)


def test_answers_are_kept_by_rows_not_by_reader_and_never_across_desks(book):
    first = book.answers.table(TREE, Filters(), trader("Cash")).frame
    other = book.answers.table(TREE, Filters(), trader("Europe")).frame
    assert not set(first["desk"].dropna()) & set(other["desk"].dropna())


@pytest.mark.parametrize("filters", [Filters(desk="Europe"), Filters(book="EQ2"), Filters(desk="Nowhere")])
def test_a_desk_or_book_outside_the_scope_is_denied_whether_it_exists_or_not(book, filters):
    with pytest.raises(DeniedError):
        book.answers.table(TREE, filters, trader("Cash"))


def test_a_reader_without_a_role_is_denied(book):
    with pytest.raises(DeniedError):
        book.answers.table(TREE, Filters(), Scope("x", "x", frozenset(), frozenset({"Cash"})))


def test_a_position_without_a_price_is_a_hole_that_is_counted_not_a_zero(book):
    table = book.answers.table(TREE, Filters(), FIRM)
    hole = table.frame[table.frame["instrument"] == "NNN"].iloc[0]
    assert hole["quantity"] == 7
    assert hole[["market_value", "unrealised", "day"]].isna().all()
    assert (table.about.coverage.held, table.about.coverage.priced) == (3, 2)
    assert table.about.coverage.reasons == (("no price", 1),)
    assert book.answers.holes(Filters(), FIRM)["no price"] == ("NNN",)


def test_a_table_carries_what_defends_it(book):
    about = book.answers.table(TREE, Filters(desk="Cash", ccy="EUR"), FIRM).about
    assert (about.as_of, about.snapshot, about.base_currency) == ("2022-01-04", "000001", "EUR")
    assert ("desk", "Cash") in about.filters
    assert any(source.startswith("trades: trades-") for source in about.sources)
    assert about.definition
    assert about.conventions


def test_money_columns_name_the_currency_that_was_chosen(book):
    columns = book.answers.table(TREE, Filters(ccy="EUR"), FIRM).columns
    assert {c.unit for c in columns if c.kind == "money"} == {"EUR"}


def test_a_load_changes_the_answer_at_once_and_the_old_one_stays_known(book):
    before = book.answers.table("overview-summary", Filters(), FIRM).frame["gross"].iloc[0]
    book.add(
        """
        trades:
          trade_id book instrument quantity price trade_date
          T9       EQ1  AAA        100      11    2022-01-04
        """
    )
    assert book.answers.table("overview-summary", Filters(), FIRM).frame["gross"].iloc[0] == before + 1100
    assert book.answers.table("overview-summary", Filters(known="000001"), FIRM).frame["gross"].iloc[0] == before
    status = book.answers.status(Filters(known="000001"), FIRM)
    assert (status.snapshot.number, status.latest) == ("000001", False)


def test_a_date_between_business_days_means_the_earlier_one_and_one_before_all_is_refused(book):
    assert book.answers.status(Filters(as_of=date(2022, 6, 1)), FIRM).as_of == date(2022, 1, 4)
    with pytest.raises(BadFilterError, match="before the first business day"):
        book.answers.status(Filters(as_of=date(2021, 6, 1)), FIRM)


def test_a_currency_without_rates_is_refused_with_those_there_are(book):
    with pytest.raises(BadFilterError, match="EUR, USD"):
        book.answers.table(TREE, Filters(ccy="JPY"), FIRM)


def test_choices_hold_the_readers_own_books(book):
    assert book.answers.choices(Filters(), trader("Cash")).books == (("Cash", ("EQ1",)),)
    assert [desk for desk, _ in book.answers.choices(Filters(), FIRM).books] == ["Cash", "Europe"]


def test_the_blotter_pages_the_readers_trades_newest_first(book):
    page, total = book.answers.trades("blotter-trades", Filters(), FIRM, start=0, end=2)
    assert total == 3
    assert page.frame["trade_id"].tolist() == ["T3", "T1"]
    page, _ = book.answers.trades("blotter-trades", Filters(), FIRM, start=2, end=100)
    assert page.frame["trade_id"].tolist() == ["T2"]
    page, total = book.answers.trades("blotter-trades", Filters(instrument="EEE"), trader("Cash"), start=0, end=10)
    assert (len(page.frame), total) == (0, 0)


def test_a_file_streams_every_row_of_the_blotter_in_pages(book, monkeypatch):
    monkeypatch.setattr(answer, "PAGE_ROWS", 2)
    columns, about, batches = book.answers.stream("blotter-trades", Filters(), FIRM)
    rows = [row["trade_id"] for batch in batches for row in batch.to_pylist()]
    assert rows == ["T3", "T1", "T2"]
    assert about.key == "blotter-trades"
    assert columns[0].name == "trade_id"


@pytest.fixture
def readings(monkeypatch):
    """The relations read from the warehouse, as they are read."""
    found, read = [], rows.read

    def listed(cursor, relation, scope, ask):
        found.append(relation)
        return read(cursor, relation, scope, ask)

    monkeypatch.setattr(rows, "read", listed)
    return found


def test_all_panels_of_a_page_share_one_reading_of_what_is_held(book, readings):
    keys = [panel.key for view in discover().values() for panel in view.panels if "holdings" in needs(panel)]
    threads = [threading.Thread(target=book.answers.table, args=(key, Filters(), FIRM)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book.answers.table(TREE, Filters(ccy="EUR"), FIRM)
    book.answers.status(Filters(), FIRM)
    assert len(keys) > 5
    assert readings.count("holdings") == 1


@pytest.mark.parametrize(
    ("filters", "scope"),
    [(Filters(desk="Cash"), FIRM), (Filters(), trader("Cash")), (Filters(as_of=date(2022, 1, 3)), FIRM)],
)
def test_other_rows_are_another_reading(book, readings, filters, scope):
    book.answers.table(TREE, Filters(), FIRM)
    book.answers.table(TREE, filters, scope)
    assert readings.count("holdings") == 2


def test_a_trader_and_the_firm_are_offered_their_own_books_whoever_asked_first(book):
    for scope, desks in (
        (FIRM, ["Cash", "Europe"]),
        (trader("Cash"), ["Cash"]),
        (trader(), []),
        (FIRM, ["Cash", "Europe"]),
    ):
        assert [desk for desk, _ in book.answers.choices(Filters(), scope).books] == desks


def test_concurrent_misses_of_one_key_compute_once(book, monkeypatch):
    calls, begun, go = [], threading.Event(), threading.Event()
    compute = book.answers._answer

    def slow(question):
        calls.append(1)
        begun.set()
        go.wait(5)
        return compute(question)

    monkeypatch.setattr(book.answers, "_answer", slow)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(book.answers.table(TREE, Filters(), FIRM).frame)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    go.set()
    for thread in threads:
        thread.join()
    assert (len(calls), len(found)) == (1, 6)


def test_an_unknown_panel_and_an_unknown_snapshot_are_said_to_be_unknown(book):
    with pytest.raises(UnknownError):
        book.answers.table("no-such-panel", Filters(), FIRM)
    with pytest.raises(EmptyError, match="000009"):
        book.answers.table(TREE, Filters(known="000009"), FIRM)


def test_before_the_first_load_the_answer_says_what_to_do(tmp_path, book):
    book.answers.warehouse = Warehouse(tmp_path / "nothing")
    with pytest.raises(EmptyError, match="parapet load"):
        book.answers.table(TREE, Filters(), FIRM)


def test_no_answer_changes_when_rows_outside_the_scope_change(book):
    keys = ("overview-summary", TREE, "exposure-concentration", "exposure-coverage", "pnl-history")
    before = {key: book.answers.table(key, Filters(), trader("Cash")).frame for key in keys}
    book.add(
        """
        trades:
          trade_id book instrument quantity price trade_date
          T8       EQ2  AAA        5000     11    2022-01-04
          T9       EQ2  NNN        5000     11    2022-01-03
        """
    )
    for key, frame in before.items():
        assert frame.equals(book.answers.table(key, Filters(), trader("Cash")).frame), key

"""Filters of tables: which rows are left, that totals stay, and that nothing is found that is not open."""

from dataclasses import replace

import pytest
from openpyxl import load_workbook

from app import page_file
from app.filters import BadFilterError, Filters
from app.question import DeniedError
from app.where import Condition, conditions, written
from tests.ledger import FIRM, NOW, Ledger, trader

BOOK = """
    books:
      book desk trader
      EQ1  Cash Tom
      EQ2  Cash Tom
      VO1  Vol  Vera
    counterparties:
      counterparty name
      ALDER        Alder
      BIRCH        Birch
    instruments:
      symbol name  currency
      AAA    Alpha USD
      ABA    Aleph USD
      BBB    Beta  USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      ABA        2022-01-03 20
      ABA        2022-01-04 20
      BBB        2022-01-03 100
      BBB        2022-01-04 90
    trades:
      trade_id book instrument quantity price trade_date settle_date counterparty
      T1       EQ1  AAA        100      10    2022-01-03 2022-01-05  ALDER
      T2       EQ1  BBB        5        100   2022-01-03 2022-01-05  BIRCH
      T3       EQ2  ABA        -50      20    2022-01-04 2022-01-06  ALDER
      T4       EQ2  AAA        7        11    2022-01-04 2022-01-06  BIRCH
      T5       VO1  BBB        -3       90    2022-01-04 2022-01-06  ALDER
    limits:
      limit_id scope_kind scope_node measure        soft hard
      c-gross  desk       Cash       exposure.gross 1000 2000
      v-gross  desk       Vol        exposure.gross 1000 9000
"""
TREE, TRADES = "positions-tree-by-instrument", "blotter-trades"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOK)
    yield ledger.answers
    ledger.warehouse.close()


def where(panel, *conditions):
    return Filters.parse({"where": ";".join(f"{panel}.{condition}" for condition in conditions)})


def tree(answers, *conditions, scope=FIRM):
    """The names of the rows that are left, outermost first."""
    frame = answers.table(TREE, where(TREE, *conditions), scope).frame
    return [
        "/".join(names[:level])
        for level, *names in frame[["level", "desk", "book", "instrument"]].itertuples(index=False)
    ]


def trades(answers, *conditions, scope=FIRM):
    return answers.trades(TRADES, where(TRADES, *conditions), scope, start=0, end=100)[0].frame["trade_id"].tolist()


def test_a_condition_is_written_as_it_is_read_whatever_its_text_holds():
    text = "a.b:50%25 up%3B%20down;c.d_e:1..2"
    assert conditions(text) == [Condition("a", "b", "50% up; down"), Condition("c", "d_e", "1..2")]
    assert conditions(written(conditions(text))) == conditions(text)
    assert conditions(text, "c") == [Condition("c", "d_e", "1..2")]
    filters = Filters.parse({"where": text})
    assert Filters.parse(filters.query()) == filters


@pytest.mark.parametrize("text", ["a", "a.b", "a:b", ".b:c", "a.:c", "a.b:", "a.b: ", ";".join(["a.b:c"] * 41)])
def test_what_is_no_condition_is_refused_by_name(text):
    with pytest.raises(BadFilterError, match=r"^where: "):
        Filters.parse({"where": text})


def test_of_a_tree_the_innermost_rows_are_left_with_all_above_them(answers):
    assert tree(answers, "_name:aa") == ["", "Cash", "Cash/EQ1", "Cash/EQ1/AAA", "Cash/EQ2", "Cash/EQ2/AAA"]
    assert tree(answers, "_name:vo1") == ["", "Vol", "Vol/VO1", "Vol/VO1/BBB"]
    assert tree(answers, "name:ALEPH") == ["", "Cash", "Cash/EQ2", "Cash/EQ2/ABA"]
    assert tree(answers, "market_value:..-500") == ["", "Cash", "Cash/EQ2", "Cash/EQ2/ABA"]
    assert tree(answers, "_name:a", "market_value:0..100") == ["", "Cash", "Cash/EQ2", "Cash/EQ2/AAA"]
    assert tree(answers, "_name:nowhere") == [""]


def test_totals_and_rows_above_stay_those_of_all_rows_and_the_table_says_so(answers):
    whole = answers.table(TREE, Filters(), FIRM)
    left = answers.table(TREE, where(TREE, "_name:alp", "name:alpha"), FIRM)
    assert left.frame["market_value"].iloc[0] == whole.frame["market_value"].iloc[0]
    left = answers.table(TREE, where(TREE, "name:alpha"), FIRM)
    assert left.about.shown == "2 of 5 rows"
    assert left.about.notes[-1] == "Filtered: 2 of 5 rows: Name has alpha; totals are of all rows"
    assert whole.about.shown == ""


def test_a_list_is_filtered_by_words_and_shares(answers):
    def limits(*conditions):
        return answers.table("limits-use", where("limits-use", *conditions), FIRM).frame["limit_id"].tolist()

    assert limits("state:ok") == ["v-gross"]
    assert limits("utilisation:0.9..") == ["c-gross"]
    assert limits("scope_node:vol", "utilisation:0.9..") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["instrument:aa"], ["T4", "T1"]),
        (["instrument:A", "side:SELL"], ["T3"]),
        (["quantity:-3..7"], ["T2", "T4", "T5"]),
        (["consideration:500.."], ["T3"]),
        (["settle_date:2022-01-06.."], ["T3", "T4", "T5"]),
        (["trade_date:..2022-01-03"], ["T1", "T2"]),
        (["counterparty:alder", "desk:cash"], ["T1", "T3"]),
        (["trade_id:%"], []),
        (["trader:vera"], ["T5"]),
    ],
)
def test_trades_are_filtered_by_the_warehouse_among_all_of_them(answers, wanted, found):
    assert sorted(trades(answers, *wanted)) == sorted(found)
    page, total = answers.trades(TRADES, where(TRADES, *wanted), FIRM, start=0, end=1)
    assert (len(page.frame), total) == (min(1, len(found)), len(found))
    assert page.about.shown == f"{len(found)} of 5 rows"


def test_a_file_holds_what_is_left_and_says_so(answers):
    _columns, about, batches = answers.stream(TRADES, where(TRADES, "instrument:aaa"), FIRM)
    assert [name for batch in batches for name in batch.column("trade_id").to_pylist()] == ["T4", "T1"]
    assert about.notes == ("Filtered: 2 of 5 rows: Instrument has aaa",)
    _columns, about, batches = answers.stream(TREE, where(TREE, "name:beta"), FIRM)
    assert sum(batch.num_rows for batch in batches) == len(tree(answers, "name:beta"))
    assert "Name has beta" in about.notes[0]


def test_a_page_s_workbook_filters_each_of_its_tables_and_says_which(answers, tmp_path):
    filters = where("limits-use", "state:ok")
    asked = page_file.question_of(answers, "limits", filters, FIRM)
    path = tmp_path / "limits.xlsx"
    path.write_bytes(b"".join(page_file.workbook(answers, asked, "https://parapet/limits", NOW)))
    book = load_workbook(path)
    assert [row[0].value for row in book["Use of limits"].iter_rows(min_row=2)] == ["v-gross"]
    assert [row[3].value for row in book["Contents"].iter_rows(min_row=2, max_row=3)] == [None, "Filtered: 1 of 2 rows"]


def test_conditions_of_other_panels_are_passed_over_and_share_what_is_kept(answers):
    filters = where("limits-use", "state:ok")
    assert answers.table(TREE, filters, FIRM).about.shown == ""
    assert answers.question(TREE, filters, FIRM).filters == Filters()


def test_nothing_is_found_that_is_not_open(answers):
    assert trades(answers, "desk:vol", scope=trader("Cash")) == []
    page, total = answers.trades(TRADES, where(TRADES, "instrument:b"), trader("Vol"), start=0, end=9)
    assert (page.frame["trade_id"].tolist(), total, page.about.shown) == (["T5"], 1, "1 of 1 rows")
    assert tree(answers, "_name:bbb", scope=trader("Cash")) == ["", "Cash", "Cash/EQ1", "Cash/EQ1/BBB"]


def test_a_masked_column_filters_no_trades(answers):
    masked = replace(trader("Cash"), masked=frozenset({"counterparty"}))
    with pytest.raises(DeniedError, match="counterparty is masked"):
        trades(answers, "counterparty:alder", scope=masked)


@pytest.mark.parametrize(
    ("key", "condition", "said"),
    [
        (TREE, "nothing:1", "is not filtered by 'nothing'"),
        (TREE, "market_value:much", "'much' is no range of Market value"),
        (TREE, "market_value:1..2..3", "is no range"),
        (TRADES, "settle_date:2022..", "is no range of Settles"),
        (TRADES, "trade_time:2022-01-03", "is not filtered by 'trade_time'"),
        ("pnl-history", "pnl:1..", "is no table"),
        ("pivot-tree", "desk:a", "Pivot is no table"),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused_in_words(answers, key, condition, said):
    with pytest.raises(BadFilterError, match=f"^where: .*{said}"):
        answers.table(key, where(key, condition), FIRM)

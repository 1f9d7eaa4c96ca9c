"""Finding by a part of a name: only what the scope opens is found, and only its desks and books are named."""

import pytest

from data.queries.find import MOST
from tests.ledger import FIRM, trader

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol name      currency
      AAA    Alphabet  USD
      ALB    Albatross USD
      EEE    Elba      USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      ALB        2022-01-03 10
      EEE        2022-01-03 100
      AAA        2022-01-04 10
      ALB        2022-01-04 10
      EEE        2022-01-04 100
    trades:
      trade_id book instrument quantity price trade_date
      TRD-1    EQ1  AAA        100      10    2022-01-03
      TRD-2    EQ2  AAA        -10      10    2022-01-03
      TRD-3    EQ2  EEE        5        100   2022-01-03
      TRD-4    EQ2  ALB        5        10    2022-01-03
      TRD-5    EQ2  ALB        -5       10    2022-01-04
"""


@pytest.fixture
def desks(open_ledger):
    return open_ledger(BOOKS)


def symbols(ledger, text, scope=FIRM):
    return ledger.read("found_instruments", scope, values={"text": text})["instrument"].tolist()


def trades(ledger, text, scope=FIRM, **dates):
    return ledger.read("found_trades", scope, values={"text": text}, **dates)["trade_id"].tolist()


@pytest.mark.parametrize(
    ("text", "found"),
    [("aaa", ["AAA"]), ("EEE", ["EEE"]), ("alba", ["ALB"]), ("l", ["AAA", "EEE", "ALB"]), ("x", []), ("%", [])],
)
def test_an_instrument_is_found_by_its_symbol_or_a_part_of_its_name_whatever_the_case(desks, text, found):
    assert symbols(desks, text) == found


def test_the_symbol_counts_before_the_name_and_what_is_held_before_what_was(desks):
    assert symbols(desks, "al") == ["ALB", "AAA"]
    assert symbols(desks, "b") == ["AAA", "EEE", "ALB"]


def test_an_instrument_names_only_the_desks_and_books_of_the_scope(desks):
    firm, cash = (desks.read("found_instruments", who, values={"text": "AAA"}) for who in (FIRM, trader("Cash")))
    assert [*map(list, firm[["desks", "books"]].iloc[0])] == [["Cash", "Europe"], ["EQ1", "EQ2"]]
    assert [*map(list, cash[["desks", "books"]].iloc[0])] == [["Cash"], ["EQ1"]]


def test_what_only_another_desk_holds_is_not_found(desks):
    assert symbols(desks, "EEE", trader("Cash")) == []
    assert symbols(desks, "l", trader("Cash")) == ["AAA"]
    assert trades(desks, "TRD-", trader("Cash")) == ["TRD-1"]
    assert trades(desks, "TRD-2", trader("Cash")) == []


def test_a_scope_without_a_desk_finds_nothing(desks):
    assert symbols(desks, "a", trader()) == []
    assert trades(desks, "T", trader()) == []


def test_a_trade_is_found_by_the_beginning_of_its_identifier(desks):
    assert trades(desks, "trd-3") == trades(desks, "TRD-3") == ["TRD-3"]
    assert trades(desks, "RD-3") == []
    assert trades(desks, "TRD_") == []


def test_a_trade_after_the_date_or_no_longer_current_is_not_found(desks):
    earlier = desks.sql("SELECT min(day) AS day FROM business_day")["day"].iloc[0].date()
    assert "TRD-5" not in trades(desks, "TRD", as_of=earlier)
    desks.add(
        """
        trades:
          trade_id version action book instrument quantity price trade_date
          TRD-3    2       cancel EQ2  EEE        5        100   2022-01-03
        """
    )
    assert trades(desks, "TRD") == ["TRD-1", "TRD-2", "TRD-4", "TRD-5"]


def test_only_a_few_are_found_at_a_time(open_ledger):
    rows = "\n".join(f"      T{n:03} EQ1  S{n:03} 1 10 2022-01-03" for n in range(MOST + 5))
    names = "\n".join(f"      S{n:03} USD" for n in range(MOST + 5))
    prices = "\n".join(f"      S{n:03} 2022-01-03 10" for n in range(MOST + 5))
    many = open_ledger(
        "    books:\n      book desk\n      EQ1  Cash\n"
        f"    instruments:\n      symbol currency\n{names}\n"
        f"    prices:\n      instrument price_date price\n{prices}\n"
        f"    trades:\n      trade_id book instrument quantity price trade_date\n{rows}\n"
    )
    assert len(symbols(many, "S")) == len(trades(many, "T")) == MOST

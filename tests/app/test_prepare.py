"""What is asked before anyone asks: afterwards a reader's home is answered from what is kept."""

import pytest

from app.figures import THEMES
from app.filters import Filters
from app.main import create_answers
from app.prepare import prepare, questions
from app.question import PendingError
from app.settings import read_settings
from app.view import discover
from tests.ledger import FIRM, trader

BOOK = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol currency
      AAA    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  AAA        -10      10    2022-01-03
"""


@pytest.fixture
def answers(open_ledger):
    return open_ledger(BOOK).answers


def test_the_homes_of_every_desk_and_book_are_asked_first_then_every_page_as_it_opens(answers):
    asked = [(view.name, filters.query(), tuple(scope.key)) for view, filters, scope in questions(answers)]
    assert asked[:3] == [
        ("overview", "", ("firm",)),
        ("overview", "desk=Cash", ("firm",)),
        ("overview", "desk=Cash&book=EQ1", ("firm",)),
    ]
    assert ("book", "desk=Cash&book=EQ1", ("desk Cash",)) in asked
    firm = {name for name, _query, key in asked if key == ("firm",)}
    assert firm >= {view.name for view in discover().values() if not view.home}
    assert not [query for _name, query, key in asked if key == ("desk Cash",) and "Europe" in query]


@pytest.mark.parametrize("theme", THEMES)
def test_afterwards_homes_are_answered_from_what_is_kept(answers, monkeypatch, theme):
    shares = []
    assert prepare(answers, lambda _step, share: shares.append(share)) > 0
    assert shares[-1] == 1

    def read(*_):
        raise AssertionError("read again")

    monkeypatch.setattr(answers.warehouse, "cursor", read)
    for page, scope in (("overview", FIRM), ("book", trader("Cash"))):
        for panel in discover()[page].panels:
            try:
                answers.drawn(panel.key, Filters(desk="Cash"), scope, theme)
            except PendingError:
                continue
            assert answers.ready(panel.key, Filters(desk="Cash"), scope, theme), panel.key


def test_a_panel_that_fails_is_named_and_the_others_are_made(answers, monkeypatch, capsys):
    made = []

    def drawn(key, filters, scope, _theme):
        if key == "overview-summary":
            raise RuntimeError("out of order")
        made.append((key, filters, scope))

    monkeypatch.setattr(answers, "drawn", drawn)
    assert prepare(answers, lambda *_: None) == len(set(made)) > 0
    assert "overview-summary" in capsys.readouterr().out


def test_without_a_load_there_is_nothing_to_prepare(tmp_path):
    assert prepare(create_answers(read_settings(home=tmp_path)), lambda *_: None) == 0

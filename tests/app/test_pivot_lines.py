"""The pivot's small lines: each number as of each of the last days, at every row its measure's own for that day."""

from dataclasses import replace

import numpy as np
import pytest

from app.figures.pivot import lines as drawn_lines
from app.filters import BadFilterError, Filters
from app.pivot import DAYS as MOST_DAYS
from app.question import PendingError
from tests.desks import DAYS, opened
from tests.ledger import FIRM, trader

PIVOT = "pivot-tree"
SHOWN = "value_at_risk.var,pnl.day"
LAST = DAYS[-MOST_DAYS:]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    ledger = opened(tmp_path_factory)
    yield ledger.answers
    ledger.warehouse.close()


def asked(query):
    return Filters.parse(f"rows=desk,book&show={SHOWN}&trend={SHOWN}{query}")


def row(table, at):
    """The numbers of one row, `North` or `North/NONE`, the total's where empty."""
    names = [
        "/".join(texts[:level]) for level, *texts in table.frame[["level", "desk", "book"]].itertuples(index=False)
    ]
    return table.frame.iloc[names.index(at)]


@pytest.mark.parametrize("at", ["", "North", "South/SONE"])
@pytest.mark.parametrize("number", SHOWN.split(","))
def test_each_day_is_what_the_pivot_of_that_day_says_at_the_row(answers, at, number):
    found = row(answers.table(PIVOT, asked(""), FIRM), at)
    for day in (LAST[0], LAST[7], LAST[-1]):
        then = row(answers.table(PIVOT, replace(asked("&trend=none"), as_of=day), FIRM), at)
        assert found[f"{number}~{day}"] == pytest.approx(then[number], rel=1e-9, nan_ok=True), day
    assert sum(name.startswith(f"{number}~") for name in found.index) == MOST_DAYS


def test_what_does_not_add_up_is_not_added_up(answers):
    table = answers.table(PIVOT, asked(""), FIRM)
    column = f"value_at_risk.var~{LAST[3]}"
    desks = table.frame.loc[table.frame["level"] == 1, column]
    assert 0 < row(table, "")[column] < desks.sum()


def test_lines_are_of_the_reader_s_own_rows(answers):
    own = row(answers.table(PIVOT, asked(""), trader("North")), "")
    north = row(answers.table(PIVOT, asked(""), FIRM), "North")
    days = [name for name in own.index if "~" in name]
    assert own[days].to_numpy(float) == pytest.approx(north[days].to_numpy(float), rel=1e-9, nan_ok=True)
    assert "South" not in str(answers.lines(PIVOT, asked(""), trader("North")))


def test_days_before_the_as_of_date_only_and_no_more_than_there_are(answers):
    table = answers.table(PIVOT, replace(asked(""), as_of=DAYS[2]), FIRM)
    assert [c.name.partition("~")[2] for c in table.columns if c.name.startswith("pnl.day~")] == [*map(str, DAYS[:3])]


def test_a_number_that_is_not_shown_has_no_line_and_none_are_wanted_by_name(answers):
    for query in ("rows=desk&show=pnl.mtd", "rows=desk&show=pnl.day&trend=none"):
        filters = Filters.parse(query)
        assert not [column for column in answers.table(PIVOT, filters, FIRM).columns if "~" in column.name]
        assert answers.lines(PIVOT, filters, FIRM) == {}
    with pytest.raises(BadFilterError, match=r"trend: there is no number 'pnl\.nothing'"):
        Filters.parse("trend=pnl.nothing")


def test_the_browser_gets_a_text_a_row_whose_holes_are_marked(answers):
    found = answers.lines(PIVOT, asked(""), FIRM)
    assert found["days"] == [str(day) for day in LAST]
    assert set(found["rows"]) >= {"", "North", "South", "South\tSONE"}
    texts = [text for numbers in found["rows"].values() for text in numbers.values()]
    assert {len(text.split()) for text in texts} == {MOST_DAYS}
    table = answers.table(PIVOT, asked(""), FIRM)
    value = row(table, "South")[f"pnl.day~{LAST[-1]}"]
    assert float(found["rows"]["South"]["pnl.day"].split()[-1]) == pytest.approx(value, rel=1e-6)
    holed = replace(table, frame=table.frame.assign(**{f"pnl.day~{LAST[0]}": np.nan}))
    assert drawn_lines(holed, ("pnl.day",), ())["rows"][""]["pnl.day"].startswith("x ")


def test_numbers_do_not_wait_for_lines_that_earlier_days_would_have_to_be_run_for(answers, monkeypatch):
    answers.table(PIVOT, asked("&trend=none"), FIRM)
    find = type(answers.needs).find

    def pending(needs, name, question):
        if name == "pnl_vectors" and question.moment.as_of < LAST[-1]:
            raise PendingError("key", "vectors", None)
        return find(needs, name, question)

    monkeypatch.setattr(type(answers.needs), "find", pending)
    answers.cache.clear()
    found = answers.lines(PIVOT, asked("&ccy=EUR"), FIRM)
    assert found["waits"] == ["VaR"]
    assert set(found["rows"]["North"]) == {"pnl.day"}
    table = answers.table(PIVOT, asked("&ccy=EUR"), FIRM)
    assert not [column for column in table.columns if column.name.startswith("value_at_risk.var~")]
    assert any("VaR" in note for note in table.about.notes)

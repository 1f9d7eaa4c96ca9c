"""The pivot's numbers: every cell and total is its measure's own for the positions it stands for."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from app import write
from app.fields import SHOW, numbers
from app.filters import BadFilterError, Filters
from app.question import DeniedError
from tests.desks import DAYS, opened
from tests.ledger import FIRM, NOW, trader

PIVOT = "pivot-tree"
WHOLE = {
    "value_at_risk.var": ("var-summary", "var"),
    "value_at_risk.es": ("var-summary", "es"),
    "pnl.day": ("pnl-tree-by-instrument", "day"),
    "pnl.mtd": ("pnl-tree-by-instrument", "mtd"),
    "exposure.gross": ("exposure-ladder-by-currency", "gross"),
    "exposure.net": ("exposure-ladder-by-currency", "net"),
    "sensitivities.delta": ("sensitivities-tree-by-instrument", "delta"),
    "sensitivities.pv01": ("sensitivities-tree-by-instrument", "pv01"),
}
"""Of each number, a panel that gives it for everything that the filters read, and its column there."""

LAYOUTS = ["rows=desk,book&cols=asset_class", "rows=asset_class&cols=desk", "rows=currency,book&cols=instrument_type"]
LAYOUTS += ["rows=desk,book,asset_class,instrument", "rows=strategy&cols=currency&desk=North"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    ledger = opened(tmp_path_factory)
    yield ledger.answers
    ledger.warehouse.close()


def table(answers, query, scope=FIRM):
    return answers.table(PIVOT, Filters.parse(query), scope)


def frame(answers, query, scope=FIRM):
    """The pivot's numbers by their path, one string."""
    found = table(answers, query, scope)
    keys = [column.name for column in found.columns if column.kind == "text"]
    paths = ["/".join(names[:level]) for level, *names in found.frame[["level", *keys]].itertuples(index=False)]
    return found.frame.set_axis(paths)


def alone(answers, name, narrowing):
    """The number for what these filters read, from a panel that knows no pivot; missing where nothing is read."""
    key, column = WHOLE[name]
    found = answers.table(key, narrowing, FIRM).frame
    return found[column].iloc[0] if len(found) else np.nan


def cells(answers, query):
    """Every cell of a pivot: its number's name, the filters that narrow a page to it, and what the pivot says."""
    filters = Filters.parse(query)
    found, down = table(answers, query).frame, filters.down.split(",")
    for row in found.to_dict("records"):
        own = {key: row[key] for key in down[: row["level"]]}
        for name, amount in row.items():
            number, _, value = str(name).partition("@")
            if number in WHOLE:
                across = {filters.across: value} if value else {}
                yield number, replace(filters.unpivoted(), **own, **across), amount


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("show", [["value_at_risk.var", "value_at_risk.es"], [n for n in WHOLE if "risk" not in n]])
def test_every_cell_and_every_total_is_what_a_page_narrowed_to_it_says(answers, layout, show):
    checked = 0
    for number, narrowing, amount in cells(answers, f"{layout}&show={','.join(show)}"):
        expected = alone(answers, number, narrowing)
        if np.isnan(amount):
            assert np.isnan(expected) or expected == 0, (number, narrowing)
        else:
            assert amount == pytest.approx(expected, rel=1e-6, abs=1e-6), (number, narrowing)
            checked += amount != 0
    assert checked > 10


def test_a_total_of_var_is_less_than_the_sum_of_its_rows_and_components_add_up_to_it(answers):
    found = table(answers, "rows=desk&cols=asset_class&show=value_at_risk.var,value_at_risk.component").frame
    desks = found[found["level"] == 1]
    assert found["value_at_risk.var"].iloc[0] < desks["value_at_risk.var"].sum()
    assert desks["value_at_risk.component"].sum() == pytest.approx(found["value_at_risk.var"].iloc[0], rel=1e-6)
    across = [name for name in found if name.startswith("value_at_risk.component@")]
    assert len(across) > 1
    sums = found[across].sum(axis=1).to_numpy()
    assert sums == pytest.approx(found["value_at_risk.component"].to_numpy(), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", numbers())
def test_every_number_that_is_offered_has_one_value_at_every_node(answers, name):
    found = table(answers, f"rows=desk,book&cols=asset_class&show={name}")
    assert found.frame.groupby(["desk", "book"], dropna=False).size().max() == 1
    assert found.frame["level"].iloc[0] == 0
    assert set(found.frame["level"]) == {0, 1, 2}
    labels = {column.name: column.label for column in found.columns}
    assert labels[name] == f"Total · {numbers()[name][1].label}"


def test_what_waits_for_a_run_has_several_rows_or_is_a_limit_is_not_offered():
    assert {*SHOW.split(",")} <= {*numbers()}
    measures = {name.partition(".")[0] for name in numbers()}
    assert not {"simulated_var", "key_rates", "stress_map", "whatif_by", "limit_use"} & measures


def test_rows_stand_in_the_order_of_a_tree_whatever_measures_know_of_them(answers):
    paths = list(frame(answers, "rows=desk,book&show=value_at_risk.var,pnl.day,explain.total").index)
    assert paths[0] == ""
    assert paths == sorted(paths)
    assert {"North/NONE", "North/NTWO", "South/SONE", "South/STWO"} < set(paths)


BOOK = """
    books:
      book desk strategy
      ONE  Cash Carry
      TWO  Cash -
      PAST Cash Carry
    instruments:
      symbol currency asset_class
      AAA    USD      equity
      BBB    USD      index
      CCC    USD      equity
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 11
      AAA        2022-01-05 12
      BBB        2022-01-03 100
      BBB        2022-01-05 90
      CCC        2022-01-03 5
    trades:
      trade_id book instrument quantity price trade_date
      T1       ONE  AAA        100      10    2022-01-03
      T2       TWO  BBB        -10      100   2022-01-04
      T3       PAST CCC        7        5     2022-01-03
      T4       PAST CCC        -7       5     2022-01-04
"""


def test_a_closed_position_without_a_number_is_left_out_and_one_that_is_held_stays(open_ledger):
    answers = open_ledger(BOOK).answers
    assert "PAST" not in frame(answers, "rows=book&show=pnl.day").index
    held = frame(answers, "rows=book&show=pnl_split.fees")
    assert list(held.index) == ["", "ONE", "TWO"]
    assert not held["pnl_split.fees"].any()


def test_a_missing_attribute_is_a_row_and_a_column_of_its_own(open_ledger):
    answers = open_ledger(BOOK).answers
    assert "none" in frame(answers, "rows=strategy&show=exposure.net").index
    assert "exposure.net@none" in frame(answers, "rows=book&cols=strategy&show=exposure.net")


def test_against_a_day_the_change_is_the_difference_and_missing_where_a_side_is(open_ledger):
    answers = open_ledger(BOOK).answers
    found = frame(answers, "rows=book&show=exposure.net&compare=vs&vs=2022-01-03")
    name = "exposure.net"
    assert list(found)[2:] == [name, f"{name}:change", f"{name}:percent"]
    assert tuple(found.loc["ONE"].iloc[2:]) == (1200, 200, pytest.approx(0.2))
    assert found.loc["TWO", name] == -900
    assert found.loc["TWO", [f"{name}:change", f"{name}:percent"]].isna().all()
    assert found.loc["PAST"].iloc[2:].isna().all()  # held on the earlier day only: it is shown


def test_both_sides_of_a_comparison_are_what_each_says_alone(answers):
    day, vs = DAYS[-1], DAYS[-9]
    show = "show=value_at_risk.var,exposure.gross"
    compared = frame(answers, f"rows=desk&{show}&as_of={day}&vs={vs}&compare=vs")
    now, then = (frame(answers, f"rows=desk&{show}&as_of={on}") for on in (day, vs))
    for name in ("value_at_risk.var", "exposure.gross"):
        assert compared[name].equals(now[name])
        assert compared[f"{name}:change"].to_numpy() == pytest.approx((now[name] - then[name]).to_numpy())
        share = (now[name] - then[name]) / then[name].abs()
        assert compared[f"{name}:percent"].to_numpy() == pytest.approx(share.to_numpy())


def test_a_book_beside_another_is_each_book_alone(answers):
    found = frame(answers, "rows=asset_class&show=value_at_risk.var&book=NONE&compare=book:SONE")
    own, other = (frame(answers, f"rows=asset_class&show=value_at_risk.var&book={book}") for book in ("NONE", "SONE"))
    name = "value_at_risk.var"
    assert found[name].dropna().equals(own[name].reindex(found.index).dropna())
    assert found[f"{name}:other"].dropna().to_numpy() == pytest.approx(other[name].to_numpy())
    assert set(found.index) == set(own.index) | set(other.index)


def test_official_beside_the_imagined_differs_by_the_trades_and_nothing_else(answers):
    query = "rows=book&show=exposure.net,value_at_risk.var&whatif=%2B1000 NEQ @ NONE"
    found, official = frame(answers, f"{query}&compare=whatif"), frame(answers, query)
    assert found["exposure.net:other"].equals(official["exposure.net"].rename("exposure.net:other"))
    changed = found["exposure.net:change"]
    assert changed["NONE"] > 0
    assert changed[["NTWO", "SONE", "STWO"]].tolist() == [0, 0, 0]
    assert found.loc["NONE", "value_at_risk.var:change"] != 0


def test_without_imagined_trades_there_is_nothing_to_compare_with(answers):
    with pytest.raises(BadFilterError, match="no trade is imagined"):
        table(answers, "compare=whatif")


@pytest.mark.parametrize("other", ["book:SONE", "desk:South", "book:NOWHERE"])
def test_a_book_that_is_not_open_cannot_be_compared_with_whether_it_is_there_or_not(answers, other):
    with pytest.raises(DeniedError, match="is not open to you"):
        table(answers, f"compare={other}", trader("North"))


def test_a_reader_sees_his_own_rows_and_columns_only(answers):
    table(answers, "rows=desk,book&cols=strategy")  # what another reader asked before is not given away
    found = frame(answers, "rows=desk,book&cols=strategy", trader("North"))
    assert {path.partition("/")[0] for path in found.index} == {"", "North"}
    assert not [name for name in found if "@S" in name]


def test_more_columns_than_fit_are_refused_with_what_to_do(answers, monkeypatch):
    monkeypatch.setattr("app.pivot.MOST_VALUES", 2)
    with pytest.raises(BadFilterError, match="cols: there are 11 values of instrument, at most 2"):
        table(answers, "rows=desk&cols=instrument")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("rows=nothing", "rows: there is no key 'nothing'; there are asset_class, book"),
        ("rows=desk,desk", "rows: 'desk,desk' is not a list of 1 to 4 different keys"),
        ("rows=desk,book,sector,currency,trader", "1 to 4 different keys"),
        ("cols=desk,book", "cols: 'desk,book' is not a list of 1 to 1"),
        ("cols=desk", "cols: desk is among the rows already"),
        ("show=value_at_risk.nothing", "show: there is no number 'value_at_risk.nothing'"),
        ("show=simulated_var.var", "show: there is no number"),
        ("compare=yesterday", "compare: 'yesterday' is no comparison"),
        ("compare=book:", "compare: 'book:' is no comparison"),
        ("heat=2", "heat: '2' is neither 0 nor 1"),
    ],
)
def test_a_layout_that_cannot_be_read_says_what_may_be_written(query, said):
    with pytest.raises(BadFilterError, match=said.replace("(", r"\(")):
        Filters.parse(query)


def test_the_layout_is_written_back_as_it_was_read_and_concerns_no_other_panel(answers):
    query = "rows=book%2Cdesk&cols=sector&show=pnl.day&compare=desk%3ASouth&heat=1"
    filters = Filters.parse(query)
    assert filters.query() == query
    assert Filters.parse(query).unpivoted() == Filters()
    for panel in ("var-summary", "pnl-tree-by-instrument"):
        about = answers.table(panel, replace(filters, desk="North"), FIRM).about
        assert about.filters == (("desk", "North"),)


def test_a_page_drawn_once_is_drawn_for_every_layout_of_the_pivot(answers, monkeypatch):
    first = answers.drawn("var-summary", Filters(), FIRM, "dark")
    monkeypatch.setattr(type(answers), "table", None)
    assert answers.drawn("var-summary", Filters(down="book", heat="1"), FIRM, "dark") == first


def test_positions_and_vectors_are_read_once_for_all_numbers_of_a_pivot(answers, monkeypatch):
    read = []
    find = type(answers.needs).find
    monkeypatch.setattr(
        type(answers.needs), "find", lambda needs, name, question: read.append(name) or find(needs, name, question)
    )
    table(answers, f"rows=trader,sector&cols=legal_entity&show={SHOW},pnl_split.total,sensitivities.delta&trend=none")
    assert sorted(read) == ["holdings", "pnl_vectors", "portfolio"]


def test_the_table_says_what_it_is_made_of(answers):
    about = table(answers, "show=pnl.day,value_at_risk.var&compare=vs&heat=1").about
    for part in ("P&L by period: ", "VaR and ES: "):
        assert part in about.definition
    names = dict(about.conventions)
    assert {"Pivot", "P&L", "VaR"} <= set(names)
    assert ("VaR level", "99%") in about.settings
    assert dict(about.filters)["show"] == "pnl.day,value_at_risk.var"
    assert about.coverage.held > 0
    assert str(DAYS[-1]) in about.notes[0]
    assert table(answers, "show=pnl.day").about.settings == ()


def test_two_numbers_of_one_name_are_told_apart(answers):
    labels = [column.label for column in table(answers, "show=pnl.gross,exposure.gross,pnl.mtd").columns[2:]]
    assert labels == ["Gross (P&L by period)", "Gross (Exposure)", "MTD"]


def test_files_hold_the_pivot_as_it_is_on_screen(answers, tmp_path):
    query = "rows=desk,book&cols=asset_class&show=exposure.positions,value_at_risk.var&compare=vs"
    columns, about, batches = answers.stream(PIVOT, Filters.parse(query), FIRM)
    whole = list(batches)
    for form in write.FORMATS:
        data = b"".join(write.stream_batches(iter(whole), columns, about, form, reader="Helena", exported_at=NOW))
        assert data
        (tmp_path / f"pivot.{form}").write_bytes(data)
    read = pq.read_table(tmp_path / "pivot.parquet").to_pandas()
    asked = table(answers, query).frame
    assert len(read) == len(asked)
    assert "equity · VaR · Change (USD)" in (tmp_path / "pivot.csv").read_text()
    pd.testing.assert_series_equal(
        read["value_at_risk.var:change@equity"], asked["value_at_risk.var:change@equity"], check_names=False
    )


def test_the_day_compared_with_is_the_addresss(answers):
    titles = [column.label for column in table(answers, f"rows=desk&show=pnl.day&compare=vs&vs={DAYS[3]}").columns]
    assert titles[1] == f"Day P&L · {date.isoformat(DAYS[-1])}"

"""What-if's grammar: a trader's words become changes, and what cannot be read says which trade and what to write."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.changes import Change, canonical, parse
from app.filters import BadFilterError, Filters

NAMES = st.from_regex(r"[A-Z]{1,5}([ -][0-9P.]{1,8})?", fullmatch=True)
AMOUNTS = st.decimals(Decimal("0.0001"), Decimal(10**12), places=4)
CHANGES = st.one_of(
    st.builds(Change, st.just("trade"), NAMES, NAMES, AMOUNTS | AMOUNTS.map(lambda amount: -amount)),
    st.builds(Change, st.just("scale"), NAMES, NAMES, st.decimals(0, 1000, places=4)),
    st.builds(Change, st.just("close"), NAMES, NAMES),
    st.builds(Change, st.sampled_from(["replace", "roll"]), NAMES, NAMES, st.just(Decimal(0)), NAMES),
)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("+1000 AAPL @ LS-TREND", Change("trade", "AAPL", "LS-TREND", Decimal(1000))),
        ("1,000.5 AAPL@LS-TREND", Change("trade", "AAPL", "LS-TREND", Decimal("1000.5"))),
        ("−5 SPX 20230317 P3825 @ VOL-INDEX", Change("trade", "SPX 20230317 P3825", "VOL-INDEX", Decimal(-5))),
        ("close MSFT @ LS-VALUE", Change("close", "MSFT", "LS-VALUE")),
        ("x0.5 AAPL @ LS-TREND", Change("scale", "AAPL", "LS-TREND", Decimal("0.5"))),
        ("Replace AAPL by MSFT @ LS-TREND", Change("replace", "AAPL", "LS-TREND", into="MSFT")),
        (
            "roll SPX-20221216 to SPX-20230317 @ IDXARB-FUT",
            Change("roll", "SPX-20221216", "IDXARB-FUT", into="SPX-20230317"),
        ),
        ("AAPL\tLS-TREND\t1,000", Change("trade", "AAPL", "LS-TREND", Decimal(1000))),
        ('AAPL,LS-TREND,"-1,000"', Change("trade", "AAPL", "LS-TREND", Decimal(-1000))),
        ("AAPL;LS-TREND;100;", Change("trade", "AAPL", "LS-TREND", Decimal(100))),
    ],
)
def test_a_change_is_read_as_a_trader_writes_it(text, change):
    assert parse(text) == (change,)


def test_changes_stand_a_line_each_or_between_semicolons_and_keep_their_order():
    found = parse("+1 A @ X; close B @ Y\n\n  x2 C @ Z ;\nD\tX\t4\n")
    assert [change.instrument for change in found] == ["A", "B", "C", "D"]


def test_a_sheet_may_say_by_its_headings_where_its_columns_are():
    found = parse("Book,Trader,Quantity,Instrument\nLS,Ann,5,AAPL\nLS,Bob,-6,MSFT")
    assert found == (Change("trade", "AAPL", "LS", Decimal(5)), Change("trade", "MSFT", "LS", Decimal(-6)))


def test_no_text_is_no_change():
    assert parse(" \n;\n") == ()
    assert canonical("") == ""


@settings(max_examples=60)
@given(st.lists(CHANGES, max_size=5))
def test_what_is_written_back_reads_as_the_same_changes(changes):
    text = "; ".join(map(str, changes))
    assert parse(text) == tuple(changes)
    assert canonical(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "AAPL @ X",
        "+1000 AAPL",
        "+0 AAPL @ X",
        "+1.00001 AAPL @ X",
        "+9999999999999 AAPL @ X",
        "x-1 AAPL @ X",
        "x1001 AAPL @ X",
        "close @ X",
        "replace A @ X",
        "roll A to B @",
        "AAPL,X",
        "AAPL,X,many",
        "AAPL,X,1,000",
        "+1 A\x07 @ X",
        f"+1 {'A' * 101} @ X",
    ],
)
def test_what_cannot_be_read_names_the_trade_what_it_says_and_what_may_be_written(text):
    with pytest.raises(ValueError, match=r"trade 2 \('.*'\) cannot be read: .*; write \+1000 AAPL @ BOOK"):
        parse(f"+1 A @ X\n{text}")


def test_an_address_carries_the_one_form_of_the_trades():
    filters = Filters.parse({"whatif": "1,000  AAPL @LS\nCLOSE B @ X"})
    assert filters.whatif == "+1000 AAPL @ LS; close B @ X"
    assert Filters.parse(filters.query()) == filters
    assert Filters.parse("whatif=+1000 AAPL @ LS").whatif == "+1000 AAPL @ LS"
    assert Filters().query() == ""


@pytest.mark.parametrize("text", ["nonsense", "; ".join(["+1000 AAPL @ LS"] * 150), "x" * 30_000])
def test_an_address_with_trades_that_cannot_be_used_is_refused(text):
    with pytest.raises(BadFilterError, match=r"^whatif: "):
        Filters.parse({"whatif": text})

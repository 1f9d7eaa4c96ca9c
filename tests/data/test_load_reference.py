"""Instruments, books and counterparties: updated in place, with ids that stay."""

import pytest

from tests.data.desk import BOOKS, Desk

NAMES = "symbol,asset_class,instrument_type,currency"
OPTION = f"{NAMES},underlying,strike,expiry,option_type\n"
BOND = f"{NAMES},coupon,coupon_frequency,maturity\n"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def counts(summary):
    return summary.rows_loaded, summary.rows_known, summary.rows_rejected


def test_ids_follow_the_order_of_the_file_and_go_on_from_the_last(desk):
    desk.load("instruments", f"{NAMES}\nZZZ,equity,equity,USD\nBBB,equity,equity,USD\n")
    assert desk.ask("SELECT instrument_id, symbol FROM instrument ORDER BY ALL") == [
        (1, "AAA"),
        (2, "EEE"),
        (3, "WTI"),
        (4, "ZZZ"),
        (5, "BBB"),
    ]


def test_an_instrument_has_defaults(desk):
    desk.load("instruments", BOND + "T 2 30,rates,government_bond,USD,2,2,2030-05-15\n")
    columns = "name, multiplier::INT, price_factor::DOUBLE, synthetic, sector"
    assert desk.ask(f"SELECT {columns} FROM instrument WHERE symbol IN ('AAA', 'T 2 30') ORDER BY symbol") == [
        ("AAA", 1, 1.0, False, None),
        ("T 2 30", 1, 0.01, False, None),
    ]


def test_loading_a_symbol_again_updates_its_attributes_and_keeps_its_id(desk):
    text = f"{NAMES},sector\nAAA,equity,etf,USD,Funds\nEEE,equity,equity,EUR,\nNEW,equity,equity,USD,Energy\n"
    assert counts(desk.load("instruments", text)) == (2, 1, 0)
    assert desk.ask("SELECT instrument_id, instrument_type, sector FROM instrument WHERE symbol IN ('AAA', 'NEW')") == [
        (1, "etf", "Funds"),
        (4, "equity", "Energy"),
    ]


def test_a_column_the_file_does_not_have_keeps_its_value(desk):
    desk.load("books", BOOKS.replace("\n", ",trader\n", 1).replace("Firm Ltd\n", "Firm Ltd,Tom\n"), "a.csv")
    assert counts(desk.load("books", BOOKS + "\n", "b.csv")) == (0, 2, 0)
    desk.load("books", BOOKS.replace("Vol", "Index Arb"), "c.csv")
    assert desk.ask("SELECT book_id, desk, trader FROM book ORDER BY 1") == [
        (1, "Index Arb", "Tom"),
        (2, "Index Arb", "Tom"),
    ]


def test_a_name_repeated_in_the_file_is_rejected(desk):
    assert counts(desk.load("counterparties", "counterparty,name\nX,One\nX,Two\n")) == (1, 0, 1)
    assert desk.findings()[0][2:] == ("X", "the same counterparty stand on line 2")


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("O,equity,option,USD,AAA,100,2024-09-20,call", []),
        ("O,equity,option,USD,,,,", ["expiry", "option_type", "strike", "underlying"]),
        ("O,equity,option,USD,ZZZ,100,2024-09-20,call", ["underlying"]),
        ("O,equity,option,USD,AAA,-1,2024-09-20,straddle", ["option_type", "strike"]),
        ("O,equity,equity,USD,,,,", []),
        ("O,shares,equity,USD,,,,", ["asset_class"]),
        ("O,equity,equity,GBp,,,,", ["currency"]),
    ],
)
def test_an_option_needs_its_terms(desk, row, columns):
    desk.load("instruments", OPTION + row + "\n")
    assert [column for _, column, _, _ in desk.findings()] == columns


@pytest.mark.parametrize(
    ("terms", "columns"),
    [
        ("4.25,2,2034-02-15", []),
        ("0,1,2034-02-15", []),
        (",,", ["coupon", "coupon_frequency", "maturity"]),
        ("-1,3,2034-02-31", ["coupon", "coupon_frequency", "maturity"]),
    ],
)
def test_a_bond_needs_its_terms(desk, terms, columns):
    desk.load("instruments", f"{BOND}B,rates,government_bond,USD,{terms}\n")
    assert [column for _, column, _, _ in desk.findings()] == columns


def test_the_underlying_may_stand_in_the_same_file(desk):
    text = f"{OPTION}O,equity,option,USD,NEW,100,2024-09-20,put\nNEW,equity,equity,USD,,,,\n"
    assert counts(desk.load("instruments", text)) == (2, 0, 0)


@pytest.mark.parametrize(("country", "loaded"), [("GB", 1), ("", 1), ("gb", 0), ("GBR", 0)])
def test_a_country_has_two_letters(desk, country, loaded):
    assert desk.load("counterparties", f"counterparty,country\nX,{country}\n").rows_loaded == loaded

import pytest
import xlsxwriter

from data.load import LoadError
from data.mapping import Mapping, read_mapping
from tests.data.desk import Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def mapped(desk, text):
    return read_mapping(desk.write(text, "mapping.toml"))


def prices(desk):
    columns = "symbol, price_date::VARCHAR, price::DOUBLE"
    return desk.ask(f"SELECT {columns} FROM price JOIN instrument USING (instrument_id) ORDER BY ALL")


def test_foreign_names_formats_words_and_nulls_are_understood(desk):
    mapping = mapped(
        desk,
        """
        delimiter = "|"
        nulls = ["n/a"]
        [columns]
        instrument = "Ticker"
        price_date = "Day"
        price = "Last, adjusted"
        [formats]
        price_date = "%d/%m/%Y"
        [translations.instrument]
        "AAA US" = "AAA"
        """,
    )
    text = "Ticker|Day|Last, adjusted\nAAA US|03/06/2024|1.5\nEEE|31/05/2024|2\nEEE|2024-05-30|3\nWTI|30/05/2024|n/a\n"
    summary = desk.load("prices", text, mapping=mapping)
    assert (summary.rows_loaded, summary.rows_rejected) == (2, 2)
    assert prices(desk) == [("AAA", "2024-06-03", 1.5), ("EEE", "2024-05-31", 2)]
    assert desk.findings("source_row, column_name, value, remedy") == [
        (4, "price_date", "2024-05-30", "write it as %d/%m/%Y, or give its format in the mapping file"),
        (5, "price", None, "fill it in"),
    ]


def test_constants_fill_every_row_whatever_their_type(desk):
    mapping = mapped(desk, '[constants]\ninstrument = "AAA"\nprice_date = 2024-06-03\nprice = 1.25\n')
    desk.load("prices", "note\nx\n", mapping=mapping)
    assert prices(desk) == [("AAA", "2024-06-03", 1.25)]


def test_what_is_simulated_may_be_said_once(desk):
    mapping = mapped(desk, "[constants]\nsynthetic = true\n")
    desk.load("actions", "instrument,ex_date,action,value\nAAA,2024-06-03,dividend,1\n", mapping=mapping)
    assert desk.ask("SELECT synthetic FROM corporate_action") == [(True,)]


def test_one_column_may_feed_two_and_words_may_change_in_one_of_them(desk):
    mapping = mapped(desk, '[columns]\ncurve = "currency"\n[translations.curve]\nUSD = "USD government"\n')
    desk.load("curves", "currency,curve_date,months,rate\nUSD,2024-06-03,12,0.05\n", mapping=mapping)
    assert desk.ask("SELECT curve, currency FROM curve_node") == [("USD government", "USD")]


WIDE = '[columns]\nprice_date = "Date"\n[unpivot]\nname = "instrument"\nvalue = "price"\n'


def test_a_wide_file_gives_a_row_a_filled_cell(desk):
    text = "Date,AAA,EEE,WTI\n2024-05-30,1,2,\n2024-05-31,3,, \n"
    summary = desk.load("prices", text, mapping=mapped(desk, WIDE))
    assert (summary.rows_read, summary.rows_loaded) == (3, 3)
    assert prices(desk) == [("AAA", "2024-05-30", 1), ("AAA", "2024-05-31", 3), ("EEE", "2024-05-30", 2)]


def test_a_bad_cell_of_a_wide_file_leaves_the_others_of_its_line(desk):
    text = "Date,AAA,EEE,ZZZ\n2024-05-30,1,x,3\n2024-05-31,3,4,\n"
    summary = desk.load("prices", text, mapping=mapped(desk, WIDE))
    assert (summary.rows_read, summary.rows_loaded, summary.rows_rejected) == (5, 3, 2)
    assert desk.findings() == [
        (2, "instrument", "ZZZ", "unknown instrument"),
        (2, "price", "x", "this is not a number"),
    ]


@pytest.mark.parametrize("choice", ['columns = ["AAA", "WTI"]', 'ignore = ["EEE"]'])
def test_columns_of_a_wide_file_may_be_chosen_or_ignored(desk, choice):
    desk.load("prices", "Date,AAA,EEE,WTI\n2024-05-30,1,2,3\n", mapping=mapped(desk, WIDE + choice))
    assert [symbol for symbol, _, _ in prices(desk)] == ["AAA", "WTI"]


def test_a_sheet_is_chosen_by_its_name(desk):
    with xlsxwriter.Workbook(desk.folder / "a.xlsx") as book:
        book.add_worksheet("Notes").write(0, 0, "nothing")
        sheet = book.add_worksheet("Closes")
        sheet.write_row(0, 0, ["instrument", "price_date", "price"])
        sheet.write_row(1, 0, ["AAA", "2024-06-03", 1])
    assert desk.load("prices", desk.folder / "a.xlsx", mapping=Mapping(sheet="Closes")).rows_loaded == 1
    with pytest.raises(LoadError, match="no sheet 'Rates'; it has Notes, Closes"):
        desk.load("prices", desk.folder / "a.xlsx", mapping=Mapping(sheet="Rates"))


def test_the_same_file_under_another_mapping_is_another_load(desk):
    text = "Date,Price\n2024-06-03,1\n"
    for symbol in ("AAA", "EEE"):
        mapping = mapped(desk, f'[columns]\nprice_date = "Date"\n[constants]\ninstrument = "{symbol}"\n')
        assert desk.load("prices", text, mapping=mapping).rows_loaded == 1
    assert desk.load("prices", text, mapping=mapping).skipped


def test_values_and_names_with_quotes_are_data_and_no_sql(desk):
    evil = """x'); DROP TABLE price; --"""
    mapping = Mapping(
        columns={"instrument": f'"{evil}'}, constants={"price": "1"}, translations={"instrument": {evil: "AAA"}}
    )
    header = f'"""{evil}",price_date\n'
    desk.load("prices", f'{header}"{evil}",2024-06-03\nEEE,2024-06-03\n', mapping=mapping)
    assert [symbol for symbol, _, _ in prices(desk)] == ["AAA", "EEE"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns = 1", "columns: Input should be a valid dictionary"),
        ("[colums]\na = 'b'", "colums: Extra inputs are not permitted"),
        ("a = [", "cannot be read"),
        ("delimiter = 'x'", "delimiter"),
        ("[unpivot]\nname = 'quote'", "unpivot.value: Field required"),
    ],
)
def test_a_mapping_that_is_none_is_refused_in_one_sentence(desk, text, message):
    with pytest.raises(LoadError, match=rf"mapping\.toml: the mapping file .*{message}"):
        mapped(desk, text)


def test_a_missing_mapping_is_named(tmp_path):
    with pytest.raises(LoadError, match=r"no\.toml: the mapping file cannot be read"):
        read_mapping(tmp_path / "no.toml")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (Mapping(columns={"prize": "b"}), "the mapping names prize, but prices have instrument, price_date, price"),
        (Mapping(columns={"price": "Close"}), "takes price from 'Close', but the file has price_date, price"),
        (
            Mapping(unpivot={"name": "instrument", "value": "price", "columns": ["b"]}),
            "unpivots b; the file has price_date, price",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(desk, mapping, message):
    with pytest.raises(LoadError, match=rf"^file\.csv: .*{message}"):
        desk.load("prices", "price_date,price\n", mapping=mapping)

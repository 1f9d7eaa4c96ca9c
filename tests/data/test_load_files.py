"""What cannot be read as a whole is one clear sentence, and the warehouse stays as it was."""

import gzip
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from data.load import Limits, LoadError
from tests.data.desk import TRADE, Desk

ROW = "T1,2024-06-03T09:30:00Z,2024-06-05,B1,AAA,100,10.5\n"
SMALL = Limits(unpacked=1 << 20, small=1 << 16, ratio=20, cells=1000)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def parquet(desk, name="trades.parquet"):
    header, row = TRADE.strip().split(","), ROW.strip().split(",")
    pq.write_table(pa.table({key: [value] for key, value in zip(header, row, strict=True)}), desk.folder / name)
    return desk.folder / name


def workbook(desk, rows, name="trades.xlsx"):
    with xlsxwriter.Workbook(desk.folder / name) as book:
        sheet = book.add_worksheet("Trades")
        for place, row in rows:
            sheet.write_row(place, 0, row)
    return desk.folder / name


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("empty.parquet", b"", "the file is empty"),
        ("a.txt", b"x", "only files ending in .csv, .csv.gz, .parquet, .xlsx"),
        ("a.csv", "book,caf\xe9\n".encode("latin-1"), "line 1 is not UTF-8 \\(byte 0xE9\\)"),
        ("a.csv", (TRADE + "T1,\xe9\n").encode("latin-1"), "line 2 is not UTF-8 \\(byte 0xE9\\); save"),
        ("a.csv", TRADE.encode("utf-16"), "the file is UTF-16; save it as CSV in UTF-8"),
        ("a.csv", TRADE.encode("utf-16-le"), "line 1 holds a zero byte; the file is UTF-16"),
        ("a.csv", b"\n" + TRADE.encode(), "the first line is blank"),
        ("a.csv", b'trade_id,"price\n', "a quote in the first line is not closed"),
        ("a.csv", b"trade_id,price,price\n", "two columns are named 'price'"),
        ("a.parquet", b"PAR1 and no more", "not a whole Parquet file"),
        ("a.csv.gz", b"not packed", "it cannot be unpacked"),
        ("a.csv.gz", gzip.compress(TRADE.encode())[:-9], "it cannot be unpacked .* cut short"),
        ("a.xlsx", b"PK and no more", "not a whole XLSX workbook"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(desk, name, content, message):
    with pytest.raises(LoadError, match=f"^{name}: .*{message}"):
        desk.load("trades", content, name)


def test_a_missing_file_and_a_directory_are_refused(desk):
    with pytest.raises(LoadError, match=r"^no\.csv: there is no such file"):
        desk.load("trades", desk.folder / "no.csv")
    with pytest.raises(LoadError, match="this is a directory"):
        desk.load("trades", desk.folder)


def test_missing_columns_are_named_with_those_there_are_and_the_remedy(desk):
    with pytest.raises(
        LoadError, match=r"trades need the columns settle_date, quantity; the file has trade_id, .*mapping"
    ):
        desk.load("trades", "trade_id,trade_time,book,instrument,price\n")


def test_a_parquet_cut_short_is_refused(desk):
    whole = parquet(desk).read_bytes()
    with pytest.raises(LoadError, match=r"cut\.parquet: this is not a whole Parquet file.*copy it again"):
        desk.load("trades", whole[: len(whole) // 2], "cut.parquet")


def test_a_parquet_damaged_inside_is_refused_and_nothing_stays(desk):
    table = pa.table(
        {name: [value] * 5000 for name, value in zip(TRADE.strip().split(","), ROW.split(","), strict=True)}
    )
    pq.write_table(table, desk.folder / "bad.parquet", use_dictionary=False)
    content = bytearray((desk.folder / "bad.parquet").read_bytes())
    content[100:400] = b"\xff" * 300
    with pytest.raises(LoadError, match=r"^bad\.parquet: "):
        desk.load("trades", bytes(content), "bad.parquet")
    assert desk.ask("SELECT count(*) FROM trade_event") == [(0,)]


def test_a_gzip_bomb_is_refused_before_it_is_read(desk):
    bomb = gzip.compress((TRADE + ROW * 100_000).encode())
    with pytest.raises(LoadError, match=r"unpacks to more than .* MiB, as bombs do"):
        desk.load("trades", bomb, "bomb.csv.gz", limits=SMALL)


def test_a_line_without_end_is_refused(desk):
    with pytest.raises(LoadError, match="longer than 32 MiB"):
        desk.load("trades", gzip.compress(b"0" * (70 << 20), 1), "line.csv.gz", limits=Limits(ratio=2000))


def test_a_workbook_that_unpacks_too_far_is_refused(desk):
    file = workbook(desk, [(0, TRADE.strip().split(",")), *((i, [f"T{i}"] * 7) for i in range(1, 4000))])
    with pytest.raises(LoadError, match="unpacks to more than"):
        desk.load("trades", file, limits=SMALL)


def test_a_workbook_whose_directory_lies_about_its_size_is_refused(desk):
    file = desk.folder / "lie.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (2 << 20))
        archive.getinfo("xl/worksheets/sheet1.xml").file_size = 10
    with pytest.raises(LoadError, match="unpacks to more than"):
        desk.load("trades", file, limits=SMALL)


def test_a_sheet_with_a_cell_far_away_is_refused(desk):
    file = workbook(desk, [(0, ["trade_id"]), (900_000, ["far"])])
    with pytest.raises(LoadError, match="spans 900,001 rows by 1 columns"):
        desk.load("trades", file, limits=SMALL)


@pytest.mark.parametrize("member", ["nothing.txt", "xl/workbook.xml"])
def test_an_archive_that_is_no_workbook_is_refused(desk, member):
    with zipfile.ZipFile(desk.folder / "zip.xlsx", "w") as archive:
        archive.writestr(member, "<not>xml")
    with pytest.raises(LoadError, match=r"^zip\.xlsx: this is not a whole XLSX workbook"):
        desk.load("trades", desk.folder / "zip.xlsx")


@pytest.mark.parametrize("name", ["we[i]rd*?.csv", "it's.csv", "semi;colon.csv", "ünï.csv"])
def test_a_name_is_a_name_and_no_pattern(desk, name):
    assert desk.load("trades", TRADE + ROW, name).rows_loaded == 1
    assert desk.load("prices", "instrument,price_date,price\nAAA,2024-06-03,1\n", name).rows_loaded == 1


def test_every_form_loads_the_same_rows(desk):
    text = TRADE + ROW
    header, cells = TRADE.strip().split(","), [*ROW.strip().split(",")[:5], 100, 10.5]
    desk.load("trades", text, "a.csv")
    stored = desk.ask("SELECT * EXCLUDE (batch_id) FROM trade_event")
    forms = [
        desk.write(gzip.compress(text.encode()), "a.csv.gz"),
        desk.write(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "dos.csv"),
        desk.write(text.replace("\n", "\r"), "mac.csv"),
        desk.write(text.replace(",", ";"), "semicolon.csv"),
        desk.write(text.replace(",", "\t"), "tab.CSV"),
        parquet(desk),
        workbook(desk, [(0, header), (1, cells)]),
    ]
    for form in forms:
        desk.connection.execute("DELETE FROM trade_event")
        assert desk.load("trades", form).rows_loaded == 1, form.name
        assert desk.ask("SELECT * EXCLUDE (batch_id) FROM trade_event") == stored

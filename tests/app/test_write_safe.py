"""Text that could be taken for a formula, read back as a spreadsheet of any locale would read it."""

import csv
import io
import re

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app import write
from tests.app.test_write import ABOUT, NOW, csv_rows, file_of, numbers_of, texts_of, xlsx_rows

ATTACKS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tplain", "\rplain", "\nplain", "  =1", "\u00a0=1",
    "\u3000=1", "\u200b=1", "\ufeff=1", "\x00=1", "＝1+1", "＋1", "－1", "＠x", ' "=1', '"=1', "=cmd|'/c calc'!A0",
    "a;=1+1;b", "a; \t=1", 'a;"=1"', "a\n=1", "a\r\n@x", "a\t-1", ";=", "\n\n=1", "-", "--5", "=" * 40,
]  # fmt: skip
HARMLESS = [
    "Vol", "Long/Short", "BRK-B", "a=b", "x + y", "Desk, of sorts", 'the "other" one', "two\nlines", "O'Neil",
    "'quoted", "Société Générale", "日本", "a;b", "50% off", "(1)", "#N/A", "<&>", "_x0041_", " padded ", "back\\slash",
    "x" * 500, "2022-12-28", "€5", "🙂", "tab\tinside", "~", "/path",
]  # fmt: skip
DANGER = re.compile(r"[\s\x00-\x20\u00a0\u200b\u2028\u2029\u3000\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
NASTY = st.text(
    st.sampled_from("=+-@＝＋;,\t\r\n\"' aé&<_x\x00\u200b\u00a0") | st.characters(codec="utf-8"), max_size=12
)


def split_anywhere(raw):
    """The cells a spreadsheet may see: split at commas, and split at semicolons where quotes count only after one."""
    text = raw.decode("utf-8-sig").split("\r\n", 1)[1]
    yield from (cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row)
    yield from (cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row)
    yield from re.split(r"[;\t\r\n]", text)


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_stands_at_the_start_of_a_cell(text):
    table = texts_of([text, "harmless"])
    assert not [cell for cell in split_anywhere(file_of(table, "csv")) if DANGER.match(cell)]
    (found,) = xlsx_rows(file_of(table, "xlsx"))[1]
    assert not DANGER.match(found)


@settings(deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=6))
@example(["\n=1"])
def test_no_text_at_all_does(values):
    assert not [cell for cell in split_anywhere(file_of(texts_of(values), "csv")) if DANGER.match(cell)]


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_harmless_text_is_left_alone(fmt):
    read = {"csv": csv_rows, "xlsx": xlsx_rows}[fmt]
    expected = [text.replace("_x0041_", "_x005F_x0041_") if fmt == "xlsx" else text for text in HARMLESS]
    assert [row[0] for row in read(file_of(texts_of(HARMLESS), fmt))[1:]] == expected
    for text, kept in zip(HARMLESS, expected, strict=True):
        assert read(file_of(texts_of([text] * 3), fmt))[1:] in ([(kept,)] * 3, [[kept]] * 3)


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_what_is_disarmed_differs_by_apostrophes_only(fmt):
    read = {"csv": csv_rows, "xlsx": xlsx_rows}[fmt]
    found = [row[0] for row in read(file_of(texts_of(ATTACKS), fmt))[1:]]
    cleaned = [text.replace("\x00", "\ufffd") if fmt == "xlsx" else text for text in ATTACKS]
    assert [cell.replace("'", "") for cell in found] == [text.replace("'", "") for text in cleaned]
    assert all("'" in cell for cell in found)


def test_negative_numbers_stay_numbers():
    assert csv_rows(file_of(numbers_of([-5.5]), "csv"))[1] == ["-5.5", "-5.5"]
    assert xlsx_rows(file_of(numbers_of([-5.5]), "xlsx"))[1] == (-5.5, -5.5)


def test_no_cell_of_a_workbook_is_a_formula_whatever_its_text():
    book = openpyxl.load_workbook(io.BytesIO(file_of(texts_of(ATTACKS), "xlsx")))
    assert {cell.data_type for row in book["Data"].iter_rows(min_row=2) for cell in row} == {"s"}


def test_headers_filters_and_reader_are_disarmed_too():
    column = write.Column("x", "=HYPERLINK(1)", "text")
    table = write.Table(pd.DataFrame({"x": ["a"]}), (column,), ABOUT).titled(notes=("@note",))
    assert csv_rows(file_of(table, "csv"))[0] == ["'=HYPERLINK(1)"]
    raw = b"".join(write.stream(table, "xlsx", reader="+Amy", exported_at=NOW))
    assert xlsx_rows(raw)[0] == ("'=HYPERLINK(1)",)
    told = xlsx_rows(raw, "Provenance")
    assert ("Reader", "'+Amy") in told
    assert ("Note", "'@note") in told


@settings(deadline=None, max_examples=30)
@given(st.lists(NASTY, min_size=1, max_size=6))
def test_a_workbook_of_any_text_opens_and_keeps_it(values):
    found = [row[0] for row in xlsx_rows(file_of(texts_of(values), "xlsx"))[1:]]
    assert [_bare(cell) for cell in found] == [_bare(text) for text in values]


def _bare(text):
    """Without what disarming adds, what XML forbids, and how Excel escapes it."""
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd\ufffe\uffff]", "", (text or "").replace("'", ""))
    return kept.replace("_x005F_", "_")

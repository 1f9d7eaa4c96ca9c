"""Files made from rows that arrive bit by bit, and given up or broken off on the way."""

import io
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app import write
from tests.app.test_write import ABOUT, COLUMNS, FRAME, NOW, TABLE, file_of, xlsx_rows


def export(batches, fmt):
    return b"".join(write.stream_batches(batches, COLUMNS, ABOUT, fmt, reader="Amy", exported_at=NOW))


def test_the_size_of_the_batches_leaves_no_mark():
    whole = pa.concat_batches([pa.RecordBatch.from_pandas(FRAME)] * 14_000)
    pieces = [whole.slice(start, size) for start, size in ((0, 1), (1, 0), (1, 32_767), (32_768, 9_000), (41_768, 232))]
    for fmt in ("csv", "json", "xlsx"):
        assert export(pieces, fmt) == export([whole], fmt)
    assert export(pieces, "csv").count(b"Long/Short") == 14_000


@pytest.mark.parametrize("fmt", write.FORMATS)
def test_rows_are_drawn_only_a_few_batches_ahead_and_not_at_all_once_the_reader_is_gone(fmt):
    rows = pa.concat_batches([pa.RecordBatch.from_pandas(FRAME)] * 22_000)
    drawn, closed = [], []

    def source():
        try:
            for number in range(1_000):
                drawn.append(number)
                yield rows
        finally:
            closed.append(True)

    file = write.stream_batches(source(), COLUMNS, ABOUT, fmt, reader="Amy", exported_at=NOW)
    for _ in range(4):
        next(file)
    file.close()
    assert len(drawn) < 12
    assert closed


@pytest.mark.parametrize("fmt", ["xlsx", "json", "parquet"])
def test_a_source_that_fails_half_way_leaves_no_file_that_looks_whole(fmt):
    def source():
        yield pa.concat_batches([pa.RecordBatch.from_pandas(FRAME)] * 50_000)
        raise TimeoutError

    pieces = []
    with pytest.raises(TimeoutError):
        pieces.extend(write.stream_batches(source(), COLUMNS, ABOUT, fmt, reader="Amy", exported_at=NOW))
    read = {"xlsx": zipfile.ZipFile, "json": json.load, "parquet": pq.read_table}[fmt]
    with pytest.raises((zipfile.BadZipFile, json.JSONDecodeError, pa.ArrowInvalid)):
        read(io.BytesIO(b"".join(pieces)))


@pytest.mark.parametrize("fmt", write.FORMATS)
def test_the_same_export_twice_is_the_same_file(fmt):
    assert file_of(TABLE, fmt) == file_of(TABLE, fmt)


@pytest.mark.parametrize("fmt", write.FORMATS)
def test_no_batches_at_all_is_still_a_file(fmt):
    raw = b"".join(write.stream_batches(iter(()), COLUMNS, ABOUT, fmt, reader="Amy", exported_at=NOW))
    assert raw
    if fmt == "xlsx":
        assert len(xlsx_rows(raw)) == 1

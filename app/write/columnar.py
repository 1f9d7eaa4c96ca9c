"""Parquet: typed columns under their plain names, with label, unit and kind on each and the provenance on the file."""

from collections.abc import Iterable, Iterator

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from app.table import Column
from app.write.batches import declared
from app.write.note import Note, record
from app.write.spool import Spool

_ROWS = 131_072


def write(batches: Iterable[pa.RecordBatch], columns: tuple[Column, ...], note: Note) -> Iterator[bytes]:
    """Row groups of 131,072 rows, Snappy-compressed; the file's metadata has the note as JSON under `parapet`."""
    columns, schema, rows = declared(batches, columns, _ROWS)
    fields = [field.with_metadata(_metadata(column)) for field, column in zip(schema, columns, strict=True)]
    described = pa.schema(fields, {"parapet": orjson.dumps(record(note))})
    spool = Spool()
    with pq.ParquetWriter(spool, described) as writer:
        for batch in rows:
            writer.write_batch(batch.cast(described))
            yield spool.drain()
    yield spool.drain()


def _metadata(column: Column) -> dict[str, str]:
    return {"label": column.label, "unit": column.unit, "kind": column.kind}

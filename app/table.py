"""A frame with what is needed to defend it: units, as-of, snapshot and provenance.

A Table is what an answer returns, what a figure draws and what a file holds. It travels as Arrow IPC bytes with
the description in the schema's metadata, so that a cached answer is plain bytes.
"""

from dataclasses import dataclass, field, replace

import orjson
import pandas as pd
import pyarrow as pa

from app.risk.measure import Column as Column  # noqa: PLC0414 the public name of a column is app.table.Column

_KEY = b"parapet"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is held could be priced: the holes are counted by reason, never dropped."""

    held: int = 0
    priced: int = 0
    carried: int = 0
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def share(self) -> float:
        """Priced ÷ held; 1 when nothing is held."""
        return self.priced / self.held if self.held else 1.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """What reproduces and defends a table; `shown` says how many of its rows are left, if it is filtered."""

    key: str
    title: str
    definition: str
    as_of: str
    compared_with: str
    known_at: str
    snapshot: str
    base_currency: str
    filters: tuple[tuple[str, str], ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    conventions: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    release: str = ""
    notes: tuple[str, ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A frame (one row an item, columns as declared, index irrelevant), its columns and its provenance.

    Where rows form a tree, the frame has an integer column `level` (0 total, 1 first key, …) and rows stand in
    display order, parents before children; `level` is not among `columns`.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    about: Provenance

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def titled(self, **changes: object) -> "Table":
        """The same table under another description."""
        return replace(self, about=replace(self.about, **changes))  # type: ignore[arg-type]

    def to_bytes(self) -> bytes:
        """Arrow IPC stream with the description in the schema metadata."""
        note = orjson.dumps({"columns": self.columns, "about": self.about})
        arrays = {str(name): pa.array(values, from_pandas=True) for name, values in self.frame.items()}
        arrow = pa.table(arrays).replace_schema_metadata({_KEY: note})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, arrow.schema) as writer:
            writer.write_table(arrow)
        return bytes(sink.getvalue())

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Table":
        """The inverse of `to_bytes`."""
        with pa.ipc.open_stream(raw) as reader:
            arrow = reader.read_all()
        note = orjson.loads(arrow.schema.metadata[_KEY])
        about = note["about"]
        about["coverage"] = Coverage(**{**about["coverage"], "reasons": _pairs(about["coverage"]["reasons"])})
        for name in ("filters", "settings", "conventions"):
            about[name] = _pairs(about[name])
        for name in ("sources", "notes"):
            about[name] = tuple(about[name])
        columns = tuple(Column(**c) for c in note["columns"])
        return cls(arrow.replace_schema_metadata(None).to_pandas(), columns, Provenance(**about))


def _pairs(rows: list[list[object]]) -> tuple[tuple[object, object], ...]:
    return tuple((row[0], row[1]) for row in rows)

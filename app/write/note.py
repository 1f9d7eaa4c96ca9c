"""What a file says of itself: the provenance of its table, who took it away and when."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from app.table import Column, Provenance


@dataclass(frozen=True, slots=True)
class Note:
    """Provenance, reader and moment of one export; `exported_at` must carry a time zone."""

    about: Provenance
    reader: str
    exported_at: datetime

    @property
    def moment(self) -> str:
        """When it was exported, in UTC to the second."""
        return self.exported_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def header(column: Column) -> str:
    """A column's header in a file: the label with its unit, for an instant the zone, for a share how it is written."""
    if column.kind == "ratio" and column.unit == "%":
        return f"{column.label} (1 = 100%)"
    return f"{column.label} (UTC)" if column.kind == "time" and not column.unit else column.header


def record(note: Note) -> dict[str, Any]:
    """The note as plain data, for files that machines read."""
    about = asdict(note.about)
    about["filters"] = dict(note.about.filters)
    about["settings"] = dict(note.about.settings)
    about["conventions"] = dict(note.about.conventions)
    about["coverage"]["reasons"] = dict(note.about.coverage.reasons)
    about["coverage"]["share"] = note.about.coverage.share
    return {**about, "reader": note.reader, "exported_at": note.moment}


def lines(note: Note) -> list[tuple[str, str]]:
    """The note as label and text, for a sheet that people read."""
    about, coverage = note.about, note.about.coverage
    return [
        ("Panel", about.title),
        ("Key", about.key),
        ("Definition", about.definition),
        ("As of", about.as_of),
        ("Compared with", about.compared_with),
        ("Known at", about.known_at),
        ("Snapshot", about.snapshot),
        ("Base currency", about.base_currency),
        *(("Filter", f"{name}: {value}") for name, value in about.filters),
        *(("Setting", f"{name}: {value}") for name, value in about.settings),
        *(("Convention", f"{name}: {value}") for name, value in about.conventions),
        *(("Source", source) for source in about.sources),
        ("Coverage", f"{coverage.priced} of {coverage.held} priced ({coverage.share:.1%}), {coverage.carried} carried"),
        *(("Coverage", f"{reason}: {count}") for reason, count in coverage.reasons),
        *(("Note", text) for text in about.notes),
        ("Reader", note.reader),
        ("Exported at", note.moment),
        ("Release", about.release),
    ]


def headers(note: Note) -> dict[str, str]:
    """The note as HTTP headers, for a CSV has no room of its own: percent-encoded where not plain ASCII."""
    about = note.about
    fields = {
        "Definition": about.definition.partition("\n")[0],
        "As-Of": about.as_of,
        "Compared-With": about.compared_with,
        "Known-At": about.known_at,
        "Snapshot": about.snapshot,
        "Base-Currency": about.base_currency,
        "Shown": about.shown,
        "Filters": "; ".join(f"{name}={value}" for name, value in about.filters),
        "Settings": "; ".join(f"{name}: {value}" for name, value in about.settings),
        "Sources": "; ".join(about.sources),
        "Coverage": f"{about.coverage.priced}/{about.coverage.held}",
        "Exported-At": note.moment,
        "Release": about.release,
    }
    return {f"X-Parapet-{name}": quote(text, safe=" :;=/,+()") for name, text in fields.items() if text}

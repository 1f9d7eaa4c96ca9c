"""The filters as parameters of an address: what each means and may hold, in the words of JSON Schema."""

from dataclasses import fields
from typing import Any, get_args

from iso4217 import Currency

from app.fields import MOST_KEYS, MOST_NUMBERS
from app.filters import ADDRESS, DIMENSIONS, LONGEST_NAME, LONGEST_WHATIF, LONGEST_WHERE, Filters, Scale
from app.risk.measure import KEYS
from app.risk.var import METHODS

LAYOUT = ("rows", "cols", "show", "compare", "heat", "trend")
"""What lays out a pivot; every other panel passes over it."""

Schema = dict[str, Any]
NAME: Schema = {"type": "string", "maxLength": LONGEST_NAME}
DAY: Schema = {"type": "string", "format": "date"}
LEVEL: Schema = {"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1}
CURRENCY: Schema = {"type": "string", "enum": sorted(Currency.__members__)}

MEANINGS: dict[str, tuple[str, Schema]] = {
    "desk": ("Only this desk; it must be open to you.", NAME),
    "book": ("Only this book; it must be open to you.", NAME),
    "instrument": ("Only this instrument, by its symbol.", NAME),
    **{name: (f"Only rows of this {KEYS[name].label.lower()}.", NAME) for name in DIMENSIONS},
    "currency": ("Only instruments of this currency.", CURRENCY),
    "as_of": ("The business day of the numbers; a day between two means the earlier one. The newest if left out.", DAY),
    "vs": ("The day compared with, before `as_of`; the business day before if left out.", DAY),
    "known": (
        "The number of the snapshot that is read: with `as_of` it gives the same numbers for good.",
        {"type": "string", "pattern": "^[0-9]{6}$"},
    ),
    "ccy": ("The base currency, by its ISO 4217 code; there must be exchange rates for it.", CURRENCY),
    "scale": (
        "How money is divided on screen; answers are in full units whatever it says.",
        {"type": "string", "enum": list(get_args(Scale))},
    ),
    "confidence": ("The level of VaR.", LEVEL),
    "es_confidence": ("The level of ES.", LEVEL),
    "window": (
        "The number of historical scenarios of VaR and ES.",
        {"type": "integer", "minimum": 50, "maximum": 5000},
    ),
    "method": ("The rule of the quantile.", {"type": "string", "enum": list(METHODS)}),
    "whatif": (
        "Imagined trades, such as `+1000 AAPL @ BOOK`, between semicolons.",
        {"type": "string", "maxLength": LONGEST_WHATIF},
    ),
    "scenario": ("The day of one scenario of the VaR, whose P&L is told beside it.", DAY),
    "rows": (f"1 to {MOST_KEYS} keys that lead the rows, between commas.", NAME),
    "cols": ("A key across.", {"type": "string", "enum": ["", *KEYS]}),
    "show": (f"1 to {MOST_NUMBERS} numbers `measure.column`, between commas.", {"type": "string", "maxLength": 2_000}),
    "compare": (
        "What the numbers stand beside: `vs`, `whatif`, `book:<name>` or `desk:<name>`.",
        {"type": "string", "pattern": "^(|vs|whatif|(book|desk):.+)$", "maxLength": LONGEST_NAME},
    ),
    "trend": (
        "Those of the numbers that come with a column for each of the last 20 business days; `none` for none.",
        {"type": "string", "maxLength": 2_000},
    ),
    "who": ("In the audit trail only rows of this reader, by his id.", NAME),
    "event": ("In the audit trail only events of this name.", NAME),
    "text": ("In the audit trail only rows that hold this text.", NAME),
    "since": ("In the audit trail only rows from this day on, UTC.", DAY),
    "until": ("In the audit trail only rows up to the end of this day, UTC.", DAY),
    "where": (
        "Only rows of a table that meet these conditions: `limits-use.measure:var;limits-use.utilisation:0.8..`.",
        {"type": "string", "maxLength": LONGEST_WHERE},
    ),
    "heat": ("Whether the screen colours the cells.", {"type": "string", "enum": ["0", "1"]}),
}


def parameters() -> dict[str, dict[str, Any]]:
    """Every filter by its name in an address, as a parameter of OpenAPI, in declared order."""
    found = {}
    for field in fields(Filters):
        name = ADDRESS.get(field.name, field.name)
        about, schema = MEANINGS[name]
        default = {} if field.default in ("", None) else {"default": field.default}
        found[name] = {"name": name, "in": "query", "description": about, "schema": schema | default}
    return found

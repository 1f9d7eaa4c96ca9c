"""The reader's choices, parsed and validated once from the URL's query, and written back to it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, Literal, cast, get_args
from urllib.parse import parse_qsl, urlencode

from iso4217 import Currency

from app.changes import canonical
from app.fields import DOWN, MOST_KEYS, NO_TREND, SHOW, TREND, keys, shown
from app.risk.var import METHODS
from app.where import conditions, written

Scale = Literal["1", "k", "m"]
LONGEST_NAME = 200
LONGEST_WHATIF = 2_000
LONGEST_WHERE = 2_000
DIMENSIONS = (
    "underlier",
    "business_unit",
    "legal_entity",
    "strategy",
    "trader",
    "asset_class",
    "instrument_type",
    "sector",
    "currency",
)


class BadFilterError(ValueError):
    """A choice that cannot be read: names the parameter, what it held and what it may hold."""

    @property
    def parameter(self) -> str:
        """The name of the parameter, with which the sentence begins."""
        return str(self).partition(":")[0][:200]


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows and presents an answer; empty text means 'not narrowed', no date means 'the latest'.

    `vs` is the date compared with (default: the business day before `as_of`); `known` the snapshot read
    (default: the current one); `ccy` the base currency (default: the setting's); `scale` divides money on screen
    only (default: thousands): files always hold full units; `whatif` imagined trades, as app.changes writes them;
    `scenario` the day of one scenario of the VaR, whose P&L is shown beside it; `down`, `across`, `show`, `compare`,
    `heat` and `trend` lay out the pivot and nothing else (an address calls the first two `rows` and `cols`); `who`,
    `event`, `text`, `since` and `until` search the audit trail and nothing else; `where` filters the rows of tables
    (app.where).
    """

    desk: str = ""
    book: str = ""
    instrument: str = ""
    underlier: str = ""
    business_unit: str = ""
    legal_entity: str = ""
    strategy: str = ""
    trader: str = ""
    asset_class: str = ""
    instrument_type: str = ""
    sector: str = ""
    currency: str = ""
    as_of: date | None = None
    vs: date | None = None
    known: str = ""
    ccy: str = ""
    scale: Scale = "k"
    confidence: float = 0.99
    es_confidence: float = 0.975
    window: int = 500
    method: str = "weibull"
    whatif: str = ""
    scenario: date | None = None
    down: str = DOWN
    across: str = ""
    show: str = SHOW
    compare: str = ""
    heat: str = "0"
    trend: str = TREND
    who: str = ""
    event: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None
    where: str = ""

    @classmethod
    def parse(cls, query: str | Mapping[str, str]) -> "Filters":
        """From `?desk=Vol&as_of=2022-12-28`; unknown names and unreadable values raise BadFilterError."""
        pairs = dict(parse_qsl(query.lstrip("?")) if isinstance(query, str) else query)
        return _read(tuple(pairs.items()))

    def query(self) -> str:
        """The inverse of `parse`: only what differs from the defaults, in one order, without `?`."""
        return urlencode([(name, str(value)) for name, value in self.chosen()])

    def chosen(self) -> tuple[tuple[str, str], ...]:
        """The choices that differ from the defaults, as name and text, in declared order."""
        values = ((name, getattr(self, own), default) for name, own, default in _NAMED)
        return tuple((name, str(value)) for name, value, default in values if value != default)

    def rows(self) -> dict[str, str]:
        """The choices that narrow rows: attribute → value."""
        names = ("desk", "book", "instrument", *DIMENSIONS)
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def unpivoted(self) -> "Filters":
        """The same choices but for those that lay out the pivot: what every other panel is asked with."""
        return replace(self, down=DOWN, across="", show=SHOW, compare="", heat="0", trend=TREND)

    def unsearched(self) -> "Filters":
        """The same choices but for those that search the audit trail: what every other panel is asked with."""
        return replace(self, who="", event="", text="", since=None, until=None)

    def of_panel(self, key: str) -> "Filters":
        """The same choices but for conditions on the rows of other panels."""
        return replace(self, where=written(conditions(self.where, key))) if self.where else self

    def risk(self) -> dict[str, float | str]:
        """The conventions of VaR and ES, as measures take them."""
        return {"confidence": self.confidence, "es_confidence": self.es_confidence, "method": self.method}


@lru_cache(maxsize=1024)
def _read(pairs: tuple[tuple[str, str], ...]) -> Filters:
    known = {name: own for name, own, _default in _NAMED}
    for name, _value in pairs:
        if name not in known:
            raise BadFilterError(f"{name}: no such filter; there are {', '.join(sorted(known))}")
    values = {known[name]: _READERS.get(name, _text)(name, value) for name, value in pairs if value}
    filters = Filters(**values)  # type: ignore[arg-type]
    if filters.vs and filters.as_of and filters.vs >= filters.as_of:
        raise BadFilterError(f"vs: {filters.vs} is not before as_of {filters.as_of}; choose an earlier date")
    if filters.across and filters.across in filters.down.split(","):
        raise BadFilterError(f"cols: {filters.across} is among the rows already; choose another key")
    return filters


def told(name: str, value: Any) -> str:
    """A convention of VaR and ES in words: `97.5%`, `1,000`, `median unbiased`."""
    if name == "window":
        return f"{value:,}"
    return str(value).replace("_", " ") if name == "method" else f"{100 * value:g}%"


def _text(name: str, value: str) -> str:
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise BadFilterError(f"{name}: not a name of at most {LONGEST_NAME} printable characters")
    return value


def _date(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadFilterError(f"{name}: {_text(name, value)!r} is not a date; write it as 2022-12-28") from None


def _currency(name: str, value: str) -> str:
    if value not in Currency.__members__ and value.lower() not in Currency.__members__:
        raise BadFilterError(f"{name}: {_text(name, value)!r} is not an ISO 4217 currency code such as USD")
    return value


def _scale(name: str, value: str) -> Scale:
    if value not in get_args(Scale):
        raise BadFilterError(f"{name}: {_text(name, value)!r} is not a scale; choose 1, k or m")
    return cast("Scale", value)


def _snapshot(name: str, value: str) -> str:
    if not (_digits(value) and len(value) == 6):
        raise BadFilterError(f"{name}: {_text(name, value)!r} is not a snapshot number such as 000017")
    return value


def _confidence(name: str, value: str) -> float:
    try:
        level = float(value)
    except ValueError:
        level = 0.0
    if not 0.5 < level < 1:
        raise BadFilterError(f"{name}: {_text(name, value)!r} is not a confidence; choose one such as 0.99")
    return level


def _window(name: str, value: str) -> int:
    if not (_digits(value) and len(value) <= 4 and 50 <= int(value) <= 5000):
        raise BadFilterError(f"{name}: {_text(name, value)!r} is not a number of scenarios from 50 to 5000")
    return int(value)


def _digits(value: str) -> bool:
    """Whether it is of 0 to 9 alone: Python takes ² for a digit too, and int() does not."""
    return value.isascii() and value.isdigit()


def _method(name: str, value: str) -> str:
    if value not in METHODS:
        raise BadFilterError(f"{name}: {_text(name, value)!r} is no quantile rule; choose {', '.join(METHODS)}")
    return value


def _whatif(name: str, value: str) -> str:
    try:
        text = canonical(value)
    except ValueError as error:
        raise BadFilterError(f"{name}: {error}") from None
    if len(text) > LONGEST_WHATIF:
        raise BadFilterError(f"{name}: {len(text):,} characters of trades; an address holds {LONGEST_WHATIF:,}")
    return text


def _keys(name: str, value: str) -> str:
    try:
        return keys(_text(name, value), most=1 if name == "cols" else MOST_KEYS)
    except ValueError as error:
        raise BadFilterError(f"{name}: {error}") from None


def _show(name: str, value: str) -> str:
    try:
        return shown(value)
    except ValueError as error:
        raise BadFilterError(f"{name}: {error}") from None


def _compare(name: str, value: str) -> str:
    kind, _, other = _text(name, value).partition(":")
    if not (value in {"vs", "whatif"} or (kind in {"book", "desk"} and other)):
        raise BadFilterError(f"{name}: {value!r} is no comparison; choose vs, whatif, book:<name> or desk:<name>")
    return value


def _heat(name: str, value: str) -> str:
    if value not in {"0", "1"}:
        raise BadFilterError(f"{name}: {_text(name, value)!r} is neither 0 nor 1")
    return value


def _trend(name: str, value: str) -> str:
    return value if value == NO_TREND else _show(name, value)


def _where(name: str, value: str) -> str:
    if len(value) > LONGEST_WHERE:
        raise BadFilterError(f"{name}: {len(value):,} characters of conditions; an address holds {LONGEST_WHERE:,}")
    try:
        return written(conditions(value))
    except ValueError as error:
        raise BadFilterError(f"{name}: {error}") from None


ADDRESS = {"down": "rows", "across": "cols"}
"""What an address calls a field by another name than its own."""

_NAMED = [(ADDRESS.get(field.name, field.name), field.name, field.default) for field in fields(Filters)]

_READERS = {
    "as_of": _date,
    "vs": _date,
    "ccy": _currency,
    "currency": _currency,
    "scale": _scale,
    "known": _snapshot,
    "confidence": _confidence,
    "es_confidence": _confidence,
    "window": _window,
    "method": _method,
    "whatif": _whatif,
    "scenario": _date,
    "rows": _keys,
    "cols": _keys,
    "show": _show,
    "compare": _compare,
    "heat": _heat,
    "trend": _trend,
    "since": _date,
    "until": _date,
    "where": _where,
}

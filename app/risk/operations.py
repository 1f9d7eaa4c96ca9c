"""What operators look at: how fresh the data are, what was loaded and run, who reads and what was done."""

import json
import re
from typing import Any

import pandas as pd

from app.risk.measure import Column, measure

_MOMENT = re.compile(r"(?<=\d)[T ](\d\d:\d\d):\d\d(?:\.\d+)?\+00:00")
_ROUTES = ("/callback", "/_dash-update-component")
DAILY = ("trades", "prices", "fx", "curves", "vols")
LOADED = (
    Column("table_name", "Table", "text"),
    Column("file_name", "File", "text"),
    Column("loaded_at", "Loaded", "time", "UTC"),
)
FRESH = (
    LOADED[0],
    Column("newest", "Newest", "date", additive=False),
    *LOADED[1:],
    Column("loaded", "Rows", "count"),
    Column("rejected", "Quarantined", "count"),
    Column("flagged", "Flagged", "count"),
    Column("state", "State", "text"),
)
LOADS = (
    Column("batch_id", "Batch", "count", additive=False),
    *LOADED,
    Column("rows_read", "Rows read", "count"),
    Column("rows_loaded", "Loaded", "count"),
    Column("rows_known", "Known before", "count"),
    Column("rows_rejected", "Quarantined", "count"),
    Column("rows_flagged", "Flagged", "count"),
    Column("release", "By release", "text"),
    Column("sha256", "SHA-256", "text"),
)
RUNS = (
    Column("as_of", "As of", "date"),
    Column("run_at", "Run", "time", "UTC"),
    Column("base", "Currency", "text"),
    Column("snapshot", "Snapshot", "text"),
    Column("release", "Release", "text"),
    Column("latest", "Counts", "text"),
    Column("run_id", "Number", "count", additive=False),
)
EVENTS = (
    Column("at", "At", "time", "UTC"),
    Column("event", "Event", "text"),
    Column("reader", "Reader", "text"),
    Column("what", "What", "text"),
    Column("address", "From", "text"),
)
READERS = (
    Column("reader", "Reader", "text"),
    Column("name", "Name", "text"),
    Column("roles", "Roles", "text"),
    Column("desks", "Desks", "text"),
    Column("login_at", "Last login", "time", "UTC"),
    Column("seen_at", "Last act", "time", "UTC"),
    Column("sessions", "Sessions", "count"),
)


@measure(
    "Data freshness",
    columns=FRESH,
    additive=False,
    conventions={
        "Newest": "the latest business day of the rows of a table; reference data have none",
        "State": "late where a table that is loaded daily ends before another one of them",
        "Rows": "those of all loads; quarantined ones were set aside, flagged ones loaded with a finding",
    },
)
def freshness(freshness_by_table: pd.DataFrame) -> pd.DataFrame:
    """Each table's newest business day, its last file and when it was loaded, and its rows with those set aside."""
    frame = _shown(freshness_by_table, FRESH)
    newest = pd.to_datetime(frame["newest"])
    daily = frame["table_name"].isin(DAILY)
    late = daily & (newest < newest[daily].max())
    words = pd.Series("ok", frame.index, dtype=object)
    return frame.assign(state=words.mask(late, "late").mask(frame["loaded_at"].isna(), "not loaded"))


@measure(
    "Loads",
    columns=LOADS,
    additive=False,
    conventions={"Quarantined": "rows that were set aside with a reason; known ones were in the warehouse already"},
)
def load_log(load_batches: pd.DataFrame) -> pd.DataFrame:
    """Every file that was loaded, newest first: when, how many rows, how many of them were set aside."""
    return _shown(load_batches, LOADS)


@measure(
    "Official runs",
    columns=RUNS,
    additive=False,
    conventions={"Counts": "of several runs of one day the last one's numbers are read"},
)
def run_log(runs: pd.DataFrame) -> pd.DataFrame:
    """Every official run, newest first: the day it is of, when it was made, and from which snapshot and release."""
    frame = _shown(runs, RUNS)
    return frame.assign(latest=frame["latest"].map({True: "yes"}).astype(object).fillna("replaced"))


@measure(
    "Audit trail",
    columns=EVENTS,
    additive=False,
    conventions={"Rows": "the newest 500 of a trail that nothing changes or deletes; open to administrators only"},
)
def audit_trail(audit_events: pd.DataFrame) -> pd.DataFrame:
    """What readers did, newest first: logins, refusals, exports, and whatever changed something."""
    told = audit_events.reindex(columns=["details"])["details"].map(_told)
    return _shown(audit_events.assign(what=told), EVENTS)


@measure(
    "Readers",
    columns=READERS,
    additive=False,
    conventions={
        "Roles and desks": "those of the last login, as the login server's groups gave them",
        "Last act": "the last row of the reader in the audit trail",
        "Sessions": "those that are open now",
    },
)
def reader_log(readers_seen: pd.DataFrame) -> pd.DataFrame:
    """Everybody who ever signed in, the last seen first, with what the last login opened."""
    said = [json.loads(text) for text in readers_seen.reindex(columns=["details"])["details"]]
    named = {name: [_listed(one.get(name, "")) for one in said] for name in ("name", "roles", "desks")}
    return _shown(readers_seen.rename(columns={"at": "login_at"}).assign(**named), READERS)


def _told(details: str) -> str:
    """The details of an event in words: `panel pnl-history · form csv`."""
    said = {name: value for name, value in json.loads(details).items() if name != "method" and value not in _ROUTES}
    held = {name: value for name, value in said.items() if value not in ("", None, [], {}) and value is not False}
    return " · ".join(name if value is True else f"{name} {_listed(value)}" for name, value in held.items())


def _listed(value: Any) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return _MOMENT.sub(r" \1Z", words).replace("_", " ")


def _shown(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    return frame.reindex(columns=[column.name for column in columns]).reset_index(drop=True)

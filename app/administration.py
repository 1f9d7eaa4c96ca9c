"""What operators administer from the command line: grants from a file, a person's data, the audit trail."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.settings import read_settings
from app.terminal import say
from auth import person, seals
from auth.access import Access, BadGrantError, Names, Wish
from data.scope import OPERATOR
from data.store import opened, utc_now

COLUMNS = ("reader", "kind", "value", "effect", "valid_from", "valid_until", "reason")
NEEDED = ("reader", "kind", "value", "effect", "reason")
grants = typer.Typer(no_args_is_help=True, help="What readers may see beside their groups.")
trail = typer.Typer(no_args_is_help=True, help="The audit trail.")
persons = typer.Typer(no_args_is_help=True, help="What is kept of a person.")


class BadFileError(ValueError):
    """A file of grants that cannot be loaded: says the file, the row, the column and the remedy, a line each."""


@grants.command("load")
def load_grants(file: Annotated[Path, typer.Argument(help=f"CSV with {', '.join(COLUMNS)}.")]) -> None:
    """Load grants from a file, all or none; what stands already stays as it is. Exit code 2: nothing was loaded."""
    with opened(read_settings().store) as store:
        try:
            new = load(Access(store, utc_now), file, _names())
        except BadFileError as error:
            say.print(str(error), soft_wrap=True, style="red", markup=False)
            raise SystemExit(2) from None
    say.print(f"{new} grants are new; they count from the next request on")


@grants.command("list")
def list_grants(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over or revoked, too.")] = False,
) -> None:
    """Write the grants that stand or are to come as CSV."""
    now = utc_now()
    with opened(read_settings().store) as store:
        found = [(each, each.state(now)) for each in Access(store, utc_now).all()]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow((*COLUMNS, "state", "granted_by", "granted_at"))
    for grant, state in found:
        if everything or state in {"stands", "to come"}:
            table.writerow([*(getattr(grant, name) for name in COLUMNS), state, grant.granted_by, grant.granted_at])


@persons.command("export")
def export_person(reader: Annotated[str, typer.Argument(help="The reader's id, as the audit trail has it.")]) -> None:
    """Write all that the store has of a reader as JSON."""
    with opened(read_settings().store) as store, _known():
        typer.echo(json.dumps(person.export(store, reader), indent=2, default=str))


@persons.command("erase")
def erase_person(
    reader: Annotated[str, typer.Argument(help="The reader's id, as the audit trail has it.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete what is a reader's own, and put a pseudonym in his place in the trail and in grants, for good."""
    if not yes:
        typer.confirm(f"Erase {reader} for good?", abort=True)
    with opened(read_settings().store) as store, _known():
        done = person.erase(store, utc_now, reader)
    say.print(f"{done.deleted} rows deleted; in {done.events} rows of the trail he is {done.pseudonym} now")


@trail.command()
def verify(
    head: Annotated[str, typer.Option(help="A seal that was noted earlier; it must still stand.")] = "",
) -> None:
    """Look at every row of the audit trail and its seal; exit code 1 where one was edited, removed or slipped in."""
    with opened(read_settings().store) as store:
        found = seals.verify(store, head)
    earlier = f", {found.earlier:,} from before there were seals" if found.earlier else ""
    say.print(f"{found.sealed:,} rows sealed{earlier}; newest seal {found.head or 'none'}", soft_wrap=True)
    for fault in found.faults:
        say.print(f"[red]{fault}[/red]", soft_wrap=True)
    if not found.sound:
        raise SystemExit(1)


@trail.command()
def prune() -> None:
    """Take away rows of the trail that are older than PARAPET_AUDIT_DAYS; the chain of seals stays whole."""
    days = read_settings().audit_days
    if not days:
        raise SystemExit("PARAPET_AUDIT_DAYS is not set: the trail is kept for ever")
    with opened(read_settings().store) as store:
        say.print(f"{seals.prune(store, utc_now, days):,} rows older than {days} days are gone")


def load(access: Access, file: Path, names: Names) -> int:
    """Keep the grants of a CSV file, all or none, and say how many are new; BadFileError says what is wrong where."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            rows = csv.DictReader(text, strict=True)
            if unknown := [name for name in rows.fieldnames or () if name not in COLUMNS]:
                raise BadFileError(f"{file}: row 1: column {unknown[0]!r} is unknown; there are {', '.join(COLUMNS)}")
            if missing := [name for name in NEEDED if name not in (rows.fieldnames or ())]:
                raise BadFileError(f"{file}: row 1: column {missing[0]} is missing; add it")
            wishes = [_wish(file, number, row) for number, row in enumerate(rows, 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFileError(f"{file}: cannot be read as CSV in UTF-8: {error}") from None
    faults = [fault for number, wish in wishes if (fault := _fault(access, file, number, wish, names))]
    if faults:
        raise BadFileError("\n".join(faults))
    return access.give(OPERATOR, [wish for _, wish in wishes], names)


def _wish(file: Path, number: int, row: dict[str, str | None]) -> tuple[int, Wish]:
    said = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row or None in row.values():
        raise BadFileError(f"{file}: row {number}: it has not as many cells as there are columns; correct it")
    begins, ends = (_day(file, number, name, said[name]) for name in ("valid_from", "valid_until"))
    return number, Wish(said["reader"], said["kind"], said["value"], said["effect"], said["reason"], begins, ends)


def _day(file: Path, number: int, column: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fault = f"{file}: row {number}: {column}: {text[:40]!r} is no date; write it as 2026-12-31"
        raise BadFileError(fault) from None


def _fault(access: Access, file: Path, number: int, wish: Wish, names: Names) -> str:
    try:
        access.check(OPERATOR, wish, names)
    except BadGrantError as error:
        return f"{file}: row {number}: {error.column}: {error}"
    return ""


def _names() -> Names:
    from app.main import create_answers  # noqa: PLC0415 needs the risk engine, which takes a second to import
    from data.warehouse import EmptyError  # noqa: PLC0415

    try:
        return create_answers(read_settings()).names(OPERATOR)
    except EmptyError:
        return {}


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except person.NobodyError as error:
        raise SystemExit(str(error)) from None

"""The command `parapet`: build and serve the demo, serve, load files, list snapshots, export a panel."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from app import administration
from app.serving import expect_free, listen
from app.settings import Settings, read_settings
from app.terminal import progress, say

main = typer.Typer(no_args_is_help=True, add_completion=False, help="Portfolio and risk dashboards for trading desks.")
main.add_typer(administration.trail, name="audit")
main.add_typer(administration.grants, name="grants")
main.add_typer(administration.persons, name="person")
DEMO_SECRET = "demo-secret"  # noqa: S105 the demo's login server is on loopback and asks for no password


@main.command()
def demo(
    home: Annotated[Path, typer.Option(help="Folder of the demo's warehouse.")] = Path("var/demo"),
    port: Annotated[int, typer.Option(help="Port of the app; the login server takes the next one.")] = 8050,
    fills: Annotated[int, typer.Option(help="Number of trades; positions are the same at every size.")] = 20_000,
) -> None:
    """Build the demo warehouse if there is none, start its login server and the app."""
    settings = read_settings(
        home=home, port=port, base_url=f"http://localhost:{port}", oidc_issuer=f"http://localhost:{port + 1}"
    )
    expect_free(settings)
    build_demo(settings, fills)
    from auth import demo_idp  # noqa: PLC0415 the login server is needed by the demo only

    try:
        login = demo_idp.start(
            port + 1,
            client_id=settings.oidc_client_id,
            client_secret=DEMO_SECRET,
            redirect_uris=[f"{settings.base_url}/callback"],
        )
    except demo_idp.DemoLoginError as error:
        raise SystemExit(f"{error} Choose another with --port.") from None
    say.print(f"\n[bold]Parapet[/bold] is at [bold]{settings.base_url}[/bold]  (Ctrl-C ends it)\n")
    for user in demo_idp.USERS.values():
        say.print(f"  {user.name:<18} {user.role.replace('_', ' '):<14} {', '.join(user.desks) or 'all desks'}")
    say.print("\nChoose one of them on the login page; no password is asked.\n")
    try:
        listen(settings.model_copy(update={"oidc_client_secret": DEMO_SECRET, "log_format": "text"}))
    finally:
        demo_idp.stop(login)


@main.command()
def serve() -> None:
    """Serve the app with the settings of the environment."""
    settings = read_settings()
    if not (settings.oidc_issuer or settings.providers):
        raise SystemExit("PARAPET_OIDC_ISSUER is not set; name the login server, or run `parapet demo`")
    expect_free(settings)
    listen(settings)


@main.command()
def load(
    table: Annotated[str, typer.Argument(help="What the files hold: instruments, books, trades, prices, fx, …")],
    files: Annotated[list[Path], typer.Argument(help="CSV, CSV.GZ, Parquet or XLSX files.")],
    mapping: Annotated[Path | None, typer.Option(help="TOML file that maps foreign column names.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad row and load nothing.")] = False,
) -> None:
    """Load files into a new snapshot; exit code 0 all loaded, 1 some rows quarantined, 2 nothing loaded."""
    from data.load import LoadError  # noqa: PLC0415 loading is needed by this command only
    from data.warehouse import BusyError, Warehouse  # noqa: PLC0415

    warehouse = Warehouse(read_settings().warehouse)
    try:
        with progress() as tell:
            summaries = fill(warehouse, [(table, file) for file in files], tell=tell, mapping=mapping, strict=strict)
    except (LoadError, BusyError) as error:
        say.print(f"[red]{error}[/red]", soft_wrap=True)
        raise SystemExit(2) from None
    for summary in summaries:
        say.print(summary.line(), soft_wrap=True)
    if summaries and not all(s.skipped for s in summaries):
        say.print(f"snapshot {warehouse.current().number} is current")
        _measure_limits()
    raise SystemExit(1 if any(summary.rows_rejected for summary in summaries) else 0)


@main.command()
def run(
    as_of: Annotated[datetime | None, typer.Option(help="The day to run; again if it has a run.")] = None,
    *,
    missing: Annotated[bool, typer.Option("--missing", help="Every day that has no run yet.")] = False,
) -> None:
    """Make the official run of a day, the newest by default: store its VaR and ES forecasts and its backtest P&L."""
    from app.official import days_without_run  # noqa: PLC0415 needed by this command only
    from data.warehouse import EmptyError, Warehouse  # noqa: PLC0415

    settings = read_settings()
    warehouse = Warehouse(settings.warehouse)
    try:
        days = _days(warehouse)
        wanted = days_without_run(warehouse) if missing else [as_of.date() if as_of else days[-1]]
    except (EmptyError, IndexError):
        raise SystemExit("no trades are loaded yet; run `parapet load trades FILE`") from None
    if unknown := [day for day in wanted if day not in days]:
        raise SystemExit(f"{unknown[0]} is no business day of the warehouse; it has {days[0]} to {days[-1]}")
    count = run_days(settings, wanted)
    say.print(f"{count} days run; snapshot {warehouse.current().number} is current")


@main.command()
def prepare() -> None:
    """Answer pages before they are asked for, as the server does when it starts; of use after a load."""
    from app.main import create_answers, write_logs  # noqa: PLC0415 needs the risk engine
    from app.prepare import prepare as answer  # noqa: PLC0415

    settings = read_settings()
    write_logs(settings.log_format)
    with progress() as tell:
        answered = answer(create_answers(settings), tell)
    say.print(f"{answered:,} panels are ready")


@main.command()
def snapshots() -> None:
    """List the snapshots, newest first."""
    from data.warehouse import EmptyError, Warehouse  # noqa: PLC0415

    try:
        for snapshot in Warehouse(read_settings().warehouse).snapshots():
            typer.echo(f"{snapshot.number}  {snapshot.created_at}  release {snapshot.release}")
    except EmptyError as error:
        raise SystemExit(str(error)) from None


@main.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="Folder for books.parquet and trades.parquet.")],
    fills: Annotated[int, typer.Option(help="Number of trades.")] = 100_000,
    years: Annotated[float, typer.Option(help="Years of trading before the newest price.")] = 3.0,
) -> None:
    """Write a simulated long/short book over the equity prices already loaded, to try the product on them."""
    from data.demo import trial  # noqa: PLC0415 needed by this command only
    from data.warehouse import EmptyError, Warehouse  # noqa: PLC0415

    warehouse = Warehouse(read_settings().warehouse)
    try:
        paths = trial.write(warehouse.cursor(warehouse.current().number), folder, fills=fills, years=years)
    except (EmptyError, trial.NoPricesError, ValueError) as error:
        raise SystemExit(str(error)) from None
    say.print("now: " + "; ".join(f"parapet load {path.stem} {path}" for path in paths), soft_wrap=True)


@main.command()
def export(
    panel: Annotated[str, typer.Argument(help="Key of a panel, such as positions-tree-by-instrument.")],
    out: Annotated[Path, typer.Argument(help="File to write; its ending names the format.")],
    query: Annotated[str, typer.Option(help="Filters as in the address: desk=Vol&as_of=2022-12-28.")] = "",
) -> None:
    """Write a panel to a file, seen as the operator: every desk."""
    from app import write  # noqa: PLC0415
    from app.filters import BadFilterError, Filters  # noqa: PLC0415
    from app.main import create_answers  # noqa: PLC0415
    from data.scope import OPERATOR  # noqa: PLC0415

    form = out.suffix.removeprefix(".")
    if form not in write.FORMATS:
        raise SystemExit(f"{out.name}: end it in one of {', '.join('.' + name for name in write.FORMATS)}")
    try:
        columns, about, batches = create_answers(read_settings()).stream(panel, Filters.parse(query), OPERATOR)
    except (LookupError, BadFilterError) as error:
        raise SystemExit(str(error)) from None
    with out.open("wb") as file:
        for chunk in write.stream_batches(
            batches, columns, about, form, reader=OPERATOR.name, exported_at=datetime.now(UTC)
        ):
            file.write(chunk)
    say.print(f"{out}: as of {about.as_of}, snapshot {about.snapshot}")


@main.command()
def reports(
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and look every minute for what is due.")] = False,
) -> None:
    """Make the reports that are due and hand them over; exit code 1 where one was given up."""
    from app.reporting import deliver  # noqa: PLC0415 needs the risk engine, which takes a second to import

    failed = False
    for report, run in deliver(read_settings(), watch=watch):
        failed |= run.state == "failed"
        say.print(f"{report.name} for {report.recipient}: {run.state}, {run.message}", soft_wrap=True)
    if failed:
        raise SystemExit(1)


def _measure_limits() -> None:
    """Say what the limits come to; the snapshot is published already, so nothing that fails here may undo the load."""
    from app.limit_report import limit_report  # noqa: PLC0415 needs the risk engine, which takes a second to import
    from app.main import create_answers  # noqa: PLC0415

    try:
        report = limit_report(create_answers(read_settings()))
    except Exception as error:  # noqa: BLE001 whatever it is, the load stands
        report = f"[red]the limits could not be measured: {error}[/red]"
    if report:
        say.print(report, soft_wrap=True)


def build_demo(settings: Settings, fills: int) -> None:
    """Build the demo warehouse unless there is one."""
    from data.warehouse import EmptyError, Warehouse  # noqa: PLC0415

    warehouse = Warehouse(settings.warehouse)
    try:
        warehouse.current()
    except EmptyError:
        from data.demo import simulate as book  # noqa: PLC0415 the demo's data take a second to import

        say.print("Building the demo warehouse: real prices of 2006–2022, simulated trades.")
        with progress() as tell:
            files = book.files(settings.home / "files", fills=fills, progress=tell)
            fill(warehouse, files, tell=tell)
        run_days(settings, _days(warehouse))


def run_days(settings: Settings, wanted: list[date]) -> int:
    """Make the official runs of these days and publish them; returns how many."""
    from app import official  # noqa: PLC0415 needs the risk engine, which takes a second to import
    from data.warehouse import Warehouse  # noqa: PLC0415

    try:
        with progress() as tell:
            return official.run(Warehouse(settings.warehouse), wanted, settings.base_currency, version("parapet"), tell)
    except KeyboardInterrupt:
        raise SystemExit("stopped; the days that were complete are stored, `parapet run --missing` goes on") from None


def _days(warehouse: Any) -> list[date]:
    """The business days of the current snapshot, in ascending order."""
    from data.calendar import business_days  # noqa: PLC0415

    return list(business_days(warehouse.cursor(warehouse.current().number)))


def fill(
    warehouse: Any,
    files: list[tuple[str, Path]],
    *,
    tell: Callable[[str, float], None],
    mapping: Path | None = None,
    strict: bool = False,
) -> list[Any]:
    """Load files into one new snapshot and derive; nothing is published when every file was loaded before."""
    from data import load as loader  # noqa: PLC0415
    from data.derive import derive  # noqa: PLC0415
    from data.mapping import read_mapping  # noqa: PLC0415

    names = read_mapping(mapping) if mapping else None
    release = version("parapet")
    with warehouse.draft(release) as draft:
        loader.create(draft.connection)
        summaries = [
            loader.load(draft.connection, table, file, mapping=names, strict=strict, release=release, progress=tell)
            for table, file in files
        ]
        loaded = [summary.batch_id for summary in summaries if not summary.skipped]
        if loaded:
            derive(draft.connection, loaded, progress=tell)
        else:
            draft.abandon()
    return summaries


if __name__ == "__main__":
    main()

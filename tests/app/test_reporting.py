"""Reports from settings to file: the workbook holds the recipient's rows only, and one process makes it."""

import fcntl
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from app.cli import main
from app.reporting import deliver
from app.reports import Reports
from app.settings import read_settings
from auth.grants import GroupRules
from auth.readers import Readers
from data.store import Store, utc_now
from tests import desks
from tests.ledger import FIRM, trader

DAILY = {"page": "positions", "query": "ccy=EUR", "every": "day", "at": "18:30", "into": "folder"}
LONG_AGO = utc_now() - timedelta(days=9)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Both desks, to be read only."""
    opened = desks.opened(tmp_path_factory)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def home(ledger, tmp_path, monkeypatch):
    """The warehouse of both desks with a store: a report of the whole firm's and one of North's, ordered long ago."""
    (tmp_path / "warehouse").symlink_to(ledger.folder / "warehouse")
    monkeypatch.setenv("PARAPET_HOME", str(tmp_path))
    monkeypatch.setenv("PARAPET_REPORTS_FOLDER", str(tmp_path / "reports"))
    store = Store(read_settings().store)
    store.create()
    known = Readers(store, utc_now, GroupRules(), timedelta(days=30))
    known.seen("firm", "Firm", "", ["role:risk_manager"])
    known.seen("north", "North", "", ["role:trader", "desk:North"])
    reports = Reports(store, lambda: LONG_AGO)
    for scope, recipient in ((FIRM, "firm"), (FIRM, "north")):
        reports.order(scope, f"for {recipient}", recipient=recipient, **DAILY)
    store.close()
    return tmp_path


def cells(path):
    book = load_workbook(BytesIO(path.read_bytes()), read_only=True)
    found = {str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value}
    book.close()
    return found


def test_each_recipient_gets_the_page_with_his_own_rows(home):
    states = {report.recipient: run.state for report, run in deliver(read_settings())}
    assert states == {"firm": "made", "north": "made"}
    (firm,), (north,) = ([*(home / "reports" / f"_{who}").glob("*.xlsx")] for who in ("firm", "north"))
    assert firm.name == north.name == f"positions_{desks.LAST}_000001.xlsx"
    assert {"NEQ", "SEQ", "EUR"} <= cells(firm)
    assert {"NEQ", "EUR"} <= cells(north)
    assert not {name for name in cells(north) if name.startswith("S") and name in {*desks.OF_SOUTH, *desks.SOUTH}}


def test_what_was_made_is_not_made_again(home):
    assert len([*deliver(read_settings())]) == 2
    assert [*deliver(read_settings())] == []
    assert home.joinpath("reports").exists()


@pytest.mark.usefixtures("home")
def test_the_command_says_what_became_of_each_and_fails_where_one_was_given_up(monkeypatch):
    monkeypatch.delenv("PARAPET_REPORTS_FOLDER")
    result = CliRunner().invoke(main, ["reports"])
    assert result.exit_code == 1
    assert "for north for north: failed" in result.output
    assert "PARAPET_REPORTS_FOLDER" in result.output
    assert CliRunner().invoke(main, ["reports"]).exit_code == 0


def test_one_process_of_a_home_is_at_it(home):
    with (home / "reports.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="is at work"):
            list(deliver(read_settings()))


def test_a_trader_s_report_of_another_desk_is_refused_when_it_is_made(home):
    store = Store(read_settings().store)
    north = trader("North")
    Reports(store, lambda: LONG_AGO).order(north, "theirs", **{**DAILY, "query": "desk=South"})
    Readers(store, utc_now, GroupRules(), timedelta(days=30)).seen(north.reader, "N", "", ["role:trader", "desk:North"])
    store.close()
    (run,) = [run for report, run in deliver(read_settings()) if report.name == "theirs"]
    assert (run.state, run.tries) == ("failed", 1)
    assert "not open to you" in run.message
    assert not home.joinpath("reports", f"_{north.reader}").exists()

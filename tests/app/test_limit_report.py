"""What the operator is told of limits after a load."""

from typer.testing import CliRunner

from app import limit_report as room
from app.cli import main
from app.limit_report import limit_report

BOOK = """
    books:
      book desk
      EQ1  Cash
    instruments:
      symbol
      AAA
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 12
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
"""
LIMITS = """
    limits:
      limit_id scope_kind scope_node measure        soft hard
      wide     firm       -          exposure.gross 5000 6000
      near     desk       Cash       exposure.gross 1100 1300
      tight    book       EQ1        exposure.gross 600  1000
      lost     firm       -          exposure.grass 600  1000
"""


def test_every_state_is_counted_and_what_is_wrong_is_named(open_ledger):
    assert limit_report(open_ledger(BOOK + LIMITS).answers).splitlines() == [
        "4 limits: 1 in breach, 1 in warning, 1 within, 1 not measured",
        "  tight: 120.0% used",
        "  lost: there is no measure exposure.grass",
    ]


def test_without_limits_or_trades_there_is_nothing_to_say(open_ledger):
    assert limit_report(open_ledger(BOOK).answers) == ""
    assert limit_report(open_ledger(LIMITS).answers) == ""


def loaded(tmp_path, monkeypatch, open_ledger):
    """What `parapet load limits` prints and exits with, over a warehouse with one position."""
    ledger = open_ledger(BOOK)
    home = ledger.warehouse.folder.parent
    ledger.warehouse.close()
    file = tmp_path / "limits.csv"
    file.write_text(
        "limit_id,scope_kind,scope_node,measure,soft,hard,side,currency,valid_from\n"
        "tight,book,EQ1,exposure.gross,600,1000,both,USD,2022-01-03\n"
    )
    monkeypatch.setenv("PARAPET_HOME", str(home))
    result = CliRunner().invoke(main, ["load", "limits", str(file)])
    return result.output, result.exit_code


def test_a_load_measures_the_limits(tmp_path, monkeypatch, open_ledger):
    output, code = loaded(tmp_path, monkeypatch, open_ledger)
    assert "1 limit: 1 in breach\n  tight: 120.0% used" in output
    assert code == 0


def test_a_load_stands_even_where_limits_cannot_be_measured(tmp_path, monkeypatch, open_ledger):
    def broken(_answers):
        raise RuntimeError("no memory")

    monkeypatch.setattr(room, "limit_report", broken)
    output, code = loaded(tmp_path, monkeypatch, open_ledger)
    assert "the limits could not be measured: no memory" in output
    assert code == 0

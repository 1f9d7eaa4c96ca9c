"""Limits: what is taken, what is refused and why, and how terms are corrected."""

from datetime import timedelta

import duckdb
import pytest

from data.mapping import read_mapping
from data.schema import LIMIT_SCOPES
from tests.data.desk import NOW, Desk

LATER = NOW + timedelta(days=1)
GOOD = {
    "limit_id": "L1",
    "scope_kind": "desk",
    "scope_node": "Vol",
    "desk": "",
    "measure": "exposure.gross",
    "side": "",
    "soft": "80",
    "hard": "100",
    "currency": "USD",
    "valid_from": "2024-01-01",
    "valid_to": "",
}
BAD = [
    ({"scope_node": "Delta One"}, "scope_node", "unknown desk"),
    ({"scope_kind": "book"}, "scope_node", "unknown book"),
    ({"scope_kind": "business_unit"}, "scope_node", "unknown business unit"),
    ({"scope_kind": "legal_entity"}, "scope_node", "unknown legal entity"),
    ({"scope_kind": "trader"}, "scope_node", "unknown trader"),
    ({"scope_kind": "sector"}, "scope_node", "unknown sector"),
    ({"scope_kind": "instrument"}, "scope_node", "unknown instrument"),
    ({"scope_kind": "asset_class"}, "scope_node", "unknown asset class"),
    ({"scope_kind": "currency"}, "scope_node", "this is not a currency of ISO 4217"),
    ({"scope_kind": "tenor"}, "scope_node", "this is not a tenor"),
    ({"scope_node": ""}, "scope_node", "a limit of this scope names its node"),
    ({"scope_kind": "firm"}, "scope_node", "the firm has no node"),
    ({"scope_kind": "floor"}, "scope_kind", f"this is none of {', '.join(LIMIT_SCOPES)}"),
    ({"desk": "Vol"}, "desk", "this scope is made of whole books and cannot be narrowed to a desk"),
    ({"scope_kind": "factor", "desk": "Delta One"}, "desk", "unknown desk"),
    ({"measure": "exposure"}, "measure", "this is not a measure and a column"),
    ({"measure": "Exposure.Gross"}, "measure", "this is not a measure and a column"),
    ({"measure": "exposure.gross.usd"}, "measure", "this is not a measure and a column"),
    ({"side": "up"}, "side", "this is none of both, long, short"),
    ({"soft": "101"}, "soft", "the soft level is above the hard one"),
    ({"soft": "0"}, "soft", "it must be greater than zero"),
    ({"soft": "-2", "hard": "-1"}, "soft", "it must be greater than zero"),
    ({"hard": ""}, "hard", "the value is missing"),
    ({"currency": "USX"}, "currency", "this is not a currency of ISO 4217"),
    ({"valid_to": "2023-12-31"}, "valid_to", "the limit ends before it begins"),
]
MEANT = [
    {"soft": "100"},
    {"scope_kind": "firm", "scope_node": ""},
    {"scope_kind": "book", "scope_node": "B1"},
    {"scope_kind": "currency", "scope_node": "EUR", "desk": "Vol"},
    {"scope_kind": "tenor", "scope_node": "18M", "measure": "sensitivities.pv01"},
    {"scope_kind": "factor", "scope_node": "SPX spot", "desk": "Vol", "side": "SHORT"},
    {"valid_from": "2034-01-01", "valid_to": "2034-01-01"},
]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """line → (column, reason) of its findings, from one file of all bad limits."""
    desk = Desk(tmp_path_factory.mktemp("refusals"))
    rows = [line(limit_id=f"L{number}", **changes) for number, (changes, *_) in enumerate(BAD)]
    assert counts(desk.load("limits", file(*rows))) == (0, 0, len(BAD))
    found = {}
    for row, column, reason in desk.findings("source_row, column_name, reason"):
        found.setdefault(row, set()).add((column, reason))
    return found


def line(**changes):
    return ",".join((GOOD | changes).values())


def file(*rows):
    return "\n".join([",".join(GOOD), *rows]) + "\n"


def counts(summary):
    return summary.rows_loaded, summary.rows_known, summary.rows_rejected


def test_a_limit_is_loaded_with_exact_levels_and_both_sides_counted(desk):
    assert counts(desk.load("limits", file(line(soft="0.1001", hard="0.1002")))) == (1, 0, 0)
    assert desk.ask("SELECT side, soft::VARCHAR, hard::VARCHAR, valid_to, known_from FROM risk_limit") == [
        ("both", "0.1001", "0.1002", None, NOW)
    ]


@pytest.mark.parametrize(("number", "column", "reason"), [(n, *bad[1:]) for n, bad in enumerate(BAD)])
def test_a_limit_that_cannot_be_meant_is_refused_with_its_reason(refusals, number, column, reason):
    assert (column, reason) in refusals[number + 2]


def test_every_limit_that_can_be_meant_is_taken(desk):
    rows = [line(limit_id=f"L{number}", **changes) for number, changes in enumerate(MEANT)]
    assert counts(desk.load("limits", file(*rows))) == (len(MEANT), 0, 0)


def test_a_limit_stands_once_in_a_file(desk):
    assert counts(desk.load("limits", file(line(), line(hard="120")))) == (1, 0, 1)
    assert desk.findings("source_row, reason") == [(3, "the same limit_id and valid_from stand on line 2")]


def test_a_mapping_names_foreign_columns(desk):
    mapping = desk.write(
        '[columns]\nlimit_id = "Ref"\nscope_node = "Unit"\nsoft = "Warn"\nhard = "Max"\n'
        '[constants]\nscope_kind = "desk"\nmeasure = "value_at_risk.var"\ncurrency = "USD"\n'
        'valid_from = "2024-01-01"\n',
        "limits.toml",
    )
    text = "Ref;Unit;Warn;Max\nL1;Vol;80;100\n"
    assert counts(desk.load("limits", text, mapping=read_mapping(mapping))) == (1, 0, 0)


def test_terms_said_again_are_known_and_a_correction_is_appended_to_them(desk):
    desk.load("limits", file(line()))
    assert counts(desk.load("limits", file(line(side="both")), now=LATER)) == (0, 1, 0)
    assert counts(desk.load("limits", file(line(hard="120")), now=LATER)) == (1, 0, 0)
    assert desk.ask("SELECT hard::INT, known_from FROM risk_limit ORDER BY known_from") == [(100, NOW), (120, LATER)]


def test_no_row_however_written_gives_a_desk_what_is_not_within_it(desk):
    desk.load("limits", file(line(scope_kind="factor", scope_node="SPX", desk="Vol")))
    for kind in ("firm", "legal_entity", "business_unit", "desk", "book"):
        node = "" if kind == "firm" else "SPX"
        with pytest.raises(duckdb.ConstraintException):
            desk.ask(f"UPDATE risk_limit SET scope_kind = '{kind}', scope_node = '{node}'")

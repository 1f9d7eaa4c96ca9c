"""The audit trail: one row an event, within a request and without."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from auth import audit
from auth.audit import Audit
from data.scope import NOBODY, Scope
from data.store import audit_event

ADA = Scope("u1", "Ada", frozenset({"trader"}), frozenset({"Vol"}))


@pytest.fixture
def rows(store):
    def read():
        with store.engine.connect() as connection:
            return connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()

    return read


def test_a_row_says_when_what_who_where_from_and_what_of(store, clock, rows):
    app = Flask("audited")
    audit.install(app, Audit(store, clock))
    app.add_url_rule("/export", "export", lambda: audit.record("export", ADA, panel="pnl-by-desk", rows=7) or "")
    app.test_client().get("/export?secret=1", environ_base={"REMOTE_ADDR": "10.0.0.7"})
    (row,) = rows()
    assert (row["at"], row["event"], row["reader"], row["address"]) == (clock.now, "export", "u1", "10.0.0.7")
    details = {"method": "GET", "path": "/export", "panel": "pnl-by-desk", "rows": 7}
    assert json.loads(row["details"]) == details


def test_outside_a_request_a_row_has_no_address(store, clock, rows):
    Audit(store, clock).record("export", ADA, job="nightly")
    assert [(row["address"], row["details"]) for row in rows()] == [("", '{"job": "nightly"}')]


def test_rows_are_appended_in_order(store, clock, rows):
    trail = Audit(store, clock)
    for number in range(3):
        trail.record("denied", NOBODY, number=number)
        clock.advance(seconds=1)
    assert [json.loads(row["details"])["number"] for row in rows()] == [0, 1, 2]
    assert [row["audit_id"] for row in rows()] == [1, 2, 3]

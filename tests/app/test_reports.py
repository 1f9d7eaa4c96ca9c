"""Reports: who may order which for whom, when they are due, and how often they are tried."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.question import DeniedError
from app.reports import MOST, BadReportError, Reports
from data.scope import NOBODY, Scope
from data.store import audit_event

MONDAY = datetime(2022, 12, 26, 12, 0, tzinfo=UTC)
VERA = Scope("vera", "Vera", roles=frozenset({"trader"}), desks=frozenset({"Vol"}))
LARS = Scope("lars", "Lars", roles=frozenset({"trader"}), desks=frozenset({"Long/Short"}))
RITA = Scope("rita", "Rita", roles=frozenset({"risk_manager"}), firm=True)
DAILY = {"page": "var", "query": "desk=Vol", "every": "day", "at": "18:30", "into": "mail"}


@pytest.fixture
def clock():
    class Clock:
        now = MONDAY

        def __call__(self):
            return self.now

    return Clock()


@pytest.fixture
def reports(store, clock):
    return Reports(store, clock)


def names(reports, scope):
    return [each.name for each in reports.of(scope)]


# Whose


def test_a_reader_has_the_reports_that_he_ordered_and_those_made_for_him(reports):
    reports.order(VERA, "mine", **DAILY)
    reports.order(RITA, "for Vera", recipient="vera", **DAILY)
    reports.order(RITA, "for Rita", **DAILY)
    assert names(reports, VERA) == ["mine", "for Vera"]
    assert names(reports, RITA) == ["for Vera", "for Rita"]
    assert names(reports, LARS) == []


def test_a_trader_orders_for_himself_only(reports):
    with pytest.raises(DeniedError, match="yourself only"):
        reports.order(LARS, "for Vera", recipient="vera", **DAILY)
    reports.order(LARS, "mine", recipient="lars", **DAILY)


@pytest.mark.parametrize("scope", [NOBODY, Scope("x", "X")], ids=["nobody", "no role"])
def test_whoever_opens_no_page_has_no_report(reports, scope):
    with pytest.raises(DeniedError):
        reports.order(scope, "r", **DAILY)
    with pytest.raises(DeniedError):
        reports.order(VERA, "r", **{**DAILY, "page": "nothing"})


def test_either_ends_a_report_and_others_do_not_learn_of_it(reports):
    for scope in (RITA, VERA):
        reports.order(RITA, "for Vera", recipient="vera", **DAILY)
        (one,) = reports.of(VERA)
        with pytest.raises(BadReportError, match="no such report"):
            reports.end(LARS, one.report_id)
        assert reports.end(scope, one.report_id) == "for Vera"
        with pytest.raises(BadReportError, match="no such report"):
            reports.end(scope, one.report_id)


def test_orders_and_ends_stand_in_the_audit_trail(reports, store):
    reports.order(VERA, "mine", **DAILY)
    reports.end(VERA, reports.of(VERA)[0].report_id)
    with store.engine.connect() as connection:
        rows = connection.execute(select(audit_event.c.event, audit_event.c.reader)).all()
    assert rows == [("report_ordered", "vera"), ("report_ended", "vera")]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"every": "hour"}, "every day, week or month"),
        ({"at": "6pm"}, "write it as 18:30"),
        ({"query": "as_of=yesterday"}, "write it as 2022-12-28"),
        ({"into": "fax"}, "by mail or into the folder"),
    ],
    ids=str,
)
def test_a_bad_order_names_what_is_wrong_and_keeps_nothing(reports, bad, said):
    with pytest.raises(BadReportError, match=said):
        reports.order(VERA, "mine", **{**DAILY, **bad})
    assert names(reports, VERA) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines"])
def test_a_report_has_a_name_of_one_line(reports, name):
    with pytest.raises(BadReportError, match="1 to 60 printable"):
        reports.order(VERA, name, **DAILY)


def test_there_are_at_most_so_many(reports):
    for number in range(MOST):
        reports.order(VERA, f"r{number}", **DAILY)
    with pytest.raises(BadReportError, match="end one first"):
        reports.order(VERA, "one too many", **DAILY)


# When


def due(reports, moment):
    return [(report.name, run.tries) for report, run in reports.due(moment)]


def test_a_report_is_due_from_its_moment_on_until_it_is_made(reports):
    reports.order(VERA, "mine", **DAILY)
    assert due(reports, MONDAY.replace(hour=18, minute=29)) == []
    evening = MONDAY.replace(hour=18, minute=30)
    ((_, run),) = reports.due(evening)
    assert run.due_at == evening
    reports.note(replace(run, state="made", at=evening, tries=1, message="sent"))
    assert due(reports, evening + timedelta(hours=20)) == []
    assert due(reports, evening + timedelta(days=1)) == [("mine", 0)]


def test_moments_before_it_was_ordered_are_not_caught_up(reports, clock):
    clock.now = MONDAY.replace(hour=19)
    reports.order(VERA, "mine", **DAILY)
    assert due(reports, clock.now) == []


def test_a_week_without_a_server_is_one_report_and_not_five(reports):
    reports.order(VERA, "mine", **DAILY)
    ((_, run),) = reports.due(MONDAY + timedelta(days=7))
    assert run.due_at == MONDAY.replace(hour=18, minute=30) + timedelta(days=4)


def test_a_try_that_failed_is_made_again_later_and_later(reports):
    reports.order(VERA, "mine", **DAILY)
    now = MONDAY.replace(hour=18, minute=30)
    for tries, pause in ((1, 5), (2, 30)):
        ((_, run),) = reports.due(now)
        reports.note(replace(run, state="waiting", at=now, tries=tries, message="no answer"))
        assert due(reports, now + timedelta(minutes=pause, seconds=-1)) == []
        now += timedelta(minutes=pause)
        assert due(reports, now) == [("mine", tries)]
    ((_, run),) = reports.due(now)
    reports.note(replace(run, state="failed", at=now, tries=3, message="no answer"))
    assert due(reports, now + timedelta(hours=3)) == []


def test_the_history_tells_what_became_of_a_reader_s_own(reports):
    reports.order(VERA, "mine", **DAILY)
    reports.order(LARS, "his", **DAILY)
    evening = MONDAY.replace(hour=18, minute=30)
    for report, run in reports.due(evening):
        reports.note(replace(run, state="made", at=evening, tries=1, message=f"sent to {report.recipient}"))
    ((report, run),) = reports.history(VERA)
    assert (report.name, run.state, run.message) == ("mine", "made", "sent to vera")

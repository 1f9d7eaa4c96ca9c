"""Administration by commands: grants from a file, all or none; a person's data; how long the trail is kept."""

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app import administration
from app.administration import BadFileError, load
from app.cli import main
from app.settings import read_settings
from auth.access import Access
from auth.audit import Audit
from data.scope import Scope
from data.store import Store, audit_event, utc_now

NAMES = {"desk": {"Vol"}, "book": {"VOL-TAIL"}, "legal_entity": set()}
HEAD = "reader,kind,value,effect,valid_from,valid_until,reason\n"


@pytest.fixture
def access(store):
    return Access(store, utc_now)


@pytest.fixture
def written(tmp_path):
    def write(text, name="grants.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_is_loaded_once_however_often(access, written):
    file = written(HEAD + 'tom,desk,Vol,allow,,,"cover, for Aiko"\nvera,role,viewer,deny,2026-01-01,2099-12-31,left\n')
    assert load(access, file, NAMES) == 2
    assert load(access, file, NAMES) == 0
    newest, first = access.all()
    assert (newest.reader, newest.kind, newest.value, newest.effect) == ("vera", "role", "viewer", "deny")
    assert (first.reason, first.granted_by) == ("cover, for Aiko", "operator")
    assert str(newest.valid_until)[:19] == "2100-01-01 00:00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "tom,desk,Wol,allow,,,x\n", "row 2: value: there is no desk 'Wol'; there are Vol"),
        (HEAD + "tom,desk,Vol,allow,,,x\ntom,land,Vol,allow,,,x\n", "row 3: kind: 'land' is no kind; write one of"),
        (HEAD + "tom,desk,Vol,alow,,,x\n", "row 2: effect: 'alow' is no effect; write allow or deny"),
        (HEAD + "tom,desk,Vol,allow,,31.12.2026,x\n", "row 2: valid_until: '31.12.2026' is no date; write it as"),
        (HEAD + "tom,desk,Vol,allow,,2001-01-01,x\n", "row 2: valid_until: valid_until is over"),
        (HEAD + "tom,desk,Vol,allow,,,\n", "row 2: reason: reason has 1 to 200 printable characters; write it"),
        (HEAD + "tom,desk,Vol\n", "row 2: it has not as many cells as there are columns"),
        (HEAD + "tom,desk,Vol,allow,,,x,y\n", "row 2: it has not as many cells as there are columns"),
        ("reader,kind,value,effect\n", "row 1: column reason is missing; add it"),
        (HEAD.replace("kind", "sort"), "row 1: column 'sort' is unknown; there are reader, kind"),
        ("", "row 1: column reader is missing; add it"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_file_row_and_column_and_nothing_is_loaded(access, written, text, said):
    file = written(text)
    with pytest.raises(BadFileError) as refused:
        load(access, file, NAMES)
    assert str(refused.value).startswith(f"{file}: {said}")
    assert access.all() == []


def test_every_bad_row_is_named_at_once(access, written):
    file = written(HEAD + "tom,desk,A,allow,,,x\ntom,desk,B,allow,,,x\n")
    with pytest.raises(BadFileError) as refused:
        load(access, file, NAMES)
    assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == ["row 2", "row 3"]


def test_a_file_that_is_not_there_or_no_text_is_told_so(access, tmp_path):
    with pytest.raises(BadFileError, match="cannot be read"):
        load(access, tmp_path / "nothing.csv", NAMES)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFileError, match="UTF-8"):
        load(access, tmp_path / "binary.csv", NAMES)


# As commands


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.setenv("PARAPET_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(administration, "_names", lambda: NAMES)

    def run(*words):
        return CliRunner().invoke(main, list(words))

    return run


def trail():
    store = Store(read_settings().store)
    store.create()
    return store


def test_what_was_loaded_is_listed_and_in_the_trail(command, written):
    loaded = command("grants", "load", str(written(HEAD + "tom,desk,Vol,allow,,,cover\n")))
    assert loaded.exit_code == 0, loaded.output
    lines = command("grants", "list").stdout.splitlines()
    assert lines[0].startswith("reader,kind,value,effect")
    assert lines[1].startswith("tom,desk,Vol,allow,")
    store = trail()
    with store.engine.connect() as connection:
        assert connection.execute(select(audit_event.c.event, audit_event.c.reader)).all() == [
            ("access_granted", "operator")
        ]
    store.close()


def test_a_bad_file_ends_with_code_2(command, written):
    ended = command("grants", "load", str(written(HEAD + "tom,desk,Wol,allow,,,cover\n")))
    assert ended.exit_code == 2
    assert "Wol" in ended.output
    assert len(command("grants", "list").stdout.splitlines()) == 1


def test_a_person_is_handed_over_and_erased_and_the_trail_still_verifies(command):
    store = trail()
    Audit(store, utc_now).record("login", Scope("tom", "Tom Ford"), name="Tom Ford")
    store.close()
    assert json.loads(command("person", "export", "tom").stdout)["audit_event"][0]["reader"] == "tom"
    assert command("person", "erase", "tom", "--yes").exit_code == 0
    gone = command("person", "export", "tom")
    assert gone.exit_code == 1
    assert "nothing of 'tom'" in gone.output
    assert command("audit", "verify").exit_code == 0


def test_a_trail_is_kept_for_ever_unless_days_are_set(command, monkeypatch):
    kept = command("audit", "prune")
    assert kept.exit_code == 1
    assert "kept for ever" in kept.output
    monkeypatch.setenv("PARAPET_AUDIT_DAYS", "365")
    assert command("audit", "prune").exit_code == 0


@pytest.mark.parametrize(
    ("said", "masks"),
    [
        ("", {}),
        ("counterparty:viewer,trader;trader:viewer", {"counterparty": {"viewer", "trader"}, "trader": {"viewer"}}),
        (" trader : viewer ; ", {"trader": {"viewer"}}),
    ],
)
def test_masks_are_read_from_the_environment(monkeypatch, said, masks):
    monkeypatch.setenv("PARAPET_MASKED", said)
    assert read_settings().masked == masks


@pytest.mark.parametrize("said", ["desk:viewer", "trader:king", "trader", "trader:"])
def test_a_mask_that_means_nothing_stops_the_start(monkeypatch, said):
    monkeypatch.setenv("PARAPET_MASKED", said)
    with pytest.raises(SystemExit, match="PARAPET_MASKED"):
        read_settings()

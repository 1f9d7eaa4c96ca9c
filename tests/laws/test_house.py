"""The rules of the house: who may know whom, how long a room may be, what a name must say."""

import ast
import re
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for room in ("app", "auth", "data", "pages") for path in (ROOT / room).rglob("*.py"))


def test_nobody_knows_whom_they_may_not(capsys):
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_and_is_not_too_long(path):
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "open it with one sentence"
    assert text.count("\n") <= 320, "a room that wants a wall"
    assert not re.search(r"\b(utils?|helpers?|manager|base|common|misc)\b", path.stem)


def test_nothing_names_a_machine_or_promises_work():
    unwanted = re.compile(r"(?<![\w.~-])/(work|root|home)/|NotImplementedError|\b(TODO|FIXME|XXX)\b|pytest\.mark\.skip")
    kinds = {".py", ".md", ".toml", ".css", ".js", ".yaml"}
    rooms = [ROOT / room for room in ("app", "auth", "data", "pages", "assets", "docs", "tests")]
    files = [
        p
        for room in rooms
        for p in room.rglob("*")
        if p.suffix in kinds and p != Path(__file__) and "node_modules" not in p.parts
    ]
    found = [f"{p.relative_to(ROOT)}: {m[0]}" for p in files if (m := unwanted.search(p.read_text()))]
    assert not found

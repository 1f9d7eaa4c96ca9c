"""What is new: the changelog is read in its own form, packaged or beside the sources, and shown newest first."""

import json
import tomllib
from pathlib import Path

from app.filters import Filters
from app.screen import news
from tests.ledger import FIRM

ROOT = Path(__file__).parents[2]
TEXT = """# Changelog
Words above the first release.

## Unreleased

## [2.0.0] - 2026-03-01
### Added
- **Pivot** of any measure, see [the guide](docs/pivot.md), asked by `parapet
  run`.
- Second.

### Fixed
- Third.

## 1.0.0
### Added
- First.
"""


def shown(monkeypatch, text):
    monkeypatch.setattr(news, "changelog", lambda: text)
    page = news.pages()["news"]({"news": "all"}, Filters(), FIRM)
    return json.dumps([part.to_plotly_json() for part in page], default=lambda part: part.to_plotly_json())


def test_releases_are_read_with_their_kinds_and_lines_and_empty_ones_are_left_out():
    latest, first = news.releases(TEXT)
    assert (latest.version, latest.day) == ("2.0.0", "2026-03-01")
    assert [(kind, len(lines)) for kind, lines in latest.changes] == [("Added", 2), ("Fixed", 1)]
    assert latest.changes[0][1][0].endswith("asked by `parapet run`.")
    assert (first.version, first.day, first.changes) == ("1.0.0", "", (("Added", ("First.",)),))


def test_marks_become_type_and_a_link_to_a_file_its_words(monkeypatch):
    page = shown(monkeypatch, TEXT)
    for part in ("Release 2.0.0", '"the guide"', '"parapet run"', '"Pivot"', f"this is release {news.present()}"):
        assert part in page
    assert "docs/pivot.md" not in page
    assert "**" not in page


def test_an_installation_without_the_file_says_so(monkeypatch):
    assert "has no changelog" in shown(monkeypatch, "")


def test_the_changelog_of_the_product_is_found_and_tells_of_the_release_that_runs():
    found = news.releases(news.changelog())
    assert news.present() in [release.version for release in found]
    assert all(release.day for release in found if release.version != "Unreleased")
    kinds = {kind for release in found for kind, _ in release.changes}
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_release_that_runs_is_the_one_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert news.present() == project["version"]
    assert news.store().data == project["version"]

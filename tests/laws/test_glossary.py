"""Laws of the words: whatever is registered is said, in a sentence, and nothing is said of what is not there."""

import pytest

from app.risk.measure import KEYS, measures
from app.screen.glossary import meaning, texts
from app.view import discover

MEASURES = measures()
COLUMNS = [(measure, column) for measure in MEASURES.values() for column in measure.columns]


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_every_column_of_a_measure_has_its_line_in_the_glossary(measure):
    unsaid = sorted({column.label for column in measure.columns if not meaning(measure, column)})
    assert not unsaid, f"say in a line of app/screen/glossary.toml, [columns], what these mean: {unsaid}"


def test_every_key_of_rows_has_its_line_too():
    assert {key.label for key in KEYS.values()} <= set(texts()["columns"])


def test_every_line_is_a_sentence():
    lines = [line for room in texts().values() for words in room.values() for line in _lines(words)]
    assert len(lines) > 200
    assert [line for line in lines if len(line) < 12 or not line.endswith(".")] == []


def test_nothing_is_said_of_a_column_that_is_gone():
    labels = {column.label for _, column in COLUMNS} | {key.label for key in KEYS.values()}
    assert set(texts()["columns"]) - labels == set()
    said = {(name, column) for name, words in texts()["in"].items() for column in words}
    assert said - {(measure.name, column.name) for measure, column in COLUMNS} == set()


def test_every_measure_that_a_panel_shows_can_be_looked_up():
    assert {panel.measure for view in discover().values() for panel in view.panels} <= set(MEASURES)
    assert all(measure.label and measure.definition for measure in MEASURES.values())


def _lines(words):
    return [words] if isinstance(words, str) else list(words.values())

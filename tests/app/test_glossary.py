"""The glossary in the drawer: all of it as a list that the browser searches, and each entry on a page of its own."""

import json

import pytest
from dash import Dash

from app.filters import Filters
from app.risk.measure import measures
from app.screen import glossary
from app.view import discover
from data.scope import NOBODY
from tests.ledger import FIRM


@pytest.fixture(scope="module")
def look_up():
    app = Dash("words", pages_folder="", use_pages=False, use_async=False)
    opener = glossary.pages(app)["glossary"]

    def ask(name, query="", reader=FIRM):
        return opener({"glossary": name}, Filters.parse(query), reader)

    return ask


def text(page):
    return json.dumps([part.to_plotly_json() for part in page], default=lambda part: part.to_plotly_json())


def entries(page):
    store = next(part for part in page if getattr(part, "id", "") == "glossary-entries")
    return {entry["name"]: entry for group in store.data for entry in group["entries"]}


def test_the_list_holds_every_measure_and_the_words_of_the_conventions(look_up):
    found = entries(look_up("all"))
    assert set(measures()) <= set(found)
    for word in ("signs", "as-of", "known-at", "soft-limit", "hard-limit", "coverage", "snapshot", "residual"):
        assert found[word]["line"], word
    assert all(entry["title"] and entry["line"] for entry in found.values())


def test_a_measure_is_found_by_what_its_columns_and_conventions_say(look_up):
    inside = "\n".join(entries(look_up("all"))["var_summary"]["inside"])
    for part in ("Stand-in moves: ", "Stressed: ", "var_summary"):
        assert part in inside


def test_a_measure_has_a_page_with_all_that_is_registered_of_it(look_up):
    measure = measures()["value_at_risk"]
    shown = text(look_up("value_at_risk"))
    for column in measure.columns:
        assert json.dumps(column.label)[1:-1] in shown
        assert json.dumps(glossary.meaning(measure, column))[1:-1] in shown
    for name, convention in measure.conventions:
        assert json.dumps(convention)[1:-1] in shown, name
    for part in ("base currency · does not add up", "base currency · adds up", "#glossary=all"):
        assert json.dumps(part)[1:-1] in shown


def test_a_measure_leads_to_the_panels_that_show_it_with_the_readers_choices(look_up):
    shown = text(look_up("value_at_risk", "desk=Vol&confidence=0.975"))
    panels = [p for v in discover().values() for p in v.panels if p.measure == "value_at_risk" and p.figure != "kpi"]
    assert panels
    for panel in panels:
        assert f"?desk=Vol&confidence=0.975#expand={panel.key}" in shown


def test_no_link_leads_to_a_page_that_is_closed_to_the_reader(look_up):
    assert "#expand=" not in text(look_up("value_at_risk", reader=NOBODY))


def test_a_word_means_what_it_means_in_its_measure():
    explain, greeks = measures()["explain"], measures()["sensitivities"]
    meanings = {
        measure.name: next(glossary.meaning(measure, column) for column in measure.columns if column.label == "Delta")
        for measure in (explain, greeks)
    }
    assert meanings["explain"].startswith("P&L from moves")
    assert meanings["sensitivities"].startswith("Change of value")


def test_a_word_has_a_page_and_an_unknown_one_says_so_above_the_list(look_up):
    assert "Which snapshot is read" in text(look_up("known-at"))
    page = look_up("nonsense")
    assert "There is no entry 'nonsense'." in text(page)
    assert entries(page)


def test_a_link_names_its_entry():
    assert glossary.link("value_at_risk").href == "#glossary=value_at_risk"
    assert glossary.link().href == "#glossary=all"

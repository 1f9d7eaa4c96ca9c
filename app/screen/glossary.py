"""The glossary: every registered measure with its columns and conventions, and the words that they are written in."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app.filters import Filters
from app.risk.measure import Column, Measure, measures
from app.screen.drawer import Open, leaf
from app.screen.menu import query
from app.screen.page import open_views
from data.scope import Scope

_NUMBERS = {"money", "price", "quantity", "ratio", "count"}
_UNITS = {"ccy": "base currency", "local": "its own currency", "run currency": "currency of the run"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `name` is what `#glossary=<name>` asks for, `inside` what else it says on a page of its own."""

    name: str
    title: str
    line: str
    inside: tuple[str, ...] = ()


@lru_cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """What is written by hand: `terms` by group, `columns` by label, `in` by measure and column."""
    found: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return found


def meaning(measure: Measure, column: Column) -> str:
    """What a column of a measure says, in one line; empty where nobody has said it."""
    columns: Mapping[str, Any] = texts()["columns"]
    return str(texts()["in"].get(measure.name, {}).get(column.name) or columns.get(column.label, ""))


def link(name: str = "all", text: str = "Glossary") -> Component:
    """A link to a measure or a term of the glossary, from wherever its words are read."""
    return html.A(text, href=f"#glossary={name}", title="What the words and numbers mean")


def install(app: Dash) -> None:
    """The list is laid out by the browser."""
    app.clientside_callback(
        ClientsideFunction("glossary", "list"), Output("glossary-list", "title"), Input("glossary-entries", "data")
    )


def pages(app: Dash) -> dict[str, Open]:
    """The page of the drawer: `#glossary=all`, or one measure or term by its name."""

    def glossary(asked: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        groups = [*terms(), ("Measures", [_entry(measure) for measure in ordered()])]
        every = [entry for _, entries in groups for entry in entries]
        if found := [entry for entry in every if entry.name == asked["glossary"]]:
            told = [part for entry in found for part in _alone(app, entry, filters, scope)]
            return leaf(found[0].title, "glossary", [*told, html.P(link(text="All words and measures"))])
        said = [] if asked["glossary"] == "all" else [html.P(f"There is no entry {asked['glossary']!r}.")]
        return leaf("Glossary", f"{len(every)} words and measures", [*said, *_search(), *_list(groups)])

    return {"glossary": glossary}


def ordered() -> list[Measure]:
    """Every registered measure by its title."""
    return sorted(measures().values(), key=lambda measure: measure.label.casefold())


def terms() -> Iterator[tuple[str, list[Entry]]]:
    """The words of the conventions, group by group."""
    for group, words in texts()["terms"].items():
        yield group, [Entry(_slug(title), title, line) for title, line in words.items()]


def _slug(title: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in title.lower()).split()
    return "-".join(words)


def _search() -> list[Component]:
    field = dcc.Input(
        id="glossary-search",
        type="search",
        placeholder="Find a word, a measure, a column",
        autoComplete="off",
        autoFocus=True,
    )
    hint = html.Label("Find in the glossary", htmlFor="glossary-search", className="unseen")
    count = html.Div(id="glossary-count", className="faint", role="status")
    return [html.Div([hint, field, count], className="glossary-find")]


def _entry(measure: Measure) -> Entry:
    line, *rest = measure.definition.split("\n\n")
    columns = (f"{column.label}: {meaning(measure, column)}" for column in measure.columns)
    conventions = (f"{name}: {text}" for name, text in measure.conventions)
    return Entry(measure.name, measure.label, line, (measure.name, *rest, *columns, *conventions))


def _list(groups: list[tuple[str, list[Entry]]]) -> list[Component]:
    """The entries as data: the browser lays them out, much faster than Dash does hundreds of components."""
    data = [{"title": title, "entries": [asdict(entry) for entry in entries]} for title, entries in groups]
    return [dcc.Store(id="glossary-entries", data=data), html.Div(id="glossary-list")]


def _alone(app: Dash, entry: Entry, filters: Filters, scope: Scope) -> list[Component]:
    """All that is known of one entry."""
    if not entry.inside:
        return [html.P(entry.line)]
    measure = measures()[entry.name]
    total = "The rows add up to the total" if measure.additive else "The rows do not add up to the total"
    return [
        *(html.P(paragraph) for paragraph in measure.definition.split("\n\n")),
        html.P([f"{total}. ", html.Code(measure.name, className="name")], className="faint"),
        *_table("Columns", [(column.label, _said(measure, column)) for column in measure.columns]),
        *_table("Conventions", [(name, [text]) for name, text in measure.conventions]),
        *_places(app, measure, filters, scope),
    ]


def _said(measure: Measure, column: Column) -> list[Any]:
    unit = _UNITS.get(column.unit, column.unit.replace("ccy/", "base currency per "))
    adds = "adds up" if column.additive else "does not add up"
    facts = [unit, adds] if column.kind in _NUMBERS else [unit]
    said = " · ".join(fact for fact in facts if fact)
    return [meaning(measure, column), *([html.Div(said, className="faint")] if said else [])]


def _table(title: str, pairs: list[tuple[str, list[Any]]]) -> list[Component]:
    rows = [html.Tr([html.Td(name), html.Td(text)]) for name, text in pairs]
    return [html.H3(title), html.Table(html.Tbody(rows), className="pairs words")]


def _places(app: Dash, measure: Measure, filters: Filters, scope: Scope) -> list[Component]:
    """Links to the panels that show it, of the pages that are open to this reader; tiles have no panel to expand."""
    links = [
        dcc.Link(
            [f"{view.title} › ", html.B(panel.title)],
            href=app.get_relative_path(view.path)
            + query(filters)
            + ("" if panel.figure == "kpi" else f"#expand={panel.key}"),
        )
        for view in open_views(scope)
        for panel in view.panels
        if panel.measure == measure.name
    ]
    return [html.H3("Shown on"), html.Div(links, className="places")] if links else []

"""The drawer beside the page: what a panel means, under which conventions, and where its numbers came from."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.answer import Answers
from app.coverage import EARLIER
from app.filters import Filters
from app.screen.failure import explain_failure
from app.table import Coverage, Provenance
from data.scope import Scope

Open = Callable[[Mapping[str, str], Filters, Scope], list[Component]]
_NAMED = 12
_SAID_APART = {"scale", "confidence", "es_confidence", "window", "method"}


def install(app: Dash, numbers: Mapping[str, Open], forms: Mapping[str, Open], reader: Callable[[], Scope]) -> None:
    """What the address's hash asks for: `#<page>=<what>`, with what else the page reads of the hash beside it.

    `numbers` are drawn anew when others are loaded. `forms` are not, while their reader's rights are the same: what he
    has typed stays.
    """
    pages = {**numbers, **forms}

    def open_drawer(
        fragment: str | None, _: str | None, version: str | None, search: str | None, drawn: str | None
    ) -> tuple[list[Component], str]:
        asked = {name: values[0] for name, values in parse_qs((fragment or "").removeprefix("#")).items()}
        page = next((name for name in asked if name in pages), "")
        scope = reader()
        rests = version if page in numbers else [scope.key, sorted(scope.roles), scope.seen_by]
        wanted = json.dumps([fragment, search, rests], default=str)
        if wanted == drawn:
            raise PreventUpdate
        return said(page, asked, search, scope) if page else [], wanted

    def said(page: str, asked: Mapping[str, str], search: str | None, scope: Scope) -> list[Component]:
        try:
            return pages[page](asked, Filters.parse((search or "").removeprefix("?")), scope)
        except Exception as error:  # noqa: BLE001 the page behind the drawer must live
            title, remedy = explain_failure(asked[page], error)
            return leaf(title, "", [html.P(remedy)])

    app.callback(
        Output("drawer", "children"),
        Output("drawer", "data-drawn"),
        Input("url", "hash"),
        Input("rested", "data"),
        Input("version", "data"),
        State("url", "search"),
        State("drawer", "data-drawn"),
    )(open_drawer)


def pages(answers: Answers) -> dict[str, Open]:
    """The page of the drawer `#coverage=reasons`."""

    def coverage(_: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        status = answers.status(filters, scope)
        return coverage_page(status.coverage, str(status.as_of), status.synthetic, answers.holes(filters, scope))

    return {"coverage": coverage}


def explanation(about: Provenance, conventions: Iterable[str] = ()) -> list[Component]:
    """The provenance of a table in the reader's words; `conventions` are those of VaR and ES that it rests on."""
    choices = [f"{name.replace('_', ' ')} {value}" for name, value in about.filters if name not in _SAID_APART]
    choices = [*conventions, *choices]
    origin = [f"snapshot {about.snapshot}", f"known at {about.known_at}", f"release {about.release}"]
    parts = [
        pills(choices),
        *part("Definition", [html.P(line) for line in about.definition.split("\n\n") if line]),
        *part("Conventions", pairs(about.conventions)),
        *part(
            "Dates",
            pairs((("as of", about.as_of), ("compared with", about.compared_with), ("currency", about.base_currency))),
        ),
        *part("Coverage", [coverage_line(about.coverage)]),
        *part("Notes", [html.P(note) for note in about.notes]),
        *part("Where it came from", [html.Code(line) for line in (*origin, *about.sources)]),
    ]
    return leaf(about.title, "explain this panel", [one for one in parts if one])


def coverage_page(
    coverage: Coverage, as_of: str, synthetic: int, holes: Mapping[str, tuple[str, ...]]
) -> list[Component]:
    """How many positions are priced, and each hole by its reason, with the names of the instruments."""
    today = ("priced on the day", coverage.priced - coverage.carried)
    states = (today, (EARLIER, coverage.carried), *coverage.reasons, ("held", coverage.held))
    rows = [
        html.Tr([html.Td([state, *_named(holes.get(state, ()))]), html.Td(f"{count:,}")]) for state, count in states
    ]
    notes = [html.P(_coverage(coverage)), html.Table([html.Tbody(rows)])]
    if synthetic:
        notes += part(
            "Synthetic", [html.P(f"{synthetic:,} instruments have simulated prices: they have no real source.")]
        )
    return leaf("Coverage", f"positions priced on {as_of}", notes)


def _named(instruments: tuple[str, ...]) -> list[Component]:
    """The first of them, and how many there are besides."""
    more = len(instruments) - _NAMED
    said = [*instruments[:_NAMED], *([f"and {more:,} more"] if more > 0 else [])]
    return [html.Div(", ".join(said), className="named")] if said else []


def coverage_line(coverage: Coverage) -> Component:
    """How much is priced, with the way to the reasons."""
    return html.P([*_coverage(coverage), " ", html.A("see why", href="#coverage=reasons")])


def _coverage(coverage: Coverage) -> list[Any]:
    carried = f", {coverage.carried:,} of them at an earlier day's price" if coverage.carried else ""
    return [html.B(f"{coverage.priced:,} of {coverage.held:,}"), f" positions priced{carried}."]


def leaf(title: str, subtitle: str, parts: Iterable[Any]) -> list[Component]:
    """A page of the drawer with its title and the way back."""
    close = html.Button("esc ✕", className="close", **{"data-closes": "drawer", "aria-label": "Close the explanation"})
    return [close, html.H2(title), html.Div(subtitle, className="faint"), *parts]


def pills(choices: Iterable[str]) -> Component | None:
    """Settings, each in a frame of its own."""
    shown = [html.Span(choice, className="pill") for choice in choices]
    return html.Div(shown) if shown else None


def part(title: str, children: list[Any]) -> list[Component]:
    """A heading with what stands under it; nothing where that is nothing."""
    return [html.H3(title), *children] if children else []


def pairs(told: Iterable[tuple[str, str]]) -> list[Component]:
    """Names and what is said of each, as a table."""
    rows = [html.Tr([html.Td(name), html.Td(value)]) for name, value in told if value]
    return [html.Table(html.Tbody(rows), className="pairs")] if rows else []

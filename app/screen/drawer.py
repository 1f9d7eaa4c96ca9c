"""The drawer beside the page: what a panel means, under which conventions, and where its numbers came from."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from app.answer import Answers
from app.filters import Filters
from app.screen.conventions import decisive, stated
from app.screen.failure import explain_failure
from app.table import Coverage, Provenance
from app.view import panel_of
from data.scope import Scope

Open = Callable[[Mapping[str, str], Filters, Scope], list[Component]]
_SAID_APART = {"scale", "confidence", "es_confidence", "window", "method"}


def install(app: Dash, pages: Mapping[str, Open], reader: Callable[[], Scope]) -> None:
    """What the address's hash asks for: `#<page>=<what>`, with what else the page reads of the hash beside it."""

    def open_drawer(fragment: str | None, search: str | None, *_: Any) -> list[Component]:
        asked = {name: values[0] for name, values in parse_qs((fragment or "").removeprefix("#")).items()}
        page = next((name for name in asked if name in pages), "")
        if not page:
            return []
        try:
            return pages[page](asked, Filters.parse((search or "").removeprefix("?")), reader())
        except Exception as error:  # noqa: BLE001 the page behind the drawer must live
            title, remedy = explain_failure(asked[page], error)
            return leaf(title, "", [html.P(remedy)])

    app.callback(
        Output("drawer", "children"),
        Input("url", "hash"),
        Input("url", "search"),
        Input("version", "data"),
        State("url", "hash"),
    )(open_drawer)


def pages(answers: Answers) -> dict[str, Open]:
    """The drawer's own pages: `#explain=<panel key>` and `#coverage=reasons`."""

    def explain(asked: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        key = asked["explain"]
        about = answers.table(key, filters, scope).about
        return explanation(about, stated(filters, decisive([panel_of(key)[1]])))

    def coverage(_: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        status = answers.status(filters, scope)
        return coverage_page(status.coverage, str(status.as_of), status.synthetic)

    return {"explain": explain, "coverage": coverage}


def explanation(about: Provenance, conventions: Iterable[str] = ()) -> list[Component]:
    """The provenance of a table in the reader's words; `conventions` are those of VaR and ES that it rests on."""
    choices = [f"{name.replace('_', ' ')} {value}" for name, value in about.filters if name not in _SAID_APART]
    choices = [*conventions, *choices]
    origin = [f"snapshot {about.snapshot}", f"known at {about.known_at}", f"release {about.release}"]
    parts = [
        html.Div([html.Span(choice, className="pill") for choice in choices]) if choices else None,
        *_part("Definition", [html.P(line) for line in about.definition.split("\n\n") if line]),
        *_part("Conventions", _pairs(about.conventions)),
        *_part(
            "Dates",
            _pairs((("as of", about.as_of), ("compared with", about.compared_with), ("currency", about.base_currency))),
        ),
        *_part("Coverage", [html.P([*_coverage(about.coverage), " ", html.A("see why", href="#coverage=reasons")])]),
        *_part("Notes", [html.P(note) for note in about.notes]),
        *_part("Where it came from", [html.Code(line) for line in (*origin, *about.sources)]),
    ]
    return leaf(about.title, "explain this number", [part for part in parts if part])


def coverage_page(coverage: Coverage, as_of: str, synthetic: int) -> list[Component]:
    """How many positions are priced, and each hole by its reason."""
    today = ("priced on the day", coverage.priced - coverage.carried)
    states = (today, ("priced by an earlier day", coverage.carried), *coverage.reasons, ("held", coverage.held))
    rows = [html.Tr([html.Td(state), html.Td(f"{count:,}")]) for state, count in states]
    notes = [html.P(_coverage(coverage)), html.Table([html.Tbody(rows)])]
    if synthetic:
        notes += _part(
            "Synthetic", [html.P(f"{synthetic:,} instruments have simulated prices: they have no real source.")]
        )
    return leaf("Coverage", f"positions priced on {as_of}", notes)


def _coverage(coverage: Coverage) -> list[Any]:
    carried = f", {coverage.carried:,} of them at an earlier day's price" if coverage.carried else ""
    return [html.B(f"{coverage.priced:,} of {coverage.held:,}"), f" positions priced{carried}."]


def leaf(title: str, subtitle: str, parts: Iterable[Any]) -> list[Component]:
    """A page of the drawer with its title and the way back."""
    close = html.Button("esc ✕", className="close", **{"data-closes": "drawer", "aria-label": "Close the explanation"})
    return [close, html.H2(title), html.Div(subtitle, className="faint"), *parts]


def _part(title: str, children: list[Any]) -> list[Component]:
    return [html.H3(title), *children] if children else []


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Component]:
    rows = [html.Tr([html.Td(name), html.Td(value)]) for name, value in pairs if value]
    return [html.Table(html.Tbody(rows), className="pairs")] if rows else []

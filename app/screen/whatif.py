"""What-if on screen: the editor that writes imagined trades into the address, and the chip that never hides them."""

import base64
import binascii
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.changes import LONGEST_READ, canonical, parse
from app.filters import BadFilterError, Filters
from app.screen.permitted import permitted
from app.view import discover
from data.scope import Scope
from data.store import LONGEST_NAME

PAGE = "/whatif"
LARGEST_FILE = 200_000
FORMS = (
    ("+1000 AAPL @ BOOK", "buy, − sells"),
    ("x0.5 AAPL @ BOOK", "half"),
    ("close AAPL @ BOOK", ""),
    ("replace AAPL by MSFT @ BOOK", "the same value"),
    ("roll OLD to NEW @ BOOK", "the same quantity"),
)
NAME = dcc.Input(id="whatif-name", type="text", placeholder="Name", maxLength=LONGEST_NAME, autoComplete="off")
NAMED = html.Label([html.Span("Name of the branch", className="unseen"), NAME])
SAVE = html.Button("Save", id="whatif-save", className="chip", title="Keep these trades under this name")


def install(app: Dash) -> None:
    """The editor follows the address and a chosen file; its button makes the trades an address."""

    def fill(search: str | None, contents: str | None) -> tuple[str, str]:
        if contents and ctx.triggered_id == "whatif-file":
            return uploaded(contents), ""
        return written(search), ""

    def apply(clicks: int | None, text: str | None, search: str | None) -> tuple[Any, str]:
        if not clicks:
            raise PreventUpdate
        try:
            return address(search, text or ""), ""
        except BadFilterError as error:
            return no_update, f"{error}."

    app.callback(
        Output("url", "search", allow_duplicate=True),
        Output("whatif-problem", "children"),
        Input("whatif-apply", "n_clicks"),
        State("whatif-text", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )(apply)
    app.callback(
        Output("whatif-text", "value"),
        Output("whatif-problem", "children", allow_duplicate=True),
        Input("url", "search"),
        Input("whatif-file", "contents"),
        prevent_initial_call="initial_duplicate",
    )(fill)


def editor(query: str, scope: Scope) -> Component:
    """The card with the trades of an address, one a line, ready to be changed."""
    hints = [
        item
        for form, means in FORMS
        for item in (html.Code(form), html.Span(f" {means}", className="means") if means else "", html.Br())
    ]
    return html.Section(
        [
            html.Header(
                [
                    html.H2("Trades"),
                    html.Span("done at the mark, on top of what is held; nothing is booked", className="about"),
                    html.Span(id="whatif-kept", className="kept", role="status"),
                ]
            ),
            html.Div(
                [
                    dcc.Textarea(
                        id="whatif-text",
                        value=written(query),
                        spellCheck=False,
                        placeholder="One trade a line, or rows of instrument, book, quantity",
                        title="Trades",
                    ),
                    html.Div(id="whatif-branches", className="branches"),
                ],
                className="written",
            ),
            html.P(hints, className="hints"),
            html.Div(id="whatif-problem", className="warn", role="alert"),
            html.Div(
                [
                    html.Button("Apply", id="whatif-apply", className="chip"),
                    dcc.Upload(
                        html.Button("Open a CSV file", className="chip"),
                        id="whatif-file",
                        accept=".csv,.tsv,.txt",
                        max_size=LARGEST_FILE,
                    ),
                    dcc.Link("Clear", href=address(query, "") or "?", className="chip"),
                    *permitted(scope, "save what-ifs", NAMED, SAVE),
                ],
                className="buttons",
            ),
        ],
        id="whatif-editor",
        className="panel card editor",
        style={"gridArea": "span 5 / span 5"},
        **{"aria-label": "Trades"},
    )


def chip(app: Dash, filters: Filters, scope: Scope) -> list[Component]:
    """How many trades are imagined, on every page; its cross clears them. Nothing without any.

    Where the page of what-ifs is open to the reader, it leads there.
    """
    count = len(parse(filters.whatif))
    if not count:
        return []
    here = app.get_relative_path(PAGE) + f"?{filters.query()}"
    word = "trade" if count == 1 else "trades"
    title = f"{filters.whatif}. Only what-if panels count them; all other numbers are official"
    clear = f"?{replace(filters, whatif='').query()}"
    said = ["what-if: ", html.B(f"{count} {word}")]
    opens = discover()[PAGE.strip("/")].roles & scope.roles
    return [
        html.Span(
            [
                dcc.Link(said, href=here, title=title) if opens else html.Span(said, title=title),
                dcc.Link("✕", href=clear, title="Clear the what-if"),
            ],
            className="chip whatif",
        )
    ]


def address(search: str | None, text: str) -> str:
    """The address's query with the trades of a text instead of its own; BadFilterError for what cannot be read.

    Other choices of the address that cannot be read are dropped.
    """
    return carrying(search, Filters.parse({"whatif": text}).whatif)


def carrying(search: str | None, whatif: str) -> str:
    """As `address`, with trades in their canonical form, which are not read again."""
    try:
        filters = Filters.parse(_without_trades(search))
    except BadFilterError:
        filters = Filters()
    query = replace(filters, whatif=whatif).query()
    return f"?{query}" if query else ""


def written(search: str | None) -> str:
    """The trades of an address, one a line; as they stand where they cannot be read."""
    return lined(parse_qs((search or "").removeprefix("?")).get("whatif", [""])[0])


def uploaded(contents: str) -> str:
    """The trades of a file, one a line; as they stand where they cannot be read."""
    try:
        raw = base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error:
        return ""
    return lined(raw.decode("utf-8-sig", errors="replace")[: LONGEST_READ + 1])


def lined(text: str) -> str:
    """The trades of a text, one a line; as they stand where they cannot be read."""
    try:
        return canonical(text).replace("; ", "\n")
    except ValueError:
        return text


def _without_trades(search: str | None) -> dict[str, str]:
    pairs = parse_qs((search or "").removeprefix("?"))
    return {name: values[-1] for name, values in pairs.items() if name != "whatif"}

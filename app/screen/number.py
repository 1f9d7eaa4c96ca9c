"""The drawer's page of one number: its exact value, what it means, what makes it, and where it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import Dash, dcc, html
from dash.development.base_component import Component

from app.answer import Answers
from app.explained import Number, Part, Parts, explain
from app.figures.number import MISSING, results
from app.filters import Filters
from app.place import SEPARATOR
from app.risk.measure import KEYS, Column, measures
from app.screen import trade
from app.screen.conventions import decisive, stated
from app.screen.drawer import Open, coverage_line, explanation, leaf, pairs, part, pills
from app.screen.exports import file_links
from app.screen.glossary import link, meaning
from app.screen.lineage import files, rates_and_prices, trades
from app.screen.menu import href, query
from app.screen.page import open_views
from app.screen.permitted import permitted
from app.view import panel_of
from data.scope import Scope

SHOWN = 8
_DECIMALS = {"money": 2, "count": 0, "quantity": 4, "price": 8, "ratio": 6}
_NAMED = {"desk": "{} desk", "scenario": "in the scenario of {}"}


def pages(app: Dash, answers: Answers) -> dict[str, Open]:
    """`#explain=<panel key>`, of one number with `&at=<row>&column=<name>`, and `#trade=<trade id>`."""

    def explained(asked: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        key, name = asked["explain"], asked.get("column", "")
        if not name:
            about = answers.table(key, filters, scope).about
            return explanation(about, stated(filters, decisive([panel_of(key)[1]])))
        return _page(app, explain(answers, (key, asked.get("at", ""), name), filters, scope), filters, scope)

    return {"explain": explained, "trade": trade.opener(app, answers)}


def full(value: Any, column: Column) -> str:
    """A number in full units: money to the cent, a quantity or a price with all its decimals, a share in per cent."""
    if isinstance(value, str) or column.kind in {"text", "date", "time"}:
        return str(value)[:19]
    if pd.isna(value):
        return MISSING
    share = column.kind == "ratio" and column.unit == "%"
    shown = f"{value * 100:,.4f}" if share else f"{value:,.{_DECIMALS[column.kind]}f}"
    if column.kind in {"quantity", "price", "ratio"}:
        shown = shown.rstrip("0").rstrip(".")
    sign = "+" if column.signed and value > 0 else ""
    return f"{sign}{shown}{'%' if share else ''}".replace("-", "\N{MINUS SIGN}")


def _page(app: Dash, number: Number, filters: Filters, scope: Scope) -> list[Component]:
    about, column = number.about, number.column
    narrowed = number.narrowed or filters
    choices = [*stated(filters, decisive([number.panel])), f"as of {about.as_of}", *_narrowing(filters)]
    body = [
        _way(number, scope, filters),
        _value(number),
        pills(choices),
        *part("Definition", _definition(number)),
        *part("The scenarios it rests on", _scenarios(number, filters)),
        *part("What it is made of" if column.additive else "Who makes it", _made(number)),
        *part("The trades behind it", trades(number.lines.trades, number.name, number.value)),
        *part("Coverage", [coverage_line(number.coverage)] if number.coverage and number.coverage.held else []),
        *part("Where it came from", [*rates_and_prices(number.lines), *files(number.lines, about)]),
        _more(about),
        *part("Then", _then(app, number, narrowed, scope)),
    ]
    return leaf(
        f"{column.label} · {_name(number, filters, scope)}", "explain this number", [one for one in body if one]
    )


def _definition(number: Number) -> list[Component]:
    """What its column says, the conventions that name it, and the measure that it belongs to."""
    measure, label = measures()[number.panel.measure], _words(number.column.label)
    named = [
        f"{name}: {text}."
        for name, text in number.about.conventions
        if any(_words(one) <= label for one in name.split(" and "))
    ]
    said = [meaning(measure, number.column), *named]
    return [*(html.P(line) for line in said if line), html.P([link(measure.name, measure.label), " in the glossary"])]


def _words(text: str) -> set[str]:
    return {word.rstrip("s") for word in text.lower().split()}


def _name(number: Number, filters: Filters, scope: Scope) -> str:
    """What the number is of: the last name that leads to it, or all that is read."""
    node = number.node
    if node.parts:
        name = node.names[len(node.parts) - 1] if node.names else ""
        return _NAMED.get(name, "{}").format(" › ".join(node.parts) if not name else node.parts[-1])
    whole = [(name, value) for name, value in filters.rows().items() if value]
    if whole:
        name, value = whole[-1]
        return _NAMED.get(name, "{}").format(value)
    return "Firm" if scope.firm else "all that is open to you"


def _narrowing(filters: Filters) -> list[str]:
    return [f"{name.replace('_', ' ')} {value}" for name, value in filters.rows().items()]


def _way(number: Number, scope: Scope, filters: Filters) -> Component | None:
    """The rows above it, each a link to the same number of that row."""
    parts = number.at.split(SEPARATOR) if number.at else []
    if not parts or not number.node.names:
        return None
    steps: list[Any] = []
    for depth in range(len(parts)):
        said = parts[depth - 1] if depth else "Total" if filters.rows() or not scope.firm else "Firm"
        steps += [html.A(said, href=_address(number, SEPARATOR.join(parts[:depth]))), html.Span("›")]
    return html.Nav([*steps, html.Span(parts[-1])], className="way", **{"aria-label": "Above it"})


def _address(number: Number, at: str) -> str:
    asked = {"explain": number.panel.key, "at": at, "column": number.name}
    return f"#{urlencode({name: value for name, value in asked.items() if value})}"


def _value(number: Number) -> Component:
    column, value, unit = number.column, number.value, number.column.unit
    own = str(number.row.get("unit") or "")
    if column.kind == "money" and own and number.panel.figure == "limits":
        unit = own
        column = Column(column.name, column.label, "ratio", own) if own == "%" else column
    elif column.kind == "money" and "currency" in number.row and not unit.startswith(number.about.base_currency):
        unit = str(number.row["currency"])
    tone = "" if pd.isna(value) or not results(column) or not value else " gain" if value > 0 else " loss"
    shown = html.Span(full(value, column), className=tone.strip())
    return html.Div([shown, html.Small(f" {unit}" if unit not in {"", "%"} else "")], className="full")


def _scenarios(number: Number, filters: Filters) -> list[Component]:
    """The worst scenarios that the number is read from, and the loss that all of them weigh to."""
    read, column = number.scenarios, Column("pnl", "P&L", "money", signed=True)
    if read.empty:
        return []
    loss = -float((read["pnl"] * read["weight"]).sum())
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(str(day)[:10], href=href(replace(filters, scenario=pd.Timestamp(day).date())))),
                html.Td(full(pnl, column), className="loss" if pnl < 0 else "gain"),
                html.Td(f"{weight:.1%}"),
            ]
        )
        for day, pnl, weight in read.head(SHOWN).itertuples(index=False)
    ]
    if len(read) > SHOWN:
        rest = read["weight"].iloc[SHOWN:]
        rows.append(_row(f"{len(rest)} others", "", f"{rest.sum():.1%}", kind="rest"))
    adds = "weighs up to it" if abs(loss - float(number.value)) < 0.005 else ""
    rows.append(_row("weighted loss", full(loss, Column("", "", "money")), adds, kind="sum"))
    return [_table(("Scenario of", "P&L", "weight"), rows)]


def _made(number: Number) -> list[Component]:
    """Its parts one level down, largest first; what is no sum says so."""
    if number.parts is None:
        if number.node.below and not number.column.additive:
            return [html.P("It is no sum of the rows below it: it is worked out anew at every level.")]
        return []
    parts = number.parts
    shown, rest = parts.items[:SHOWN], parts.items[SHOWN:]
    largest = abs(shown[0].value) or 1.0
    rows = [_member(number, parts, item, largest) for item in shown]
    if rest:
        rows.append(_row(f"{len(rest)} others", full(sum(item.value for item in rest), parts.column), "", kind="rest"))
    adds = "adds exactly" if parts.adds else ""
    rows.append(_row("sum", full(parts.total, parts.column), adds, kind="sum"))
    return [_table((KEYS[parts.key].label, parts.column.label, ""), rows)]


def _member(number: Number, parts: Parts, item: Part, largest: float) -> Component:
    width = f"{100 * abs(item.value) / largest:.1f}%"
    kind = "bar" if not results(parts.column) else "bar gain" if item.value > 0 else "bar loss"
    bar = html.Span(html.I(style={"width": width}), className=kind if item.value > 0 or " " in kind else "bar less")
    return html.Tr(
        [
            html.Td(html.A(item.name, href=_address(number, item.at), title=f"Explain that of {item.name}")),
            html.Td(full(item.value, parts.column)),
            html.Td(bar, className="measured", **{"aria-hidden": "true"}),
        ]
    )


def _more(about: Any) -> Component:
    """The measure's definition and conventions, for whoever opens them."""
    definition = [html.P(line) for line in about.definition.split("\n\n") if line]
    return html.Details(
        [html.Summary("Formula and conventions"), *definition, *pairs(about.conventions)], className="more"
    )


def _then(app: Dash, number: Number, narrowed: Filters, scope: Scope) -> list[Component]:
    """Where to go from here: what moved it, its address, its files."""
    pages = [view for view in open_views(scope) if any(panel.measure == "explain" for panel in view.panels)]
    changed = f"What changed since {number.about.compared_with}"
    links = [dcc.Link(changed, href=app.get_relative_path(view.path) + query(narrowed)) for view in pages]
    files = permitted(scope, "export", *file_links(app, number.panel.key, narrowed.query()))
    copy = html.Button("Copy link", **{"data-copies": "address"})
    return [html.Div([*links, copy, *files], className="then")]


def _row(name: str, value: str, said: str, *, kind: str) -> Component:
    return html.Tr([html.Td(name), html.Td(value), html.Td(said, className="faint")], className=kind)


def _table(heads: Iterable[str], rows: list[Component]) -> Component:
    return html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(rows)], className="ledger"
    )

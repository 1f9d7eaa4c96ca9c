"""The drawer's page of one trade: its terms, its versions, and the lines of the files that told of them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash import Dash, dcc, html
from dash.development.base_component import Component

from app.answer import Answers
from app.explained import blotter, trade_versions
from app.filters import Filters
from app.screen.drawer import Open, leaf, pairs, part, pills
from app.screen.lineage import amount, digest, moment, source
from app.screen.menu import query
from data.scope import Scope

_ACTIONS = {"new": "booked", "amend": "amended", "cancel": "cancelled"}


def opener(app: Dash, answers: Answers) -> Open:
    """The page `#trade=<trade id>`; a trade that is not there and one that is not open read alike."""

    def opened(asked: Mapping[str, str], filters: Filters, scope: Scope) -> list[Component]:
        name = asked["trade"][:200]
        versions = trade_versions(answers, name, filters, scope)
        if versions.empty:
            return leaf(f"Trade {name}", "", [html.P("There is no such trade, or it is not open to you.")])
        return _page(app, versions, filters)

    return opened


def _page(app: Dash, versions: pd.DataFrame, filters: Filters) -> list[Component]:
    last = versions.iloc[-1]
    verb = "bought" if last.quantity > 0 else "sold"
    said = [
        html.Span(f"{amount(last.quantity)} {last.instrument}"),
        html.Small(f" at {amount(last.price, 8)} {last.currency}"),
    ]
    marks = [last.standing, f"version {last.version}", *(mark for mark in (last.late, last.amended) if mark)]
    narrowed = Filters(book=last.book, instrument=last.instrument, as_of=filters.as_of, known=filters.known)
    others = dcc.Link("All trades of this position", href=app.get_relative_path(blotter().path) + query(narrowed))
    copy = html.Button("Copy link", **{"data-copies": "address"})
    body = [
        html.Div(said, className="full"),
        pills(marks),
        *part("Terms", pairs(_terms(last))),
        *part("Versions", [_history(versions)]),
        *part("Where it came from", [line for row in versions.itertuples() for line in _origin(row)]),
        *part("Then", [html.Div([others, copy], className="then")]),
    ]
    return leaf(f"Trade {last.trade_id}", f"{verb} in {last.book} on {str(last.trade_date)[:10]}", body)


def _terms(row: Any) -> list[tuple[str, str]]:
    return [
        ("Instrument", f"{row.instrument} · {row['name']}" if row["name"] != row.instrument else row.instrument),
        ("Desk › book", f"{row.desk} › {row.book}"),
        ("Trader", row.trader or ""),
        ("Counterparty", row.counterparty or ""),
        ("Traded", moment(row.trade_time)),
        ("Settles", str(row.settle_date)[:10]),
        ("Quantity", amount(row.quantity)),
        ("Price", f"{amount(row.price, 8)} {row.currency}"),
        ("Consideration", f"{amount(row.consideration)} {row.currency}"),
        ("Fees", f"{amount(row.fees)} {row.currency}"),
    ]


def _history(versions: pd.DataFrame) -> Component:
    """A row a version; those that no longer count are struck through."""
    heads = html.Thead(html.Tr([html.Th(head, scope="col") for head in ("Version", "Known from", "Quantity", "Price")]))
    rows = [
        html.Tr(
            [
                html.Td([f"{row.version} {_ACTIONS[str(row.action)]}", html.Div(row.standing, className="faint")]),
                html.Td(moment(row.known_from)),
                html.Td(amount(row.quantity), className="" if row.standing == "current" else "struck"),
                html.Td(amount(row.price, 8), className="" if row.standing == "current" else "struck"),
            ]
        )
        for row in versions.itertuples()
    ]
    return html.Table([heads, html.Tbody(rows)], className="ledger")


def _origin(row: Any) -> list[Component]:
    return [html.Code(f"version {row.version}: {source(row)}"), html.Code(digest(row), className="faint")]

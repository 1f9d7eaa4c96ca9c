"""Where a number came from on screen: the trades, prices and rates behind it, with their files and lines."""

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from app.explained import Lines
from app.figures.number import MISSING
from app.table import Provenance


def source(row: Any) -> str:
    """`trades.csv line 12`: the line of the file that brought a row."""
    return f"{row.file_name} line {row.source_row:,}"


def digest(row: Any) -> str:
    """`batch 10 · sha256 c690d2b492ca · loaded 2026-11-22 12:02:32Z`."""
    return f"batch {row.batch_id} · sha256 {row.sha256[:12]} · loaded {moment(row.loaded_at)}"


def moment(value: Any) -> str:
    """An instant in UTC, to the second."""
    return MISSING if pd.isna(value) else f"{pd.Timestamp(value).tz_convert('UTC'):%Y-%m-%d %H:%M:%S}Z"


def amount(value: Any, places: int = 4) -> str:
    """A number with as many decimals as it has, up to `places`."""
    text = f"{value:,.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "\N{MINUS SIGN}")


def trades(found: pd.DataFrame, column: str, value: Any) -> list[Component]:
    """The last trades of a position, each a link; of its quantity, whether they add up to it."""
    if found.empty:
        return []
    rows = [
        html.Tr(
            [
                html.Td(
                    [html.A(row.trade_id, href=f"#trade={row.trade_id}"), html.Div(source(row), className="faint")]
                ),
                html.Td(str(row.trade_date)[:10]),
                html.Td(amount(row.quantity)),
                html.Td(amount(row.price, 8)),
            ]
        )
        for row in found.itertuples()
    ]
    count, total = int(found["trades"].iloc[0]), float(found["total"].iloc[0])
    if rest := count - len(found):
        left = total - float(found["quantity"].sum())
        rows.append(
            html.Tr([html.Td(f"{rest:,} earlier"), html.Td(), html.Td(amount(left)), html.Td()], className="rest")
        )
    adds = "adds exactly" if column.endswith("quantity") and abs(total - float(value)) < 0.5e-4 else ""
    last = [html.Td("sum"), html.Td(), html.Td(amount(total)), html.Td(adds, className="faint")]
    heads = html.Thead(html.Tr([html.Th(head, scope="col") for head in ("Trade", "Date", "Quantity", "Price")]))
    return [html.Table([heads, html.Tbody([*rows, html.Tr(last, className="sum")])], className="ledger")]


def rates_and_prices(lines: Lines) -> list[Component]:
    """The price that marks a position and the rates that convert it, each with its line."""
    prices = [
        f"price {amount(row.price, 8)} {row.currency} of {str(row.price_date)[:10]}: {source(row)}"
        for row in lines.prices.itertuples()
    ]
    rates = [
        f"rate {amount(row.rate, 8)} {row.quote} for 1 {row.base} of {str(row.rate_date)[:10]}: {source(row)}"
        for row in lines.rates.itertuples()
    ]
    return [html.Code(line) for line in (*prices, *rates)]


def files(lines: Lines, about: Provenance) -> list[Component]:
    """The snapshot and release, then the files; of trades and prices with how many rows of the node they brought."""
    known = [f"snapshot {about.snapshot} · known at {moment(about.known_at)} · release {about.release}"]
    own = [
        f"{kind}s: {row.file_name}, {row.rows:,} {'row' if row.rows == 1 else 'rows'} on {_span(row)} · {digest(row)}"
        for kind, found in lines.files.items()
        for row in found.itertuples()
    ]
    told = tuple(f"{kind}s: " for kind in lines.files)
    rest = [line for line in about.sources if not (told and line.startswith(told))]
    return [html.Code(line) for line in (*known, *own)] + _loaded(rest)


def _span(row: Any) -> str:
    return f"line {row.first:,}" if row.first == row.last else f"lines {row.first:,}–{row.last:,}"


def _loaded(sources: list[str]) -> list[Component]:
    if not sources:
        return []
    return [html.Details([html.Summary(f"{len(sources)} other files of the snapshot"), *map(html.Code, sources)])]

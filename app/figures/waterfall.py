"""Parts that add up to a whole, as steps from zero to the total."""

from textwrap import wrap
from typing import Any

from app.figures.number import DIVISORS, text
from app.figures.theme import graph, tokens
from app.table import Table

THEMED = True


def draw(table: Table, *, theme: str, scale: str, **_: Any) -> dict[str, Any]:
    """`part` and `amount`, the last row being the total: steps in gain and loss colours, the total in accent."""
    ink = tokens(theme)
    column = table.column("amount")
    amounts = [0.0 if amount != amount else amount for amount in table.frame["amount"].tolist()]  # noqa: PLR0124
    steps = amounts[:-1]
    bases = [sum(steps[:i]) for i in range(len(steps))] + [0.0]
    colours = [ink["gain"] if step > 0 else ink["loss"] for step in steps] + [ink["accent"]]
    names = ["<br>".join(wrap(part, 11)) for part in table.frame["part"]]
    bars = {
        "type": "bar",
        "x": names,
        "y": [round(amount / DIVISORS[scale], 6) for amount in amounts],
        "base": [round(base / DIVISORS[scale], 6) for base in bases],
        "marker": {"color": colours, "line": {"width": 0}},
        "customdata": [round(amount, 2) for amount in amounts],
        "hovertemplate": f"%{{x}}  <b>%{{customdata:+,.2f}}</b> {table.about.base_currency}<extra></extra>",
    }
    ends = [base + amount for base, amount in zip(bases, amounts, strict=True)]
    lowest, highest = min(0.0, *ends), max(0.0, *ends)
    room = (highest - lowest or 1.0) * 0.1
    labels = {
        "type": "scatter",
        "mode": "text",
        "x": names,
        "y": [
            (end + room * (0.15 if amount >= 0 else -0.15)) / DIVISORS[scale]
            for end, amount in zip(ends, amounts, strict=True)
        ],
        "text": [text(amount, column, scale) for amount in amounts],
        "textposition": ["top center" if amount >= 0 else "bottom center" for amount in amounts],
        "textfont": {"size": 11.5, "color": ink["mute"]},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    layout = {
        "xaxis": {"type": "category"},
        "yaxis": {
            "showticklabels": False,
            "showgrid": False,
            "range": [(lowest - room) / DIVISORS[scale], (highest + room) / DIVISORS[scale]],
        },
        "bargap": 0.36,
    }
    return graph(table, [bars, labels], layout, theme=theme, scale=scale)

"""Parts that add up to a whole, as steps from zero to the total."""

from dataclasses import replace
from textwrap import wrap
from typing import Any

from app.figures.number import DIVISORS, exact, text
from app.figures.theme import graph, tokens
from app.table import Table

THEMED = True
_MANY = 10


def draw(table: Table, *, theme: str, scale: str, moved: bool = False, **_: Any) -> dict[str, Any]:
    """`part` and `amount`, the last row being the total: steps in gain and loss colours, the total in accent.

    With `moved` the parts that are nothing on this scale have no step.
    """
    ink = tokens(theme)
    table = _moved(table, scale) if moved else table
    column = table.column("amount")
    amounts = [0.0 if amount != amount else amount for amount in table.frame["amount"].tolist()]  # noqa: PLR0124
    steps = amounts[:-1]
    bases = [sum(steps[:i]) for i in range(len(steps))] + [0.0]
    colours = [ink["gain"] if step > 0 else ink["loss"] for step in steps] + [ink["accent"]]
    names = ["<br>".join(wrap(part, 11 if len(amounts) <= _MANY else 9)) for part in table.frame["part"]]
    bars = {
        "type": "bar",
        "x": names,
        "y": [round(amount / DIVISORS[scale], 6) for amount in amounts],
        "base": [round(base / DIVISORS[scale], 6) for base in bases],
        "marker": {"color": colours, "line": {"width": 0}},
        "customdata": exact(amounts, 2),
        "hovertemplate": f"%{{x}}  <b>%{{customdata}}</b> {table.about.base_currency}<extra></extra>",
    }
    ends = [base + amount for base, amount in zip(bases, amounts, strict=True)]
    lowest, highest = min(0.0, *ends), max(0.0, *ends)
    room = (highest - lowest or 1.0) * 0.12
    labels = [
        {
            "x": name,
            "y": end / DIVISORS[scale],
            "yshift": 10 if amount >= 0 else -10,
            "text": text(amount, column, scale),
            "showarrow": False,
            "bgcolor": ink["panel"],
            "borderpad": 1,
            "font": {"size": 11.5, "color": ink["mute"]},
        }
        for name, end, amount in zip(names, ends, amounts, strict=True)
    ]
    layout = {
        "xaxis": {"type": "category"},
        "yaxis": {
            "showticklabels": False,
            "showgrid": False,
            "range": [(lowest - room) / DIVISORS[scale], (highest + room) / DIVISORS[scale]],
        },
        "bargap": 0.36,
        "annotations": labels,
    }
    return graph(table, [bars], layout, theme=theme, scale=scale)


def _moved(table: Table, scale: str) -> Table:
    """The table without the parts that would be said as zero; the total stays."""
    column, frame = table.column("amount"), table.frame
    said = [any(digit in text(amount, column, scale) for digit in "123456789") for amount in frame["amount"]]
    return replace(table, frame=frame[[*said[:-1], True]])

"""Exposure: what is long, short, gross and net, how concentrated it is, and how much of it could be priced."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.risk.holdings import Array, Holdings
from app.risk.measure import Column, measure
from app.risk.rollup import Tree, rollup, whole

CONVENTIONS = {
    "Exposure": "quantity × mark × multiplier, converted at the as-of date's rate; options at market value",
    "Gross and net": "gross sums the absolute positions, net the signed ones; nothing is netted across books",
    "Missing prices": "a position without a price is left out of every sum and counted in coverage",
}
LONG = Column("long", "Long", "money", "ccy")
SHORT = Column("short", "Short", "money", "ccy")
GROSS = Column("gross", "Gross", "money", "ccy")
NET = Column("net", "Net", "money", "ccy", signed=True)
SHARE = Column("share", "Share of gross", "ratio", "%")


@measure(
    "Exposure",
    columns=(
        LONG,
        SHORT,
        GROSS,
        NET,
        SHARE,
        Column("positions", "Positions", "count"),
        Column("unpriced", "Unpriced", "count"),
    ),
    additive=True,
    conventions=CONVENTIONS,
)
def exposure(holdings: Holdings, *, by: tuple[str, ...]) -> pd.DataFrame:
    """The market value of what is held: long, short, gross (long − short) and net (long + short), by attribute.

    A row a node, largest gross first under its parent; the total is level 0.
    """
    tree = rollup(holdings, by, holdings.held)
    sums = tree.sums(**sides(holdings))
    counts = tree.counts(**holdings.coverage)
    gross = sums["gross"]
    frame = tree.frame(
        **sums,
        share=gross / gross[0] if gross[0] else gross,
        positions=counts["held"],
        unpriced=counts["held"] - counts["priced"],
    )
    return _largest_first(frame, by)


@measure(
    "Concentration",
    columns=(
        Column("instrument", "Instrument", "text"),
        Column("name", "Name", "text"),
        NET,
        GROSS,
        SHARE,
        Column("cumulative", "Cumulative share", "ratio", "%", additive=False),
    ),
    additive=False,
    conventions=CONVENTIONS | {"Share": "of the sum of absolute nets over instruments"},
)
def concentration(holdings: Holdings, *, top: int = 25) -> pd.DataFrame:
    """The largest names by absolute net over all books read, each with its share and the running share.

    `top` limits the rows; the shares are of all names.
    """
    tree, sums = names(holdings)
    sizes = np.abs(sums["net"])
    sizes[0] = 0.0
    share = sizes / sizes.sum() if sizes.any() else sizes
    largest = np.argsort(-sizes[1:], kind="stable") + 1
    frame = tree.frame(name=tree.alike(*holdings.named("name")), **sums, share=share).iloc[largest]
    return frame.assign(cumulative=frame["share"].cumsum()).head(top)


@measure(
    "Coverage",
    columns=(Column("reason", "State", "text"), Column("positions", "Positions", "count"), SHARE),
    additive=True,
    conventions={"Carried": "a price up to 14 days old is carried forward and counted; an older one is no price"},
)
def coverage(holdings: Holdings) -> pd.DataFrame:
    """Held positions by what is known of their price; priced today, priced by an earlier price, or not, and why."""
    count = {name: int(items.sum()) for name, items in holdings.coverage.items()}
    counts = {
        "priced today": count["priced"] - count["carried"],
        "carried price": count["carried"],
        "no price": count["no_price"],
        "no exchange rate": count["no_rate"],
    }
    frame = pd.DataFrame({"reason": list(counts), "positions": list(counts.values())})
    return frame.assign(share=frame["positions"] / count["held"] if count["held"] else 0.0)


def sides(holdings: Holdings) -> dict[str, Array]:
    """long, short, gross, net of each position at its mark, in whole ten-thousandths of the base currency."""
    amount = whole(holdings.amount("value") * holdings.rate())
    return {"long": np.maximum(amount, 0), "short": np.minimum(amount, 0), "gross": np.abs(amount), "net": amount}


def names(holdings: Holdings) -> tuple[Tree, dict[str, Array]]:
    """The held instruments over all books, under their total, and the net and gross of each."""
    tree = rollup(holdings, ("instrument",), holdings.held)
    amounts = sides(holdings)
    return tree, tree.sums(net=amounts["net"], gross=amounts["gross"])


def top_share(net: npt.ArrayLike, top: int = 10) -> float:
    """The share of the `top` largest absolute nets in their sum; 0 for none."""
    sizes = np.sort(np.abs(np.asarray(net, dtype=float)))[::-1]
    return float(sizes[:top].sum() / sizes.sum()) if sizes.any() else 0.0


def herfindahl(net: npt.ArrayLike) -> float:
    """Herfindahl–Hirschman index of absolute nets: the sum of squared shares, 1 when all is in one name; 0 for none."""
    sizes = np.abs(np.asarray(net, dtype=float))
    return float(((sizes / sizes.sum()) ** 2).sum()) if sizes.any() else 0.0


def _largest_first(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    if len(by) != 1:
        return frame
    return frame.sort_values(["level", "gross"], ascending=[True, False], kind="stable")

"""Exposure: what is long, short, gross and net, how concentrated it is, and how much of it could be priced."""

import pandas as pd

from app.risk.measure import Column, measure

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
def exposure(exposures: pd.DataFrame, *, by: tuple[str, ...]) -> pd.DataFrame:
    """The market value of what is held: long, short, gross (long − short) and net (long + short), by attribute.

    A row a node, largest gross first under its parent; the total is level 0.
    """
    whole = exposures.loc[exposures["level"] == 0, "gross"].sum()
    frame = exposures.assign(
        share=exposures["gross"] / whole if whole else 0.0,
        positions=exposures["held"],
        unpriced=exposures["held"] - exposures["priced"],
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
def concentration(names: pd.DataFrame, *, top: int = 25) -> pd.DataFrame:
    """The largest names by absolute net over all books read, each with its share and the running share.

    `top` limits the rows; the shares are of all names.
    """
    sizes = names["net"].abs()
    share = sizes / sizes.sum() if sizes.sum() else sizes
    return names.assign(share=share, cumulative=share.cumsum()).head(top)


@measure(
    "Coverage",
    columns=(Column("reason", "State", "text"), Column("positions", "Positions", "count"), SHARE),
    additive=True,
    conventions={"Carried": "a price up to 14 days old is carried forward and counted; an older one is no price"},
)
def coverage(exposures: pd.DataFrame) -> pd.DataFrame:
    """Held positions by what is known of their price; priced today, priced by an earlier price, or not, and why."""
    whole = exposures.loc[exposures["level"] == 0]
    counts = {
        "priced today": whole["priced"].sum() - whole["carried"].sum(),
        "carried price": whole["carried"].sum(),
        "no price": whole["no_price"].sum(),
        "no exchange rate": whole["no_rate"].sum(),
    }
    held = whole["held"].sum()
    frame = pd.DataFrame({"reason": list(counts), "positions": list(counts.values())})
    return frame.assign(share=frame["positions"] / held if held else 0.0)


def top_share(net: pd.Series, top: int = 10) -> float:
    """The share of the `top` largest absolute nets in their sum; 0 for none."""
    sizes = net.abs().sort_values(ascending=False)
    return float(sizes.head(top).sum() / sizes.sum()) if sizes.sum() else 0.0


def herfindahl(net: pd.Series) -> float:
    """Herfindahl–Hirschman index of absolute nets: the sum of squared shares, 1 when all is in one name; 0 for none."""
    sizes = net.abs()
    return float(((sizes / sizes.sum()) ** 2).sum()) if sizes.sum() else 0.0


def _largest_first(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    if len(by) != 1:
        return frame
    return frame.sort_values(["level", "gross"], ascending=[True, False], kind="stable")

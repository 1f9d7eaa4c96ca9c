"""Limits before and after a what-if: how much of each is used, and which would change their state."""

from dataclasses import replace

import pandas as pd

from app.risk.limits import CONVENTIONS, STATES, USE, limit_use
from app.risk.measure import measure

ASKED = {column.name: column for column in USE}
SAME = ("limit_id", "scope_kind", "scope_node", "desk", "measure", "side", "unit", "soft", "hard")
COLUMNS = (
    *(ASKED[name] for name in SAME),
    replace(ASKED["use"], name="use_before", label="Use before"),
    replace(ASKED["use"], label="Use after"),
    replace(ASKED["use"], name="change", label="Change of use", signed=True),
    replace(ASKED["utilisation"], name="used_before", label="Used before"),
    ASKED["utilisation"],
    ASKED["headroom"],
    replace(ASKED["state"], name="state_before", label="State before"),
    ASKED["state"],
    ASKED["reason"],
)


@measure(
    "Limits before and after",
    columns=COLUMNS,
    additive=False,
    conventions=CONVENTIONS
    | {
        "After": "every measure asked again of the book with the imagined trades done at the mark of the date",
        "Order": "a limit whose state gets worse first, then those that change, then the rest, each by use after",
    },
)
def whatif_limits(
    limits: pd.DataFrame, limit_values: pd.DataFrame, whatif_limit_values: pd.DataFrame, *, base: str = "CCY"
) -> pd.DataFrame:
    """How much of every limit is used before and after the imagined trades, with the head-room and state after.

    As `limit_use`, of which the values with the trades done are `whatif_limit_values`.
    """
    before, after = (limit_use(limits, values, base=base) for values in (limit_values, whatif_limit_values))
    earlier = before.rename(columns={"use": "use_before", "utilisation": "used_before", "state": "state_before"})
    names = ["limit_id", "use_before", "used_before", "state_before"]
    frame = after[[*SAME, "use", "utilisation", "headroom", "state", "reason"]].merge(earlier[names], on="limit_id")
    frame["change"] = frame["use"] - frame["use_before"]
    rank = {name: place for place, name in enumerate(STATES)}
    worse = frame["state"].map(rank) < frame["state_before"].map(rank)
    moved = frame["change"].abs() > 0
    order = frame.assign(worse=~worse, still=~moved, least=-frame["utilisation"].astype(float))
    ordered = order.sort_values(["worse", "still", "least", "limit_id"])
    return ordered[[column.name for column in COLUMNS]].reset_index(drop=True)

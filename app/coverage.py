"""How much of what is held an answer is made of: counted from what its measure was given."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.risk.cube import Vectors
from app.risk.holdings import Holdings
from app.risk.portfolio import Portfolio
from app.table import Coverage, Table

EARLIER = "priced by an earlier day"
_HOLES = {"carried": EARLIER, "no_price": "no price", "no_rate": "no exchange rate"}


def covered(needs: list[Any]) -> Coverage:
    """Counts of the first need that has them: the holdings, a frame that marks its positions, another answer."""
    for need in needs:
        if isinstance(need, Table) and need.about.coverage.held:
            return need.about.coverage
        if isinstance(need, Portfolio | Vectors):
            return _valued(need.reasons if isinstance(need, Portfolio) else need.rows["reason"].to_numpy())
        if isinstance(need, Holdings) or (isinstance(need, pd.DataFrame) and "held" in need.columns):
            marks = need.coverage if isinstance(need, Holdings) else need
            count = {name: int(marks[name].sum()) for name in ("held", "priced", "carried", "no_price", "no_rate")}
            reasons = {_HOLES[name]: count[name] for name in ("no_price", "no_rate")}
            missing = tuple((reason, number) for reason, number in reasons.items() if number)
            return Coverage(count["held"], count["priced"], count["carried"], missing)
    return Coverage()


def holes(holdings: Holdings) -> dict[str, tuple[str, ...]]:
    """The instruments behind the counts of the holdings, by name: what is priced by an earlier day, or not at all."""
    names, codes = holdings.named("instrument")
    marked = {reason: np.unique(codes[holdings.coverage[mark]]) for mark, reason in _HOLES.items()}
    return {reason: tuple(map(str, names[found])) for reason, found in marked.items() if len(found)}


def _valued(reasons: NDArray[np.object_]) -> Coverage:
    """Coverage of positions that are revalued: those without a reason against them."""
    why, counts = np.unique(reasons[reasons != ""].astype(str), return_counts=True)
    return Coverage(
        len(reasons), len(reasons) - int(counts.sum()), 0, tuple(zip(why.tolist(), counts.tolist(), strict=True))
    )

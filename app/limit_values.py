"""What each limit's measure comes to, asked through the one path with the reader's own scope."""

from collections.abc import Callable, Mapping

import pandas as pd

from app.risk.measure import KEYS, measures

TREE = ("desk", "book")
LEVELS = {"firm": 0, "desk": 1, "book": 2}
Answered = Callable[[str, tuple[str, ...], Mapping[str, str]], pd.DataFrame]


def limit_values(limits: pd.DataFrame, answered: Answered) -> pd.DataFrame:
    """measure, scope_kind, scope_node, desk, value of every measure that limits name, at every node they bind.

    `answered(measure, by, rows)` is the frame of a registered measure grouped by keys and narrowed to rows. A measure
    that is not registered, or has no such column or grouping, has no value here.
    """
    parts = [pd.DataFrame(columns=["measure", "scope_kind", "scope_node", "desk", "value"])]
    kinds = limits.assign(
        tree=limits["scope_kind"].isin(list(LEVELS)), of=limits["desk"].where(~limits["scope_kind"].isin(list(LEVELS)))
    )
    for (named, in_tree), rows in kinds.groupby(["measure", "tree"]):
        name, _, column = str(named).partition(".")
        if name not in measures() or column not in {found.name for found in measures()[name].columns}:
            continue
        if in_tree:
            parts.append(_of_tree(answered(name, TREE, {}), column).assign(measure=named))
            continue
        for kind, desk in rows[["scope_kind", "of"]].drop_duplicates().itertuples(index=False):
            within = {} if pd.isna(desk) else {"desk": str(desk)}
            frame = answered(name, (kind,) if kind in KEYS else (), within)
            if kind in frame:
                parts.append(_of_kind(frame, kind, column).assign(measure=named, desk=within.get("desk")))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def _of_tree(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row a node of firm, desk and book."""
    kinds = {level: kind for kind, level in LEVELS.items()}
    node = frame["book"].where(frame["level"] == LEVELS["book"], frame["desk"]).where(frame["level"] > 0, "")
    return pd.DataFrame(
        {"scope_kind": frame["level"].map(kinds), "scope_node": node, "desk": frame["desk"], "value": frame[column]}
    )


def _of_kind(frame: pd.DataFrame, kind: str, column: str) -> pd.DataFrame:
    rows = frame[frame["level"] > 0] if "level" in frame else frame
    sums = rows.groupby(kind, sort=False)[column].sum() if "level" not in frame else rows.set_index(kind)[column]
    return pd.DataFrame({"scope_kind": kind, "scope_node": sums.index, "value": sums.to_numpy()})

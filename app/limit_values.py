"""What each limit's measure comes to, asked through the one path with the reader's own scope."""

from collections.abc import Callable, Mapping

import pandas as pd

from app.risk.measure import KEYS, measures
from app.risk.simulation import waits_for_run

TREE = ("desk", "book")
LEVELS = {"firm": 0, "desk": 1, "book": 2}
Answered = Callable[[str, tuple[str, ...], Mapping[str, str]], pd.DataFrame]


def limit_values(limits: pd.DataFrame, answered: Answered) -> pd.DataFrame:
    """measure, scope_kind, scope_node, desk, value of every measure that limits name, at every node they bind.

    `answered(measure, by, rows)` is the frame of a registered measure grouped by keys and narrowed to rows. A measure
    that is not registered, or has no such column or grouping, has no value here; nor has one that several rows of a
    node have apart and that does not add up, nor one of a run that somebody has to ask for, nor one that asks for the
    use of limits itself.
    """
    parts = [pd.DataFrame(columns=["measure", "scope_kind", "scope_node", "desk", "value"])]
    in_trees = limits["scope_kind"].isin(list(LEVELS))
    kinds = limits.assign(kind=limits["scope_kind"].mask(in_trees, "book"), of=limits["desk"].where(~in_trees))
    for (measure, kind), rows in kinds.groupby(["measure", "kind"]):
        named = str(measure)
        name, _, column = named.partition(".")
        if not _grouped(name, column, str(kind)):
            continue
        if kind == "book":
            parts.append(_of_tree(answered(name, TREE, {}), column).assign(measure=named))
            continue
        for desk in rows["of"].drop_duplicates():
            within = {} if pd.isna(desk) else {"desk": str(desk)}
            frame = answered(name, (str(kind),) if kind in KEYS else (), within)
            parts.append(_of_kind(frame, str(kind), name, column).assign(measure=named, desk=within.get("desk")))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def _grouped(name: str, column: str, kind: str) -> bool:
    """Whether a measure has the column, and gives it by this kind of scope, whenever it is asked."""
    if name not in measures() or waits_for_run(measures()[name]) or "limit_use" in measures()[name].needs:
        return False
    columns = {found.name for found in measures()[name].columns}
    return column in columns and (kind in columns or (kind in KEYS and "by" in measures()[name].takes))


def _of_tree(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row a node of firm, desk and book; none of a frame that is no tree."""
    if "level" not in frame:
        return frame.iloc[:0]
    kinds = {level: kind for kind, level in LEVELS.items()}
    node = frame["book"].where(frame["level"] == LEVELS["book"], frame["desk"]).where(frame["level"] > 0, "")
    return pd.DataFrame(
        {"scope_kind": frame["level"].map(kinds), "scope_node": node, "desk": frame["desk"], "value": frame[column]}
    )


def _of_kind(frame: pd.DataFrame, kind: str, name: str, column: str) -> pd.DataFrame:
    """A row a node of the kind: a tree's own, else the sum of its rows if they add up or are one."""
    rows = frame[frame["level"] > 0] if "level" in frame else frame
    adds = measures()[name].additive and kind not in KEYS
    whole = rows if adds else rows[~rows[kind].duplicated(keep=False)]
    sums = whole.groupby(kind, sort=False)[column].sum(min_count=1)
    return pd.DataFrame({"scope_kind": kind, "scope_node": sums.index, "value": sums.to_numpy()})

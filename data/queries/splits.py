"""Splits between two days: how many shares one share has become."""

from typing import Any

from sqlalchemy import ColumnElement, Double, cast, func, select

from data.schema import corporate_action


def shares_per_share(
    instrument_id: ColumnElement[Any], after: ColumnElement[Any], until: ColumnElement[Any]
) -> ColumnElement[Any]:
    """New shares per old by the splits after one day up to another, 1 without any; the last ratio known of each."""
    act = corporate_action.alias()
    known = (
        select(func.arg_max(act.c.value, act.c.known_from).label("ratio"))
        .where(act.c.instrument_id == instrument_id, act.c.action == "split")
        .where(act.c.ex_date > after, act.c.ex_date <= until)
        .group_by(act.c.ex_date)
        .correlate_except(act)
        .subquery()
    )
    return func.coalesce(select(func.product(cast(known.c.ratio, Double))).scalar_subquery(), 1.0)

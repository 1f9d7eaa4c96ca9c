"""What is held: the positions tree, exposure by any attribute, and the largest names."""

from typing import Any

from sqlalchemy import Double, Select, and_, bindparam, case, cast, func, or_, select

from data.queries.valued import (
    NOW,
    ZERO,
    coverage,
    exposure,
    held,
    in_order,
    levels,
    located,
    market_value,
    money,
    profit,
    rolled,
    total,
)
from data.relations import relation
from data.schema import instrument, mark


@relation()
def holdings(by: tuple[str, ...]) -> Select[Any]:
    """level, keys, leaf details (name, currency, quantity, price …), market value, cost, P&L of the day; a row a node.

    Positions closed on the day stay while they have P&L. Details that differ within a node are null.
    """
    keys, level = rolled(by)
    rows = held({"as_of": (*NOW, "cost"), "vs": ()})
    whole, rate = profit(rows, "vs"), rows.c.rate_as_of
    marked = and_(mark.c.instrument_id == rows.c.instrument_id, mark.c.mark_date == bindparam("as_of"))
    leaf = func.grouping(keys[-1].element) == ZERO
    details = {
        "name": instrument.c.name,
        "asset_class": instrument.c.asset_class,
        "currency": instrument.c.currency,
        "price": cast(mark.c.price, Double),
        "price_date": mark.c.price_date,
    }
    same = [
        case((and_(leaf, func.min(column) == func.max(column)), func.min(column))).label(name)
        for name, column in details.items()
    ]
    return (
        select(
            level,
            *keys,
            *same,
            case((leaf, cast(func.sum(rows.c.quantity_as_of), Double))).label("quantity"),
            total(market_value(rows), "market_value"),
            total(func.abs(exposure(rows)), "gross"),
            total(money(rows.c.cost_as_of * rate), "cost"),
            total(money((rows.c.value_as_of - rows.c.cost_as_of) * rate), "unrealised"),
            total(whole, "day"),
            *coverage(rows),
        )
        .select_from(located(rows).outerjoin(mark, marked))
        .where(or_(rows.c.quantity_as_of != ZERO, and_(rows.c.quantity_as_of == ZERO, whole != ZERO)))
        .group_by(*levels(keys))
        .order_by(*in_order(keys))
    )


@relation()
def exposures(by: tuple[str, ...]) -> Select[Any]:
    """level, keys, long, short, net, gross, positions, coverage counts; one row a node, the total at level 0.

    Long and short are sums of positions, not of nets: a book long and a book short of one name both count.
    """
    keys, level = rolled(by)
    rows = held({"as_of": NOW})
    amount = exposure(rows)
    return (
        select(
            level,
            *keys,
            total(func.greatest(amount, ZERO), "long"),
            total(func.least(amount, ZERO), "short"),
            total(amount, "net"),
            total(func.abs(amount), "gross"),
            *coverage(rows),
        )
        .select_from(located(rows))
        .where(rows.c.quantity_as_of != ZERO)
        .group_by(*levels(keys))
        .order_by(*in_order(keys))
    )


@relation()
def names(_by: tuple[str, ...]) -> Select[Any]:
    """instrument, name, net, gross of each held instrument over all books read; largest net first."""
    rows = held({"as_of": NOW})
    net = total(exposure(rows), "net")
    return (
        select(
            instrument.c.symbol.label("instrument"),
            instrument.c.name,
            net,
            total(func.abs(exposure(rows)), "gross"),
            *coverage(rows),
        )
        .select_from(located(rows))
        .where(rows.c.quantity_as_of != ZERO)
        .group_by(instrument.c.symbol, instrument.c.name)
        .order_by(func.abs(net.element).desc(), instrument.c.symbol)
    )

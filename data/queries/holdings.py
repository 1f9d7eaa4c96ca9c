"""What is held: the positions tree, exposure by any attribute, and the largest names."""

from typing import Any

from sqlalchemy import Double, Select, and_, bindparam, case, cast, func, or_, select

from data.queries.pnl import since
from data.queries.valued import coverage, holding, in_order, levels, located, money, profit, rates, rolled, total
from data.relations import relation
from data.schema import instrument, mark, position


@relation()
def holdings(by: tuple[str, ...]) -> Select[Any]:
    """level, keys, leaf details (name, currency, quantity, price …), market value, cost, P&L of the day; a row a node.

    Positions closed on the day stay while they have P&L. Details that differ within a node are null.
    """
    keys, level = rolled(by)
    end_rates = rates("as_of")
    source = located().outerjoin(end_rates, end_rates.c.currency == instrument.c.currency)
    marked = and_(mark.c.instrument_id == position.c.instrument_id, mark.c.mark_date == bindparam("as_of"))
    source, start, start_rates = since(source.outerjoin(mark, marked), "vs")
    rate = end_rates.c.rate
    worth = holding(rate)
    whole = profit(position, start, end_rates, start_rates)
    unrealised = money((position.c.value - position.c.cost) * rate)
    leaf = func.grouping(keys[-1].element) == 0
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
    quantity = case((leaf, cast(func.sum(position.c.quantity), Double))).label("quantity")
    return (
        select(
            level,
            *keys,
            *same,
            quantity,
            total(worth["market_value"], "market_value"),
            total(func.abs(worth["exposure"]), "gross"),
            total(money(position.c.cost * rate), "cost"),
            total(unrealised, "unrealised"),
            total(whole, "day"),
            *coverage(rate),
        )
        .select_from(source)
        .where(
            position.c.position_date == bindparam("as_of"),
            or_(position.c.quantity != 0, func.coalesce(whole, 0) != 0),
        )
        .group_by(*levels(keys))
        .order_by(*in_order(keys))
    )


@relation()
def exposures(by: tuple[str, ...]) -> Select[Any]:
    """level, keys, long, short, net, gross, positions, coverage counts; one row a node, the total at level 0.

    Long and short are sums of positions, not of nets: a book long and a book short of one name both count.
    """
    keys, level = rolled(by)
    end_rates = rates("as_of")
    exposure = holding(end_rates.c.rate)["exposure"]
    source = located().outerjoin(end_rates, end_rates.c.currency == instrument.c.currency)
    return (
        select(
            level,
            *keys,
            total(func.greatest(exposure, 0), "long"),
            total(func.least(exposure, 0), "short"),
            total(exposure, "net"),
            total(func.abs(exposure), "gross"),
            *coverage(end_rates.c.rate),
        )
        .select_from(source)
        .where(position.c.position_date == bindparam("as_of"), position.c.quantity != 0)
        .group_by(*levels(keys))
        .order_by(*in_order(keys))
    )


@relation()
def names(_by: tuple[str, ...]) -> Select[Any]:
    """instrument, name, net, gross of each held instrument over all books read; largest net first."""
    end_rates = rates("as_of")
    exposure = holding(end_rates.c.rate)["exposure"]
    source = located().outerjoin(end_rates, end_rates.c.currency == instrument.c.currency)
    net = total(exposure, "net")
    return (
        select(
            instrument.c.symbol.label("instrument"),
            instrument.c.name,
            net,
            total(func.abs(exposure), "gross"),
            *coverage(end_rates.c.rate),
        )
        .select_from(source)
        .where(position.c.position_date == bindparam("as_of"), position.c.quantity != 0)
        .group_by(instrument.c.symbol, instrument.c.name)
        .order_by(func.abs(net.element).desc(), instrument.c.symbol)
    )

"""Limits as they stand on a day, each seen by the readers of the desk that it binds."""

from typing import Any

from sqlalchemy import Double, Select, and_, bindparam, case, cast, func, or_, select

from data.queries.rates import base_rates
from data.relations import relation
from data.schema import book, instrument, risk_limit


@relation()
def limits() -> Select[Any]:
    """limit_id, scope_kind, scope_node, desk, measure, side, soft, hard, currency, rate, its periods; a row a limit.

    Of a limit's terms those with the latest valid_from up to the as-of date speak, as last known. `rate` is the
    value of one unit of the limit's currency in the base currency, null where there is none. A limit of a desk, a
    book, or of anything within a desk is that desk's; every other one is the firm's, and its desk is null.
    """
    begun = (
        select(
            risk_limit,
            func.row_number()
            .over(
                partition_by=risk_limit.c.limit_id,
                order_by=(risk_limit.c.valid_from.desc(), risk_limit.c.known_from.desc()),
            )
            .label("place"),
        )
        .where(risk_limit.c.valid_from <= bindparam("as_of"))
        .subquery("begun")
    )
    terms, rates = begun.c, base_rates("as_of", "as_of").subquery("rates")
    desk = case((terms.scope_kind == "desk", terms.scope_node), else_=terms.desk)
    binds = case((terms.scope_kind == "book", book.c.book == terms.scope_node), else_=book.c.desk == desk)
    named = and_(terms.scope_kind == "instrument", instrument.c.symbol == terms.scope_node)
    return (
        # A desk has several books; reading them all lets a reader narrow to any of them, and `distinct` leaves one row.
        select(
            terms.limit_id,
            terms.scope_kind,
            terms.scope_node,
            book.c.desk,
            terms.measure,
            terms.side,
            cast(terms.soft, Double).label("soft"),
            cast(terms.hard, Double).label("hard"),
            terms.currency,
            rates.c.rate,
            terms.valid_from,
            terms.valid_to,
            terms.known_from,
        )
        .distinct()
        .select_from(
            begun.outerjoin(book, binds)
            .outerjoin(instrument, named)
            .outerjoin(rates, rates.c.currency == terms.currency)
        )
        .where(terms.place == 1, or_(terms.valid_to.is_(None), terms.valid_to >= bindparam("as_of")))
        .order_by(terms.limit_id)
    )

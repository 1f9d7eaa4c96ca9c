"""What could be traded: instruments with their terms and their last price, whether anybody holds them or not."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, any_, bindparam, cast, func, select
from sqlalchemy.types import ARRAY, Double

from data.marks import CARRY_DAYS
from data.queries.splits import shares_per_share
from data.relations import ATTRIBUTES, relation
from data.schema import business_day, instrument, price

TEXTS = ("symbol", "name", "asset_class", "instrument_type", "sector", "currency", "underlying", "option_type")
NUMBERS = ("multiplier", "price_factor", "strike", "coupon", "coupon_frequency")
TERMS: tuple[ColumnElement[Any], ...] = (
    instrument.c.symbol.label("instrument"),
    ATTRIBUTES["underlier"].label("underlier"),
    *(instrument.c[name] for name in TEXTS),
    *(cast(instrument.c[name], Double).label(name) for name in NUMBERS),
    instrument.c.expiry,
    instrument.c.maturity,
)


@relation(shared=True)
def instrument_terms() -> Select[Any]:
    """Terms of the bound `symbols`, with the last price up to `as_of` and its date, null if it is over 14 days old.

    The price is divided by the splits since. `settles` is the business day after `as_of`, when a trade of the day would
    settle. Nothing here depends on what is held, so that nobody learns it from a price.
    """
    quoted = _quoted()
    since = shares_per_share(instrument.c.instrument_id, quoted.c.price_date, bindparam("as_of", type_=Date))
    settles = select(func.max(business_day.c.next_day)).where(business_day.c.day <= bindparam("as_of"))
    return (
        select(
            *TERMS,
            (cast(quoted.c.price, Double) / since).label("price"),
            quoted.c.price_date,
            settles.scalar_subquery().label("settles"),
        )
        .select_from(instrument.outerjoin(quoted, quoted.c.instrument_id == instrument.c.instrument_id))
        .where(_wanted())
        .order_by(instrument.c.symbol)
    )


def _quoted() -> Any:
    """instrument_id, price, price_date: the last price known of each wanted instrument."""
    newest = func.row(price.c.price_date, price.c.known_from)
    return (
        select(
            price.c.instrument_id,
            func.arg_max(price.c.price, newest).label("price"),
            func.max(price.c.price_date).label("price_date"),
        )
        .where(
            price.c.instrument_id.in_(select(instrument.c.instrument_id).where(_wanted())),
            price.c.price_date <= bindparam("as_of"),
            price.c.price_date >= bindparam("as_of") - CARRY_DAYS,
        )
        .group_by(price.c.instrument_id)
        .subquery("quoted")
    )


def _wanted() -> Any:
    return instrument.c.symbol == any_(bindparam("symbols", type_=ARRAY(String)))

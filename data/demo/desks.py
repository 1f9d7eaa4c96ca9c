"""Every book's orders over the demo's history: which strategy trades in which book."""

from collections.abc import Callable
from functools import lru_cache

import pandas as pd

from data.demo import equity_books, macro_books, vol_books
from data.demo.equity_books import NAMES, SYSTEMATIC
from data.demo.orders import priced, scheduled
from data.demo.organisation import BOOKS
from data.demo.world import SEED, World, build_world

STRATEGIES: dict[str, Callable[[World], pd.DataFrame]] = {
    "IDXARB-ETF": equity_books.etf_against_basket,
    "IDXARB-FUT": equity_books.etf_against_future,
    "IDXARB-BASKET": equity_books.basket_against_future,
    "IDXARB-FACTOR": equity_books.factor_rotation,
    "LS-PAIRS": equity_books.pairs,
    "LS-INCOME": equity_books.income,
    "VOL-INDEX": vol_books.index_strangles,
    "VOL-NAMES": vol_books.name_straddles,
    "VOL-DISPERSION": vol_books.dispersion,
    "VOL-TAIL": vol_books.tail,
    "RATES-UST": macro_books.usd_duration,
    "RATES-CURVE": macro_books.usd_curve,
    "RATES-EUR": macro_books.eur_duration,
    "RATES-SPREAD": macro_books.spread,
    "FX-FLOW": macro_books.client_flow,
    "FX-TREND": macro_books.spot_trend,
    "FX-CARRY": macro_books.forward_carry,
    "FX-HEDGE": macro_books.euro_hedge,
}


@lru_cache
def demo_orders() -> pd.DataFrame:
    """Work out every order of every book, in the order they are given; always the same."""
    world = build_world()
    trades = pd.concat([_trades(world, book).assign(book=book) for book, *_ in BOOKS], ignore_index=True)
    return scheduled(priced(trades, world.tradable, world.instruments, SEED), world.hours)


def _trades(world: World, book: str) -> pd.DataFrame:
    if book in SYSTEMATIC:
        return SYSTEMATIC[book](world.market, NAMES, world.days)
    return STRATEGIES[book](world)

"""Files in, answers out, against an oracle in plain pandas that shares no code with the product.

Random trades of two desks in three currencies with splits, dividends, amendments, cancels and holes in the prices.
"""

import numpy as np
import pandas as pd
import pytest

from app.filters import Filters
from tests.ledger import FIRM, Ledger, trader

DAYS = pd.bdate_range("2022-03-01", "2022-04-12")
SYMBOLS = {"AAA": "USD", "BBB": "USD", "CCC": "EUR", "DDD": "GBP", "EEE": "USD"}
BOOKS = {"B1": "North", "B2": "North", "B3": "South"}


class Market:
    def __init__(self, seed):
        draw = np.random.default_rng(seed)
        steps = np.exp(draw.normal(0, 0.02, (len(DAYS), len(SYMBOLS)))).cumprod(axis=0) * 100
        self.close = pd.DataFrame(steps.round(2), DAYS, list(SYMBOLS))
        self.close.iloc[5:9, 1] = np.nan
        self.close.iloc[10:, 4] = np.nan
        walk = np.exp(draw.normal(0, 0.005, (len(DAYS), 2))).cumprod(axis=0) * [1.1, 0.85]
        self.per_eur = pd.DataFrame(walk.round(4), DAYS, ["USD", "GBP"]).assign(EUR=1.0)
        self.split = ("AAA", DAYS[12], 4.0)
        self.dividend = ("CCC", DAYS[14], 1.25)
        rows = []
        for number in range(160):
            symbol, book = draw.choice(list(SYMBOLS)), draw.choice(list(BOOKS))
            day = int(draw.integers(0, len(DAYS)))
            close = self.close[symbol].ffill().iloc[day]
            quantity = int(draw.integers(1, 400)) * int(draw.choice([-1, 1]))
            price = round(float(close) * float(draw.uniform(0.99, 1.01)), 4)
            rows.append(
                (f"T{number}", 1, "new", book, symbol, quantity, price, DAYS[day], round(draw.uniform(0, 9), 2))
            )
        self.trades = pd.DataFrame(
            rows,
            columns=["trade_id", "version", "action", "book", "instrument", "quantity", "price", "trade_date", "fees"],
        )
        amended = self.trades.iloc[::20].assign(version=2, action="amend", quantity=lambda f: f["quantity"] + 10)
        cancelled = self.trades.iloc[7::40].assign(version=2, action="cancel")
        self.events = pd.concat([self.trades, amended, cancelled])
        current = self.events.sort_values("version").drop_duplicates("trade_id", keep="last")
        self.current = current[current["action"] != "cancel"]


def wealth(market, day):
    """Value plus cash plus income minus fees on a day, in each book and instrument's own currency; NaN if unpriced."""
    rows = []
    symbol_split, split_day, ratio = market.split
    symbol_dividend, dividend_day, amount = market.dividend
    priced = market.close.loc[:day].apply(
        lambda s: (s.last_valid_index(), s.dropna().iloc[-1] if s.notna().any() else np.nan)
    )
    for (book, symbol), trades in market.current[market.current["trade_date"] <= day].groupby(["book", "instrument"]):
        factor = np.where(
            (symbol == symbol_split) & (trades["trade_date"] < split_day) & (day >= split_day), ratio, 1.0
        )
        quantity = (trades["quantity"] * factor).sum()
        income = 0.0
        if symbol == symbol_dividend and day >= dividend_day:
            income = trades.loc[trades["trade_date"] < dividend_day, "quantity"].sum() * amount
        seen, price = priced[symbol]
        if (day - seen).days > 14:
            price = np.nan
        value = quantity * price if quantity else 0.0
        cash = -(trades["quantity"] * trades["price"]).sum() - trades["fees"].sum() + income
        rows.append((BOOKS[book], book, symbol, SYMBOLS[symbol], quantity, value, value + cash))
    return pd.DataFrame(rows, columns=["desk", "book", "symbol", "currency", "quantity", "value", "wealth"])


def into(market, base, day):
    return market.per_eur.loc[day, base] / market.per_eur.loc[day]


def pnl(market, base, start, end):
    """P&L by book between two days, where both ends have a price."""
    last, first = (wealth(market, day).set_index(["book", "symbol"]) for day in (end, start))
    first = first.reindex(last.index)
    before = (first["wealth"] * last["currency"].map(into(market, base, start))).where(first["quantity"].notna(), 0.0)
    gained = last["wealth"] * last["currency"].map(into(market, base, end)) - before
    return gained.groupby("book").sum(min_count=0)


@pytest.fixture(scope="module", params=[1, 2, 3])
def loaded(request, tmp_path_factory):
    market = Market(request.param)
    folder = tmp_path_factory.mktemp("oracle")
    ledger = Ledger(folder)
    ledger.load(
        {
            "books": pd.DataFrame({"book": list(BOOKS), "desk": list(BOOKS.values())}),
            "instruments": pd.DataFrame({"symbol": list(SYMBOLS), "currency": list(SYMBOLS.values())}),
            "fx": market.per_eur[["USD", "GBP"]]
            .rename_axis("rate_date")
            .reset_index()
            .melt("rate_date", var_name="quote", value_name="rate"),
            "prices": market.close.rename_axis("price_date")
            .reset_index()
            .melt("price_date", var_name="instrument", value_name="price")
            .dropna(),
            "actions": pd.DataFrame(
                [(*market.split[:2], "split", market.split[2]), (*market.dividend[:2], "dividend", market.dividend[2])],
                columns=["instrument", "ex_date", "action", "value"],
            ),
            "trades": market.events.assign(trade_date=lambda f: f["trade_date"].dt.strftime("%Y-%m-%d")),
        }
    )
    yield market, ledger
    ledger.warehouse.close()


@pytest.mark.parametrize("base", ["USD", "EUR", "GBP"])
@pytest.mark.parametrize("place", [6, 13, 20, -1])
def test_pnl_of_the_day_the_month_and_since_inception(loaded, base, place):
    market, ledger = loaded
    day, before = DAYS[place], DAYS[place - 1]
    frame = ledger.answers.table("overview-pnl-by-book", Filters(as_of=day.date(), ccy=base), FIRM).frame
    books = frame[frame["level"] == 2].set_index("book")
    expected = pnl(market, base, before, day)
    assert books["day"].to_dict() == pytest.approx(expected.to_dict(), abs=0.01)
    everything = wealth(market, day)
    worth = everything["wealth"] * everything["currency"].map(into(market, base, day))
    assert books["inception"].to_dict() == pytest.approx(worth.groupby(everything["book"]).sum().to_dict(), abs=0.01)
    if day.month == 4:
        march = pnl(market, base, DAYS[DAYS.month == 3][-1], day)
        assert books["mtd"].to_dict() == pytest.approx(march.to_dict(), abs=0.01)
    assert frame.loc[frame["level"] == 0, "day"].iloc[0] == pytest.approx(expected.sum(), abs=0.02)


@pytest.mark.parametrize("base", ["USD", "GBP"])
def test_exposure_by_currency_and_what_could_not_be_priced(loaded, base):
    market, ledger = loaded
    table = ledger.answers.table("exposure-ladder-by-currency", Filters(ccy=base), FIRM)
    frame = table.frame[table.frame["level"] == 1].set_index("currency")
    held = wealth(market, DAYS[-1]).query("quantity != 0")
    value = held["value"] * held["currency"].map(into(market, base, DAYS[-1]))
    assert frame["net"].to_dict() == pytest.approx(value.groupby(held["currency"]).sum().to_dict(), abs=0.01)
    assert frame["gross"].to_dict() == pytest.approx(value.abs().groupby(held["currency"]).sum().to_dict(), abs=0.01)
    assert table.about.coverage.held == len(held)
    assert table.about.coverage.priced == held["value"].notna().sum()
    assert table.about.coverage.held > table.about.coverage.priced


def test_a_traders_total_is_the_oracles_total_of_that_desk(loaded):
    market, ledger = loaded
    frame = ledger.answers.table("overview-summary", Filters(), trader("South")).frame
    expected = pnl(market, "USD", DAYS[-2], DAYS[-1])
    assert frame["day"].iloc[0] == pytest.approx(expected["B3"], abs=0.01)


def test_days_of_history_add_up_to_the_oracles_inception_while_all_can_be_priced(loaded):
    market, ledger = loaded
    day = DAYS[9]
    frame = ledger.answers.table("pnl-history", Filters(as_of=day.date()), FIRM).frame
    everything = wealth(market, day)
    worth = everything["wealth"] * everything["currency"].map(into(market, "USD", day))
    assert frame["missing"].sum() == 0
    assert frame["pnl"].sum() == pytest.approx(worth.sum(), abs=0.05)

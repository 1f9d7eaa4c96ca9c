"""Who trades and with whom in the demo: legal entities, business units, desks, books, counterparties, all invented."""

import pandas as pd

US, EU = "Parapet Capital LLC", "Parapet Capital Europe SA"
BOOK_COLUMNS = ["book", "desk", "business_unit", "legal_entity", "strategy", "trader"]
BOOKS = (
    ("IDXARB-ETF", "Index Arb", "Equities", US, "ETF against basket", "Maren Castell"),
    ("IDXARB-FUT", "Index Arb", "Equities", US, "ETF against future", "Maren Castell"),
    ("IDXARB-BASKET", "Index Arb", "Equities", US, "Basket against future", "Tobias Lindqvist"),
    ("IDXARB-FACTOR", "Index Arb", "Equities", US, "Factor rotation", "Tobias Lindqvist"),
    ("LS-MOMENTUM", "Long/Short", "Equities", US, "Momentum", "Priya Ramanathan"),
    ("LS-REVERSAL", "Long/Short", "Equities", US, "Short-term reversal", "Priya Ramanathan"),
    ("LS-LOWVOL", "Long/Short", "Equities", US, "Low volatility", "Oskar Feld"),
    ("LS-PAIRS", "Long/Short", "Equities", US, "Pairs", "Oskar Feld"),
    ("LS-TREND", "Long/Short", "Equities", US, "Trend", "June Okafor"),
    ("LS-INCOME", "Long/Short", "Equities", EU, "Dividend income", "June Okafor"),
    ("VOL-INDEX", "Vol", "Equities", US, "Index strangles", "Dario Venn"),
    ("VOL-NAMES", "Vol", "Equities", US, "Single-name straddles", "Dario Venn"),
    ("VOL-DISPERSION", "Vol", "Equities", US, "Dispersion", "Hana Mirza"),
    ("VOL-TAIL", "Vol", "Equities", US, "Tail protection", "Hana Mirza"),
    ("RATES-UST", "Rates", "Rates", US, "USD duration", "Lucien Brandt"),
    ("RATES-CURVE", "Rates", "Rates", US, "USD curve", "Lucien Brandt"),
    ("RATES-EUR", "Rates", "Rates", EU, "EUR duration", "Saoirse Kell"),
    ("RATES-SPREAD", "Rates", "Rates", EU, "USD against EUR", "Saoirse Kell"),
    ("FX-FLOW", "FX", "FX", EU, "Client flow, flat overnight", "Nadia Voss"),
    ("FX-TREND", "FX", "FX", EU, "Spot trend", "Nadia Voss"),
    ("FX-CARRY", "FX", "FX", EU, "Forward carry", "Emil Sandoval"),
    ("FX-HEDGE", "FX", "FX", US, "Euro hedge", "Emil Sandoval"),
)
COUNTERPARTIES = (
    ("ALDER", "Alder & Finch Securities", "US"),
    ("BRIGHTWATER", "Brightwater Markets", "US"),
    ("CALDERA", "Caldera Clearing", "US"),
    ("DOMUS", "Banque Domus", "FR"),
    ("EVERHOLT", "Everholt Bank", "GB"),
    ("FJORD", "Fjordbanken", "NO"),
    ("GRANITE", "Granite Prime", "US"),
    ("HELVIA", "Bank Helvia", "CH"),
)


def books() -> pd.DataFrame:
    """Lay out every book under the loader's columns."""
    return pd.DataFrame(BOOKS, columns=BOOK_COLUMNS)


def counterparties() -> pd.DataFrame:
    """Lay out every counterparty under the loader's columns."""
    return pd.DataFrame(COUNTERPARTIES, columns=["counterparty", "name", "country"])

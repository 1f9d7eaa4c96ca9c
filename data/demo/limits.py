"""The demo's limits: levels that leave most of the firm inside, one desk in warning and one book in breach."""

import re

import pandas as pd

from data.demo.world import FIRST

# scope, node, measure, soft and hard level in thousands of USD
LEVELS = (
    ("firm", "", "exposure.gross", 1_200_000, 1_400_000),
    ("firm", "", "exposure.net", 180_000, 220_000),
    ("firm", "", "value_at_risk.var", 8_000, 10_000),
    ("currency", "JPY", "exposure.net", 10_000, 12_000),
    ("currency", "EUR", "exposure.net", 65_000, 80_000),
    ("desk", "Index Arb", "exposure.gross", 250_000, 300_000),
    ("desk", "Long/Short", "exposure.gross", 400_000, 450_000),
    ("desk", "Vol", "exposure.gross", 90_000, 110_000),
    ("desk", "Rates", "exposure.gross", 220_000, 260_000),
    ("desk", "FX", "exposure.gross", 260_000, 300_000),
    ("desk", "Index Arb", "exposure.net", 5_000, 10_000),
    ("desk", "Long/Short", "exposure.net", 150_000, 180_000),
    ("desk", "Vol", "exposure.net", 25_000, 35_000),
    ("desk", "Rates", "exposure.net", 60_000, 80_000),
    ("desk", "FX", "exposure.net", 40_000, 60_000),
    ("desk", "Index Arb", "value_at_risk.var", 1_000, 1_500),
    ("desk", "Long/Short", "value_at_risk.var", 5_000, 6_500),
    ("desk", "Vol", "value_at_risk.var", 1_500, 2_000),
    ("desk", "Rates", "value_at_risk.var", 1_000, 1_400),
    ("desk", "FX", "value_at_risk.var", 1_200, 1_600),
    ("desk", "Rates", "sensitivities.pv01", 80, 100),
    ("desk", "Vol", "sensitivities.vega", 400, 500),
    ("desk", "Vol", "sensitivities.delta", 300, 400),
    ("desk", "Long/Short", "sensitivities.delta", 1_600, 2_000),
    ("book", "IDXARB-BASKET", "exposure.gross", 75_000, 90_000),
    ("book", "LS-MOMENTUM", "exposure.gross", 120_000, 140_000),
    ("book", "LS-TREND", "exposure.gross", 80_000, 90_000),
    ("book", "VOL-DISPERSION", "exposure.gross", 50_000, 60_000),
    ("book", "RATES-CURVE", "exposure.gross", 80_000, 95_000),
    ("book", "FX-TREND", "exposure.gross", 140_000, 160_000),
    ("book", "LS-TREND", "exposure.net", 100_000, 120_000),
    ("book", "RATES-UST", "exposure.net", 70_000, 85_000),
    ("book", "RATES-EUR", "exposure.net", 70_000, 85_000),
    ("book", "FX-TREND", "exposure.net", 90_000, 110_000),
    ("book", "VOL-NAMES", "sensitivities.vega", 150, 200),
    ("book", "VOL-TAIL", "sensitivities.vega", 40, 60),
    ("book", "RATES-CURVE", "sensitivities.pv01", 30, 40),
    ("book", "RATES-EUR", "sensitivities.pv01", 90, 110),
)


def limits() -> pd.DataFrame:
    """Lay out every limit under the loader's columns, in US dollars, from the demo's first day on."""
    frame = pd.DataFrame(LEVELS, columns=["scope_kind", "scope_node", "measure", "soft", "hard"])
    names = [
        re.sub("[^a-z0-9]+", "-", f"{measure.partition('.')[2]} {node or kind}".lower())
        for kind, node, measure, *_ in LEVELS
    ]
    levels = {name: frame[name] * 1_000 for name in ("soft", "hard")}
    return frame.assign(limit_id=names, currency="USD", valid_from=FIRST, **levels)

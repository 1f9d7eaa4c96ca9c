"""FRTB: the expected shortfall over liquidity horizons, and the standardised charge from sensitivities.

The text is the Basel Committee's Minimum capital requirements for market risk of January 2019, MAR21 and MAR33 of its
framework; every weight and correlation stands in a TOML file of this folder that names its paragraph. Covered: general
interest rate risk, credit spreads of non-securitisations, equity, commodity, FX. Left out: credit spreads of
securitisations, within and without the correlation trading portfolio (MAR21.58 to 71), the default risk charge (MAR22),
the residual risk add-on (MAR23), and vega of inflation and of cross-currency basis. What the text leaves to the bank is
used where it lowers the charge for major currencies (÷ √2) and not used elsewhere. Jurisdictions differ from the text.
"""

from app.risk.frtb.charge import SCENARIOS, Charge, standardised_charge
from app.risk.frtb.horizons import HORIZONS, capital_es, horizon_es, liquidity_adjusted
from app.risk.frtb.rules import RISK_CLASSES, curvature_risk, curvature_weight

__all__ = [
    "HORIZONS",
    "RISK_CLASSES",
    "SCENARIOS",
    "Charge",
    "capital_es",
    "curvature_risk",
    "curvature_weight",
    "horizon_es",
    "liquidity_adjusted",
    "standardised_charge",
]

"""What a file of prices, exchange rates, curves, volatilities or corporate actions must hold."""

from data import schema
from data.contract import Column, Contract, Rule
from data.contracts.columns import INSTRUMENT, KNOWN_FROM, SYNTHETIC
from data.rules import ADJUSTMENT_AGREES, NOT_YET_KNOWN, currency, not_future, positive

prices = Contract(
    "prices",
    schema.price,
    "history",
    key=("instrument", "price_date"),
    columns=(
        INSTRUMENT,
        Column("price_date", "business date of the price", required=True),
        Column("price", "close as quoted, not adjusted; bonds clean", required=True),
        KNOWN_FROM,
        Column("adjusted_close", "close adjusted for splits and dividends; checked, not stored", stored=False),
        Column("dividend", "dividend of the day; checked, not stored", default="0", stored=False),
        Column("split", "new shares per old; checked, not stored", default="1", stored=False),
    ),
    rules=(
        not_future("price_date"),
        Rule(
            "price",
            "price <= 0 AND instrument_asset_class <> 'commodity'",
            "only commodities may be priced at zero or below",
            "leave the row out where there is no price",
        ),
        NOT_YET_KNOWN,
    ),
    comparisons=(ADJUSTMENT_AGREES,),
)

fx = Contract(
    "fx",
    schema.fx_rate,
    "history",
    key=("base", "quote", "rate_date"),
    columns=(
        Column("base", "currency of which one unit is priced", required=True),
        Column("quote", "currency of the price", required=True),
        Column("rate_date", "business date of the rate", required=True),
        Column("rate", "units of quote for one unit of base", required=True),
        KNOWN_FROM,
    ),
    rules=(
        currency("base"),
        currency("quote"),
        Rule("quote", "base = quote", "base and quote are the same currency", "leave the row out"),
        not_future("rate_date"),
        positive("rate"),
        NOT_YET_KNOWN,
    ),
)

curves = Contract(
    "curves",
    schema.curve_node,
    "history",
    key=("curve", "curve_date", "months"),
    columns=(
        Column("curve", "the curve's name, one currency a name", required=True),
        Column("currency", "currency, ISO 4217", required=True),
        Column("curve_date", "business date of the curve", required=True),
        Column("months", "tenor in months", required=True),
        Column("rate", "per year, a fraction, continuously compounded, Act/365", required=True),
        SYNTHETIC,
        KNOWN_FROM,
    ),
    rules=(
        currency("currency"),
        not_future("curve_date"),
        positive("months"),
        Rule("rate", "abs(rate) > 1", "a rate is a fraction, and this is above 100%", "write 4.5% as 0.045"),
        NOT_YET_KNOWN,
    ),
)

vols = Contract(
    "vols",
    schema.vol_node,
    "history",
    key=("instrument", "vol_date", "months", "moneyness"),
    columns=(
        INSTRUMENT,
        Column("vol_date", "business date of the volatility", required=True),
        Column("months", "tenor in months", required=True),
        Column("moneyness", "strike ÷ forward", required=True),
        Column("volatility", "per √year, a fraction", required=True),
        SYNTHETIC,
        KNOWN_FROM,
    ),
    rules=(
        not_future("vol_date"),
        positive("months"),
        positive("moneyness"),
        positive("volatility"),
        Rule("volatility", "volatility > 5", "a volatility is a fraction, and this is above 500%", "write 20% as 0.2"),
        NOT_YET_KNOWN,
    ),
)

actions = Contract(
    "actions",
    schema.corporate_action,
    "history",
    key=("instrument", "ex_date", "action"),
    columns=(
        INSTRUMENT,
        Column("ex_date", "first day without the dividend, or with the new shares; may be ahead", required=True),
        Column("action", "dividend or split", required=True, allowed=schema.CORPORATE_ACTIONS),
        Column("value", "money per share held before the split, or new shares per old", required=True),
        SYNTHETIC,
        KNOWN_FROM,
    ),
    rules=(positive("value"), NOT_YET_KNOWN),
)

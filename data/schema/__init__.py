"""The tables of the warehouse: columns, types, keys, signs and units, declared once.

Signs: long quantities are positive, short negative; cash received is positive, cash paid negative; fees are
stored as the positive amount charged. Money is DECIMAL in the row's own currency; an instrument's `multiplier`
is units of the underlying per contract and `price_factor` turns a quoted price into money per unit (0.01 for
bonds quoted per 100 nominal, else 1). Derived tables carry no keys: data/derive.py writes each row once. Instants are
TIMESTAMPTZ in UTC; business dates are DATE.
"""

from data.schema.derived import business_day, fx_mark, mark, position, superseded, trade_count
from data.schema.events import trade_event
from data.schema.limits import risk_limit
from data.schema.loading import load_batch, quarantine
from data.schema.market import corporate_action, curve_node, fx_rate, price, vol_node
from data.schema.reference import book, counterparty, instrument
from data.schema.runs import backtest_pnl, forecast, official_run
from data.schema.terms import (
    ACTIONS,
    ASSET_CLASSES,
    CORPORATE_ACTIONS,
    INSTANT,
    INSTRUMENT_TYPES,
    LIMIT_SCOPES,
    LIMIT_SIDES,
    MONEY,
    PRICE,
    QUANTITY,
    RUN_SCOPES,
    SEVERITIES,
    UNFUNDED_TYPES,
    UNIT,
    metadata,
)

__all__ = [
    "ACTIONS",
    "ASSET_CLASSES",
    "CORPORATE_ACTIONS",
    "INSTANT",
    "INSTRUMENT_TYPES",
    "LIMIT_SCOPES",
    "LIMIT_SIDES",
    "LOADABLE",
    "MONEY",
    "PRICE",
    "QUANTITY",
    "RUN_SCOPES",
    "SEVERITIES",
    "UNFUNDED_TYPES",
    "UNIT",
    "backtest_pnl",
    "book",
    "business_day",
    "corporate_action",
    "counterparty",
    "curve_node",
    "forecast",
    "fx_mark",
    "fx_rate",
    "instrument",
    "load_batch",
    "mark",
    "metadata",
    "official_run",
    "position",
    "price",
    "quarantine",
    "risk_limit",
    "superseded",
    "trade_count",
    "trade_event",
    "vol_node",
]

LOADABLE = {
    "instruments": instrument,
    "books": book,
    "counterparties": counterparty,
    "trades": trade_event,
    "prices": price,
    "fx": fx_rate,
    "curves": curve_node,
    "vols": vol_node,
    "actions": corporate_action,
    "limits": risk_limit,
}

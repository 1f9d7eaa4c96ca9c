"""The contracts: what a file of each loadable table must hold, and the key that makes a row one row."""

from data.contracts.limits import limits
from data.contracts.market import actions, curves, fx, prices, vols
from data.contracts.reference import books, counterparties, instruments
from data.contracts.trades import trades

CONTRACTS = {
    contract.name: contract
    for contract in (instruments, books, counterparties, trades, prices, fx, curves, vols, actions, limits)
}

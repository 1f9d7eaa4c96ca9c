"""What every test may ask for."""

from tests.ledger import ledger, open_ledger

__all__ = ["ledger", "open_ledger"]
